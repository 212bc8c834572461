"""A body with one fault is answered 400: every member's faults, and the body as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contracts.catalogue import catalogue
from contracts.malformed import leniencies, malformations
from suites.plugin import SETTING, each_or_nothing
from suites.rejecting import reject, reject_malformed, reject_spelt
from suites.spelling import EVERY_SPELLING

if TYPE_CHECKING:
    from contracts.faults import Fault
    from contracts.malformed import Malformation
    from suites.plugin import Answer, Conclude
    from suites.spelling import Spelling


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    contract = metafunc.config.stash[SETTING].contract
    faults: dict[str, tuple[Fault, ...] | tuple[Malformation, ...]] = {
        "fault": catalogue(contract),
        "malformation": malformations(contract),
        "leniency": leniencies(contract),
    }
    for name, values in faults.items():
        if name in metafunc.fixturenames:
            params = [pytest.param(each, id=each.id, marks=pytest.mark.clause(each.clause)) for each in values]
            metafunc.parametrize(name, each_or_nothing(params))
    if "spelling" in metafunc.fixturenames:
        spellings = EVERY_SPELLING if contract.request_schema else ()
        params = [pytest.param(each, id=f"{contract.operation}.s.400-spelt_{each.name}") for each in spellings]
        metafunc.parametrize("spelling", each_or_nothing(params))


@pytest.mark.question(ask=reject)
def test_faulty_member_is_refused(fault: Fault, answer: Answer, conclude: Conclude) -> None:
    conclude(answer(fault))


@pytest.mark.question(ask=reject_malformed)
def test_malformed_body_is_refused(malformation: Malformation, answer: Answer, conclude: Conclude) -> None:
    conclude(answer(malformation))


@pytest.mark.question(ask=reject_malformed)
def test_lenient_syntax_is_refused(leniency: Malformation, answer: Answer, conclude: Conclude) -> None:
    conclude(answer(leniency))


@pytest.mark.question(ask=reject_spelt)
def test_fault_is_refused_however_it_is_written(spelling: Spelling, answer: Answer, conclude: Conclude) -> None:
    judged = answer(spelling)
    if not judged:
        pytest.skip("the target does not take a body like this, with or without a fault")
    conclude(judged)
