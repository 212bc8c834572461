"""The tables of a page made into JSON Schemas (2020-12) and clauses.

A type is one of the words in :data:`WORDS`, ``List<...>`` of a type, or the name of the table captioned with it on
the same side; nothing else is known, and nothing that the page says goes unused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.clauses import clauses_of
from contracts.model import Side
from contracts.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contracts.model import Clause, Decisions, Page, Pointer, Row, Table

WORDS = {"String": "string", "Boolean": "boolean", "Integer": "integer", "Dict": "object"}
"""The page's words for types, and what JSON Schema calls them."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"

ERROR_MEMBERS = ("error_code", "error_msg")
"""The members of an error body in the appendix's example: strings both, given with every error."""

_LIST = re.compile(r"List<(.+)>")


class DerivationError(Exception):
    """Something that the page says and that no schema or clause can be made of."""


@dataclass(frozen=True)
class Derived:
    """What a page comes to: three schemas, and the clauses in the order of the tables."""

    request_schema: Mapping[str, Any]
    response_schema: Mapping[str, Any]
    error_schema: Mapping[str, Any]
    clauses: tuple[Clause, ...]


def derive(operation: str, page: Page, decisions: Decisions) -> Derived:
    """Derive schemas and clauses from a page's tables and statuses.

    Bodies stay open for members that the page does not list. A response member is required unless its table says No,
    or it has no Mandatory column and the caller may leave out the member of the same name and place.

    Args:
        operation: What the ids of clauses begin with: lower-case letters, digits, ``_`` and ``-``.
        page: The facts read off the page.
        decisions: What page and appendix leave to a person.

    Raises:
        DerivationError: an unknown type, a table that is never used or used in itself, a side without root table or
            with several, a status or a decision that no clause can be made of.
    """
    if not re.fullmatch(r"[a-z0-9_-]+", operation):
        raise DerivationError(f"operation {operation!r}: expected lower-case letters, digits, _ and -")
    request = _places(page, Side.REQUEST)
    response = _places(page, Side.RESPONSE)
    path = _path_places(page)
    optional = frozenset(place.pointer for place in request if not place.row.mandatory)
    try:
        clauses = clauses_of(operation, page, decisions, (path, request, response))
    except ValueError as error:
        raise DerivationError(str(error)) from error
    return Derived(
        request_schema={"$schema": DIALECT, **_object(request, (), frozenset())},
        response_schema={"$schema": DIALECT, **_object(response, (), optional)},
        error_schema=_error_schema(),
        clauses=clauses,
    )


def _error_schema() -> dict[str, Any]:
    members = {name: {"type": "string", "x-source": f"Error codes, {name}"} for name in ERROR_MEMBERS}
    return {"$schema": DIALECT, "type": "object", "properties": members, "required": list(ERROR_MEMBERS)}


def _path_places(page: Page) -> tuple[Place, ...]:
    """The parameters of the URI: strings that cannot be left out, whatever else a table might say of them."""
    places = []
    for table in page.tables:
        for row in table.rows if table.side is Side.PATH else ():
            if row.type != "String" or not row.mandatory:
                raise DerivationError(f"{_where(table, row)}: a parameter of the URI has to be a mandatory String")
            places.append(Place(table, row, (row.name,), "string"))
    return tuple(places)


def _places(page: Page, side: Side) -> tuple[Place, ...]:
    """Every row of a side at its place in the body, each object before its members."""
    tables = [table for table in page.tables if table.side is side]
    roots = [table for table in tables if not table.subject]
    if len(roots) != 1:
        numbers = ", ".join(f"Table {table.number}" for table in roots) or "none"
        raise DerivationError(f"{side.value}: expected one table without a subject, found {numbers}")
    subjects: dict[str, Table] = {}
    for table in tables:
        if table.subject in subjects:
            raise DerivationError(
                f"Table {table.number}: describes {table.subject} as Table {subjects[table.subject].number} does"
            )
        subjects[table.subject] = table
    places = tuple(_descend(roots[0], subjects, (), (roots[0],)))
    seen: dict[tuple[int, str], Place] = {}
    for place in places:
        other = seen.setdefault((place.table.number, place.row.name), place)
        if other is not place:
            raise DerivationError(f"{_where(place.table, place.row)}: its table is the type of more than one row")
    for table in tables:
        if table not in {place.table for place in places} | {roots[0]}:
            raise DerivationError(f"Table {table.number}: no row of the {side.value} is of type {table.subject}")
    return places


def _descend(table: Table, subjects: Mapping[str, Table], above: Pointer, chain: tuple[Table, ...]) -> Iterator[Place]:
    for row in table.rows:
        word, lists = row.type, 0
        while match := _LIST.fullmatch(word):
            word, lists = match[1], lists + 1
        pointer = (*above, row.name)
        inner = None if word in WORDS else subjects.get(word)
        if word not in WORDS and inner is None:
            raise DerivationError(f"{_where(table, row)}: unknown type {row.type!r}")
        if inner in chain:
            raise DerivationError(f"{_where(table, row)}: type {row.type!r} contains itself")
        items = WORDS.get(word, "object")
        if row.fixed is not None and (items != "string" or lists):
            raise DerivationError(f"{_where(table, row)}: a fixed value of type {row.type!r}")
        yield Place(table, row, pointer, "array" if lists else items, lists, items, described=inner is not None)
        if inner:
            yield from _descend(inner, subjects, (*pointer, *["*"] * lists), (*chain, inner))


def _object(places: tuple[Place, ...], above: Pointer, optional: frozenset[Pointer]) -> dict[str, Any]:
    members = [place for place in places if place.pointer[:-1] == above]
    required = [place.row.name for place in members if _required(place, optional)]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {place.row.name: _member(place, places, optional) for place in members},
    }
    return schema | ({"required": required} if required else {})


def _required(place: Place, optional: frozenset[Pointer]) -> bool:
    if place.row.mandatory is not None:
        return place.row.mandatory
    return place.pointer not in optional


def _member(place: Place, places: tuple[Place, ...], optional: frozenset[Pointer]) -> dict[str, Any]:
    inner = (*place.pointer, *["*"] * place.lists)
    node = _object(places, inner, optional) if place.described else {"type": place.items}
    for _ in range(place.lists):
        node = {"type": "array", "items": node}
    if place.row.fixed is not None:
        node["const"] = place.row.fixed
    return {"type": node.pop("type"), "x-source": place.source, **node}


def _where(table: Table, row: Row) -> str:
    line = f" (line {row.line})" if row.line else ""
    return f"Table {table.number}, {row.name}{line}"
