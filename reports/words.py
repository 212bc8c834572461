"""What a report says in words: pure functions from the verdict document to sentences."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from contracts.lifecycle import LIFECYCLE
from contracts.model import Strength
from reports.ending import counting, forgiven, unjudged
from suites.deviations import NOTICE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Sign:
    """How an outcome or a verdict is shown: a word, a sign that needs no colour, and what it means."""

    word: str
    sign: str
    meaning: str = ""


OUTCOMES: Mapping[str, Sign] = {
    "pass": Sign("pass", "\u2713", "every case of the clause was answered as the page says"),
    "fail": Sign("fail", "\u2717", "at least one case was answered otherwise"),
    "deviation": Sign("deviation", "\u2248", "fails, as the vendor has declared for now"),
    "skipped": Sign("skipped", "\u25cb", "not asked: the profile lacks what it needs"),
    "blocked": Sign("blocked", "?", "asked, but nothing was shown: masked, throttled or credentials refused"),
    "error": Sign("error", "!", "a fault of the suite itself, not of the target"),
}
"""The six outcomes of a clause, in the order of the legend."""

VERDICTS: Mapping[str, Sign] = {
    "conformant": Sign("Conformant", "\u2713"),
    "non-conformant": Sign("Not conformant", "\u2717"),
    "incomplete": Sign("Incomplete", "?"),
    "unfinished": Sign("Unfinished", "\u2026"),
    "error": Sign("No verdict", "!"),
}

BREAKS: Mapping[str, str] = {
    "refused": "the connection was refused",
    "reset": "the connection was broken off",
    "silent": "no answer came in time",
    "garbled": "what came is no HTTP answer",
}
STATES: Mapping[str, str] = {
    "applied": "applied",
    "unused": "matches nothing",
    "expired": "expired",
    "passes": "passes after all",
}
"""How a declared deviation fared; only the first excuses anything."""
FINDINGS: Mapping[str, str] = {"new": "new since the baseline", "known": "known since the baseline"}
"""How a failing clause stands to the run that was compared with."""

_NOT_JUDGED = ("blocked", "skipped")


def counts(clause: Mapping[str, Any], fail_on: str) -> bool:
    """Whether a failure of this clause fails the run."""
    return Strength(clause["strength"]).reaches(Strength(fail_on))


def tally(clauses: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many clauses have each outcome, all six in the order of the legend."""
    seen = Counter(clause["outcome"] for clause in clauses)
    return {outcome: seen[outcome] for outcome in OUTCOMES}


