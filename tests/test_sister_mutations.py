"""What the other operations are asked and judged by, switched off one at a time: each time a flaw goes unfound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites import accepting, in_path, judging, response
from targets.embedded.changes import FLAWS
from tests.power.measuring import FOUND, Trial, measure
from tests.test_mutations import blind, without

if TYPE_CHECKING:
    from tests.test_mutations import Switch


def without_name(label: str) -> Switch:
    """Takes away a name that is hard to digest."""
    return lambda patch: patch.setattr(
        in_path, "HARD", {name: value for name, value in in_path.HARD.items() if name != label}
    )


def without_near(*labels: str) -> Switch:
    """Takes away values that are almost the fixed one of the path."""

    def switch(patch: pytest.MonkeyPatch) -> None:
        near = in_path._near  # noqa: SLF001  the operators are data of the module
        patch.setattr(in_path, "_near", lambda const: (each for each in near(const) if each[0] not in labels))

    return switch


SWITCHES = {
    "name long": (without_name("long"), "backup-fails-for-long-ids"),
    "name nul": (without_name("nul"), "backup-fails-for-nul"),
    "value other_end": (without_near("other_end"), "capability-providers-last-digit-ignored"),
    "value cut": (without_near("cut"), "capability-provider-may-be-cut"),
    "value extended": (without_near("extended"), "capability-provider-may-go-on"),
    "a success that says no has to say it": (
        without(judging, "_denied", neutral=True),
        "capability-says-yes-to-everything",
    ),
    "an answer repeats under other names": (without(response, "repeated", {}), "capability-of-the-first-only"),
    "values have their limits": (blind(accepting, "response", ".value"), "backup-progress-is-101"),
}


@pytest.mark.parametrize(("switch", "flaw"), SWITCHES.values(), ids=list(SWITCHES))
def test_nothing_else_finds_it(switch: Switch, flaw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = Trial((flaw,), "smoke", seed=1, operation=FLAWS[flaw].operation)
    assert measure(trial).result == FOUND
    switch(monkeypatch)
    assert measure(trial).result != FOUND
