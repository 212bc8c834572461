"""Clauses as the test cases that CI systems know: what failed the run fails, what did not was passed over."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reports import words
from reports.ending import Exit, exit_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Status(enum.Enum):
    """What a test case came to."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


@dataclass(frozen=True)
class Case:
    """One clause as a test case. ``outcome`` is the clause's own, ``seconds`` what its requests took."""

    name: str
    suite: str
    status: Status
    outcome: str
    message: str
    detail: str
    seconds: float


RUN = "the run"
"""The case that stands for the run: no list of cases reads as a success where the run was none."""

_RUN_STATUS = {
    Exit.CONFORMANT: Status.PASSED,
    Exit.NON_CONFORMANT: Status.FAILED,
    Exit.INCOMPLETE: Status.SKIPPED,
    Exit.INTERRUPTED: Status.ERROR,
    Exit.ERROR: Status.ERROR,
}


def fails_run(clause: Mapping[str, Any], verdict: Mapping[str, Any]) -> bool:
    """Whether this clause fails the run: it fails, it counts, and it is not forgiven as known."""
    forgiven = verdict.get("baseline", {}).get("fail_on_new") and clause.get("finding") == "known"
    return clause["outcome"] == "fail" and words.counts(clause, verdict["fail_on"]) and not forgiven


def cases(verdict: Mapping[str, Any], seconds: Mapping[str, float]) -> Iterator[Case]:
    """The run as a case, then each clause; ``seconds`` tells how long the requests of a clause took."""
    status = _RUN_STATUS[exit_code(verdict)]
    message = "" if status is Status.PASSED else f"{words.headline(verdict)}. {verdict['reason']}"
    yield Case(RUN, "Verdict", status, verdict["verdict"], message, "", 0.0)
    for clause in verdict["clauses"]:
        yield Case(
            name=clause["id"],
            suite=words.group(clause),
            status=_status(clause, verdict),
            outcome=clause["outcome"],
            message=_message(clause, verdict),
            detail=_detail(clause),
            seconds=seconds.get(clause["id"], 0.0),
        )


def _status(clause: Mapping[str, Any], verdict: Mapping[str, Any]) -> Status:
    if clause["outcome"] == "pass":
        return Status.PASSED
    if clause["outcome"] == "error":
        return Status.ERROR
    return Status.FAILED if fails_run(clause, verdict) else Status.SKIPPED


def _message(clause: Mapping[str, Any], verdict: Mapping[str, Any]) -> str:
    if clause["outcome"] == "pass":
        return ""
    remark = ""
    if clause["outcome"] == "fail" and not fails_run(clause, verdict):
        remark = "fails, known since the baseline" if words.counts(clause, verdict["fail_on"]) else "fails, not counted"
    return f"{remark or clause['outcome']}: {clause['reason']}"


def _detail(clause: Mapping[str, Any]) -> str:
    """What was promised, and the smallest case that shows that it is not kept."""
    lines = [f"{clause['statement']} ({words.place(clause)}, {clause['strength']})"]
    for failure in clause["failures"][:1]:
        lines += [
            f"{clause['failed']} of {words.number(clause['cases'], 'case')} failed",
            f"{failure['case']}: {failure['why']}",
            f"expected {words.expected(failure)}, got {words.came(failure, failure['broke'])}",
            failure["curl"],
        ]
    return "\n".join(lines)
