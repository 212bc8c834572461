"""A verdict that an earlier run left, as far as a run needs it again.

It is read by hand and not held against ``verdict.schema.json``, which belongs to the reports. What stands in it is
believed only where it has the form that a verdict has.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.model import Strength
from suites.exploring import DEPTHS
from suites.messages import LINE
from suites.messages import text as printable
from suites.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

VERSION = 1
"""The ``schema_version`` of the verdicts that can be read."""
NO_VERDICT = ("unfinished", "error")
"""What the verdict is of a run that did not come to its end, or failed by a fault of the suite."""
_VERDICTS = ("conformant", "non-conformant", "incomplete", *NO_VERDICT)
_CLAUSE = re.compile(r"[a-z0-9_-]+([.][a-z0-9_-]+)+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.]\d{1,6})?(Z|[+]00:00)", re.ASCII)


class EarlierError(Exception):
    """A file that is no verdict; the message names the file and what is wrong with it."""


@dataclass(frozen=True)
class Told:
    """What a verdict says of one clause."""

    id: str
    strength: Strength
    statement: str
    outcome: Outcome
    cases: int
    failed: int
    reason: str


@dataclass(frozen=True)
class Earlier:
    """The verdict of an earlier run, its texts each in one printable line.

    ``digest`` is that of its contract, ``started`` an ISO 8601 time in UTC.
    """

    verdict: str
    reason: str
    operation: str
    digest: str
    target: str
    depth: str
    fail_on: Strength
    started: str
    clauses: tuple[Told, ...]

    @property
    def failing(self) -> tuple[Told, ...]:
        """The clauses that failed and counted."""
        return tuple(
            each for each in self.clauses if each.outcome is Outcome.FAIL and each.strength.reaches(self.fail_on)
        )


def content(path: Path) -> bytes:
    """The file as it is.

    Raises:
        EarlierError: the file cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise EarlierError(f"{path}: cannot be read: {error.strerror or error}") from error


def document(path: Path, text: bytes) -> dict[str, Any]:
    """What the file at this path holds, as the JSON object that a verdict is.

    Raises:
        EarlierError: the text is no JSON object, or one of another version.
    """
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EarlierError(f"{path}: is no verdict: it is not JSON ({error})") from error
    if not isinstance(loaded, dict) or "schema_version" not in loaded:
        raise EarlierError(f"{path}: is no verdict: it has no schema_version")
    version = loaded["schema_version"]
    if type(version) is not int or version != VERSION:
        raise EarlierError(f"{path}: is a verdict of version {_shown(version)}, not {VERSION}")
    return loaded


def earlier(path: Path, text: bytes) -> Earlier:
    """The verdict that the file at this path holds.

    Raises:
        EarlierError: the text is no verdict.
    """
    loaded = document(path, text)
    try:
        told = Earlier(
            verdict=_one_of(_VERDICTS, loaded["verdict"]),
            reason=_text(loaded["reason"]),
            operation=_text(loaded["operation"]),
            digest=_text(loaded["contract"]["digest"]),
            target=_text(loaded["target"]["name"]),
            depth=_one_of(DEPTHS, loaded["depth"]),
            fail_on=_strength(loaded["fail_on"]),
            started=_matching(_MOMENT, loaded["started"]),
            clauses=tuple(_told(each) for each in _list(loaded["clauses"])),
        )
    except KeyError as error:
        raise EarlierError(f"{path}: is no verdict: {error.args[0]} is missing") from error
    except (TypeError, ValueError) as error:
        raise EarlierError(f"{path}: is no verdict: {error}") from error
    if len({each.id for each in told.clauses}) < len(told.clauses):
        raise EarlierError(f"{path}: is no verdict: a clause is in it twice")
    return told


def _told(entry: Any) -> Told:
    return Told(
        id=_matching(_CLAUSE, entry["id"]),
        strength=_strength(entry["strength"]),
        statement=_text(entry["statement"]),
        outcome=Outcome(_one_of([outcome.value for outcome in Outcome], entry["outcome"])),
        cases=_count(entry["cases"]),
        failed=_count(entry["failed"]),
        reason=_text(entry["reason"]),
    )


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{_shown(value)} stands where a list belongs")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{_shown(value)} stands where a text belongs")
    return printable(value.encode("utf-8", "backslashreplace"), LINE)


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{_shown(value)} stands where a count belongs")
    return value


def _strength(value: Any) -> Strength:
    return Strength(_one_of([strength.value for strength in Strength], value))


def _one_of(words: Collection[str], value: Any) -> str:
    if not isinstance(value, str) or value not in words:
        raise ValueError(f"{_shown(value)} is none of {', '.join(words)}")
    return value


def _matching(pattern: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"{_shown(value)} does not have the form of {'an id' if pattern is _CLAUSE else 'a time'}")
    return value


def _shown(value: Any) -> str:
    return ascii(value) if isinstance(value, (str, int, float, type(None))) and len(str(value)) <= LINE else "a value"
