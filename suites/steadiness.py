"""Whether a target answers the same bytes alike each time, and how to say that it does not."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from suites import judging
from suites.outcomes import Finding, Outcome
from targets.exchange import Break

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.model import Contract
    from suites.outcomes import Judged
    from targets.exchange import Exchange

UNSTEADY = "unsteady"
RETRIES = 4
"""How often a failing request is sent again at most: enough to tell *always* from *now and then*."""


def tries(exchange: Exchange) -> int:
    """How often to send a failing request again: less where that costs a time-out or may cost a restoration."""
    if exchange.broke is Break.SILENT:
        return 1
    return 2 if exchange.status in judging.SUCCESS else RETRIES


def unsteady(contract: Contract, first: Judged, others: Sequence[Judged]) -> Judged:
    """The case as failed, whatever it got first: the promised status is not what it gets every time."""
    seen = Counter(str(each.exchange.status or "no answer") for each in (first, *others))
    rates = ", ".join(f"{status} in {count} of {len(others) + 1} tries" for status, count in seen.items())
    why = f"{UNSTEADY}: the same bytes got {rates}"
    promised = f"{contract.operation}.s.{min(first.case.expected)}"
    clauses = dict.fromkeys((first.case.clause, *first.case.beside, promised))
    failures = tuple(Finding(clause, Outcome.FAIL, why) for clause in clauses)
    other = next(each for each in others if each.outcome is Outcome.PASS)
    rest = (finding for finding in first.findings if finding.clause not in clauses)
    return replace(first, control=other.exchange, findings=(*failures, *rest))


def is_unsteady(judged: Judged) -> bool:
    """Whether a case was answered in more than one way."""
    return any(finding.why.startswith(UNSTEADY) for finding in judged.findings)
