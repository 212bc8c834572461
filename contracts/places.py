"""A row of a table at its place in a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.model import Pointer, Row, Table
    from contracts.resolving import Resolved, SideTables


@dataclass(frozen=True)
class Place:
    """Where a row stands in the body, or among the parameters, and what stands there."""

    table: Table
    row: Row
    pointer: Pointer
    resolved: Resolved

    @property
    def source(self) -> str:
        """The table and row in words: ``Table 3, provider_id``."""
        return self.table.place(self.row)

    @property
    def inner(self) -> Pointer:
        """The place of the objects that a table describes here: inside all lists."""
        return (*self.pointer, *["*"] * len(self.resolved.wraps))


def places_of(side: SideTables) -> tuple[Place, ...]:
    """Every row of a side at each of its places, each object before its members.

    A type that contains itself is followed once: what lies below its second occurrence has no places.
    """
    return tuple(_descend(side, side.root, (), (side.root.number,))) if side.root else ()


def _descend(side: SideTables, table: Table, above: Pointer, chain: tuple[int, ...]) -> Iterator[Place]:
    for row in table.rows:
        resolved = side.of(table, row)
        place = Place(table, row, (*above, row.name), resolved)
        yield place
        if resolved.table and resolved.table.number not in chain:
            yield from _descend(side, resolved.table, place.inner, (*chain, resolved.table.number))
