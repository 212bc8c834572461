"""Faults of the document itself, found by holding its tables and examples against each other.

An example that is not JSON is still looked into: a bare word in a value's place is read as a string, which the
defect says, and the rest is held against the tables like any other example.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from contracts.model import Defect, Side

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contracts.derivation import Derived
    from contracts.model import Page, Pointer, Reading, Row, Table

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*"|(?P<constant>-?Infinity|NaN)')
"""What Python's parser takes for a number though JSON has no such value; strings are passed over."""
_PLACEHOLDER = re.compile(r"\{\w+\}")
_UNREADABLE = object()


@dataclass(frozen=True)
class _Example:
    """One of the two examples: what it is called, its document as far as it could be read, and its schema."""

    name: str
    slug: str
    document: Any
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class _Repair:
    """A place of an example, line and column from 1, where it is not JSON, and what was made of it."""

    line: int
    column: int
    detail: str


def find(page: Page, derived: Derived) -> tuple[Defect, ...]:
    """The defects of a page, in a stable order, each with an id of its own; none has its reading yet."""
    found: dict[str, Defect] = {}
    for defect in (*_of_request_line(page), *_of_names(page), *_of_columns(page), *_of_examples(page, derived)):
        # Items of a list share their rows: the first that shows a defect stands for all.
        found.setdefault(defect.id, defect)
    return tuple(found.values())


def settle(defects: tuple[Defect, ...], readings: tuple[Reading, ...]) -> tuple[Defect, ...]:
    """The same defects, each naming the reading of its id, if there is one."""
    ids = {reading.id for reading in readings}
    return tuple(replace(defect, reading=defect.id) if defect.id in ids else defect for defect in defects)


def _of_request_line(page: Page) -> Iterator[Defect]:
    if page.request_line is None:
        return
    stated = f"{page.method} {page.path}"
    pattern = r"[^/\s]+".join(re.escape(part) for part in _PLACEHOLDER.split(stated))
    if not re.fullmatch(pattern, page.request_line):
        detail = f"the example asks {page.request_line}, the URI format says {stated}"
        yield Defect("request_example.request_line", "Example request, line 1", detail)


def _of_names(page: Page) -> Iterator[Defect]:
    """Members that are named like a table's subject without being of that type."""
    subjects = {table.subject for table in page.tables if table.subject}
    for name in sorted(subjects):
        own = {name, f"List<{name}>"}
        named = [(table, row) for table in page.tables for row in table.rows if row.name == name]
        rows = [(table, row) for table, row in named if row.type not in own]
        if rows:
            described = [table for table in page.tables if table.subject == name]
            places = [f"Table {table.number}, {row.name}" for table, row in rows]
            places += [f"Table {table.number}" for table in described]
            detail = f"{name} is the name of a member of type {_types(rows)} and of a type with members of its own"
            yield Defect(f"{_slug(name)}.member_and_type", "; ".join(places), detail)


def _types(rows: list[tuple[Table, Row]]) -> str:
    return " and ".join(dict.fromkeys(row.type for _, row in rows))


def _of_columns(page: Page) -> Iterator[Defect]:
    tables = [table for table in page.tables if table.side is Side.RESPONSE]
    bare = [table for table in tables if any(row.mandatory is None for row in table.rows)]
    if bare:
        place = ", ".join(f"Table {table.number}" for table in bare)
        detail = "no Mandatory column says which members every response has"
        yield Defect("response.mandatory_column", place, detail)


def _of_examples(page: Page, derived: Derived) -> Iterator[Defect]:
    examples: list[_Example] = []
    for side, text, schema in (
        ("request", page.request_example, derived.request_schema),
        ("response", page.response_example, derived.response_schema),
    ):
        if text is not None:
            name, slug = f"Example {side}", f"{side}_example"
            document, repairs = _parse(text)
            if repairs:
                detail = "; ".join(f"line {each.line}, column {each.column}: {each.detail}" for each in repairs)
                yield Defect(f"{slug}.not_json", f"{name}, line {repairs[0].line}", detail)
            examples.append(_Example(name, slug, document, schema))
    for example in examples:
        if example.document is not _UNREADABLE:
            yield from _compare(example, example.schema, example.document, ())
    if [example.slug for example in examples] == ["request_example", "response_example"]:
        yield from _unsent(*examples)


