"""A verdict as a SARIF 2.1.0 log: a rule a clause, a result a clause that fails."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports import NAME, VERSION, words
from reports.cases import fails_run
from reports.ending import Exit, exit_code
from reports.text import clip, one_line, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROOT = Path(__file__).parent.parent
_BASELINE = {"new": "new", "known": "unchanged"}


def sarif(verdict: Mapping[str, Any]) -> str:
    """The verdict with a result for each clause that fails, or is declared to; the latter are *suppressed*.

    A result is placed at the row of ``tables.json`` that its clause comes from, since code scanning shows nothing
    without a line of the repository, and has the smallest case as its web request and response.
    """
    clauses = verdict["clauses"]
    excuses = {each["clause"]: each for each in verdict["deviations"] if each["state"] == "applied"}
    results = [
        _result(index, clause, verdict, excuses.get(clause["id"]))
        for index, clause in enumerate(clauses)
        if clause["outcome"] in ("fail", "deviation")
    ]
    status = exit_code(verdict)
    run = {
        "tool": {"driver": {"name": NAME, "semanticVersion": VERSION, "rules": [_rule(clause) for clause in clauses]}},
        "automationDetails": {"id": f"{verdict['operation']}/{one_line(verdict['target']['name'])}/"},
        "invocations": [
            {
                "executionSuccessful": status not in (Exit.INTERRUPTED, Exit.ERROR),
                "exitCode": int(status),
                "exitCodeDescription": one_line(verdict["reason"]),
                "startTimeUtc": _moment(verdict["started"]),
                "endTimeUtc": _moment(verdict["finished"]),
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(document, indent=1) + "\n"


def _rule(clause: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": clause["id"],
        "shortDescription": {"text": one_line(clause["statement"])},
        "fullDescription": {"text": f"{one_line(clause['statement'])} ({one_line(words.place(clause))})"},
        "help": {"text": f"{words.OUTCOMES['fail'].meaning}: {one_line(words.place(clause))}"},
        "defaultConfiguration": {"level": "warning" if clause["strength"] == "advisory" else "error"},
        "properties": {"tags": [clause["strength"], clause["kind"]]},
    }


def _result(
    index: int, clause: Mapping[str, Any], verdict: Mapping[str, Any], excuse: Mapping[str, Any] | None
) -> dict[str, Any]:
    counted = f"{clause['failed']} of {words.number(clause['cases'], 'case')}"
    place = {
        "physicalLocation": {
            "artifactLocation": {"uri": _file(verdict["operation"])},
            "region": {"startLine": _row_line(verdict["operation"], clause["source"])},
        },
        "logicalLocations": [{"fullyQualifiedName": clause["id"], "kind": "member"}],
    }
    result: dict[str, Any] = {
        "ruleId": clause["id"],
        "ruleIndex": index,
        "level": "error" if fails_run(clause, verdict) else "note",
        "message": {"text": f"{one_line(clause['statement'])}: {one_line(clause['reason'])} ({counted})"},
        "locations": [place],
        "partialFingerprints": {"clause/v1": f"{verdict['target']['project_id']}:{clause['id']}"},
    }
    if clause["failures"]:
        result |= _exchange(clause["failures"][0])
    if "finding" in clause:
        result["baselineState"] = _BASELINE[clause["finding"]]
    if excuse is not None:
        told = f"{excuse['reference']}, until {excuse['expires']}: {excuse['reason']}"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": one_line(told)}]
    return result


def _exchange(failure: Mapping[str, Any]) -> dict[str, Any]:
    request, response = failure["request"], failure["response"]
    asked = {
        "protocol": "HTTP",
        "version": "1.1",
        "method": request["method"],
        "target": printable(request["url"]),
        "headers": _headers(request),
        "body": {"text": clip(printable(request["body"]))},
    }
    if response is None:
        return {"webRequest": asked, "webResponse": {"noResponseReceived": True}}
    came = {
        "protocol": "HTTP",
        "version": "1.1",
        "statusCode": response["status"],
        "headers": _headers(response),
        "body": {"text": clip(printable(response["body"]))},
    }
    return {"webRequest": asked, "webResponse": came}


def _headers(message: Mapping[str, Any]) -> dict[str, str]:
    """Headers by name; those that came twice in one value, as HTTP joins them."""
    joined: dict[str, str] = {}
    for name, value in message["headers"]:
        key = printable(name)
        joined[key] = f"{joined[key]}, {printable(value)}" if key in joined else printable(value)
    return joined


def _file(operation: str) -> str:
    return f"contracts/{operation}/tables.json"


def _row_line(operation: str, source: Mapping[str, Any]) -> int:
    """The line of the row in the facts of the page, else of its table, else the first."""
    path = _ROOT / _file(operation)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found, inside = 1, False
    for number, line in enumerate(lines, start=1):
        table = re.search(r'"number": (\d+)', line)
        if table:
            inside = int(table[1]) == source["table"]
            found = number if inside else found
        elif inside and f'"name": {json.dumps(source["row"])}' in line:
            return number
    return found


def _moment(time: str) -> str:
    return f"{time[:19]}Z"
