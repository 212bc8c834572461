"""The body of an accepted request has every member of the response tables, of its type, and as it was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.plugin import SETTING, by_clause
from suites.response import NOTHING_TO_SAY, may_be_absent, response_clauses

if TYPE_CHECKING:
    from suites.campaign import Campaign
    from suites.plugin import View
    from suites.record import Tally


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    contract = metafunc.config.stash[SETTING].contract
    metafunc.parametrize("clause", by_clause(clause.id for clause in response_clauses(contract)))


def test_row_is_kept(clause: str, campaign: Campaign, acceptances: dict[str, Tally], view: View) -> None:
    contract = campaign.contract
    told = any(clause in shown for shown in acceptances.values())
    if campaign.accepted and not told and may_be_absent(contract, contract.clause(clause)):
        pytest.skip(NOTHING_TO_SAY)
    view(acceptances.values(), clause)
