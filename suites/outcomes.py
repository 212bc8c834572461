"""The words in which the suites speak of what they saw: outcomes, cases and findings, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from targets.exchange import Exchange, Request


class Outcome(str, Enum):
    """What became of a clause, or of one finding about it."""

    PASS = "pass"  # noqa: S105  not a password
    FAIL = "fail"
    DEVIATION = "deviation"
    """Fails, as the vendor has declared."""
    SKIPPED = "skipped"
    """The profile lacks what it needs."""
    BLOCKED = "blocked"
    """Could not be judged: masked by another refusal, throttled, credentials refused, budget spent."""
    ERROR = "error"
    """A fault of the suite itself."""


@dataclass(frozen=True)
class Finding:
    """What one exchange says of one clause."""

    clause: str
    outcome: Outcome
    why: str = ""


def found(clause: str, wrong: str = "") -> Finding:
    """What is said of a clause: that it is broken where something is wrong, and else that it is kept."""
    return Finding(clause, Outcome.FAIL, wrong) if wrong else _kept(clause)


@cache
def _kept(clause: str) -> Finding:
    """Made once: nearly all that a run finds is this."""
    return Finding(clause, Outcome.PASS)


@dataclass(frozen=True)
class Fault:
    """The fault that a case carries, for the reader: where, what, and the body without it."""

    label: str
    pointer: str
    before: bytes


@dataclass(frozen=True)
class Case:
    """One request, the clause it serves and the statuses that meet it.

    ``expected`` is empty where any answer meets it that is not a failure of the service. Clauses ``beside`` the one
    served fail with it; those that it ``shows`` are kept where it is. ``ours`` says that a refusal comes from the
    service itself, with its error body; a gateway in front may word others. ``first`` says that nothing may refuse the
    request before its fault does, so that the control's answer excuses no other than the expected one. A request that
    goes ``elsewhere`` may meet another operation, whose success is none of this one's. ``document`` is the parsed body
    where the answer will be held against it.
    """

    id: str
    clause: str
    request: Request
    expected: frozenset[int]
    beside: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    fault: Fault | None = None
    ours: bool = True
    first: bool = False
    elsewhere: bool = False
    document: Any = None


@dataclass(frozen=True)
class Judged:
    """A case, what came of it and beside it, and what that says.

    ``part`` names the part of the run that it belongs to, where that is not the test which is running. ``test`` is the
    id of the test that asked, empty where several share what was asked.
    """

    case: Case
    exchange: Exchange
    control: Exchange | None
    findings: tuple[Finding, ...]
    part: str | None = None
    test: str = ""

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The findings that fail."""
        return tuple(finding for finding in self.findings if finding.outcome is Outcome.FAIL)

    @property
    def outcome(self) -> Outcome:
        """The outcome for the clause that the case serves: its worst finding."""
        mine = [finding.outcome for finding in self.findings if finding.clause == self.case.clause]
        return max(mine, key=_WORST.index, default=Outcome.BLOCKED)


@dataclass(frozen=True)
class Accepted:
    """An acceptable request that the target has accepted in this run: the valid half of later pairs."""

    document: Any
    resource: str
    exchange: Exchange
    path: str


_WORST = (Outcome.PASS, Outcome.DEVIATION, Outcome.SKIPPED, Outcome.BLOCKED, Outcome.FAIL, Outcome.ERROR)
