"""What cannot be resolved is refused with its line, and read only as a person decides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from contracts import defects
from contracts.derivation import DerivationError, Derived, derive
from contracts.model import Decision, Decisions, Idiom, Page, Row, Side, Table
from contracts.reading import read_page
from contracts.resolving import resolve

PAGES = Path(__file__).parent / "pages"
TEXT = (PAGES / "labels.rst").read_text(encoding="utf-8")
LABELS = read_page(TEXT, "labels.rst")
TOWERS = read_page((PAGES / "towers.rst").read_text(encoding="utf-8"), "towers.rst")
DECIDED = (
    Decision(("Table 1, Content-type",), "as the value shows", type="String", fixed="application/json"),
    Decision(("Table 3, how",), "no table of it", type="Dict"),
    Decision(("Table 3, times",), "the example sends it so", without=(Idiom.RANGE,)),
    Decision(("Table 5",), "left over", unused=True),
)


def derived(decisions: tuple[Decision, ...], page: Page = LABELS) -> Derived:
    return derive("labels", page, Decisions(decisions=decisions))


def test_everything_refused_is_told_at_once_with_its_line() -> None:
    lines = TEXT.split("\n")
    found = resolve(LABELS).refusals
    assert [(each.place, each.why) for each in found] == [
        ("Table 1, Content-type", "prose in the type cell"),
        ("Table 3, how", "unknown type 'style'"),
        ("Table 3, times", "a range of whole numbers of type 'String'"),
        ("Table 5", "no row of the request is of type Ink"),
    ]
    for each in found:
        assert each.place.rpartition(", ")[2] in lines[each.line - 1]
        assert each.decide
    with pytest.raises(DerivationError) as caught:
        derived(())
    assert caught.value.refusals == found


def test_the_page_derives_once_all_is_decided() -> None:
    schema = derived(DECIDED).request_schema["properties"]
    assert schema["how"] == {"type": "object", "x-source": "Table 3, how"}
    assert schema["times"] == {"type": "string", "x-source": "Table 3, times"}
    clauses = {clause.id: clause.statement for clause in derived(DECIDED).clauses}
    assert clauses["labels.t1.content-type.value"] == "Content-type must be application/json"
    assert not [each for each in clauses if each.startswith("labels.t5.")]


@pytest.mark.parametrize("missing", range(len(DECIDED)))
def test_each_decision_is_needed(missing: int) -> None:
    with pytest.raises(DerivationError) as caught:
        derived(DECIDED[:missing] + DECIDED[missing + 1 :])
    assert [each.place for each in caught.value.refusals] == list(DECIDED[missing].places)


@pytest.mark.parametrize(
    ("decision", "says"),
    [
        (Decision(("Table 9, how",), "r", type="Dict"), "Table 9, how: the page has no such place"),
        (Decision(("Table 3, put",), "r", type="List<Label>"), "that is how the row is read without it"),
        (Decision(("Table 4",), "r", unused=True), "Table 4: nothing has to be decided there"),
        (Decision(("Table 5",), "r", type="Dict"), "of a table it can only be said that it is unused"),
        (Decision(("Table 3, how",), "r", unused=True), "only a table can be unused"),
        (Decision(("Table 3, put",), "r", without=(Idiom.ENUM,)), "the row has no enum to be read without"),
        (Decision(("Table 3, put",), "r", mandatory=False), "that is how the row is read without it"),
        (Decision(("Table 3, how", "Table 3, how"), "r", type="Dict"), "Table 3, how: given twice"),
    ],
)
def test_a_decision_without_occasion_is_refused(decision: Decision, says: str) -> None:
    with pytest.raises(DerivationError, match=says):
        derived((decision,))


def test_a_fixed_value_is_not_decided_over_another() -> None:
    decision = Decision(("Table 5, oak",), "r", fixed="elm")
    with pytest.raises(DerivationError, match="Table 5, oak: the row has a fixed value"):
        derived((decision,), TOWERS)


def test_a_decided_type_is_not_overruled_by_a_reference() -> None:
    page = replaced(TOWERS, 4, "clock", replace(row_of(TOWERS, 4, "clock"), type=""))
    assert [each.place for each in resolve(page).refusals] == ["Table 4, clock", "Table 6"]
    decisions = (
        Decision(("Table 4, clock",), "r", type="bell"),
        Decision(("Table 6",), "r", unused=True),
    )
    resolution = resolve(page, decisions)
    assert resolution.refusals == ()
    table = resolution.sides[Side.RESPONSE].types[4, "clock"].table
    assert table is not None
    assert table.subject == "bell"


def row_of(page: Page, number: int, name: str) -> Row:
    return next(row for table in page.tables if table.number == number for row in table.rows if row.name == name)


def replaced(page: Page, number: int, name: str, new: Row) -> Page:
    """The page with another row in the place of one."""
    tables = [
        replace(table, rows=tuple(new if row.name == name else row for row in table.rows))
        if table.number == number
        else table
        for table in page.tables
    ]
    return replace(page, tables=tuple(tables))


@pytest.mark.parametrize(
    ("number", "name", "new", "says"),
    [
        (4, "frame", Row("frame", "bell", link=5), "the type 'bell' is that of Table 8, and the reference leads to"),
        (2, "names", Row("names", "Dict", mandatory=False), "a parameter of the query of type 'Dict'"),
        (2, "names", Row("names", "List<List<String>>", mandatory=False), "a parameter of the query of type"),
        (4, "notes", Row("notes", "Map<String, Wind>"), r"unknown type 'Map<String, Wind>'"),
        (7, "vane", replace(row_of(TOWERS, 7, "vane"), type="Boolean"), "an enumeration of words of type 'Boolean'"),
        (4, "height", replace(row_of(TOWERS, 4, "height"), type="String"), "a range of whole numbers of type"),
        (
            7,
            "vane",
            replace(row_of(TOWERS, 7, "vane"), constraints=row_of(TOWERS, 7, "vane").constraints * 2),
            "an enumeration of words stated twice",
        ),
    ],
)
def test_what_does_not_fit_is_refused(number: int, name: str, new: Row, says: str) -> None:
    whys = [str(each) for each in resolve(replaced(TOWERS, number, name, new)).refusals]
    assert any(says in why for why in whys), whys


def test_types_are_found_by_the_rows_name_only_for_objects() -> None:
    page = replaced(TOWERS, 4, "weather", Row("weather", "String"))
    assert [each.place for each in resolve(page).refusals] == ["Table 7"]


def test_of_two_roots_one_has_to_go() -> None:
    page = replace(TOWERS, tables=(*TOWERS.tables, Table(9, Side.RESPONSE, "", (Row("x", "String"),))))
    assert [each.place for each in resolve(page).refusals] == ["Table 9"]
    assert resolve(page, (Decision(("Table 9",), "r", unused=True),)).refusals == ()


def test_a_refused_place_is_a_defect_that_the_decision_answers() -> None:
    found = defects.find(LABELS, DECIDED)
    assert [each.id for each in found] == [
        "table_1_content_type.refused",
        "table_3_how.refused",
        "table_3_times.refused",
        "table_5.refused",
    ]
    readings = defects.answers(found, DECIDED)
    assert [(each.id, each.read_as) for each in readings] == [
        ("table_1_content_type.refused", "of type String, always application/json"),
        ("table_3_how.refused", "of type Dict"),
        ("table_3_times.refused", "without the range"),
        ("table_5.refused", "unused"),
    ]
    assert all(each.reading for each in defects.settle(found, readings))


def test_examples_are_held_against_the_letter_whatever_is_decided() -> None:
    text = (PAGES / "towers.rst").read_text(encoding="utf-8").replace('"name": "a", ', "").replace('stone",', 'brick",')
    page = read_page(text, "towers.rst")
    decisions = (
        Decision(("Table 4, name",), "the example does without", mandatory=False),
        Decision(("Table 4, material",), "the example has another", without=(Idiom.ENUM,)),
    )
    found = defects.find(page, decisions)
    assert {"response_example.towers.name.missing", "response_example.towers.material.value"} <= {x.id for x in found}
    assert "name" not in derived(decisions, page).response_schema["$defs"]["t4"]["required"]
    readings = {each.id: each.read_as for each in defects.answers(found, decisions)}
    assert readings["response_example.towers.name.missing"] == "may be missing"
    assert readings["response_example.towers.material.value"] == "without the enum"


def test_a_decision_answers_only_the_defects_that_it_is_about() -> None:
    text = (PAGES / "towers.rst").read_text(encoding="utf-8").replace('"name": "a", ', "")
    decisions = (Decision(("Table 4, name", "Table 4, weather"), "r", mandatory=False),)
    found = defects.find(read_page(text, "towers.rst"), decisions)
    assert {"table_4_name.spelling", "table_4_weather.linked_by_name"} <= {each.id for each in found}
    assert [each.id for each in defects.answers(found, decisions)] == ["response_example.towers.name.missing"]
