"""Faults of the document itself, found by holding its tables and examples against each other.

An example that is not JSON is still looked into as far as :mod:`contracts.lenient` can read it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from contracts.derivation import schemas_of
from contracts.grammar import parse_type
from contracts.lenient import UNREADABLE, parse_leniently
from contracts.model import Decision, Defect, Reading, Side
from contracts.resolving import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contracts.lenient import Parsed
    from contracts.model import Decisions, Page, Pointer, Row, Table
    from contracts.resolving import Resolution

_PLACEHOLDER = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class _Example:
    """An example: what it is called, where it begins, its document as far as it could be read, and its schema."""

    name: str
    slug: str
    line: int
    parsed: Parsed
    schema: Mapping[str, Any]


def find(page: Page, decisions: tuple[Decision, ...] = ()) -> tuple[Defect, ...]:
    """The defects of a page, in a stable order, each with an id of its own; none has its reading yet.

    Examples are held against the page's letter: decisions count only at places that come to nothing without one.

    Args:
        page: The facts read off the page.
        decisions: What a person decided, enough for the page to derive.

    Raises:
        ValueError: a decision about a place that the page does not have, or with no occasion.
    """
    bare = resolve(page)
    refused = {refusal.place for refusal in bare.refusals}
    needed = tuple(
        replace(each, places=places, mandatory=None)
        for each in decisions
        if (places := tuple(place for place in each.places if place in refused))
    )
    letter = resolve(page, needed)
    lines = {table.name: table.line for table in page.tables}
    lines |= {table.place(row): row.line for table in page.tables for row in table.rows}
    found: dict[str, Defect] = {}
    for defect in (
        *_of_refusals(bare),
        *_of_request_lines(page),
        *_of_names(page, letter),
        *_of_types(page, letter),
        *_of_columns(page),
        *_of_examples(page, schemas_of(letter)),
    ):
        # Items of a list share their rows: the first that shows a defect stands for all.
        found.setdefault(defect.id, replace(defect, line=defect.line or lines.get(defect.place.split(";")[0], 0)))
    return tuple(found.values())


def answers(defects: tuple[Defect, ...], decisions: tuple[Decision, ...]) -> tuple[Reading, ...]:
    """The decisions as readings of the defects that they answer: each at its places, and by what it decides."""
    by_place = {place: decision for decision in decisions for place in decision.places}
    readings = []
    for defect in defects:
        place = defect.place.split(";")[0]
        told = _told(by_place.get(place), defect.id.rpartition(".")[2])
        if told:
            readings.append(Reading(defect.id, place, told, by_place[place].reason))
    return tuple(readings)


def _told(decision: Decision | None, kind: str) -> str:
    """What a decision says of a defect of a kind, empty if it is about something else."""
    if decision is None:
        return ""
    nothing = Decision((), "")
    about = {
        "refused": replace(decision, mandatory=None),
        "missing": replace(nothing, mandatory=decision.mandatory),
        "type": replace(nothing, type=decision.type),
        "value": replace(nothing, without=decision.without),
    }
    return about.get(kind, nothing).words


def read(page: Page, decisions: Decisions) -> tuple[tuple[Defect, ...], tuple[Reading, ...]]:
    """The defects of a page, each naming its reading if it has one, and all readings.

    Raises:
        ValueError: as :func:`find` does.
    """
    found = find(page, decisions.decisions)
    readings = (*decisions.readings, *answers(found, decisions.decisions))
    return settle(found, readings), readings


def settle(defects: tuple[Defect, ...], readings: tuple[Reading, ...]) -> tuple[Defect, ...]:
    """The same defects, each naming the reading of its id, if there is one."""
    ids = {reading.id for reading in readings}
    return tuple(replace(defect, reading=defect.id) if defect.id in ids else defect for defect in defects)


def _of_refusals(bare: Resolution) -> Iterator[Defect]:
    for refusal in bare.refusals:
        yield Defect(f"{_slug(refusal.place)}.refused", refusal.place, refusal.why)


def _of_request_lines(page: Page) -> Iterator[Defect]:
    stated = f"{page.method} {page.path}"
    pattern = r"[^/?\s]+".join(re.escape(part) for part in _PLACEHOLDER.split(stated))
    known = {row.name for table in page.tables if table.side is Side.QUERY for row in table.rows}
    for number, line in enumerate(page.request_lines, 1):
        place = f"Example request, line {number}"
        asked, _, query = line.partition("?")
        if not re.fullmatch(pattern, asked):
            detail = f"the example asks {line}, the URI format says {stated}"
            yield Defect("request_example.request_line", place, detail)
        for name in [part.partition("=")[0] for part in query.split("&") if part]:
            if name not in known:
                detail = f"{name} is in the query of the example, and no row describes it"
                yield Defect(f"request_example.query.{_slug(name)}.row", place, detail)


def _of_names(page: Page, letter: Resolution) -> Iterator[Defect]:
    """Members that are named like a table's subject without being of that type."""
    subjects = {table.subject for table in page.tables if table.subject}
    for name in sorted(subjects):
        rows = [
            (table, row)
            for table in page.tables
            for row in table.rows
            if row.name == name and not _is_of(letter, table, row, name)
        ]
        if rows:
            described = [table for table in page.tables if table.subject == name]
            places = [table.place(row) for table, row in rows] + [table.name for table in described]
            types = " and ".join(dict.fromkeys(row.type for _, row in rows))
            detail = f"{name} is the name of a member of type {types} and of a type with members of its own"
            yield Defect(f"{_slug(name)}.member_and_type", "; ".join(places), detail)


