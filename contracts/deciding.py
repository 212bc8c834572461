"""A person's decisions put into the tables of a page, each held to what the page has there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.model import Constraint, Idiom

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.model import Decision, Row, Table


def decided(tables: tuple[Table, ...], decisions: tuple[Decision, ...], refused: frozenset[str]) -> tuple[Table, ...]:
    """The tables as the decisions read them, without those that are unused.

    Args:
        tables: All tables of a page.
        decisions: What a person decided.
        refused: The places that are refused without them: a table is unused at such only.

    Raises:
        ValueError: a place that the page does not have or that two decisions are about, or a decision that the page
            gives no occasion for: so that none outlives the defect that it answers.
    """
    by_place: dict[str, Decision] = {}
    for decision in decisions:
        for place in decision.places:
            if place in by_place:
                raise ValueError(f"decision {place}: given twice")
            by_place[place] = decision
    known = {table.name for table in tables} | {table.place(row) for table in tables for row in table.rows}
    for place in by_place:
        if place not in known:
            raise ValueError(f"decision {place}: the page has no such place")
    for place, decision in by_place.items():
        if decision.unused and place not in refused:
            raise ValueError(f"decision {place}: nothing has to be decided there")
    return tuple(_tables(tables, by_place))


def applying(
    tables: tuple[Table, ...], decisions: tuple[Decision, ...], refused: frozenset[str]
) -> tuple[tuple[Decision, ...], tuple[str, ...]]:
    """The decisions, each about the places only where it has an occasion, and why it has none at the others.

    The arguments are those of :func:`decided`. For a page that is another version of the one decided about.
    """
    kept: list[Decision] = []
    dropped: list[str] = []
    for decision in decisions:
        for place in decision.places:
            one = replace(decision, places=(place,))
            why = _objection(tables, one, refused)
            if why:
                dropped.append(why)
            else:
                kept.append(one)
    return tuple(kept), tuple(dropped)


def _objection(tables: tuple[Table, ...], decision: Decision, refused: frozenset[str]) -> str:
    try:
        decided(tables, (decision,), refused)
    except ValueError as error:
        return str(error)
    return ""


def _tables(tables: tuple[Table, ...], by_place: dict[str, Decision]) -> Iterator[Table]:
    for table in tables:
        decision = by_place.get(table.name)
        if decision is None:
            rows = tuple(_row(table, row, by_place.get(table.place(row))) for row in table.rows)
            yield replace(table, rows=rows)
        elif not decision.unused:
            raise ValueError(f"decision {table.name}: of a table it can only be said that it is unused")


def _row(table: Table, row: Row, decision: Decision | None) -> Row:
    if decision is None:
        return row
    place = table.place(row)
    if decision.unused:
        raise ValueError(f"decision {place}: only a table can be unused")
    constraints = tuple(each for each in row.constraints if each.idiom not in decision.without)
    for idiom in decision.without:
        if idiom not in {each.idiom for each in row.constraints}:
            raise ValueError(f"decision {place}: the row has no {idiom.value} to be read without")
    if decision.fixed is not None:
        if any(each.idiom is Idiom.FIXED for each in constraints):
            raise ValueError(f"decision {place}: the row has a fixed value")
        constraints = (*constraints, Constraint(Idiom.FIXED, (decision.fixed,), row.line))
    if decision.type == row.type or (decision.mandatory is not None and decision.mandatory is row.mandatory):
        raise ValueError(f"decision {place}: that is how the row is read without it")
    return replace(
        row,
        type=row.type if decision.type is None else decision.type,
        # A decided type is the whole answer: a reference that led elsewhere is not followed any more.
        link=row.link if decision.type is None else None,
        mandatory=row.mandatory if decision.mandatory is None else decision.mandatory,
        constraints=constraints,
    )
