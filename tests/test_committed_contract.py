"""The committed contract is what the page comes to, loads without docutils, and every keyword of it bites."""

from __future__ import annotations

import copy
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from contracts import load, store
from contracts.derivation import derive
from contracts.model import Kind, Side, Strength
from contracts.reading import read_error_codes, read_page
from tests.witnesses import broken, example, keywords, node_of, without

if TYPE_CHECKING:
    from tests.witnesses import Place

PAGES = Path(__file__).parent / "pages"
FOLDER = store.ROOT / "restores"
CONTRACT = load()
SCHEMAS = {
    "request": CONTRACT.request_schema,
    "response": CONTRACT.response_schema,
    "error": CONTRACT.error_schema,
}


def test_the_committed_folder_is_what_the_page_comes_to() -> None:
    page = read_page((PAGES / "restores.rst").read_text(encoding="utf-8"), "restores.rst")
    files = store.files_of(page, derive("restores", page, store.decisions_of(FOLDER)))
    assert set(files) | {store.READINGS} == {
        path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()
    }
    for name, text in files.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, name


def test_the_committed_error_codes_are_those_of_the_appendix() -> None:
    codes = read_error_codes((PAGES / "error_codes.rst").read_text(encoding="utf-8"), "error_codes.rst")
    assert (store.ROOT / store.CODES).read_text(encoding="utf-8") == store.codes_text(codes)
    assert CONTRACT.error_codes == codes
    assert sum(len(statuses) for statuses in codes.values()) == 53
    assert codes["CSBS.9009"] == (403, 400)


def test_the_clauses_of_the_rows_are_these() -> None:
    rows: dict[str, dict[str, str]] = {}
    for clause in CONTRACT.clauses:
        if clause.source.table:
            table, row, kind = clause.id.removeprefix("restores.").split(".")
            rows.setdefault(table, {}).setdefault(row, "")
            rows[table][row] += kind[0]
    volumes = {"server_id": "pte", "volumes": "pte"}
    assert rows == {
        "t1": {"project_id": "mv"},
        "t2": {"restore": "mt"},
        "t3": {"checkpoint_id": "mtv", "parameters": "mt", "provider_id": "mtv", "restore_target": "mt"},
        "t4": {"checkpoint_item_id": "mtv", "power_on": "mt", "targets": "mt"},
        "t5": {"server_id": "mtv", "volumes": "mt"},
        "t6": {"backup_id": "mtv", "volume_id": "mtv"},
        "t7": {"restore": "pt"},
        "t8": {
            "id": "ptv",
            "checkpoint_id": "pte",
            "parameters": "pte",
            "project_id": "pte",
            "provider_id": "ptev",
            "resources_reason": "pt",
            "resources_status": "pt",
            "restore_target": "pte",
            "status": "pt",
        },
        "t9": {"checkpoint_item_id": "pte", "power_on": "pte", "targets": "pte"},
        "t10": volumes,
        "t11": {"backup_id": "pte", "volume_id": "pte"},
    }


def test_the_clauses_beyond_the_rows_are_these() -> None:
    assert [clause.id.removeprefix("restores.") for clause in CONTRACT.clauses if not clause.source.table] == [
        *(f"s.{status}" for status in (200, 400, 401, 403, 404, 500, 503)),
        *("e.error_code.present", "e.error_code.type", "e.error_msg.present", "e.error_msg.type"),
        *("p.json", "p.content_type"),
        *("a.strict_json", "a.error_code.status", "a.secrets", "a.disclosure", "a.internals"),
    ]


def test_clauses_are_well_formed() -> None:
    for clause in CONTRACT.clauses:
        assert clause.id.isascii()
        assert clause.id == clause.id.lower()
        assert clause.statement
        assert not clause.statement.endswith(".")
        assert CONTRACT.clause(clause.id) is clause
        if clause.side is not None:
            assert CONTRACT.at(clause.side, clause.pointer, clause.kind) is clause
    assert len({clause.id for clause in CONTRACT.clauses}) == len(CONTRACT.clauses)


