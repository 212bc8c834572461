"""What a page promises, clause by clause: the tables beside two small pages say it in full."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.derivation import derive
from contracts.model import Decisions, Lookup, Strength
from contracts.reading import read_page

if TYPE_CHECKING:
    from contracts.model import Clause, Pointer

PAGES = Path(__file__).parent / "pages"
LOOKUPS = {
    "peals": (Lookup("tower_id", (404,), (), Strength.DOCUMENTED), Lookup("bell_id", (400,), (), Strength.IMPLIED)),
    "towers": (Lookup("names", (404,), (), Strength.IMPLIED),),
}


def told(clause: Clause) -> str:
    """A clause in a line of such a table: id, kind, strength, the row it is of, places, statement."""
    source, side = clause.source, clause.side.value if clause.side else ""
    row = "" if source.table is None else f"{side} table {source.table}, {source.row}"
    places = " ".join(place(pointer) for pointer in (clause.pointer, *clause.also))
    columns = (clause.id, clause.kind.value, clause.strength.value, row, places, clause.statement)
    return "|".join(f" {column} " if column else " " for column in columns).strip()


def place(pointer: Pointer) -> str:
    return "/" + "/".join(pointer) if pointer else ""


@pytest.mark.parametrize("operation", LOOKUPS)
def test_a_page_promises_what_the_table_beside_it_says(operation: str) -> None:
    page = read_page((PAGES / f"{operation}.rst").read_text(encoding="utf-8"), f"{operation}.rst")
    derived = derive(operation, page, Decisions(lookups=LOOKUPS[operation]))
    expected = (PAGES / f"{operation}.clauses").read_text(encoding="utf-8").splitlines()
    assert [told(each) for each in derived.clauses] == expected
