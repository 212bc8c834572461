"""No request brings the service down; where the target can be told to fail, it fails as the page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contracts.malformed import stresses
from suites.in_path import endure_names, looked_up
from suites.plugin import SETTING, each_or_nothing
from suites.questions import finish
from suites.stressing import endure, provoke

if TYPE_CHECKING:
    from contracts.malformed import Malformation
    from suites.campaign import Campaign
    from suites.plugin import Answer, Conclude


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    contract = metafunc.config.stash[SETTING].contract
    if "stress" in metafunc.fixturenames:
        params = [pytest.param(each, id=each.id, marks=pytest.mark.clause(each.clause)) for each in stresses(contract)]
        metafunc.parametrize("stress", each_or_nothing(params))
    if "name" in metafunc.fixturenames:
        clause = f"{contract.operation}.s.500"
        params = [
            pytest.param(name, id=f"{clause}-{name}", marks=pytest.mark.clause(clause)) for name in looked_up(contract)
        ]
        metafunc.parametrize("name", each_or_nothing(params))
    if "status" in metafunc.fixturenames:
        internal = [status for status in contract.page.failure if status >= 500]  # noqa: PLR2004  the 5xx
        clauses = {status: f"{contract.operation}.s.{status}" for status in internal}
        params = [
            pytest.param(status, id=f"{clause}-provoked", marks=pytest.mark.clause(clause))
            for status, clause in clauses.items()
        ]
        metafunc.parametrize("status", params)


@pytest.mark.question(ask=endure)
def test_stress_is_endured(stress: Malformation, answer: Answer, conclude: Conclude) -> None:
    conclude(answer(stress))


@pytest.mark.question(ask=endure_names)
def test_odd_name_is_endured(name: str, answer: Answer, conclude: Conclude) -> None:
    conclude(answer(name))


def test_failure_has_its_documented_form(status: int, campaign: Campaign, conclude: Conclude) -> None:
    if status not in campaign.target.provoke:
        pytest.skip(f"needs [provoke.{status}] in the profile")
    conclude(finish(provoke(campaign, status)))  # not before its turn: the target fails on purpose
