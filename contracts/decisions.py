"""``readings.toml``: what page and appendix leave to a person, strictly read.

[lookups.NAME]      statuses, codes, strength: what an unknown NAME must get
[codes]             busy, retired, callers_fault: lists of error codes
[[reading]]         id, place, read_as, reason: a document defect and how it is read
"""

from __future__ import annotations

import sys
from typing import Any

from contracts.model import Decisions, Lookup, Reading, Strength

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class DecisionError(Exception):
    """Something in the file that is not as it has to be; names the key."""


_READING = ("id", "place", "read_as", "reason")
_LOOKUP = ("statuses", "codes", "strength")
_CODES = ("busy", "retired", "callers_fault")


def parse_decisions(text: str) -> Decisions:
    """Read the decisions.

    Args:
        text: The whole file.

    Raises:
        DecisionError: not TOML, an unknown or missing key, a value of another type, or a reading's id twice.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DecisionError(f"not TOML: {error}") from error
    _only(document, ("lookups", "codes", "reading"), "")
    readings = tuple(_reading(entry, index) for index, entry in enumerate(_entries(document), 1))
    ids = [reading.id for reading in readings]
    for each in ids:
        if ids.count(each) > 1:
            raise DecisionError(f"reading {each}: given twice")
    codes = _only(document.get("codes", {}), _CODES, "codes")
    busy, retired, fault = (frozenset(_list(codes.get(key, []), str, f"codes.{key}")) for key in _CODES)
    lookups = _mapping(document.get("lookups", {}), "lookups")
    return Decisions(tuple(_lookup(name, entry) for name, entry in lookups.items()), readings, busy, retired, fault)


def _entries(document: dict[str, Any]) -> list[Any]:
    return _list(document.get("reading", []), dict, "reading")


def _reading(entry: Any, index: int) -> Reading:
    where = f"reading {index}"
    fields = _all(entry, _READING, where)
    for key, value in fields.items():
        if not isinstance(value, str) or not value:
            raise DecisionError(f"{where}: {key}: expected a text")
    return Reading(**fields)


def _lookup(name: str, entry: Any) -> Lookup:
    where = f"lookups.{name}"
    fields = _all(entry, _LOOKUP, where)
    strengths = [strength.value for strength in Strength]
    if fields["strength"] not in strengths:
        raise DecisionError(f"{where}: strength: expected one of {', '.join(strengths)}")
    statuses = tuple(_list(fields["statuses"], int, f"{where}.statuses"))
    codes = tuple(_list(fields["codes"], str, f"{where}.codes"))
    if not statuses:
        raise DecisionError(f"{where}.statuses: expected at least one")
    return Lookup(name, statuses, codes, Strength(fields["strength"]))


def _all(entry: Any, keys: tuple[str, ...], where: str) -> dict[str, Any]:
    fields = _only(entry, keys, where)
    for key in keys:
        if key not in fields:
            raise DecisionError(f"{where}: {key} is missing")
    return fields


def _only(entry: Any, keys: tuple[str, ...], where: str) -> dict[str, Any]:
    fields = _mapping(entry, where)
    for key in fields:
        if key not in keys:
            raise DecisionError(f"{where + ': ' if where else ''}unknown key {key} (known: {', '.join(keys)})")
    return fields


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DecisionError(f"{where}: expected a table")
    return value


def _list(value: Any, kind: type, where: str) -> list[Any]:
    if not isinstance(value, list) or not all(type(each) is kind for each in value):
        raise DecisionError(f"{where}: expected a list of {kind.__name__}")
    return value
