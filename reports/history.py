"""What became of each clause over the runs against a target: first seen, last seen, mended, come back."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from reports import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reports.store import Clause, Recorded

BROKEN = frozenset({"fail", "deviation"})
"""Outcomes of a clause that is not kept, whether that is excused or not."""
_JUDGED = BROKEN | {"pass"}
ABSENT = "absent"
"""Stands where a run was held to a contract that does not have the clause."""


@dataclass(frozen=True)
class Finding:
    """A clause that was broken at least once.

    ``first`` and ``last`` are when the first and the last run that found it broken started, ``broken`` of ``judged``
    runs found it so, in so many ``stretches``: runs in a row, those left out that did not judge it.
    """

    clause: Clause
    first: str
    last: str
    broken: int
    judged: int
    stretches: int
    open: bool

    @property
    def flaps(self) -> bool:
        """Whether it came back after it had been found mended."""
        return self.stretches > 1


@dataclass(frozen=True)
class Line:
    """A clause and its outcome in each of the runs that are shown."""

    clause: Clause
    outcomes: tuple[str, ...]


@dataclass(frozen=True)
class History:
    """All runs of one operation against one target, of which the last ones are shown one by one."""

    operation: str
    target: str
    runs: tuple[Recorded, ...]
    shown: tuple[Recorded, ...]
    findings: tuple[Finding, ...]
    lines: tuple[Line, ...]
    steady: int
    remarks: tuple[str, ...]

    @property
    def headline(self) -> str:
        """The state of things in one sentence."""
        open_ = sum(finding.open for finding in self.findings)
        flapping = sum(finding.flaps for finding in self.findings)
        parts = [f"{words.number(open_, 'finding')} open", f"{len(self.findings) - open_} mended"]
        parts += [f"{flapping} came back after it was mended"] if flapping else []
        return f"{self.target}: {', '.join(parts)}"

    @property
    def span(self) -> str:
        """How many runs there are, and from when to when."""
        told = f"{words.number(len(self.runs), 'run')}, {words.moment(self.runs[0].started)}"
        return f"{told} to {words.moment(self.runs[-1].started)}" if self.runs[1:] else told


def histories(runs: Iterable[Recorded], last: int) -> list[History]:
    """The runs told apart by operation and target; of each the ``last`` ones are shown one by one."""
    apart = sorted(runs, key=lambda run: (run.operation, run.target, run.started))
    return [
        _history(operation, target, tuple(members), last)
        for (operation, target), members in groupby(apart, key=lambda run: (run.operation, run.target))
    ]


def _history(operation: str, target: str, runs: tuple[Recorded, ...], last: int) -> History:
    clauses = {clause.id: clause for run in runs for clause in run.clauses}
    shown = runs[-last:]
    lines = [Line(clause, tuple(_outcome(run, clause.id) for run in shown)) for clause in clauses.values()]
    telling = [line for line in lines if set(line.outcomes) - {"pass", ABSENT}]
    found = [finding for clause in clauses.values() for finding in _finding(clause, runs)]
    found.sort(key=lambda finding: finding.last, reverse=True)
    found.sort(key=lambda finding: (not finding.open, not finding.flaps))
    return History(
        operation=operation,
        target=target,
        runs=runs,
        shown=shown,
        findings=tuple(found),
        lines=tuple(telling),
        steady=len(lines) - len(telling),
        remarks=tuple(_remarks(runs)),
    )


def _outcome(run: Recorded, clause: str) -> str:
    return run.outcomes.get(clause, ABSENT)


def _finding(clause: Clause, runs: Sequence[Recorded]) -> list[Finding]:
    """The finding that this clause is, if any run has broken it."""
    judged = [run for run in runs if _outcome(run, clause.id) in _JUDGED]
    kept = [run.outcomes[clause.id] == "pass" for run in judged]
    broken = [run for run, passes in zip(judged, kept) if not passes]
    if not broken:
        return []
    return [
        Finding(
            clause=clause,
            first=broken[0].started,
            last=broken[-1].started,
            broken=len(broken),
            judged=len(judged),
            stretches=sum(not passes for passes, _ in groupby(kept)),
            open=not kept[-1],
        )
    ]


def _remarks(runs: Sequence[Recorded]) -> list[str]:
    """What else changed over the runs, and may be what made an outcome change."""
    remarks = [
        f"The contract changed before {words.moment(run.started)} ({before.contract[:12]} to {run.contract[:12]})."
        for before, run in pairwise(runs)
        if before.contract != run.contract
    ]
    depths = list(dict.fromkeys(run.depth for run in runs))
    if len(depths) > 1:
        remarks.append(
            f"The runs are of different depth ({', '.join(depths)}): a deeper one may find what others miss."
        )
    return remarks
