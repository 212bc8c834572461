"""How the target resolves what the page leaves open: told in the report, never a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.open_points import ask

if TYPE_CHECKING:
    from suites.plugin import Answer, Conclude


@pytest.mark.clause("s.500")
def test_open_points_are_asked(answer: Answer, conclude: Conclude) -> None:
    conclude(answer(ask))
