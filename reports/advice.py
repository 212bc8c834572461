"""What to do about a clause that was not judged, by the reason that the run gives."""

from __future__ import annotations

import re

from suites.response import NOTHING_TO_SAY

_ADVICE = (
    (
        r"needs consent and \[\[resources\]\]",
        "give the profile [consent] and [[resources]] that may be lost: without them no acceptable body is sent.",
    ),
    (r"needs (?P<what>\[\S+\]|\S+) in the profile", "add {what} to the profile."),
    (
        r"needs an accepted body",
        "see why no acceptable body was accepted: it failed, or the profile gives no consent.",
    ),
    (
        r"nothing could be asked",
        "mend what fails beside it first: its answers have to be sound before this can be judged.",
    ),
    (NOTHING_TO_SAY, "nothing, unless you know of a resource whose answer has it: name that in the profile as well."),
    (r"not asked", "run the whole suite: this run selected tests that do not ask about it."),
    (
        r"masked",
        "see why the target refuses the same request without the fault too, and take that away.",
    ),
    (
        r"preflight.* (401|403)",
        "the operator's token was refused: renew it, and check that its role may restore in this project.",
    ),
    (r"preflight", "the target stopped answering as a sound one does: look at its log at that time, and run again."),
    (r"consent and budget", "raise consent.accepted_restores: the budget was spent."),
    (r"credentials", "see that the credentials in the profile are good to the end of the run."),
    (
        r"429|503|throttled|busy",
        "the target was busy or throttled: lower limits.requests_per_second, or wait.",
    ),
    (r"--max-time", "give the run more time, or go on with --resume."),
    (r"--resume", "go on with the same command and --resume."),
    (r"without an answer", "see why the target leaves requests unanswered, or raise limits.timeout."),
)
_OTHERWISE = {
    "error": "this is a fault of the suite, not of the target: report it with verdict.json.",
    "blocked": "put right what the reason names, and run again.",
    "skipped": "give the run what the reason names.",
}


def advice(reason: str, outcome: str) -> str:
    """What the reader does about clauses of this outcome (``blocked``, ``skipped`` or ``error``) with this reason."""
    if outcome != "error":
        for pattern, text in _ADVICE:
            match = re.search(pattern, reason)
            if match:
                return text.format_map(match.groupdict())
    return _OTHERWISE[outcome]
