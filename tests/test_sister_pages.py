"""Pages of the same dialect that go beyond the base page: queries, headers, references, recursion, no response."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contracts import defects
from contracts.derivation import DIALECT, derive
from contracts.model import Constraint, Decisions, Idiom, Page, Side
from contracts.reading import PageError, is_operation, read_page

PAGES = Path(__file__).parent / "pages"
TEXTS = {name: (PAGES / f"{name}.rst").read_text(encoding="utf-8") for name in ("towers", "labels")}
TOWERS, LABELS = (read_page(text, f"{name}.rst") for name, text in TEXTS.items())
DERIVED = derive("towers", TOWERS, Decisions())


def line_of(name: str, part: str) -> int:
    text = TEXTS[name]
    assert text.count(part) == 1, part
    return text[: text.index(part)].count("\n") + 1


def test_the_request_of_a_get_is_a_query() -> None:
    assert [(table.number, table.side) for table in TOWERS.tables][:3] == [
        (1, Side.PATH),
        (2, Side.QUERY),
        (3, Side.RESPONSE),
    ]


def test_headers_are_told_from_other_parameters() -> None:
    assert [(table.number, table.side) for table in LABELS.tables] == [
        (1, Side.HEADER),
        (2, Side.PATH),
        (3, Side.REQUEST),
        (4, Side.REQUEST),
        (5, Side.REQUEST),
    ]


def test_prose_in_a_type_cell_is_not_kept() -> None:
    assert [row.type for row in LABELS.tables[0].rows] == [""]


def test_a_table_without_caption_is_known_by_its_label_and_counted_last() -> None:
    table = TOWERS.tables[-1]
    assert (table.number, table.subject, table.captioned) == (8, "bell", False)
    assert all(each.captioned for each in TOWERS.tables[:-1])


def test_constraints_know_their_lines() -> None:
    found = {
        (table.number, row.name): row.constraints for table in TOWERS.tables for row in table.rows if row.constraints
    }
    assert found == {
        (2, "state"): (Constraint(Idiom.ENUM, ("up", "down", "in-between"), line_of("towers", "Value range: up")),),
        (2, "limit"): (Constraint(Idiom.RANGE, (1, 100), line_of("towers", "The value ranges from 1")),),
        (4, "height"): (
            Constraint(Idiom.RANGE, (0, 900), line_of("towers", "The value is an integer")),
            Constraint(Idiom.INTEGER, (), line_of("towers", "The value is an integer")),
        ),
        (4, "material"): (Constraint(Idiom.ENUM, ("stone", "wood"), line_of("towers", "Possible values")),),
        (5, "oak"): (Constraint(Idiom.FIXED, ("oak",), line_of("towers", "fixed at")),),
        (7, "vane"): (Constraint(Idiom.ENUM, ("cock", "fish"), line_of("towers", "Enum: [")),),
    }


def test_request_lines_are_taken_from_between_the_prose() -> None:
    assert TOWERS.request_lines == ("GET /v2/{project_id}/towers", "GET /v2/9f3c/towers?state=up&limit=2")
    assert TOWERS.request_examples == ()


def test_several_bodies_are_examples_each() -> None:
    assert LABELS.request_lines == ("POST /v2/{project_id}/bells/{bell_id}/labels",)
    assert LABELS.request_examples == (
        '{"put": [{"word": "mine"}]}',
        '{"take": [{"word": "yours"}]}',
        '{"times": "2"}',
    )


def test_examples_know_where_they_begin() -> None:
    assert LABELS.request_example_lines == tuple(line_of("labels", part) for part in ('{"put"', '{"take"', '{"times"'))
    assert TOWERS.response_example_lines == (line_of("towers", '{"towers"'),)


def test_defects_of_examples_know_their_lines() -> None:
    page = edited("towers", '"bells": [', '"more": 1, "bells": [x, ')
    lines = {defect.id: defect.line for defect in defects.find(page)}
    assert lines["response_example.not_json"] == line_of("towers", '"bells": [')
    assert lines["response_example.towers.more.row"] == line_of("towers", '{"towers"')
    assert lines["response_example.towers.bells.type"] == line_of("towers", "| bells     | List<bell>")


def test_a_page_without_response_promises_no_body() -> None:
    assert LABELS.response_examples == ()
    assert not [table for table in LABELS.tables if table.side is Side.RESPONSE]


def node(*names: str) -> Any:
    """A member of a tower, by its name."""
    found: Any = DERIVED.response_schema["$defs"]["t4"]
    for name in names:
        found = found["properties"][name]
    return found


def test_a_type_is_found_by_caption_reference_and_name() -> None:
    assert list(node("frame")["properties"]) == ["oak"]  # a reference in the type
    assert list(node("clock")["properties"]) == ["runs"]  # a reference in the description
    assert list(node("weather")["properties"]) == ["vane"]  # the row's name, as the type says Dict
    assert list(node("bells")["items"]["properties"]) == ["tone"]  # the label of an item without caption
    assert node("notes") == {"type": "object", "x-source": "Table 4, notes"}


def test_constraints_become_keywords() -> None:
    assert node("height") == {"type": "integer", "x-source": "Table 4, height", "minimum": 0, "maximum": 900}
    assert node("material")["enum"] == ["stone", "wood"]
    assert node("frame", "oak")["const"] == "oak"


def test_a_map_has_members_of_any_name() -> None:
    assert node("tags") == {
        "type": "object",
        "x-source": "Table 4, tags",
        "additionalProperties": {"type": "string"},
    }


def test_a_type_that_contains_itself_is_a_definition() -> None:
    again = {"$ref": "#/$defs/t4"}
    assert DERIVED.response_schema["properties"]["towers"]["items"] == again
    assert node("annexes") == {"type": "array", "x-source": "Table 4, annexes", "items": again}


def test_there_is_no_schema_where_there_is_no_body() -> None:
    assert DERIVED.request_schema == {}


def test_parameters_have_schemas() -> None:
    assert list(DERIVED.parameters) == [Side.PATH, Side.QUERY]
    assert DERIVED.parameters[Side.QUERY] == {
        "$schema": DIALECT,
        "type": "object",
        "properties": {
            "state": {"type": "string", "x-source": "Table 2, state", "enum": ["up", "down", "in-between"]},
            "limit": {"type": "integer", "x-source": "Table 2, limit", "minimum": 1, "maximum": 100},
            "names": {"type": "array", "x-source": "Table 2, names", "items": {"type": "string"}},
        },
        "required": ["limit"],
    }


def test_clauses_of_a_query() -> None:
    clauses = {each.id: each.statement for each in DERIVED.clauses if each.side is Side.QUERY}
    assert clauses == {
        "towers.t2.state.mandatory": "state may be left out of the query",
        "towers.t2.state.value": "state must be one of up, down, in-between",
        "towers.t2.limit.mandatory": "limit must be in the query of every request",
        "towers.t2.limit.type": "limit must spell a whole number",
        "towers.t2.limit.value": "limit must be from 1 to 100",
        "towers.t2.names.mandatory": "names may be left out of the query",
        "towers.t2.names.type": "names must spell a list",
    }


def test_a_row_whose_table_is_the_type_of_several_has_one_clause_about_all_places() -> None:
    clause = next(each for each in DERIVED.clauses if each.id == "towers.t8.tone.present")
    assert clause.pointer == ("towers", "*", "spares", "*", "tone")
    assert clause.also == (("towers", "*", "bells", "*", "tone"),)
    assert clause.statement == "tone is in every item of spares and tone is in every item of bells"


def test_defects_of_a_page_that_can_be_read() -> None:
    found = {defect.id: defect.line for defect in defects.find(TOWERS)}
    assert found == {
        "table_4_name.spelling": line_of("towers", "| name      | string"),
        "table_4_height.spelling": line_of("towers", "INTEGER"),
        "table_4_weather.linked_by_name": line_of("towers", "| weather   | Dict"),
        "table_8.caption": line_of("towers", "tone      String") - 2,
        "response.mandatory_column": line_of("towers", "**Table 3** Parameter"),
    }


def edited(name: str, old: str, new: str) -> Page:
    assert TEXTS[name].count(old) == 1, old
    return read_page(TEXTS[name].replace(old, new), name)


def test_a_query_in_an_example_is_held_against_the_table() -> None:
    ids = [defect.id for defect in defects.find(edited("towers", "state=up&limit", "state=up&colour"))]
    assert "request_example.query.colour.row" in ids


@pytest.mark.parametrize(
    ("old", "new", "where", "detail"),
    [
        ('"stone"', '"brick"', "towers.material.value", 'is "brick" in the example, which Table 4, material'),
        ('"height": 9,', '"height": 901,', "towers.height.value", "is 901 in the example, out of the range"),
        ('{"a": "b"}', '{"a": 1}', "towers.tags.type", "the example has integer"),
        ('"annexes": []', '"annexes": [{}]', "towers.annexes.name.missing", "name has to be there"),
        ('"notes": {},', '"notes": {}, "notes": {},', "not_json", "the member notes is given twice"),
        ('{"a": "b"},', '{"a": "b",},', "not_json", "a comma before the closing bracket; it is left out"),
        ('"height": 9', 'height": 9', "not_json", "not looked into any further"),
    ],
)
def test_examples_are_held_against_constraints(old: str, new: str, where: str, detail: str) -> None:
    found = {defect.id: defect.detail for defect in defects.find(edited("towers", old, new))}
    assert detail in found[f"response_example.{where}"]


def test_a_body_that_no_table_describes() -> None:
    text = TEXTS["towers"]
    start, end = text.index("-  Parameter description\n\n   .. table:: **Table 3**"), text.index("-  Example response")
    page = read_page(text[:start] + "-  Parameter description\n\n   None\n\n" + text[end:], "towers.rst")
    assert [defect.id for defect in defects.find(page)] == ["response_example.body"]


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("towers", "      All of them:\n", "      All of them\n", "METHOD https"),
        (
            "towers",
            "      Some of them:\n      GET\n",
            "      Some of them:\n      Or of those:\n      GET\n",
            "METHOD",
        ),
        ("labels", "-  When **times** is set to **2**:", "-  When times is set to 2:", "a part known in 'Request'"),
        ("labels", "-  Request body\n\n   .. code-block::\n", "-  Request body\n\n   .. note::\n", "a block of code"),
        ("towers", "   .. important::", "   Projects:\n\n   .. important::", "a table and nothing else"),
        ("towers", "None\n\n-  Example request", "Nothing\n\n-  Example request", "labelled parts in 'Request'"),
    ],
)
def test_what_is_beyond_the_dialect_is_refused(name: str, old: str, new: str, says: str) -> None:
    with pytest.raises(PageError, match=says):
        edited(name, old, new)


def test_pages_of_operations_are_told_from_others() -> None:
    assert is_operation(TEXTS["labels"], "labels.rst")
    assert not is_operation("Status Codes\n============\n\nNone.\n", "codes.rst")