@pytest.mark.parametrize(
    ("clause_id", "strength"),
    [
        ("t1.project_id.value", Strength.DOCUMENTED),
        ("t3.checkpoint_id.value", Strength.DOCUMENTED),
        ("t3.provider_id.value", Strength.DOCUMENTED),
        ("t3.restore_target.mandatory", Strength.DOCUMENTED),
        ("t5.server_id.value", Strength.IMPLIED),
        ("t8.id.value", Strength.IMPLIED),
        ("t8.provider_id.value", Strength.DOCUMENTED),
        ("t8.project_id.echo", Strength.IMPLIED),
        ("t8.status.present", Strength.DOCUMENTED),
        ("t8.restore_target.present", Strength.IMPLIED),
        ("e.error_code.present", Strength.IMPLIED),
        ("p.json", Strength.IMPLIED),
        ("a.secrets", Strength.ADVISORY),
    ],
)
def test_strengths(clause_id: str, strength: Strength) -> None:
    assert CONTRACT.clause(f"restores.{clause_id}").strength is strength


def test_places_go_through_lists() -> None:
    pointer = ("restore", "parameters", "targets", "volumes", "*", "backup_id")
    clause = CONTRACT.at(Side.REQUEST, pointer, Kind.VALUE)
    assert clause is not None
    assert clause.id == "restores.t6.backup_id.value"
    assert clause.statement == "backup_id must name something that exists"


def test_every_defect_has_a_reading_and_every_reading_a_defect() -> None:
    assert {defect.id for defect in CONTRACT.defects} == {reading.id for reading in CONTRACT.readings}
    assert all(defect.reading == defect.id for defect in CONTRACT.defects)


def test_the_defect_of_the_example_says_where_it_is() -> None:
    defect = next(each for each in CONTRACT.defects if each.id == "response_example.not_json")
    assert defect.place == "Example response, line 6"
    assert "column 26" in defect.detail
    assert "in_progress" in defect.detail


def test_the_example_request_is_valid() -> None:
    (example,) = CONTRACT.page.request_examples
    Draft202012Validator(dict(CONTRACT.request_schema)).validate(json.loads(example))


WITNESSES = [(side, *each) for side, schema in SCHEMAS.items() for each in keywords(schema)]


@pytest.mark.parametrize(
    ("side", "at", "keyword", "name"),
    WITNESSES,
    ids=[".".join(part for part in (side, *at, keyword, name) if part) for side, at, keyword, name in WITNESSES],
)
def test_every_keyword_has_its_witnesses(side: str, at: Place, keyword: str, name: str) -> None:
    schema: Any = copy.deepcopy(dict(SCHEMAS[side]))
    if keyword == "type":
        # A fixed value has its type in itself: beside it, no document can be wrong by the type alone.
        node_of(schema, at).pop("const", None)
    assert Draft202012Validator(schema).is_valid(example(schema))
    document = broken(schema, at, keyword, name)
    assert not Draft202012Validator(schema).is_valid(document)
    assert Draft202012Validator(without(schema, at, keyword, name)).is_valid(document)


@pytest.mark.parametrize("side", SCHEMAS)
def test_schemas_are_schemas_and_use_known_keywords_only(side: str) -> None:
    schema = SCHEMAS[side]
    Draft202012Validator.check_schema(dict(schema))
    assert {keyword for _, keyword, _ in keywords(schema)} <= {"type", "const", "properties", "required", "items"}


@pytest.mark.parametrize("side", ["request", "response"])
def test_every_member_says_where_it_comes_from(side: str) -> None:
    rows = {
        f"Table {table.number}, {row.name}"
        for table in CONTRACT.page.tables
        for row in table.rows
        if table.side.value == side
    }
    sources = [
        node_of(SCHEMAS[side], (*at, name))["x-source"]
        for at, keyword, name in keywords(SCHEMAS[side])
        if keyword == "properties"
    ]
    assert sorted(sources) == sorted(rows)


def test_bodies_stay_open_for_members_that_the_page_does_not_list() -> None:
    for schema in SCHEMAS.values():
        assert Draft202012Validator(dict(schema)).is_valid({**example(schema), "more": 1})


def test_loading_needs_no_docutils() -> None:
    code = "import sys; sys.modules['docutils'] = None; import contracts; print(contracts.load().operation)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=store.ROOT.parent, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "restores\n", "")


def test_the_digest_is_that_of_the_facts() -> None:
    assert CONTRACT.digest == hashlib.sha256((FOLDER / store.FACTS).read_bytes()).hexdigest()
