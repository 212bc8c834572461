"""Two restorations of one server at a time: what can be concluded from the answers, and what cannot.

That two requests for one server overlapped in time and were both accepted proves nothing by itself. The first
restoration may have been over before the second began: the page sets no least time, and *in_progress* is only true at
the moment of the answer. So a target is accused by what it has shown of itself alone, and only where all of this holds:

- both answers say that the restoration goes on (``in_progress``);
- the target guards its servers: at least :data:`GUARDED` times it refused one as busy after it had accepted it;
- its restorations take long: of all servers that it accepted again *after* an answer, none came back sooner than
  :data:`MARGIN` times the whole span of the two requests, counted from when the earlier one was sent;
- all this was so :data:`REPEATED` times, each time anew: once or twice may be a restoration that was over for once.

A sound target that is done at once breaks the second and third point; one whose restorations take anything from no
time to a while breaks the third as soon as it is asked often enough, and hardly ever comes to the fourth. What is left
is an inference still, from the code of the appendix for a busy server and the target's own conduct: the clause is
*implied*, not documented. Times are compared only between processes of one machine, which share a clock.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from contracts.model import Clause, Kind, Strength

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from contracts.model import Contract

GUARDED = 10
"""Refusals of a busy server that show that the target guards them."""
MARGIN = 4
"""By how much the shortest restoration that was seen has to outlast two requests that overlap."""
REPEATED = 3
"""Times that do not overlap at which two requests for one server have to have been accepted."""
GOES_ON = "in_progress"
"""The status of an answer that says that its restoration is not over (the page's example)."""
STATEMENT = "of two requests for one server at one time, one is accepted and the other refused as busy"


@dataclass(frozen=True)
class Taking:
    """An acceptable request for a server, between two POSIX times.

    ``accepted`` or else refused as busy; ``goes_on`` says its answer. ``host`` is whose clock it was.
    ``shown`` is the exchange as reports have it, None where it is not kept.
    """

    host: str
    server: str
    started: float
    ended: float
    accepted: bool
    goes_on: bool = False
    identity: str = ""
    shown: dict[str, Any] | None = None


@dataclass(frozen=True)
class Races:
    """What all takings say. ``both`` overlapped and were both accepted; ``proven`` are those that nothing excuses.

    ``one`` counts the overlaps of which one was accepted and one refused. ``why`` says what speaks against the rest.
    """

    proven: tuple[tuple[Taking, Taking], ...]
    both: int
    one: int
    why: str


def clause_id(contract: Contract) -> str:
    """The id of the clause that races are judged by."""
    return f"{contract.operation}.s.busy"


def with_races(contract: Contract) -> Contract:
    """The contract with this clause, if it knows a code for what is busy."""
    if not contract.busy:
        return contract
    return replace(
        contract,
        clauses=(*contract.clauses, Clause(clause_id(contract), Kind.STATUS, Strength.IMPLIED, STATEMENT)),
    )


def races(takings: Iterable[Taking]) -> Races:
    """Judge the takings of a run."""
    by_server: defaultdict[tuple[str, str], list[Taking]] = defaultdict(list)
    for taking in sorted(takings, key=lambda each: each.started):
        by_server[taking.host, taking.server].append(taking)
    groups = list(by_server.values())
    shortest = min((span for group in groups for span in _spans(group)), default=float("inf"))
    refused = sum(_refused_after(group) for group in groups)
    pairs = [pair for group in groups for pair in _overlaps(group)]
    both = [pair for pair in pairs if all(each.accepted for each in pair)]
    proven = [pair for pair in both if refused >= GUARDED and _excludes(pair, shortest)]
    if _times(proven) < REPEATED:
        proven = []
    one = sum(pair[0].accepted != pair[1].accepted for pair in pairs)
    return Races(tuple(proven), len(both), one, _why(len(both) - len(proven), refused, shortest))


def _spans(group: Sequence[Taking]) -> Iterator[float]:
    """What restorations cannot have outlasted: from sending one request to the answer of the next that was accepted."""
    last: Taking | None = None
    for taking in group:
        if taking.accepted:
            if last and taking.started > last.ended:
                yield taking.ended - last.started
            if last is None or taking.ended > last.ended:
                last = taking


def _refused_after(group: Sequence[Taking]) -> int:
    """How often a server was busy when the answer that accepted it had come."""
    since: float | None = None
    refused = 0
    for taking in group:
        if taking.accepted:
            since = min(taking.ended, since) if since is not None else taking.ended
        elif since is not None and taking.started > since:
            refused += 1
    return refused


def _overlaps(group: Sequence[Taking]) -> Iterator[tuple[Taking, Taking]]:
    flying: list[Taking] = []
    for taking in group:
        flying = [each for each in flying if each.ended > taking.started]
        yield from ((each, taking) for each in flying)
        flying.append(taking)


def _excludes(pair: tuple[Taking, Taking], shortest: float) -> bool:
    span = max(each.ended for each in pair) - min(each.started for each in pair)
    return all(each.goes_on for each in pair) and MARGIN * span < shortest


def _times(pairs: Iterable[tuple[Taking, Taking]]) -> int:
    """How many of these pairs come one after the other; of those that overlap, one counts."""
    times, until = 0, float("-inf")
    for first, second in sorted(pairs, key=lambda pair: pair[0].started):
        if first.started > until:
            times += 1
            until = max(first.ended, second.ended)
    return times


def _why(left: int, refused: int, shortest: float) -> str:
    if not left:
        return "no two requests for one server overlapped of which one was accepted"
    what = f"{left} times two requests for one server overlapped and were both accepted"
    if refused < GUARDED:
        return f"{what}, which shows nothing of a target that was busy {refused} times: the first may have been over"
    least = f"the shortest took {shortest:.3f} s at most"
    return f"{what}, which shows nothing: it was too seldom, or the first may have been over ({least})"
