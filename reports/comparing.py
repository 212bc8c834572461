"""A matrix of targets as a page, as Markdown and as CSV: one function a format, from the matrix to text."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from reports import words
from reports.standalone import page
from reports.text import SHORT, in_markdown, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from reports.matrix import Cell, ClauseRow, Matrix

_FORMULAS = ("=", "+", "-", "@")


def html(matrix: Matrix) -> str:
    """A page that stands alone."""
    tallies = [words.tally(column.verdict["clauses"]) for column in matrix.columns]
    told = {outcome: counts for outcome in words.OUTCOMES if any(counts := [tally[outcome] for tally in tallies])}
    return page("compare.html.j2", m=matrix, first=matrix.columns[0].verdict, told=told)


def markdown(matrix: Matrix) -> str:
    """A page in GitHub's Markdown; of the clauses that all keep only their number."""
    return "\n".join(_lines(matrix)) + "\n"


def _lines(matrix: Matrix) -> Iterator[str]:
    labels = [in_markdown(column.label) for column in matrix.columns]
    yield f"## {in_markdown(matrix.headline)}"
    for remark in matrix.remarks:
        yield f"\n**Note:** {in_markdown(remark, SHORT + len(remark))}"
    yield ""
    yield from _head("Run", labels)
    yield _table_row("Verdict", [in_markdown(words.headline(column.verdict)) for column in matrix.columns])
    yield _table_row("Depth", [column.verdict["depth"] for column in matrix.columns])
    yield _table_row("When", [words.moment(column.verdict["started"]) for column in matrix.columns])
    for title, rows in (("Where they differ", matrix.differing), ("Alike, and not kept", matrix.broken)):
        if rows:
            yield f"\n### {title}\n"
            yield from _head("Clause", labels)
            yield from map(_clause, rows)
    if matrix.points:
        yield "\n### What the page leaves open\n"
        yield from _head("Question", labels)
        for row in matrix.points:
            yield _table_row(in_markdown(row.point), list(map(in_markdown, row.seen)))
    yield f"\n{words.number(len(matrix.kept), 'clause')} kept by all."


def _head(first: str, labels: Sequence[str]) -> Iterator[str]:
    yield _table_row(first, labels)
    yield _table_row("---", ["---"] * len(labels))


def _table_row(first: str, cells: Sequence[str]) -> str:
    return f"| {' | '.join([first, *cells])} |"


def _clause(row: ClauseRow) -> str:
    where = in_markdown(f"{row.place}, {row.strength}")
    return _table_row(f"`{row.id}` {where}", [in_markdown(_told(cell)) for cell in row.cells])


def _told(cell: Cell) -> str:
    sign = words.OUTCOMES[cell.outcome]
    count = f" {cell.failed} of {cell.cases}" if cell.failed else ""
    return f"{sign.sign} {sign.word}{count}"


def to_csv(matrix: Matrix) -> str:
    """One row a clause and an open point, one column a target; for each target what it shows, then why.

    No cell is taken for a formula by a program for spreadsheets.
    """
    labels = [column.label for column in matrix.columns]
    rows: list[list[str]] = [
        ["kind", "id", "place", "strength", "differs", *labels, *(f"{label}: why" for label in labels)]
    ]
    for row in matrix.clauses:
        whys = [cell.why for cell in row.cells]
        rows.append(
            ["clause", row.id, row.place, row.strength, _yes(row.differs), *(c.outcome for c in row.cells), *whys]
        )
    rows += [
        ["open point", row.point, "", "", _yes(row.differs), *row.seen, *("" for _ in labels)] for row in matrix.points
    ]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue()


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _plain(cell: str) -> str:
    text = one_line(cell)
    return f"'{text}" if text.startswith(_FORMULAS) else text


FORMATS: Mapping[str, Callable[[Matrix], str]] = {"html": html, "markdown": markdown, "csv": to_csv}
"""What a comparison can be told as, by the name that the command line knows it by."""
