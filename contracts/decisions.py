"""``readings.toml``: what page and appendix leave to a person, strictly read.

[lookups.NAME]      statuses, codes, strength: what an unknown NAME must get
[codes]             busy, retired, callers_fault: lists of error codes
[asking]            starts, denial, names, values, echoes: what a suite has to know to ask a target; without this
                    table none is asked. Places are written with dots, ``restorable.*.result``
[[reading]]         id, place, read_as, reason: a document defect and how it is read
[[decision]]        places, reason, and type, mandatory, fixed, without or unused: how places of the page are read
                    that come to nothing by themselves, or that contradict its examples
"""

from __future__ import annotations

import sys
from typing import Any

from contracts.grammar import parse_type
from contracts.model import Asking, Decision, Decisions, Idiom, Lookup, Pointer, Reading, Strength

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class DecisionError(Exception):
    """Something in the file that is not as it has to be; names the key."""


_READING = ("id", "place", "read_as", "reason")
_DECISION = ("places", "reason", "type", "mandatory", "fixed", "without", "unused")
_LOOKUP = ("statuses", "codes", "strength")
_CODES = ("busy", "retired", "callers_fault")
_ASKING = ("starts", "denial", "names", "values", "echoes")


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
    _only(document, ("lookups", "codes", "asking", "reading", "decision"), "")
    readings = tuple(_reading(entry, index) for index, entry in enumerate(_entries(document, "reading"), 1))
    decisions = tuple(_decision(entry, index) for index, entry in enumerate(_entries(document, "decision"), 1))
    ids = [reading.id for reading in readings]
    for each in ids:
        if ids.count(each) > 1:
            raise DecisionError(f"reading {each}: given twice")
    codes = _only(document.get("codes", {}), _CODES, "codes")
    busy, retired, fault = (frozenset(_list(codes.get(key, []), str, f"codes.{key}")) for key in _CODES)
    lookups = _mapping(document.get("lookups", {}), "lookups")
    found = tuple(_lookup(name, entry) for name, entry in lookups.items())
    asking = _asking(document["asking"]) if "asking" in document else None
    return Decisions(found, readings, busy, retired, fault, decisions, asking)


def _entries(document: dict[str, Any], key: str) -> list[Any]:
    return _list(document.get(key, []), dict, key)


def _reading(entry: Any, index: int) -> Reading:
    where = f"reading {index}"
    fields = _all(entry, _READING, where)
    for key, value in fields.items():
        if not isinstance(value, str) or not value:
            raise DecisionError(f"{where}: {key}: expected a text")
    return Reading(**fields)


def _decision(entry: Any, index: int) -> Decision:
    where = f"decision {index}"
    fields = _only(entry, _DECISION, where)
    places = _list(fields.get("places", []), str, f"{where}: places")
    if not places:
        raise DecisionError(f"{where}: places: expected at least one")
    if not isinstance(fields.get("reason"), str) or not fields["reason"]:
        raise DecisionError(f"{where}: reason: expected a text")
    for key, kind in (("type", str), ("fixed", str), ("mandatory", bool), ("unused", bool)):
        if key in fields and (type(fields[key]) is not kind or not (fields[key] or key == "mandatory")):
            raise DecisionError(f"{where}: {key}: expected {'true or false' if kind is bool else 'a text'}")
    if "type" in fields and parse_type(fields["type"]) is None:
        raise DecisionError(f"{where}: type: {fields['type']!r} is no type")
    idioms = [idiom.value for idiom in Idiom]
    without = _list(fields.get("without", []), str, f"{where}: without")
    for each in without:
        if each not in idioms:
            raise DecisionError(f"{where}: without: expected some of {', '.join(idioms)}")
    if not fields.keys() - {"places", "reason"}:
        raise DecisionError(f"{where}: nothing is decided")
    return Decision(
        places=tuple(places),
        reason=fields["reason"],
        type=fields.get("type"),
        mandatory=fields.get("mandatory"),
        fixed=fields.get("fixed"),
        without=tuple(map(Idiom, without)),
        unused=fields.get("unused", False),
    )


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


def _asking(entry: Any) -> Asking:
    fields = _only(entry, _ASKING, "asking")
    if type(fields.get("starts")) is not bool:
        raise DecisionError("asking: starts: expected true or false")
    names, values, echoes = (_texts(fields.get(key, {}), f"asking.{key}") for key in ("names", "values", "echoes"))
    denial = fields.get("denial", "")
    if not isinstance(denial, str):
        raise DecisionError("asking: denial: expected a place such as list.*.member")
    return Asking(
        starts=fields["starts"],
        names=names,
        values=values,
        echoes={_pointer(told): _pointer(said) for told, said in echoes.items()},
        denial=_pointer(denial),
    )


def _pointer(place: str) -> Pointer:
    return tuple(place.split(".")) if place else ()


def _texts(value: Any, where: str) -> dict[str, str]:
    texts = _mapping(value, where)
    for key, text in texts.items():
        if not isinstance(text, str) or not text:
            raise DecisionError(f"{where}.{key}: expected a text")
    return texts


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
