"""Every flaw of the embedded service shows in what it answers."""

from __future__ import annotations

import pytest

from targets.embedded.build import build
from targets.embedded.changes import FLAWS, RESTORES
from tests.probes import answers

RARE = 20
"""How often every probe is sent to a service that is wrong once in many requests."""
PLAIN = list(answers(build(), RARE))


@pytest.mark.parametrize("name", sorted(FLAWS.of(RESTORES)))
def test_flaw_shows(name: str) -> None:
    told = answers(build([name]), RARE if FLAWS[name].rare else 1)
    assert any(mine != plain for mine, plain in zip(told, PLAIN))