def _is_of(letter: Resolution, table: Table, row: Row, name: str) -> bool:
    resolved = letter.sides[table.side].types.get((table.number, row.name))
    return resolved is not None and resolved.table is not None and resolved.table.subject == name


def _of_types(page: Page, letter: Resolution) -> Iterator[Defect]:
    """What could be read, and might have been said more plainly."""
    for table in page.tables:
        if not table.captioned:
            detail = f"the table of {table.subject} has no caption and no number; it is counted as {table.name}"
            yield Defect(f"{_slug(table.name)}.caption", table.name, detail)
        for row in table.rows:
            place, slug = table.place(row), _slug(table.place(row))
            parsed = parse_type(row.type)
            if parsed and parsed.spelt_oddly:
                yield Defect(f"{slug}.spelling", place, f"the type is spelt {row.type}, elsewhere with a capital")
            resolved = letter.sides[table.side].types.get((table.number, row.name))
            if resolved and resolved.by_name and resolved.table:
                detail = (
                    f"the type is {row.type}; nothing but the row's name says that {resolved.table.name} describes it"
                )
                yield Defect(f"{slug}.linked_by_name", place, detail)


def _of_columns(page: Page) -> Iterator[Defect]:
    tables = [table for table in page.tables if table.side is Side.RESPONSE]
    bare = [table for table in tables if any(row.mandatory is None for row in table.rows)]
    if bare:
        place = ", ".join(f"Table {table.number}" for table in bare)
        detail = "no Mandatory column says which members every response has"
        yield Defect("response.mandatory_column", place, detail, line=bare[0].line)


def _of_examples(page: Page, schemas: Mapping[Side, Mapping[str, Any]]) -> Iterator[Defect]:
    requests = list(_examples("request", page.request_examples, page.request_example_lines, schemas[Side.REQUEST]))
    responses = list(_examples("response", page.response_examples, page.response_example_lines, schemas[Side.RESPONSE]))
    for example in (*requests, *responses):
        repairs = example.parsed.repairs
        if repairs:
            detail = "; ".join(f"line {each.line}, column {each.column}: {each.detail}" for each in repairs)
            place = f"{example.name}, line {repairs[0].line}"
            yield Defect(
                f"{example.slug}.not_json", place, detail, line=example.line and example.line + repairs[0].line - 1
            )
        if not example.schema:
            detail = "there is a body in the example, and no table describes one"
            yield Defect(f"{example.slug}.body", example.name, detail, line=example.line)
    for example in (*requests, *responses):
        if example.parsed.document is not UNREADABLE and example.schema:
            yield from _compare(example, example.schema, example.parsed.document, ())
    if len(requests) == len(responses):
        for request, response in zip(requests, responses):
            yield from _unsent(request, response)


