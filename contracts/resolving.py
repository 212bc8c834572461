"""What each row's type stands for, and which places of a page are refused until a person decides.

A type is one of the words of :mod:`contracts.grammar` or described by a table of the same side of the same page. That
table is found by its caption (or the label of its item, where it has none), by a reference in the row's type or else
description, and only for a word that says "object" by the row's own name. Nothing else is tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.deciding import decided
from contracts.grammar import Type, Wrap, parse_type
from contracts.model import Idiom, Refusal, Side

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contracts.model import Constraint, Decision, Page, Row, Table

_OBJECT = "object"


@dataclass(frozen=True)
class Resolved:
    """What stands in a row's place.

    ``items`` is JSON Schema's word for what is inside all ``wraps`` (outermost first), and ``table`` describes it if
    it is an object that a table describes; ``by_name`` if nothing but the row's name says which.
    """

    items: str
    wraps: tuple[Wrap, ...] = ()
    table: Table | None = None
    by_name: bool = False

    @property
    def type(self) -> str:
        """JSON Schema's word for the value itself."""
        return self.wraps[0].value if self.wraps else self.items


@dataclass(frozen=True)
class SideTables:
    """The tables of one side of a page, all types in them resolved. ``root`` is None where the side has no table."""

    side: Side
    root: Table | None
    tables: tuple[Table, ...]
    types: Mapping[tuple[int, str], Resolved]

    def of(self, table: Table, row: Row) -> Resolved:
        """What stands in a row's place."""
        return self.types[table.number, row.name]

    def below(self, table: Table) -> Iterator[Table]:
        """The tables that the rows of a table are of."""
        for row in table.rows:
            resolved = self.types.get((table.number, row.name))
            if resolved and resolved.table:
                yield resolved.table

    def reached(self, table: Table) -> set[int]:
        """The numbers of all tables below a table; its own only if it contains itself."""
        seen = set[int]()
        ahead = list(self.below(table))
        while ahead:
            each = ahead.pop()
            if each.number not in seen:
                seen.add(each.number)
                ahead.extend(self.below(each))
        return seen


@dataclass(frozen=True)
class Resolution:
    """A whole page resolved as far as it can be, and the places that are refused."""

    sides: Mapping[Side, SideTables]
    refusals: tuple[Refusal, ...]


def resolve(page: Page, decisions: tuple[Decision, ...] = ()) -> Resolution:
    """Resolve the types of a page.

    Args:
        page: The facts read off the page.
        decisions: What a person decided at places that are refused.

    Raises:
        ValueError: a decision about a place that the page does not have, or that leaves everything as it is.
    """
    resolution = _resolve(page.tables)
    if not decisions:
        return resolution
    refused = frozenset(refusal.place for refusal in resolution.refusals)
    return _resolve(decided(page.tables, decisions, refused))


def _resolve(tables: tuple[Table, ...]) -> Resolution:
    refusals: list[Refusal] = []
    sides: dict[Side, SideTables] = {}
    for side in Side:
        own = tuple(table for table in tables if table.side is side)
        sides[side] = _side(side, own, refusals)
    return Resolution(sides, tuple(sorted(refusals, key=lambda refusal: refusal.line)))


def _side(side: Side, tables: tuple[Table, ...], refusals: list[Refusal]) -> SideTables:
    roots = [table for table in tables if not table.subject]
    subjects: dict[str, Table] = {}
    for table in tables:
        if table.subject and subjects.setdefault(table.subject, table) is not table:
            why = f"describes {table.subject} as {subjects[table.subject].name} does"
            refusals.append(Refusal(table.name, table.line, why, "which of the two is unused"))
    if tables and len(roots) != 1:
        names = ", ".join(table.name for table in roots) or "none"
        why = f"{side.value}: expected one table without a subject, found {names}"
        last = (roots or tables)[-1]
        refusals.append(Refusal(last.name, last.line, why, "which of them are unused, so that one is left"))
    numbers = {table.number: table for table in tables}
    types: dict[tuple[int, str], Resolved] = {}
    for table in tables:
        for row in table.rows:
            outcome = _row(row, subjects, numbers)
            if isinstance(outcome, Resolved):
                outcome = _fitting(side, row, outcome)
            if isinstance(outcome, Resolved):
                types[table.number, row.name] = outcome
            else:
                why, decide = outcome
                refusals.append(Refusal(table.place(row), row.line, why, decide))
    found = SideTables(side, roots[0] if len(roots) == 1 else None, tables, types)
    refusals.extend(_unused(found, {id(table) for table in subjects.values()}))
    return found


