"""Faults of a page are found by holding its tables and examples against each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts import defects
from contracts.model import Page, Reading, Row, Side, Table
from contracts.reading import read_page

SMALL = read_page((Path(__file__).parent / "pages" / "small.rst").read_text(encoding="utf-8"), "small.rst")


def yes(name: str, kind: str) -> Row:
    return Row(name, kind, mandatory=True)


def wheels(*rows: Row) -> Page:
    """The small page without request example, its request about the type ``wheel``."""
    root = Table(2, Side.REQUEST, "", rows)
    wheel = Table(20, Side.REQUEST, "wheel", (yes("size", "Integer"),))
    tables = (SMALL.tables[0], root, wheel, SMALL.tables[3])
    return replace(SMALL, tables=tables, request_examples=(), request_lines=())


def found(**changes: Any) -> dict[str, str]:
    page = replace(SMALL, **changes)
    return {defect.id: f"{defect.place}: {defect.detail}" for defect in defects.find(page)}


def test_a_sound_page_has_one_defect_only() -> None:
    assert list(found()) == ["response.mandatory_column"]


def test_no_defect_where_the_response_has_the_column() -> None:
    rows = tuple(replace(row, mandatory=True) for row in SMALL.tables[3].rows)
    assert found(tables=(*SMALL.tables[:3], replace(SMALL.tables[3], rows=rows))) == {}


REQUEST = '{"strokes": 3, "tone": "c-sharp"}'
RESPONSE = '{"id": "r1", "strokes": 3,\n "loud": true, "notes": {}}'
EXAMPLES: dict[str, tuple[str, str, dict[str, str]]] = {
    "a bare word": (
        "response_example",
        RESPONSE.replace("true", "yes"),
        {
            "response_example.not_json": "line 2, column 10: a JSON parser says 'Expecting value'; the bare word yes",
            "response_example.loud.type": "Table 4, loud says boolean, the example has string",
        },
    ),
    "two bare words": (
        "response_example",
        RESPONSE.replace("true", "yes").replace('"r1"', "r1"),
        {
            "response_example.not_json": "line 2, column 10",
            "response_example.loud.type": "boolean",
        },
    ),
    "beyond repair": (
        "response_example",
        RESPONSE.replace("true", "%"),
        {"response_example.not_json": "not looked into any further"},
    ),
    "cut short": ("request_example", REQUEST[:-1], {"request_example.not_json": "not looked into any further"}),
    "no number": (
        "request_example",
        REQUEST.replace("3", "NaN").replace("}", ', "ringers": []}'),
        {"request_example.not_json": "line 1, column 13: NaN", "request_example.strokes.type": "has string"},
    ),
    "a word like a constant in a string": ("response_example", RESPONSE.replace("r1", "NaN"), {}),
    "a member without row": (
        "request_example",
        '{"strokes": 3, "tone": "c-sharp", "ringers": [{"ringer_id": "x", "age": 9}]}',
        {"request_example.ringers.age.row": "no row describes it"},
    ),
    "a member of a Dict has no row": ("response_example", RESPONSE.replace("{}", '{"x": 1}'), {}),
    "a mandatory member missing": (
        "request_example",
        '{"tone": "c-sharp", "ringers": [{}, {}]}',
        {
            "request_example.strokes.missing": "Table 2, strokes",
            "request_example.ringers.ringer_id.missing": "Table 3, ringer_id",
        },
    ),
    "a listed member missing": (
        "response_example",
        RESPONSE.replace('"loud": true, ', ""),
        {"response_example.loud.missing": "Table 4, loud"},
    ),
    "another fixed value": (
        "request_example",
        REQUEST.replace("sharp", "flat"),
        {"request_example.tone.value": "Table 2, tone"},
    ),
    "a whole number that is none": (
        "request_example",
        REQUEST.replace("3", "3.5"),
        {"request_example.strokes.type": "says integer, the example has number"},
    ),
    "no object at all": ("response_example", "[]", {"response_example.root.type": "object"}),
    "another request line": ("request_line", "PUT /v2/9f3c/bells", {"request_example.request_line": "asks PUT"}),
    "a longer request line": ("request_line", "POST /v2/9/3/bells", {"request_example.request_line": "/v2/9/3/bells"}),
    "no request line": ("request_line", "", {"request_example.request_line": "asks"}),
}


@pytest.mark.parametrize(("part", "text", "expected"), EXAMPLES.values(), ids=EXAMPLES)
def test_examples_are_held_against_the_tables(part: str, text: str, expected: dict[str, str]) -> None:
    defects_found = found(**{f"{part}s": (text,)})
    defects_found.pop("response.mandatory_column")
    assert defects_found.keys() == expected.keys()
    for each, says in expected.items():
        assert says in defects_found[each]


def test_a_page_without_examples_has_no_defect_of_them() -> None:
    assert list(found(request_examples=(), response_examples=(), request_lines=())) == ["response.mandatory_column"]


def test_an_optional_member_that_only_the_response_example_shows() -> None:
    response = replace(SMALL.tables[3], rows=(*SMALL.tables[3].rows, Row("ringers", "List<String>")))
    shown = RESPONSE.replace("{}", '{}, "ringers": []')
    ids = found(tables=(*SMALL.tables[:3], response), response_examples=(shown,))
    assert "Table 2, ringers" in ids["response_example.ringers.unsent"]
    sent = REQUEST.replace("}", ', "ringers": []}')
    ids = found(tables=(*SMALL.tables[:3], response), response_examples=(shown,), request_examples=(sent,))
    assert "response_example.ringers.unsent" not in ids


def test_a_name_that_is_member_and_type_is_told_once() -> None:
    page = wheels(yes("wheel", "String"), yes("gear", "wheel"))
    places = {defect.id: defect.place for defect in defects.find(page)}
    assert places["wheel.member_and_type"] == "Table 2, wheel; Table 20"


def test_a_member_named_like_its_own_type_is_no_defect() -> None:
    page = wheels(yes("wheel", "List<wheel>"))
    assert [defect.id for defect in defects.find(page)] == ["response.mandatory_column"]


def test_a_defect_names_the_reading_of_its_id() -> None:
    before = defects.find(SMALL)
    reading = Reading(before[0].id, "Table 4", "all are there", "the example has them")
    assert before[0].reading is None
    assert defects.settle(before, (reading,))[0].reading == reading.id
    assert defects.settle(before, (replace(reading, id="other"),)) == before