def _examples(
    word: str, texts: tuple[str, ...], lines: tuple[int, ...], schema: Mapping[str, Any]
) -> Iterator[_Example]:
    for number, (text, line) in enumerate(zip(texts, lines or [0] * len(texts)), 1):
        further = number > 1
        name = f"Example {word} {number}" if further else f"Example {word}"
        slug = f"{word}_example_{number}" if further else f"{word}_example"
        yield _Example(name, slug, line, parse_leniently(text), schema)


def _compare(
    example: _Example, schema: Mapping[str, Any], value: Any, pointer: Pointer, above: str = "the tables"
) -> Iterator[Defect]:
    # What is inside a list has no row of its own: it is described by the list's.
    source = schema.get("x-source", above)
    if "$ref" in schema:
        schema = example.schema["$defs"][schema["$ref"].rpartition("/")[2]]
    where = ".".join(part for part in pointer if part != "*") or "root"
    slug, place = f"{example.slug}.{_slug(where)}", f"{source}; {example.name}"
    if _type(value) != schema["type"]:
        detail = f"{where}: {source} says {schema['type']}, the example has {_type(value)}"
        yield Defect(f"{slug}.type", place, detail)
    elif wrong := _wrong_value(schema, value, source):
        yield Defect(f"{slug}.value", place, f"{where} {wrong}")
    elif isinstance(value, list):
        for item in value:
            yield from _compare(example, schema["items"], item, (*pointer, "*"), source)
    elif isinstance(value, dict) and "properties" in schema:
        yield from _compare_members(example, schema, value, pointer)
    elif isinstance(value, dict) and "additionalProperties" in schema:
        for member in value.values():
            yield from _compare(example, schema["additionalProperties"], member, (*pointer, "*"), source)


def _wrong_value(schema: Mapping[str, Any], value: Any, source: str) -> str:
    """How a value of the right type breaks a constraint, empty if it does not."""
    if "const" in schema and value != schema["const"]:
        return f"is fixed in {source}, and another in the example"
    if "enum" in schema and value not in schema["enum"]:
        return f"is {json.dumps(value)} in the example, which {source} does not list"
    if "minimum" in schema and not schema["minimum"] <= value <= schema["maximum"]:
        return f"is {value} in the example, out of the range of {source}"
    return ""


def _compare_members(
    example: _Example, schema: Mapping[str, Any], value: Mapping[str, Any], pointer: Pointer
) -> Iterator[Defect]:
    if value and not value.keys() & schema["properties"].keys():
        where = ".".join(part for part in pointer if part != "*") or "root"
        source = schema.get("x-source", "the root table")
        detail = f"no row of {source} describes any member of {where} in the example"
        yield Defect(f"{example.slug}.{_slug(where)}.row", example.name, detail, line=example.line)
        return
    for name, member in value.items():
        node = schema["properties"].get(name)
        here = (*pointer, name)
        if node is None:
            slug = _slug(".".join(part for part in here if part != "*"))
            detail = f"{name} is in the example, and no row describes it"
            yield Defect(f"{example.slug}.{slug}.row", example.name, detail, line=example.line)
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
    if request.parsed.document is UNREADABLE or response.parsed.document is UNREADABLE:
        return
    for pointer, source in _optional(request.schema, ()):
        if _has(response.parsed.document, pointer) and not _has(request.parsed.document, pointer):
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
    if isinstance(value, dict):
        return "object"
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return names.get(type(value), "null")


def _slug(name: str) -> str:
    """A name as a part of an id: lower-case ASCII."""
    return re.sub(r"[^a-z0-9_.]+", "_", name.lower())
