"""The tables of a page made into JSON Schemas (2020-12) and clauses.

What each type stands for is settled by :mod:`contracts.resolving`; a page with a place that is refused there comes to
nothing until a person has decided about it, and nothing that the page says goes unused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.clauses import clauses_of
from contracts.grammar import Wrap
from contracts.model import Idiom, Side
from contracts.places import places_of
from contracts.resolving import constraint_of, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.model import Clause, Decisions, Page, Pointer, Refusal, Row, Table
    from contracts.resolving import Resolution, SideTables

DIALECT = "https://json-schema.org/draft/2020-12/schema"

ERROR_MEMBERS = ("error_code", "error_msg")
"""The members of an error body in the appendix's example: strings both, given with every error."""

PARAMETERS = (Side.PATH, Side.QUERY, Side.HEADER)
"""The sides whose rows are parameters, each a value of its own."""


class DerivationError(Exception):
    """Something that the page says and that no schema or clause can be made of.

    ``refusals`` are the places that a person has to decide about, where that is what is missing.
    """

    def __init__(self, message: str, refusals: tuple[Refusal, ...] = ()) -> None:
        super().__init__(message)
        self.refusals = refusals


@dataclass(frozen=True)
class Derived:
    """What a page comes to: schemas, and the clauses in the order of the tables.

    A request or response without a body has the empty schema; ``parameters`` has a schema of an object for each of
    path, query and header that the page has a table of.
    """

    request_schema: Mapping[str, Any]
    response_schema: Mapping[str, Any]
    error_schema: Mapping[str, Any]
    parameters: Mapping[Side, Mapping[str, Any]]
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
        DerivationError: places that are refused, a decision that answers to no place, or a status that no clause can
            be made of.
    """
    if not re.fullmatch(r"[a-z0-9_-]+", operation):
        raise DerivationError(f"operation {operation!r}: expected lower-case letters, digits, _ and -")
    try:
        resolution = resolve(page, decisions.decisions)
        if resolution.refusals:
            raise DerivationError("; ".join(map(str, resolution.refusals)), resolution.refusals)
        places = {side: places_of(tables) for side, tables in resolution.sides.items()}
        clauses = clauses_of(operation, page, decisions, places)
    except ValueError as error:
        raise DerivationError(str(error)) from error
    schemas = schemas_of(resolution)
    return Derived(
        request_schema=schemas[Side.REQUEST],
        response_schema=schemas[Side.RESPONSE],
        error_schema=_error_schema(),
        parameters={side: schemas[side] for side in PARAMETERS if schemas[side]},
        clauses=clauses,
    )


def schemas_of(resolution: Resolution) -> dict[Side, dict[str, Any]]:
    """The schema of each side of a page on which nothing is refused."""
    sent = places_of(resolution.sides[Side.REQUEST])
    optional = frozenset(place.pointer for place in sent if not place.row.mandatory)
    return {
        side: _Schemas(tables, optional if side is Side.RESPONSE else frozenset()).whole()
        for side, tables in resolution.sides.items()
    }


def _error_schema() -> dict[str, Any]:
    members = {name: {"type": "string", "x-source": f"Error codes, {name}"} for name in ERROR_MEMBERS}
    return {"$schema": DIALECT, "type": "object", "properties": members, "required": list(ERROR_MEMBERS)}


class _Schemas:
    """Makes the schema of one side. A table that contains itself becomes a definition, all others stand in place."""

    def __init__(self, side: SideTables, optional: frozenset[Pointer]) -> None:
        self._side = side
        self._optional = optional
        self._recursive = {table.number for table in side.tables if table.number in side.reached(table)}
        self._definitions: dict[str, Any] = {}

    def whole(self) -> dict[str, Any]:
        """The schema, empty if the side has no table."""
        root = self._side.root
        if root is None:
            return {}
        schema = {"$schema": DIALECT, **self._object(root, ())}
        return schema | ({"$defs": self._definitions} if self._definitions else {})

    def _object(self, table: Table, above: Pointer) -> dict[str, Any]:
        required = [row.name for row in table.rows if self._required(row, (*above, row.name))]
        members = {row.name: self._member(table, row, (*above, row.name)) for row in table.rows}
        schema: dict[str, Any] = {"type": "object", "properties": members}
        return schema | ({"required": required} if required else {})

    def _required(self, row: Row, pointer: Pointer) -> bool:
        return pointer not in self._optional if row.mandatory is None else row.mandatory

    def _member(self, table: Table, row: Row, pointer: Pointer) -> dict[str, Any]:
        resolved = self._side.of(table, row)
        inner = (*pointer, *["*"] * len(resolved.wraps))
        node = self._described(resolved.table, inner) if resolved.table else {"type": resolved.items}
        for wrap in reversed(resolved.wraps):
            node = {"type": wrap.value, _INSIDE[wrap]: node}
        source = {"x-source": table.place(row)}
        kind = {"type": node.pop("type")} if "type" in node else {}
        return {**kind, **source, **node, **_limits(row)}

    def _described(self, table: Table, at: Pointer) -> dict[str, Any]:
        if table.number not in self._recursive:
            return self._object(table, at)
        name = f"t{table.number}"
        if name not in self._definitions:
            self._definitions[name] = {}  # the type may come by here again
            self._definitions[name] = self._object(table, at)
        return {"$ref": f"#/$defs/{name}"}


_INSIDE = {Wrap.LIST: "items", Wrap.MAP: "additionalProperties"}


def _limits(row: Row) -> dict[str, Any]:
    """The keywords of a row's constraints. That it is an integer is said by its type already."""
    keywords: dict[str, Any] = {}
    if row.fixed is not None:
        keywords["const"] = row.fixed
    if enum := constraint_of(row, Idiom.ENUM):
        keywords["enum"] = list(enum.values)
    if limits := constraint_of(row, Idiom.RANGE):
        keywords["minimum"], keywords["maximum"] = limits.values
    return keywords
