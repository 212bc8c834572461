"""What a body names has to exist: an unknown identifier is answered 404, or 400 where the appendix has a code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.looking_up import look_up, look_up_nothing, lookup_clause
from suites.plugin import SETTING, each_or_nothing

if TYPE_CHECKING:
    from contracts.model import Lookup
    from suites.campaign import Campaign
    from suites.plugin import Answer, Conclude


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    contract = metafunc.config.stash[SETTING].contract
    if "lookup" in metafunc.fixturenames:
        clauses = {lookup: lookup_clause(contract, lookup) for lookup in contract.lookups}
        params = [
            pytest.param(each, id=f"{clauses[each]}-unknown", marks=pytest.mark.clause(clauses[each]))
            for each in clauses
        ]
        metafunc.parametrize("lookup", each_or_nothing(params))


def _nothing_accepted(campaign: Campaign) -> str:
    return "" if campaign.accepted else "needs an accepted body, of which all other identifiers are known"


@pytest.mark.clause("s.404")
@pytest.mark.question(ask=look_up_nothing)
def test_unknown_identifiers_are_refused(answer: Answer, conclude: Conclude) -> None:
    conclude(answer())


@pytest.mark.question(ask=look_up, lacks=_nothing_accepted)
def test_unknown_identifier_is_refused(lookup: Lookup, answer: Answer, conclude: Conclude) -> None:
    conclude(answer(lookup))
