"""How the target resolves what the page leaves open: told in the report, never a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.open_points import ask
from suites.questions import finish

if TYPE_CHECKING:
    from suites.campaign import Campaign
    from suites.plugin import Conclude


@pytest.mark.clause("s.500")
def test_open_points_are_asked(campaign: Campaign, conclude: Conclude) -> None:
    conclude(finish(ask(campaign)))  # not before its turn: what is seen goes on record as it comes