def failing(verdict: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The clauses that fail: first those that count, then what is new since the baseline if there is one.

    Among equals an acceptable request refused stands before all, then the order is by strength. A refusal of what is
    acceptable tends to be the cause of what fails beside it.
    """
    order = [strength.value for strength in Strength]

    def rank(clause: Mapping[str, Any]) -> tuple[bool, int]:
        refused = any(_is_success(failure["expected"]) and failure["got"] is not None for failure in clause["failures"])
        return not (refused and clause["kind"] == "status"), order.index(clause["strength"])

    fails = [clause for clause in verdict["clauses"] if clause["outcome"] == "fail"]
    return sorted(
        fails,
        key=lambda clause: (not counts(clause, verdict["fail_on"]), clause.get("finding") == "known", *rank(clause)),
    )


def _is_success(expected: Sequence[int]) -> bool:
    return bool(expected) and all(200 <= status < 300 for status in expected)  # noqa: PLR2004  the 2xx class


def headline(verdict: Mapping[str, Any]) -> str:
    """The verdict in one line, with the numbers behind it."""
    counted = counting(verdict)
    seen = tally(counted)
    word = VERDICTS[verdict["verdict"]].word
    return f"{word}: {_numbers(verdict, seen, len(counted))}"


def _numbers(verdict: Mapping[str, Any], seen: Mapping[str, int], total: int) -> str:
    unjudged = sum(seen[outcome] for outcome in _NOT_JUDGED)
    kind = verdict["verdict"]
    if kind == "non-conformant":
        if seen["fail"]:
            return f"{seen['fail']} of {number(total, 'clause')} {verb(seen['fail'], 'fail')}{_novelty(verdict)}"
        stale = len(_stale(verdict))
        return f"{number(stale, 'declared deviation')} {verb(stale, 'do', 'does')} not hold"
    if kind == "incomplete":
        return f"{unjudged} of {number(total, 'clause')} could not be judged"
    if kind == "unfinished":
        return f"{total - unjudged} of {number(total, 'clause')} judged so far"
    if kind == "error":
        wrong = f", {number(seen['error'], 'clause')} met a fault of its own" if seen["error"] else ""
        return f"the suite could not do its work{wrong}"
    if seen["pass"] == total:
        return f"all {number(total, 'clause')} hold" if total != 1 else "its one clause holds"
    rest = [f"{seen['deviation']} {verb(seen['deviation'], 'deviate')} as declared"] if seen["deviation"] else []
    rest += [f"{unjudged} not judged"] if unjudged else []
    return ", ".join([f"{seen['pass']} of {number(total, 'clause')} hold", *rest])


def _novelty(verdict: Mapping[str, Any]) -> str:
    if "baseline" not in verdict:
        return ""
    new = sum(clause.get("finding") == "new" for clause in counting(verdict))
    return f", {new or 'none'} new since the baseline"


def since(verdict: Mapping[str, Any]) -> str:
    """How the run stands to its baseline, in one line; empty if it had none."""
    baseline = verdict.get("baseline")
    if baseline is None:
        return ""
    found = Counter(clause["finding"] for clause in verdict["clauses"] if "finding" in clause)
    numbers = [f"{found['new']} new", f"{found['known']} known", f"{len(baseline['fixed'])} fixed"]
    numbers += [f"{len(baseline['lost'])} no longer judged"] if baseline["lost"] else []
    run = f"{baseline['target']}, {baseline['depth']}, {moment(baseline['started'])}"
    return f"Since the baseline ({run}): {', '.join(numbers)}"


def forgiveness(verdict: Mapping[str, Any]) -> str:
    """Why a run against a target that does not conform does not end as a failure; empty if it does."""
    if not forgiven(verdict):
        return ""
    known = "The target does not conform, but nothing that counts is new since the baseline: by --fail-on-new the run"
    gaps = len(unjudged(verdict["clauses"]))
    if gaps:
        return f"{known} is incomplete, for {number(gaps, 'documented clause')} not judged (exit 6)."
    return f"{known} does not fail (exit 0)."


def declared(verdict: Mapping[str, Any]) -> list[str]:
    """What is to be announced of the declared deviations: those that have expired, and those that soon will."""
    lines = []
    for each in verdict["deviations"]:
        left = each.get("days_left")
        if each["state"] == "expired":
            lines.append(
                f"The declared deviation of {each['clause']} expired on {each['expires']}: it counts as absent."
            )
        elif left is not None and left <= NOTICE:
            lines.append(f"The declared deviation of {each['clause']} ends {ends(left)}, on {each['expires']}.")
    return lines


def ends(days_left: int) -> str:
    """When something ends that has so many days left."""
    return {0: "today", 1: "tomorrow"}.get(days_left, f"in {days_left} days")


@dataclass(frozen=True)
class Step:
    """What to do next: a sentence, and the clause to begin with if there is one."""

    text: str
    clause: str | None = None


def next_step(verdict: Mapping[str, Any]) -> Step:
    """What the reader does next, in one line."""
    return {
        "conformant": _after_pass,
        "non-conformant": _after_failure,
        "incomplete": _after_gap,
        "unfinished": _after_break,
        "error": _after_error,
    }[verdict["verdict"]](verdict)


def _after_pass(verdict: Mapping[str, Any]) -> Step:
    parts = ["Nothing here stands against a release."]
    ends = sorted(each["expires"] for each in verdict["deviations"] if each["state"] == "applied")
    if ends:
        parts.append(f"It leans on {number(len(ends), 'declared deviation')}; the first ends on {ends[0]}.")
    stale = len(_stale(verdict))
    if stale:
        parts.append(f"{number(stale, 'declared deviation')} {verb(stale, 'excuse')} nothing: take out or renew.")
    asides = failing(verdict)
    if asides:
        parts.append(f"{number(len(asides), 'finding')} below {verb(len(asides), 'do', 'does')} not count, yet.")
    return Step(" ".join(parts), asides[0]["id"] if asides else None)


def _after_failure(verdict: Mapping[str, Any]) -> Step:
    fails = [clause for clause in failing(verdict) if counts(clause, verdict["fail_on"])]
    if not fails:
        stale = ", ".join(f"{each['clause']} ({STATES[each['state']]})" for each in _stale(verdict))
        return Step(f"Do not release on this file of deviations: take out or renew {stale}.")
    known = "Nothing is new since the baseline, yet the target does not conform. " if forgiven(verdict) else ""
    return Step(
        f"{known}Do not release. Begin with {place(fails[0])}: send its curl line again and mend what comes back.",
        fails[0]["id"],
    )


def _after_gap(verdict: Mapping[str, Any]) -> Step:
    gaps = not_judged(verdict["clauses"])
    if not gaps:
        return Step("Do not release on this run: see the reason above, put it right and run again.")
    reason, clauses = gaps[0]
    return Step(
        f"Do not release on this run. Put this right and run again ({number(len(clauses), 'clause')}): {reason}",
        clauses[0]["id"],
    )


def _after_break(verdict: Mapping[str, Any]) -> Step:
    asides = failing(verdict)
    found = f" {number(len(asides), 'clause')} {verb(len(asides), 'fail')} already." if asides else ""
    text = f"Go on with this run: the same command with --resume asks what is left, and only that.{found}"
    return Step(text, asides[0]["id"] if asides else None)


def _after_error(verdict: Mapping[str, Any]) -> Step:
    wrong = next((clause for clause in verdict["clauses"] if clause["outcome"] == "error"), None)
    text = "This says nothing of the target. Mend the cause and run again; if it stays, report it with verdict.json."
    return Step(text, wrong["id"] if wrong else None)


def accidents(verdict: Mapping[str, Any]) -> str:
    """What may have been started by mistake; to be told before all else."""
    count = verdict["requests"]["accidents"]
    return f"{number(count, 'restoration')} may have been started that the suite did not mean to start"


def accident(each: Mapping[str, Any]) -> str:
    """One accepted request that was to be refused, and what the target called what it started."""
    response = each["response"]
    return f"{each['case']}: {response['status']} {' '.join(response['body'].split())[:ACCIDENT]}"


ACCIDENT = 300
"""Characters of its answer by which an accident is told."""


def not_judged(clauses: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The clauses that were blocked, skipped or met an error, by reason; the commonest reason first."""
    by_reason: dict[str, list[Mapping[str, Any]]] = {}
    for clause in clauses:
        if clause["outcome"] in (*_NOT_JUDGED, "error"):
            by_reason.setdefault(clause["reason"], []).append(clause)
    return sorted(by_reason.items(), key=lambda item: -len(item[1]))


def _stale(verdict: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [each for each in verdict["deviations"] if each["state"] != "applied"]


def group(clause: Mapping[str, Any]) -> str:
    """The heading that a clause stands under: its table, or what else of the document it comes from."""
    table = clause["source"]["table"]
    if table is not None:
        return f"Table {table}"
    if clause["strength"] == Strength.ADVISORY.value:
        return "Good practice"
    if clause["id"].startswith(f"{LIFECYCLE}."):
        return "Life of a restoration"
    return {"status": "Status codes", "protocol": "Form of the answers"}.get(clause["kind"], "Error body")


def place(clause: Mapping[str, Any]) -> str:
    """Where the page says it: ``Table 3, row provider_id``."""
    row = clause["source"]["row"]
    return group(clause) if row is None else f"{group(clause)}, row {row}"


def expected(failure: Mapping[str, Any]) -> str:
    """The statuses that would have met the case."""
    return " or ".join(map(str, failure["expected"])) or "any answer but a failure of the service"


def seen(failure: Mapping[str, Any]) -> str:
    """What was seen in a failing case, with the fault that it carried if it did."""
    return f"{failure['why']} (fault: {fault(failure)})" if failure["fault"] else str(failure["why"])


def fault(failure: Mapping[str, Any]) -> str:
    """What the fault of a case is called: ``as string``."""
    return str(failure["fault"]["label"]).replace("_", " ")


def came(exchange: Mapping[str, Any], broke: str | None = None) -> str:
    """What came back, in a few words; ``exchange`` has a ``response`` that may be None."""
    response = exchange["response"]
    return str(response["status"]) if response else BREAKS.get(broke or "", "no answer")


def duration(started: str, finished: str) -> str:
    """The time between two ISO 8601 times in UTC, in the two largest units: ``2 min 5 s``."""
    seconds = round((datetime.fromisoformat(finished[:19]) - datetime.fromisoformat(started[:19])).total_seconds())
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def moment(time: str) -> str:
    """An ISO 8601 time in UTC, to the minute: ``2026-11-24 02:10 UTC``."""
    return f"{time[:16].replace('T', ' ')} UTC"


def number(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def verb(count: int, plural: str, singular: str = "") -> str:
    """The verb that goes with a count."""
    return (singular or f"{plural}s") if count == 1 else plural
