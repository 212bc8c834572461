"""What only all workers together show: races for a server, and names that two of them were given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suites.evidence import Evidence
from suites.load.racing import Races, Taking, clause_id, races
from suites.messages import curl
from suites.outcomes import Outcome
from suites.record import EVIDENCE, Entry, Share
from suites.response import identity_clause
from targets.journal import recalled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from contracts.model import Contract


def judge_together(contract: Contract, takings: Sequence[Taking]) -> tuple[Share, Races]:
    """What the acceptable requests of all workers show, and what there is to say of their races."""
    raced = races(takings)
    share = Share()
    if contract.busy:
        share.entries[clause_id(contract)] = _of_races(contract, raced)
    identity = identity_clause(contract)
    if identity:
        share.entries[identity.id] = _of_names(identity.id, takings)
    if raced.both:
        seen = "both were accepted"
        share.observations["two requests for one server at one time"][seen] = raced.both
    return share, raced


def _of_races(contract: Contract, raced: Races) -> Entry:
    entry = Entry(passed=raced.one, failed=len(raced.proven))
    name = clause_id(contract)
    if raced.one:
        entry.by_case[name][Outcome.PASS] = raced.one
    for first, second in raced.proven:
        apart = abs(second.started - first.started)
        why = f"two restorations of {first.server} were accepted, asked {apart:.3f} s apart and both in progress"
        entry.failures += _evidence(f"{name}-both", why, second, first)
    del entry.failures[EVIDENCE:]
    return entry


def _of_names(name: str, takings: Iterable[Taking]) -> Entry:
    """Names that two workers were given; one that a worker was given twice it has found itself."""
    entry, seen = Entry(), dict[str, Taking]()
    for taking in takings:
        if taking.identity and seen.setdefault(taking.identity, taking) is not taking:
            entry.failed += 1
            entry.failures += _evidence(f"{name}-load", f"{taking.identity!r} was given twice", taking, None)
    del entry.failures[EVIDENCE:]
    return entry


def _evidence(case: str, why: str, taking: Taking, beside: Taking | None) -> Iterator[Evidence]:
    """A taking as a report shows what fails, beside another one."""
    if taking.shown is None:
        return
    yield Evidence(
        case=case,
        expected=(),
        why=why,
        **taking.shown,
        broke=None,
        fault=None,
        control=beside.shown if beside else None,
        curl=curl(recalled(taking.shown).sent),
    )
