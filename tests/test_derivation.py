"""Tables become schemas and clauses; what has no meaning is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from contracts.derivation import DIALECT, DerivationError, Derived, derive
from contracts.model import Clause, Constraint, Decisions, Idiom, Kind, Lookup, Page, Row, Side, Strength, Table
from contracts.reading import read_page

SMALL = read_page((Path(__file__).parent / "pages" / "small.rst").read_text(encoding="utf-8"), "small.rst")


def request(*rows: Row, **subjects: tuple[Row, ...]) -> Page:
    """The small page with other request tables, numbered from 2."""
    tables = [Table(2, Side.REQUEST, "", rows)]
    tables += [Table(number, Side.REQUEST, name, of) for number, (name, of) in enumerate(subjects.items(), 20)]
    others = [table for table in SMALL.tables if table.side is not Side.REQUEST]
    return replace(SMALL, tables=(*others, *tables))


def yes(name: str, kind: str, fixed: str | None = None, line: int = 0) -> Row:
    constraints = (Constraint(Idiom.FIXED, (fixed,), line),) if fixed else ()
    return Row(name, kind, mandatory=True, constraints=constraints, line=line)


def derived(page: Page = SMALL, decisions: Decisions = Decisions()) -> Derived:  # noqa: B008  frozen
    return derive("bells", page, decisions)


def clause(clause_id: str, page: Page = SMALL, decisions: Decisions = Decisions()) -> Clause:  # noqa: B008  frozen
    return {each.id: each for each in derived(page, decisions).clauses}[clause_id]


def test_request_schema() -> None:
    assert derived().request_schema == {
        "$schema": DIALECT,
        "type": "object",
        "properties": {
            "strokes": {"type": "integer", "x-source": "Table 2, strokes"},
            "ringers": {
                "type": "array",
                "x-source": "Table 2, ringers",
                "items": {
                    "type": "object",
                    "properties": {
                        "ringer_id": {"type": "string", "x-source": "Table 3, ringer_id"},
                        "moods": {"type": "array", "x-source": "Table 3, moods", "items": {"type": "string"}},
                    },
                    "required": ["ringer_id"],
                },
            },
            "tone": {"type": "string", "x-source": "Table 2, tone", "const": "c-sharp"},
        },
        "required": ["strokes", "tone"],
    }


def test_response_schema() -> None:
    schema = derived().response_schema
    assert schema["required"] == ["id", "strokes", "loud", "notes"]
    types = {name: node["type"] for name, node in schema["properties"].items()}
    assert types == {"id": "string", "strokes": "integer", "loud": "boolean", "notes": "object"}


def test_error_schema_requires_both_members() -> None:
    schema = derived().error_schema
    assert schema["required"] == ["error_code", "error_msg"]
    assert {node["type"] for node in schema["properties"].values()} == {"string"}


def test_a_response_member_may_be_missing_where_the_caller_may_leave_it_out() -> None:
    response = Table(4, Side.RESPONSE, "", (Row("ringers", "Dict"), Row("strokes", "Integer")))
    page = replace(SMALL, tables=(*SMALL.tables[:3], response))
    assert derived(page).response_schema["required"] == ["strokes"]
    present = clause("bells.t4.ringers.present", page)
    assert (present.strength, present.kind) == (Strength.IMPLIED, Kind.PRESENT)
    assert clause("bells.t4.strokes.present", page).strength is Strength.DOCUMENTED


def test_a_response_table_with_the_column_is_taken_at_its_word() -> None:
    rows = (Row("strokes", "Integer", mandatory=False), Row("ringers", "Dict", mandatory=True))
    page = replace(SMALL, tables=(*SMALL.tables[:3], Table(4, Side.RESPONSE, "", rows)))
    assert derived(page).response_schema["required"] == ["ringers"]
    assert clause("bells.t4.strokes.present", page).statement == "strokes may be missing from the response"
    assert clause("bells.t4.ringers.present", page).strength is Strength.DOCUMENTED


def test_a_name_may_be_a_member_and_a_type() -> None:
    page = request(yes("wheel", "String"), yes("gear", "wheel"), wheel=(yes("size", "Integer"),))
    members = derived(page).request_schema["properties"]
    assert members["wheel"] == {"type": "string", "x-source": "Table 2, wheel"}
    assert members["gear"]["properties"] == {"size": {"type": "integer", "x-source": "Table 20, size"}}


def test_types_of_the_other_side_do_not_count() -> None:
    page = request(yes("ringer", "Ringer"))
    page = replace(page, tables=(*page.tables, Table(9, Side.RESPONSE, "Ringer", (Row("x", "String"),))))
    with pytest.raises(DerivationError, match="unknown type 'Ringer'"):
        derived(page)


def test_lists_of_lists() -> None:
    schema = derived(request(yes("grid", "List<List<Boolean>>"))).request_schema["properties"]["grid"]
    assert schema["items"] == {"type": "array", "items": {"type": "boolean"}}


@pytest.mark.parametrize("kind", ["Text", "strings", "List<Text>", "List<>", "List <String>", "String[]"])
def test_an_unknown_type_names_table_row_and_line(kind: str) -> None:
    with pytest.raises(DerivationError) as caught:
        derived(request(yes("tone", kind, line=41)))
    assert str(caught.value) == f"Table 2, tone (line 41): unknown type {kind!r}"


BELL, CLAPPER = yes("bell", "Bell"), yes("clapper", "Clapper")
REFUSED: dict[str, tuple[Page, str]] = {
    "no request root": (
        replace(SMALL, tables=(SMALL.tables[0], *SMALL.tables[2:])),
        "request: expected one table without a subject, found none",
    ),
    "two roots": (
        replace(SMALL, tables=(*SMALL.tables, Table(8, Side.RESPONSE, "", (Row("x", "Dict"),)))),
        "found Table 4, Table 8",
    ),
    "a table without use": (request(yes("tone", "String"), Bell=(BELL,)), "no row of the request is of type Bell"),
    "a type described twice": (
        replace(SMALL, tables=(*SMALL.tables, replace(SMALL.tables[2], number=9))),
        r"^Table 9 \(line 51\): describes Ringer as Table 3 does$",
    ),
    "a fixed number": (request(yes("strokes", "Integer", fixed="3")), "a fixed value of type 'Integer'"),
    "a fixed list": (request(yes("tones", "List<String>", fixed="c")), "a fixed value of type"),
    "names alike but for case": (request(yes("tone", "String"), yes("Tone", "String")), "stated twice"),
    "a row that comes twice": (
        request(yes("tone", "String"), yes("tone", "String")),
        r"clause bells\.t2\.tone\.mandatory: stated twice",
    ),
    "an unknown status": (replace(SMALL, failure=(418,)), "status 418"),
    "an optional URI parameter": (
        replace(SMALL, tables=(Table(1, Side.PATH, "", (Row("project_id", "String", False),)), *SMALL.tables[1:])),
        "mandatory String",
    ),
    "a URI parameter that is no String": (
        replace(SMALL, tables=(Table(1, Side.PATH, "", (yes("project_id", "Integer"),)), *SMALL.tables[1:])),
        "mandatory String",
    ),
}


@pytest.mark.parametrize(("page", "says"), REFUSED.values(), ids=REFUSED)
def test_what_no_schema_can_be_made_of_is_refused(page: Page, says: str) -> None:
    with pytest.raises(DerivationError, match=says):
        derived(page)


@pytest.mark.parametrize("operation", ["", "Bells", "bells.t1", "b e"])
def test_an_operation_has_a_plain_name(operation: str) -> None:
    with pytest.raises(DerivationError, match="lower-case letters"):
        derive(operation, SMALL, Decisions())


def test_a_lookup_gives_its_row_a_clause_of_its_strength() -> None:
    decisions = Decisions(lookups=(Lookup("ringer_id", (404,), (), Strength.IMPLIED),))
    value = clause("bells.t3.ringer_id.value", decisions=decisions)
    assert (value.strength, value.pointer) == (Strength.IMPLIED, ("ringers", "*", "ringer_id"))


def test_a_lookup_that_no_row_answers_to_is_refused() -> None:
    with pytest.raises(DerivationError, match="lookup tower: no row"):
        derived(decisions=Decisions(lookups=(Lookup("tower", (404,), (), Strength.IMPLIED),)))


def test_clauses_come_in_the_order_of_the_page() -> None:
    assert [each.id.removeprefix("bells.") for each in derived().clauses] == [
        *("t1.project_id.mandatory", "t1.project_id.value"),
        *("t2.strokes.mandatory", "t2.strokes.type", "t2.ringers.mandatory", "t2.ringers.type"),
        *("t2.tone.mandatory", "t2.tone.type", "t2.tone.value"),
        *("t3.ringer_id.mandatory", "t3.ringer_id.type", "t3.moods.mandatory", "t3.moods.type"),
        *("t4.id.present", "t4.id.type", "t4.id.value"),
        *("t4.strokes.present", "t4.strokes.type", "t4.strokes.echo"),
        *("t4.loud.present", "t4.loud.type", "t4.notes.present", "t4.notes.type"),
        *("s.200", "s.400", "s.503"),
        *("e.error_code.present", "e.error_code.type", "e.error_msg.present", "e.error_msg.type"),
        *("p.json", "p.content_type"),
        *("a.strict_json", "a.error_code.status", "a.secrets", "a.disclosure", "a.internals"),
    ]


def test_an_answer_of_one_member_is_the_object_that_was_created() -> None:
    page = replace(SMALL, tables=(*SMALL.tables[:3], Table(4, Side.RESPONSE, "", (Row("id", "String"),))))
    assert clause("bells.t4.id.value", page).strength is Strength.IMPLIED


def test_only_a_creating_request_gives_a_name_that_is_new() -> None:
    ids = {each.id for each in derived(replace(SMALL, method="PUT")).clauses}
    assert "bells.t4.id.value" not in ids


def test_an_id_that_the_request_sends_is_echoed_instead() -> None:
    page = request(yes("id", "String"))
    ids = {each.id for each in derived(page).clauses}
    assert "bells.t4.id.echo" in ids
    assert "bells.t4.id.value" not in ids


def test_members_of_another_type_are_no_echo() -> None:
    ids = {each.id for each in derived(request(yes("strokes", "String"))).clauses}
    assert "bells.t4.strokes.echo" not in ids


def test_a_path_parameter_is_echoed_directly_in_the_root_object_only() -> None:
    root = Table(4, Side.RESPONSE, "", (Row("bell", "bell_resp"),))
    bell = Table(5, Side.RESPONSE, "bell_resp", (Row("project_id", "String"), Row("deep", "deep_resp")))
    deep = Table(6, Side.RESPONSE, "deep_resp", (Row("project_id", "String"),))
    ids = {each.id for each in derived(replace(SMALL, tables=(*SMALL.tables[:3], root, bell, deep))).clauses}
    assert "bells.t5.project_id.echo" in ids
    assert "bells.t6.project_id.echo" not in ids
