"""A verdict as JUnit XML: a test suite a part of the page, a test case a clause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from reports.cases import Status, cases
from reports.text import clip, one_line, printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reports.cases import Case

_ELEMENTS = {Status.FAILED: "failure", Status.ERROR: "error", Status.SKIPPED: "skipped"}


def junit(verdict: Mapping[str, Any], seconds: Mapping[str, float]) -> str:
    """The verdict in the dialect that Jenkins has a schema of, which GitLab and the actions of GitHub read as well.

    A suite holds the clauses of a table, or of another part of the page. What did not fail the run is *skipped*.
    """
    order = list(cases(verdict, seconds))
    suites: dict[str, list[Case]] = {}
    for case in order:
        suites.setdefault(case.suite, []).append(case)
    root = ET.Element("testsuites", {"name": one_line(verdict["target"]["name"]), **_counts(order)})
    for number, (name, members) in enumerate(suites.items()):
        suite = ET.SubElement(
            root,
            "testsuite",
            {
                "id": str(number),
                "name": name,
                **_counts(members),
                "skipped": _count(members, Status.SKIPPED),
                "timestamp": verdict["started"][:19],
            },
        )
        for case in members:
            _add(suite, case, verdict["operation"])
    ET.indent(root, " ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _add(suite: ET.Element, case: Case, operation: str) -> None:
    place = f"{operation}.{case.suite.replace('.', ' ')}"
    element = ET.SubElement(suite, "testcase", {"classname": place, "name": case.name, "time": _time(case.seconds)})
    tag = _ELEMENTS.get(case.status)
    if tag is not None:
        told = ET.SubElement(element, tag, {"message": one_line(case.message), "type": case.outcome})
        told.text = clip(printable(case.detail)) if case.status is not Status.SKIPPED else None


def _counts(cases: Sequence[Case]) -> dict[str, str]:
    return {
        "tests": str(len(cases)),
        "failures": _count(cases, Status.FAILED),
        "errors": _count(cases, Status.ERROR),
        "time": _time(sum(case.seconds for case in cases)),
    }


def _count(cases: Sequence[Case], status: Status) -> str:
    return str(sum(case.status is status for case in cases))


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"
