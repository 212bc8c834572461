"""Facts are kept whole in a folder, and each that a page changes is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from contracts import store
from contracts.comparing import differences
from contracts.derivation import derive
from contracts.model import Constraint, Decisions, Idiom, Page, Row
from contracts.reading import read_page

PAGES = Path(__file__).parent / "pages"
TOWERS, LABELS = (read_page((PAGES / f"{name}.rst").read_text(encoding="utf-8"), name) for name in ("towers", "labels"))


def test_a_folder_keeps_every_fact(tmp_path: Path) -> None:
    for name, text in store.files_of(TOWERS, derive("towers", TOWERS, Decisions())).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    kept = store.page_of(tmp_path)
    assert differences(kept, TOWERS) == differences(TOWERS, kept) == ()
    assert without_lines(kept) == without_lines(TOWERS)


def test_a_folder_keeps_every_example(tmp_path: Path) -> None:
    derived = derive("towers", TOWERS, Decisions())  # examples are kept as they are, whatever is derived beside them
    for name, text in store.files_of(LABELS, derived).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert store.page_of(tmp_path).request_examples == LABELS.request_examples
    assert sorted(path.name for path in (tmp_path / "examples").iterdir()) == [
        "request-2.json",
        "request-3.json",
        "request.json",
    ]


def without_lines(page: Page) -> Page:
    tables = tuple(
        replace(
            table,
            line=0,
            rows=tuple(
                replace(row, line=0, constraints=tuple(replace(each, line=0) for each in row.constraints))
                for row in table.rows
            ),
        )
        for table in page.tables
    )
    return replace(page, tables=tables, request_example_lines=(), response_example_lines=())


def edited(number: int, name: str, **changes: object) -> Page:
    """The towers with another row."""

    def row(each: Row) -> Row:
        return replace(each, **changes) if each.name == name else each  # type: ignore[arg-type]

    tables = tuple(
        replace(table, rows=tuple(map(row, table.rows))) if table.number == number else table for table in TOWERS.tables
    )
    return replace(TOWERS, tables=tables)


SECOND = "Example response 2: is new on the page"


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (
            edited(7, "vane", constraints=(Constraint(Idiom.ENUM, ("cock",)),)),
            "Table 7, vane: enum was cock, fish, page says cock",
        ),
        (edited(7, "vane", constraints=()), "Table 7, vane: enum was cock, fish, page says none"),
        (
            edited(2, "limit", constraints=(Constraint(Idiom.RANGE, (1, 99)),)),
            "Table 2, limit: range was 1, 100, page says 1, 99",
        ),
        (
            edited(4, "height", constraints=(Constraint(Idiom.RANGE, (0, 900)),)),
            "Table 4, height: integer was stated, page says none",
        ),
        (edited(4, "clock", link=5), "Table 4, clock: reference was Table 6, page says Table 5"),
        (edited(4, "clock", link=None), "Table 4, clock: reference was Table 6, page says none"),
        (edited(4, "clock", type=""), "Table 4, clock: type was ClockWork, page says prose"),
        (
            replace(TOWERS, tables=(*TOWERS.tables[:-1], replace(TOWERS.tables[-1], captioned=True))),
            "Table 8: has a caption on the page",
        ),
        (
            replace(TOWERS, request_lines=TOWERS.request_lines[:1]),
            "Example request, line 2 was GET /v2/9f3c/towers?state=up&limit=2, page says none",
        ),
        (replace(TOWERS, response_examples=(*TOWERS.response_examples, "{}")), SECOND),
    ],
)
def test_each_difference_is_told(page: Page, says: str) -> None:
    assert differences(TOWERS, page) == (says,)
