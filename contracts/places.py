"""A row of a table at its place in a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contracts.model import Pointer, Row, Table


@dataclass(frozen=True)
class Place:
    """Where a row stands in the body or URI, and what stands there.

    ``type`` and ``items`` are JSON Schema's words; ``items`` is what the innermost of ``lists`` lists holds, and
    equals ``type`` where there is no list. ``described``: a table says what the object's members are.
    """

    table: Table
    row: Row
    pointer: Pointer
    type: str
    lists: int = 0
    items: str = ""
    described: bool = False

    @property
    def source(self) -> str:
        """The table and row in words: ``Table 3, provider_id``."""
        return f"Table {self.table.number}, {self.row.name}"
