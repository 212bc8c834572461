"""An acceptable request is answered with success, whatever use it makes of the freedoms that the page leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.accepting import success_clause
from suites.plugin import SETTING, by_clause, each_or_nothing
from suites.varying import combinations, freedom_clauses

if TYPE_CHECKING:
    from suites.campaign import Campaign
    from suites.plugin import View
    from suites.record import Tally
    from suites.varying import Variation


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    setting = metafunc.config.stash[SETTING]
    if "variation" in metafunc.fixturenames:
        success = success_clause(setting.contract)
        mark = pytest.mark.clause(success)
        variations = combinations(setting.contract, setting.target, setting.depth)
        params = [
            pytest.param(each, id=f"{success}-{each.id}", marks=() if each.tentative else mark) for each in variations
        ]
        metafunc.parametrize("variation", params or [pytest.param(None, id=success, marks=mark)])
    if "clause" in metafunc.fixturenames:
        metafunc.parametrize("clause", each_or_nothing(by_clause(freedom_clauses(setting.contract))))


def test_combination_is_accepted(
    variation: Variation, acceptances: dict[str, Tally], campaign: Campaign, view: View
) -> None:
    shown = acceptances[variation.id]
    if not shown:
        pytest.skip("the page leaves it open, and the target does not take it")
    view([shown], success_clause(campaign.contract))


def test_drawn_bodies_are_accepted(acceptances: dict[str, Tally], campaign: Campaign, view: View) -> None:
    drawn = [shown for name, shown in acceptances.items() if name.startswith("drawn")]
    view(drawn, success_clause(campaign.contract))


def test_freedom_is_granted(clause: str, acceptances: dict[str, Tally], view: View) -> None:
    view(acceptances.values(), clause)
