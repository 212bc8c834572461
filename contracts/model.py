"""What a page promises, as frozen values.

Everything here is plain data: a page is read into :class:`Page`, derived into a :class:`Contract`, and the suites
and reports only ever look things up in the latter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
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
    QUERY = "query"
    HEADER = "header"
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


class Idiom(str, Enum):
    """The closed ways in which a row limits its values: see :mod:`contracts.idioms`."""

    FIXED = "fixed"
    ENUM = "enum"
    RANGE = "range"
    INTEGER = "integer"


@dataclass(frozen=True)
class Constraint:
    """A limit on the values of a row, and the line where the page states it (from 1).

    ``values`` are the one value of ``FIXED``, all of ``ENUM``, least and greatest of ``RANGE``, none of ``INTEGER``.
    """

    idiom: Idiom
    values: tuple[str | int, ...] = ()
    line: int = 0


@dataclass(frozen=True)
class Row:
    """One row of a parameter table.

    ``mandatory`` is None where the table has no such column. ``type`` is spelt as on the page, and empty where the
    cell holds prose. ``link`` is the number of the table that a reference in the row's type or description leads to.
    ``line`` is where the row stands in the page (from 1).
    """

    name: str
    type: str
    mandatory: bool | None = None
    constraints: tuple[Constraint, ...] = ()
    link: int | None = None
    line: int = 0

    @property
    def fixed(self) -> str | None:
        """The one value that the row allows, if it names one."""
        return next((str(each.values[0]) for each in self.constraints if each.idiom is Idiom.FIXED), None)


@dataclass(frozen=True)
class Table:
    """A parameter table. ``subject`` is the type it describes, empty for the root table of its side.

    A table that is not ``captioned`` is numbered after those that are.
    """

    number: int
    side: Side
    subject: str
    rows: tuple[Row, ...]
    line: int = 0
    captioned: bool = True

    @property
    def name(self) -> str:
        """What a table is called: ``Table 3``."""
        return f"Table {self.number}"

    def place(self, row: Row) -> str:
        """What a row of it is called: ``Table 3, provider_id``."""
        return f"{self.name}, {row.name}"


@dataclass(frozen=True)
class Page:
    """The facts of one operation's page, and none of its prose.

    ``path`` is the URI template from the first slash after the endpoint on. The examples hold the bodies of the
    example blocks as text; ``request_lines`` are the lines of method, path and query that stand above the bodies of
    requests, without the endpoint. ``title`` is the page's heading. The ``_example_lines`` are where the bodies
    begin in the page (from 1), empty if that is not known.
    """

    method: str
    path: str
    tables: tuple[Table, ...]
    success: tuple[int, ...]
    failure: tuple[int, ...]
    request_examples: tuple[str, ...] = ()
    response_examples: tuple[str, ...] = ()
    request_lines: tuple[str, ...] = ()
    title: str = ""
    request_example_lines: tuple[int, ...] = ()
    response_example_lines: tuple[int, ...] = ()


@dataclass(frozen=True)
class Source:
    """Where a clause comes from: a table and row of the page, or neither (a status, an appendix, good practice)."""

    table: int | None = None
    row: str | None = None


@dataclass(frozen=True)
class Clause:
    """One checkable statement of the page.

    ``id`` is stable, lower-case ASCII with dots: ``restores.t3.provider_id.value``. ``statement`` is one sentence.
    ``pointer`` is the place in the request, response or error document that it speaks of, or the parameter's name;
    empty for a status. ``also`` are the other places of a row whose table is the type of several.
    """

    id: str
    kind: Kind
    strength: Strength
    statement: str
    source: Source = Source()
    side: Side | None = None
    pointer: Pointer = ()
    also: tuple[Pointer, ...] = ()


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
class Decision:
    """What a person read at places that the derivation refuses, and why.

    ``places`` are rows (``Table 3, tags``) or tables (``Table 11``). A row may get another ``type``, ``mandatory`` or
    ``fixed`` value, or be read ``without`` some of its constraints; a table may be ``unused``.
    """

    places: tuple[str, ...]
    reason: str
    type: str | None = None
    mandatory: bool | None = None
    fixed: str | None = None
    without: tuple[Idiom, ...] = ()
    unused: bool = False

    @property
    def words(self) -> str:
        """What was decided, in a few words; empty if that is nothing."""
        words = [f"of type {self.type}"] if self.type is not None else []
        words += [f"always {self.fixed}"] if self.fixed is not None else []
        if self.mandatory is not None:
            words.append("mandatory" if self.mandatory else "may be missing")
        words += [f"without the {'fixed value' if idiom is Idiom.FIXED else idiom.value}" for idiom in self.without]
        return ", ".join([*words, "unused"] if self.unused else words)


@dataclass(frozen=True)
class Refusal:
    """A place that the derivation does not guess at: why, and what a person has to decide. ``line`` is 0 if unknown."""

    place: str
    line: int
    why: str
    decide: str

    def __str__(self) -> str:
        line = f" (line {self.line})" if self.line else ""
        return f"{self.place}{line}: {self.why}"


@dataclass(frozen=True)
class Asking:
    """What a page does not say and a suite has to know to ask the operation of a target.

    A success ``starts`` something, or only tells. ``names`` maps members and parameters to what a profile calls them,
    where that is something else, and ``values`` to the one value that is known to do. ``echoes`` maps places of the
    response to the place in the request, or the parameter of the URI, that they repeat under another name. ``denial``
    is the place of the Booleans by which a success says no, empty where none does.
    """

    starts: bool
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    echoes: Mapping[Pointer, Pointer] = field(default_factory=dict)
    denial: Pointer = ()


@dataclass(frozen=True)
class Decisions:
    """What page and appendix leave to a person: see :class:`Contract` for what the codes mean."""

    lookups: tuple[Lookup, ...] = ()
    readings: tuple[Reading, ...] = ()
    busy: frozenset[str] = frozenset()
    retired: frozenset[str] = frozenset()
    callers_fault: frozenset[str] = frozenset()
    decisions: tuple[Decision, ...] = ()
    asking: Asking | None = None


@dataclass(frozen=True)
class Defect:
    """A fault of the document itself, found by comparing its parts.

    ``reading`` is the id of ours, if there is one; ``line`` where it shows in the page, 0 if that is not known.
    """

    id: str
    place: str
    detail: str
    reading: str | None = None
    line: int = 0


@dataclass(frozen=True, eq=False)
class Contract:
    """All that suites and reports need to know of one operation; the same only as itself, so that it can be a key.

    ``error_codes`` maps each code of the appendix to the statuses it is listed under. ``busy`` and ``retired`` are
    codes that say *not now* and *not this project*; ``callers_fault`` those that a 5xx may carry for a caller's fault.
    A request or response without a body has the empty schema. ``parameters`` holds a schema of an object for each of
    path, query and header that has any. ``asking`` is None for an operation that no target is to be asked.
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
    parameters: Mapping[Side, Mapping[str, Any]] = field(default_factory=dict)
    asking: Asking | None = None

    @property
    def starts(self) -> bool:
        """Whether a success starts something, so that it needs consent."""
        return self.asking is None or self.asking.starts

    @property
    def denial(self) -> Pointer:
        """The place of the Booleans by which a success says no; empty where none does."""
        return self.asking.denial if self.asking else ()

    @property
    def in_path(self) -> Mapping[str, Mapping[str, Any]]:
        """The parameters of the URI with their schemas."""
        properties: Mapping[str, Mapping[str, Any]] = self.parameters.get(Side.PATH, {}).get("properties", {})
        return properties

    @property
    def identifiers(self) -> frozenset[str]:
        """The request's members that name something which has to exist."""
        return frozenset(lookup.name for lookup in self.lookups)

    def clause(self, clause_id: str) -> Clause:
        """The clause of this id. Raises KeyError for an unknown one."""
        return self._by_id[clause_id]

    def at(self, side: Side, pointer: Pointer, kind: Kind) -> Clause | None:
        """The clause of this kind about this place, if the contract has one."""
        return self._by_place.get((side, pointer, kind))

    @cached_property
    def _by_id(self) -> dict[str, Clause]:
        return {clause.id: clause for clause in reversed(self.clauses)}  # of several, the first one counts

    @cached_property
    def _by_place(self) -> dict[tuple[Side | None, Pointer, Kind], Clause]:
        return {
            (clause.side, place, clause.kind): clause
            for clause in reversed(self.clauses)
            for place in (clause.pointer, *clause.also)
        }
