"""An acceptable request is answered with success, whatever use it makes of the freedoms that the page leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.accepting import combinations, freedom_clauses, success_clause
from suites.plugin import SETTING, by_clause

if TYPE_CHECKING:
    from suites.accepting import Variation
    from suites.outcomes import Judged
    from suites.plugin import Conclude


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
        metafunc.parametrize("clause", by_clause(freedom_clauses(setting.contract)))


def test_combination_is_accepted(variation: Variation, acceptances: dict[str, Judged], conclude: Conclude) -> None:
    judged = acceptances[variation.id]
    if not judged.findings:
        pytest.skip("the page leaves it open, and the target does not take it")
    conclude([judged])


@pytest.mark.clause("s.200")
def test_drawn_bodies_are_accepted(acceptances: dict[str, Judged], conclude: Conclude) -> None:
    conclude([judged for name, judged in acceptances.items() if name.startswith("drawn")])


def test_freedom_is_granted(clause: str, acceptances: dict[str, Judged], conclude: Conclude) -> None:
    conclude(list(acceptances.values()), clause)
