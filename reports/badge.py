"""A verdict as a badge: a small picture, or what shields.io makes one of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from reports import words
from reports.ending import counting
from reports.standalone import page
from reports.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LABEL = "conformance"
"""What the left half of a badge says unless told otherwise."""
LONGEST = 60
"""Characters of a label that are shown."""
_COLOURS = {
    "conformant": "#00664b",
    "non-conformant": "#a3300b",
    "incomplete": "#7a4d00",
    "unfinished": "#57606a",
    "error": "#8a0f4a",
}
"""White text on each of them has a contrast of 5 to 1 at least."""
_PADDING, _NARROW, _USUAL, _WIDE = 6, 4, 7, 10
"""Units: beside a text, and of a letter of the three widths."""


def message(verdict: Mapping[str, Any]) -> str:
    """The verdict in a word or two, with numbers where something fails."""
    counted = counting(verdict)
    fails = sum(clause["outcome"] == "fail" for clause in counted)
    if verdict["verdict"] == "non-conformant" and fails:
        return f"{fails} of {len(counted)} clauses {words.verb(fails, 'fail')}"
    return words.VERDICTS[verdict["verdict"]].word.lower()


def svg(verdict: Mapping[str, Any], label: str) -> str:
    """The badge as a picture that names what it shows; it loads no font and fits whichever there is."""
    told = message(verdict)
    left, right = _width(shown := one_line(label, LONGEST)), _width(told)
    return page(
        "badge.svg.j2",
        label=shown,
        message=told,
        colour=_COLOURS[verdict["verdict"]],
        left=left,
        right=right,
        padding=_PADDING,
    )


def _width(text: str) -> int:
    """Units that a text takes with what is beside it; the picture has it drawn to this width."""
    letters = sum(_NARROW if each in "fijlrt.,:;|!'() " else _WIDE if each in "mwMW@%" else _USUAL for each in text)
    return letters + 2 * _PADDING


def shields(verdict: Mapping[str, Any], label: str) -> str:
    """The badge as the JSON that the endpoint badge of shields.io asks for (``schemaVersion`` 1)."""
    document = {
        "schemaVersion": 1,
        "label": one_line(label, LONGEST),
        "message": message(verdict),
        "color": _COLOURS[verdict["verdict"]],
        "isError": verdict["verdict"] == "error",
    }
    return json.dumps(document) + "\n"


FORMATS: Mapping[str, Callable[[Mapping[str, Any], str], str]] = {"svg": svg, "shields": shields}
"""What a badge can be, by the name that the command line knows it by."""
