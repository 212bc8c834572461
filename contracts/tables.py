"""The tables of a page: which side each describes, its rows, and what their references lead to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.doctree import Grid, Text
from contracts.grammar import parse_type
from contracts.idioms import AmbiguousFixedValueError, constraints_of
from contracts.model import Row, Side, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contracts.doctree import Document, Item

DESCRIPTION = re.compile(r"Parameter description(?: of field \*\*(?P<subject>\S+?)\*\*)?")
"""The label of an item that holds a parameter table, and the type that it describes."""

HEADER = "Request header"
"""The label of an item that holds the table of headers."""

_BODILESS = {"GET", "HEAD", "DELETE"}
"""With these methods what is called a request is the query of the URI."""

_PARAMETERS = {"Parameter": True, "Mandatory": False, "Type": True, "Description": True}
_CAPTION = re.compile(r"\*\*Table (?P<number>\d+)\*\* (?P<label>.+)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class _Found:
    """A table that was found but not yet read. ``number`` is 0 where it has no caption."""

    item: Item
    grid: Grid
    side: Side
    number: int

    @property
    def subject(self) -> str:
        match = DESCRIPTION.fullmatch(self.item.label)
        return (match and match["subject"]) or ""


def read_tables(document: Document, items: Mapping[str, tuple[Item, ...]], method: str) -> tuple[Table, ...]:
    """The parameter tables under the items of URI, Request and Response, in the page's order.

    Args:
        document: The page that they are from.
        items: The items of each section, by its title.
        method: The operation's, which tells whether the request's tables are of a body or of the query.

    Raises:
        PageError: a caption, column or cell that is not of the dialect, or a number or row that is there twice.
    """
    sides = {
        "URI": Side.PATH,
        "Request": Side.QUERY if method in _BODILESS else Side.REQUEST,
        "Response": Side.RESPONSE,
    }
    found = [
        each
        for title, side in sides.items()
        for item in items.get(title, ())
        if DESCRIPTION.fullmatch(item.label) or item.label == HEADER
        for each in _find(document, item, Side.HEADER if item.label == HEADER else side)
    ]
    numbers = _numbers(document, found)
    labels = {(each.side, label): number for each, number in zip(found, numbers) for label in each.grid.labels}
    return tuple(_table(document, each, number, labels) for each, number in zip(found, numbers))


def _find(document: Document, item: Item, side: Side) -> Iterator[_Found]:
    """The table under an item; none where the item says None. Notes to the reader may follow it."""
    match item.parts:
        case (Text(text="None"),):
            return
        case (Grid() as grid, *notes) if all(isinstance(note, Text) and note.is_note for note in notes):
            yield _Found(item, grid, side, _number(document, item, grid))
        case _:
            odd = next((part for part in item.parts if not isinstance(part, Grid)), None)
            shown = f"{len(item.parts)} of them" if odd is None else document.shown(odd)
            line = item.line if odd is None else odd.line
            raise document.error(line, f"a table and nothing else under {item.label!r}", shown)


def _number(document: Document, item: Item, grid: Grid) -> int:
    caption = _CAPTION.fullmatch(grid.caption or "")
    if caption and caption["label"] == item.label:
        return int(caption["number"])
    described = DESCRIPTION.fullmatch(item.label)
    if grid.caption is None and described and described["subject"]:
        return 0  # the item's own label says what the table is about
    found = repr(grid.caption) if grid.caption else "a table without caption"
    raise document.error(grid.line, f"the caption '**Table N** {item.label}'", found)


def _numbers(document: Document, found: list[_Found]) -> list[int]:
    """The number of each table; those without caption get the numbers after the greatest that is there."""
    seen = set[int]()
    for each in found:
        if each.number in seen:
            raise document.error(each.grid.line, "each table number once", f"Table {each.number} again")
        if each.number:
            seen.add(each.number)
    numbers, following = [], max(seen, default=0)
    for each in found:
        following += not each.number
        numbers.append(each.number or following)
    return numbers


def _table(document: Document, found: _Found, number: int, labels: Mapping[tuple[Side, str], int]) -> Table:
    rows: list[Row] = []
    for cells in cells_of(document, found.grid, _PARAMETERS | {"Mandatory": found.side is not Side.RESPONSE}):
        row = _row(document, cells, _link(cells, found.side, labels))
        if row.name in {other.name for other in rows}:
            raise document.error(row.line, "each parameter once in a table", f"{row.name!r} again")
        rows.append(row)
    return Table(number, found.side, found.subject, tuple(rows), found.grid.line, captioned=bool(found.number))


def _link(cells: Mapping[str, Text], side: Side, labels: Mapping[tuple[Side, str], int]) -> int | None:
    """The one table of the side that the type refers to, or else the description."""
    for cell in (cells["Type"], cells["Description"]):
        numbers = {labels[side, label] for label in cell.references if (side, label) in labels}
        if len(numbers) == 1:
            return numbers.pop()
    return None


def _row(document: Document, cells: Mapping[str, Text], link: int | None) -> Row:
    name, kind, description = cells["Parameter"], cells["Type"], cells["Description"]
    if not _NAME.fullmatch(name.text):
        raise document.error(name.line, "the name of a parameter", repr(name.text))
    if not kind.text:
        raise document.error(kind.line, f"a type for {name.text!r}", "an empty cell")
    mandatory = cells.get("Mandatory")
    if mandatory and mandatory.text not in {"Yes", "No"}:
        raise document.error(mandatory.line, f"Yes or No as Mandatory of {name.text!r}", repr(mandatory.text))
    try:
        constraints = constraints_of(description.paragraphs)
    except AmbiguousFixedValueError as error:
        expected = f"one fixed value of {name.text!r} in bold"
        raise document.error(description.line, expected, f"{error.count} of them in {description.text!r}") from error
    return Row(
        name=name.text,
        # Prose is no fact of the contract: what is kept is that it stands there.
        type="" if " " in kind.text and parse_type(kind.text) is None else kind.text,
        mandatory=mandatory.text == "Yes" if mandatory else None,
        constraints=constraints,
        link=link,
        line=name.line,
    )


def cells_of(document: Document, grid: Grid, columns: Mapping[str, bool]) -> list[dict[str, Text]]:
    """The rows of a table, each cell under the name of its column.

    Args:
        document: The page that it is from.
        grid: The table.
        columns: The columns known of such a table, and whether it must have them.

    Raises:
        PageError: a column that is not known, there twice, or missing.
    """
    names = [cell.text for cell in grid.header]
    line = grid.header[0].line
    for name in names:
        if name not in columns or names.count(name) > 1:
            raise document.error(line, f"the columns {', '.join(columns)}", repr(name))
    for name, needed in columns.items():
        if needed and name not in names:
            raise document.error(line, f"a column {name!r}", f"only {', '.join(names)}")
    return [dict(zip(names, row, strict=True)) for row in grid.rows]
