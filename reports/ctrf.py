"""A verdict as a document of the Common Test Report Format."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from reports import NAME, VERSION
from reports.cases import Status, cases
from reports.text import clip, one_line, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reports.cases import Case

SPEC = "0.0.0"
"""The version of the format; its schema carries the first two numbers in its name."""
_STATUSES = {Status.PASSED: "passed", Status.FAILED: "failed", Status.SKIPPED: "skipped", Status.ERROR: "failed"}


def ctrf(verdict: Mapping[str, Any], seconds: Mapping[str, float]) -> str:
    """The verdict with a test a clause; times are milliseconds. ``rawStatus`` is the outcome of the clause."""
    tests = [_test(case) for case in cases(verdict, seconds)]
    counts = Counter(test["status"] for test in tests)
    start, stop = _moment(verdict["started"]), _moment(verdict["finished"])
    summary = {status: counts[status] for status in ("passed", "failed", "skipped", "pending", "other")}
    document = {
        "reportFormat": "CTRF",
        "specVersion": SPEC,
        "timestamp": verdict["finished"],
        "generatedBy": NAME,
        "results": {
            "tool": {"name": NAME, "version": VERSION},
            "summary": {"tests": len(tests), **summary, "start": start, "stop": stop},
            "tests": tests,
            "environment": {"testEnvironment": one_line(verdict["target"]["name"])},
            "extra": {
                "verdict": verdict["verdict"],
                "contract": verdict["contract"]["digest"],
                "depth": verdict["depth"],
                "seed": verdict["seed"],
            },
        },
    }
    return json.dumps(document, indent=1) + "\n"


def _test(case: Case) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": case.name,
        "status": _STATUSES[case.status],
        "duration": round(case.seconds * 1000),
        "suite": [case.suite],
        "rawStatus": case.outcome,
    }
    if case.message:
        test["message"] = one_line(case.message)
    if case.status is Status.FAILED and case.detail:
        test["trace"] = clip(printable(case.detail))
    return test


def _moment(time: str) -> int:
    """An ISO 8601 time in UTC as milliseconds since 1970."""
    return round(datetime.fromisoformat(f"{time[:19]}+00:00").timestamp() * 1000)
