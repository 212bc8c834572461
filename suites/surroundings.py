"""What an answer says beside what its case is about: its error, its discretion, and that the service is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suites import judging
from suites.outcomes import found

if TYPE_CHECKING:
    from contracts.model import Contract
    from suites.outcomes import Case, Finding
    from targets.exchange import Exchange

REFUSALS = frozenset({400, 403, 404})
"""Statuses whose body is the service's own. A 401 often is a gateway's, which words it in its own way."""


def surroundings(contract: Contract, case: Case, exchange: Exchange, known: frozenset[str]) -> tuple[Finding, ...]:
    """What the answer to a case says beside it; ``known`` are the identifiers that it should keep to itself."""
    around = aside(contract, exchange, known)
    if exchange.status in REFUSALS:
        around = (*judging.contradiction(contract, exchange), *around)
        if case.ours:
            around = (*judging.error_body(contract, exchange), *around)
    if exchange.answer and exchange.status not in judging.THROTTLED and 503 in contract.page.failure:  # noqa: PLR2004
        around = (*around, found(f"{contract.operation}.s.503"))
    return around


def aside(contract: Contract, exchange: Exchange, known: frozenset[str]) -> tuple[Finding, ...]:
    """What any answer says of its error code and its discretion."""
    return (*judging.error_code(contract, exchange), *judging.discretion(contract, exchange, known))
