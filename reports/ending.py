"""How a run ends: the exit code that its verdict comes to."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from contracts.model import Strength

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Exit(enum.IntEnum):
    """How a run ends that went its way, or was interrupted; the other codes are pytest's own."""

    CONFORMANT = 0
    NON_CONFORMANT = 1
    INTERRUPTED = 2
    ERROR = 3
    INCOMPLETE = 6


_EXITS = {
    "conformant": Exit.CONFORMANT,
    "non-conformant": Exit.NON_CONFORMANT,
    "error": Exit.ERROR,
    "incomplete": Exit.INCOMPLETE,
    "unfinished": Exit.INTERRUPTED,
}


def exit_code(verdict: Mapping[str, Any]) -> Exit:
    """The exit code of the run that left this verdict document.

    It is the verdict's own, unless the run was to fail on what is new alone and nothing is: then what is left counts,
    and a documented clause that was not judged still makes the run incomplete.
    """
    if not forgiven(verdict):
        return _EXITS[verdict["verdict"]]
    return Exit.INCOMPLETE if unjudged(verdict["clauses"]) else Exit.CONFORMANT


def forgiven(verdict: Mapping[str, Any]) -> bool:
    """Whether all that stands against the target failed in the baseline too, and only what is new was to count.

    A declared deviation that is none any more is never forgiven: it is a fault of the file that this run was given.
    """
    if verdict["verdict"] != "non-conformant" or not verdict.get("baseline", {}).get("fail_on_new"):
        return False
    new = any(each["finding"] == "new" for each in counting(verdict) if each["outcome"] == "fail")
    return not new and not kept_deviations(verdict["deviations"])


def counting(verdict: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The clauses whose failure fails the run."""
    threshold = Strength(verdict["fail_on"])
    return [clause for clause in verdict["clauses"] if Strength(clause["strength"]).reaches(threshold)]


def unjudged(clauses: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The documented clauses that were blocked or skipped: with one of them a run is not complete.

    What a sound answer may lack is no gap of the run.
    """
    return [
        clause
        for clause in clauses
        if clause["strength"] == Strength.DOCUMENTED.value
        and clause["outcome"] in ("blocked", "skipped")
        and not clause.get("vacuous")
    ]


def kept_deviations(deviations: Iterable[Mapping[str, Any]]) -> list[str]:
    """The clauses that are declared to deviate and pass after all."""
    return [each["clause"] for each in deviations if each["state"] == "passes"]
