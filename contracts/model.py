"""What a page promises, as frozen values.

Everything here is plain data: a page is read into :class:`Page`, derived into a :class:`Contract`, and the suites
and reports only ever look things up in the latter.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Pointer = tuple[str, ...]
"""A place in a JSON document, member by member; ``"*"`` stands for every item of a list."""


class Strength(str, Enum):
    """How firmly the page says what a clause says."""

    DOCUMENTED = "documented"
    """The page's letter."""
    IMPLIED = "implied"
    """Follows from an example, from a member named alike in request and response, or from an appendix."""
    ADVISORY = "advisory"
    """Good practice where the page is silent."""

    def reaches(self, threshold: Strength) -> bool:
        """Whether a clause of this strength counts where ``threshold`` is the weakest that does."""
        order = list(Strength)
        return order.index(self) <= order.index(threshold)


class Side(str, Enum):
    """Which part of the operation a table describes."""

    PATH = "path"
    REQUEST = "request"
    RESPONSE = "response"


class Kind(str, Enum):
    """What a clause states of its row, status or error member."""

    MANDATORY = "mandatory"
    TYPE = "type"
    VALUE = "value"
    PRESENT = "present"
    ECHO = "echo"
    STATUS = "status"
    PROTOCOL = "protocol"


@dataclass(frozen=True)
class Row:
    """One row of a parameter table.

    ``mandatory`` is None where the table has no such column, ``type`` is spelt as on the page, and ``fixed`` is the
    one value that the row allows, if it names one. ``line`` is where the row stands in the page (from 1).
    """

    name: str
    type: str
    mandatory: bool | None = None
    fixed: str | None = None
    line: int = 0


@dataclass(frozen=True)
class Table:
    """A parameter table. ``subject`` is the type it describes, empty for the root table of its side."""

    number: int
    side: Side
    subject: str
    rows: tuple[Row, ...]
    line: int = 0


@dataclass(frozen=True)
class Page:
    """The facts of one operation's page, and none of its prose.

    ``path`` is the URI template from the first slash after the endpoint on. The two examples hold the text of the
    example blocks, None where the page has none; the first line of the request's, method and path without the
    endpoint, stands apart in ``request_line``. ``title`` is the page's heading.
    """

    method: str
    path: str
    tables: tuple[Table, ...]
    success: tuple[int, ...]
    failure: tuple[int, ...]
    request_example: str | None = None
    response_example: str | None = None
    request_line: str | None = None
    title: str = ""


@dataclass(frozen=True)
class Source:
    """Where a clause comes from: a table and row of the page, or neither (a status, an appendix, good practice)."""

    table: int | None = None
    row: str | None = None


@dataclass(frozen=True)
class Clause:
    """One checkable statement of the page.

    ``id`` is stable, lower-case ASCII with dots: ``restores.t3.provider_id.value``. ``statement`` is one sentence.
    ``pointer`` is the place in the request, response or error document that it speaks of; empty for a status.
    """

    id: str
    kind: Kind
    strength: Strength
    statement: str
    source: Source = Source()
    side: Side | None = None
    pointer: Pointer = ()


@dataclass(frozen=True)
class Lookup:
    """A request member that names something which must exist, and what an unknown one must get."""

    name: str
    statuses: tuple[int, ...]
    codes: tuple[str, ...]
    strength: Strength


@dataclass(frozen=True)
class Reading:
    """How a place where the page contradicts itself is read, and why. ``id`` is that of the defect it answers."""

    id: str
    place: str
    read_as: str
    reason: str


@dataclass(frozen=True)
class Decisions:
    """What page and appendix leave to a person: see :class:`Contract` for what the codes mean."""

    lookups: tuple[Lookup, ...] = ()
    readings: tuple[Reading, ...] = ()
    busy: frozenset[str] = frozenset()
    retired: frozenset[str] = frozenset()
    callers_fault: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Defect:
    """A fault of the document itself, found by comparing its parts. ``reading`` is the id of ours, if there is one."""

    id: str
    place: str
    detail: str
    reading: str | None = None


@dataclass(frozen=True, eq=False)
class Contract:
    """All that suites and reports need to know of one operation; the same only as itself, so that it can be a key.

    ``error_codes`` maps each code of the appendix to the statuses it is listed under. ``busy`` and ``retired`` are
    codes that say *not now* and *not this project*; ``callers_fault`` those that a 5xx may carry for a caller's fault.
    """

    operation: str
    page: Page
    request_schema: Mapping[str, Any]
    response_schema: Mapping[str, Any]
    error_schema: Mapping[str, Any]
    clauses: tuple[Clause, ...]
    lookups: tuple[Lookup, ...]
    readings: tuple[Reading, ...]
    defects: tuple[Defect, ...]
    error_codes: Mapping[str, tuple[int, ...]]
    busy: frozenset[str]
    retired: frozenset[str]
    callers_fault: frozenset[str]
    digest: str

    @property
    def identifiers(self) -> frozenset[str]:
        """The request's members that name something which has to exist."""
        return frozenset(lookup.name for lookup in self.lookups)

    def clause(self, clause_id: str) -> Clause:
        """The clause of this id. Raises KeyError for an unknown one."""
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        raise KeyError(clause_id)

    def at(self, side: Side, pointer: Pointer, kind: Kind) -> Clause | None:
        """The clause of this kind about this place, if the contract has one."""
        for clause in self.clauses:
            if clause.side is side and clause.kind is kind and clause.pointer == pointer:
                return clause
        return None