def _parse(text: str) -> tuple[Any, list[_Repair]]:
    """The document of an example, and what kept a parser from it.

    As long as a parser stops at a bare word, the word is put in quotes and the parser started again.
    """
    repairs: list[_Repair] = []
    repaired = text
    while (error := _error(repaired)) is not None:
        # Each repair so far lies before this place and put two quotes there.
        position = error.pos - 2 * len(repairs)
        word = _BARE.match(repaired, error.pos)
        outcome = f"the bare word {word[0]} is read as a string" if word else "not looked into any further"
        repairs.append(_repair(text, position, f"a JSON parser says {error.msg!r}; {outcome}"))
        if not word:
            return _UNREADABLE, repairs
        repaired = f'{repaired[: error.pos]}"{word[0]}"{repaired[word.end() :]}'
    for token in _CONSTANT.finditer(text):
        if token["constant"]:
            detail = f"{token['constant']} is no JSON value; it is read as a string"
            repairs.append(_repair(text, token.start(), detail))
    return json.loads(repaired, parse_constant=str), repairs


def _error(text: str) -> json.JSONDecodeError | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error
    return None


def _repair(text: str, position: int, detail: str) -> _Repair:
    line = text.count("\n", 0, position) + 1
    return _Repair(line, position - text.rfind("\n", 0, position), detail)


def _compare(example: _Example, schema: Mapping[str, Any], value: Any, pointer: Pointer) -> Iterator[Defect]:
    source = schema.get("x-source", "the tables")
    where = ".".join(part for part in pointer if part != "*") or "root"
    slug, place = f"{example.slug}.{_slug(where)}", f"{source}; {example.name}"
    if _type(value) != schema["type"]:
        detail = f"{where}: {source} says {schema['type']}, the example has {_type(value)}"
        yield Defect(f"{slug}.type", place, detail)
    elif "const" in schema and value != schema["const"]:
        yield Defect(f"{slug}.value", place, f"{where} is fixed in {source}, and another in the example")
    elif isinstance(value, list):
        for item in value:
            yield from _compare(example, schema["items"], item, (*pointer, "*"))
    elif isinstance(value, dict) and "properties" in schema:
        yield from _compare_members(example, schema, value, pointer)


def _compare_members(
    example: _Example, schema: Mapping[str, Any], value: Mapping[str, Any], pointer: Pointer
) -> Iterator[Defect]:
    for name, member in value.items():
        node = schema["properties"].get(name)
        here = (*pointer, name)
        if node is None:
            slug = _slug(".".join(part for part in here if part != "*"))
            detail = f"{name} is in the example, and no row describes it"
            yield Defect(f"{example.slug}.{slug}.row", example.name, detail)
        else:
            yield from _compare(example, node, member, here)
    for name in schema.get("required", ()):
        if name not in value:
            slug = _slug(".".join(part for part in (*pointer, name) if part != "*"))
            source = schema["properties"][name]["x-source"]
            detail = f"{name} has to be there by {source}, and the example does without"
            yield Defect(f"{example.slug}.{slug}.missing", f"{source}; {example.name}", detail)


def _unsent(request: _Example, response: _Example) -> Iterator[Defect]:
    """Members that the caller may leave out, did leave out in one example, and finds in the other."""
    if request.document is _UNREADABLE or response.document is _UNREADABLE:
        return
    for pointer, source in _optional(request.schema, ()):
        if _has(response.document, pointer) and not _has(request.document, pointer):
            where = ".".join(pointer)
            detail = f"{where} is in the example response; the example request, where {source} leaves it open, lacks it"
            yield Defect(f"{response.slug}.{_slug(where)}.unsent", f"{source}; {response.name}", detail)


def _optional(schema: Mapping[str, Any], pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    for name, node in schema.get("properties", {}).items():
        if name not in schema.get("required", ()):
            yield (*pointer, name), node["x-source"]
        yield from _optional(node, (*pointer, name))


def _has(document: Any, pointer: Pointer) -> bool:
    for name in pointer:
        if not isinstance(document, dict) or name not in document:
            return False
        document = document[name]
    return True


def _type(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def _slug(name: str) -> str:
    """A name as a part of an id: lower-case ASCII."""
    return re.sub(r"[^a-z0-9_.]+", "_", name.lower())