def _row(row: Row, subjects: Mapping[str, Table], numbers: Mapping[int, Table]) -> Resolved | tuple[str, str]:
    """What a row's type stands for, or why that is not known and what has to be decided."""
    if not row.type:
        return "prose in the type cell", "its type, and its fixed value if it has one"
    parsed = parse_type(row.type)
    if parsed is None:
        return f"unknown type {row.type!r}", "its type"
    linked = numbers.get(row.link) if row.link else None
    if parsed.word is not None and parsed.word != _OBJECT:
        return Resolved(parsed.word, parsed.wraps)
    if parsed.word == _OBJECT:
        table = linked or subjects.get(row.name)
        return Resolved(_OBJECT, parsed.wraps, table, by_name=table is not None and table is not linked)
    return _named(row, parsed, subjects.get(parsed.name), linked)


def _named(row: Row, parsed: Type, captioned: Table | None, linked: Table | None) -> Resolved | tuple[str, str]:
    if captioned and linked and captioned is not linked:
        why = f"the type {row.type!r} is that of {captioned.name}, and the reference leads to {linked.name}"
        return why, "its type"
    table = captioned or linked
    if table is None:
        return f"unknown type {row.type!r}", "its type, or that it is an object of which nothing is said (Dict)"
    return Resolved(_OBJECT, parsed.wraps, table)


def _fitting(side: Side, row: Row, resolved: Resolved) -> Resolved | tuple[str, str]:
    """The same, if it may stand on this side and under the row's constraints."""
    if side is Side.PATH and (resolved != Resolved("string") or not row.mandatory):
        return "a parameter of the URI has to be a mandatory String", "type and mandatory"
    if side in {Side.QUERY, Side.HEADER} and (resolved.items == _OBJECT or resolved.wraps[1:] or resolved.table):
        return f"a parameter of the {side.value} of type {row.type!r}", "its type: a word, or a list of one"
    seen = set[Idiom]()
    for constraint in row.constraints:
        kinds = _KINDS[constraint.idiom]
        if resolved.wraps or resolved.items != kinds:
            word = _WORDS[constraint.idiom]
            return f"{word} of type {row.type!r}", f"its type, or that it is read without the {constraint.idiom.value}"
        if constraint.idiom in seen:
            return f"{_WORDS[constraint.idiom]} stated twice", f"which {constraint.idiom.value} it is read without"
        seen.add(constraint.idiom)
    return resolved


_KINDS = {Idiom.FIXED: "string", Idiom.ENUM: "string", Idiom.RANGE: "integer", Idiom.INTEGER: "integer"}
_WORDS = {
    Idiom.FIXED: "a fixed value",
    Idiom.ENUM: "an enumeration of words",
    Idiom.RANGE: "a range of whole numbers",
    Idiom.INTEGER: "an integer",
}


def _unused(found: SideTables, first: set[int]) -> Iterator[Refusal]:
    """Tables that no row leads to: of those the ones that nothing uses, or else all.

    ``first`` are those that are the first to describe their subject: of the others it has been told already.
    """
    if found.root is None:
        return
    reached = found.reached(found.root) | {found.root.number}
    unreached = [table for table in found.tables if table.number not in reached and id(table) in first]
    used = {below.number for table in unreached for below in found.below(table) if below is not table}
    for table in [table for table in unreached if table.number not in used] or unreached:
        why = f"no row of the {found.side.value} is of type {table.subject}"
        yield Refusal(table.name, table.line, why, "which row's type it is, or that it is unused")


def constraint_of(row: Row, idiom: Idiom) -> Constraint | None:
    """The row's constraint of this idiom, if it has one."""
    return next((each for each in row.constraints if each.idiom is idiom), None)
