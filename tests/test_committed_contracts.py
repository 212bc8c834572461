"""The contracts of all operations are whole, derived from their own facts, and free of prose."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from contracts import load, operations, store
from contracts.bodies import Shape, plain_body, valid_bodies
from contracts.derivation import derive
from contracts.model import Contract, Side
from tests.witnesses import broken, example, keywords, node_of, without

CONTRACTS = {name: load(name) for name in operations()}
SCHEMAS = {
    f"{name}-{word}": schema
    for name, contract in CONTRACTS.items()
    for word, schema in (
        ("request", contract.request_schema),
        ("response", contract.response_schema),
        *((side.value, schema) for side, schema in contract.parameters.items()),
    )
    if schema
}


def test_the_whole_document_is_there() -> None:
    assert len(CONTRACTS) == 27
    assert {contract.page.method for contract in CONTRACTS.values()} == {"GET", "POST", "PUT", "DELETE"}


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_folder_is_what_its_facts_and_decisions_come_to(name: str) -> None:
    folder = store.ROOT / name
    page = store.page_of(folder)
    files = store.files_of(page, derive(name, page, store.decisions_of(folder)))
    assert set(files) | {store.READINGS} == {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    }
    for file, text in files.items():
        assert (folder / file).read_text(encoding="utf-8") == text, file


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_folder_is_named_by_its_title(name: str) -> None:
    title = CONTRACTS[name].page.title
    assert re.sub("[^a-z]+", "_", title.lower()) == (name if name != "restores" else "creating_a_restoration_task")


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_defect_has_a_reading_and_every_reading_a_defect(name: str) -> None:
    contract = CONTRACTS[name]
    assert {defect.id for defect in contract.defects} == {reading.id for reading in contract.readings}
    assert all(defect.reading == defect.id for defect in contract.defects)


def texts(value: Any) -> list[str]:
    """Every text in the facts, names of members included."""
    if isinstance(value, dict):
        return [*value, *(text for each in value.values() for text in texts(each))]
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", CONTRACTS)
def test_facts_have_no_prose(name: str) -> None:
    facts = json.loads((store.ROOT / name / store.FACTS).read_text(encoding="utf-8"))
    title, lines = facts.pop("title"), facts.pop("request_line")
    assert title
    assert all(re.fullmatch(r"[A-Z]+ /\S+", line) for line in texts([lines]))
    assert [text for text in texts(facts) if " " in text] == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_schemas_and_every_keyword_has_its_witnesses(name: str) -> None:
    schema: Any = dict(SCHEMAS[name])
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid(example(schema))
    known = {"type", "const", "enum", "minimum", "maximum", "properties", "required", "items"}
    for at, keyword, member in keywords(schema):
        assert keyword in known
        reduced = copy.deepcopy(schema)
        if keyword == "type":
            # These have their type in themselves: beside them, no document can be wrong by the type alone.
            for other in ("const", "enum"):
                node_of(reduced, at).pop(other, None)
        document = broken(reduced, at, keyword, member)
        assert not Draft202012Validator(reduced).is_valid(document), (at, keyword, member)
        assert Draft202012Validator(without(reduced, at, keyword, member)).is_valid(document), (at, keyword, member)


BODIES = [contract for contract in CONTRACTS.values() if contract.request_schema]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_valid_bodies_of_every_operation_are_valid(data: st.DataObject) -> None:
    schema = data.draw(st.sampled_from([contract.request_schema for contract in BODIES]))
    assert Draft202012Validator(dict(schema)).is_valid(data.draw(valid_bodies(schema)))


@pytest.mark.parametrize("contract", BODIES, ids=lambda contract: contract.operation)
def test_plain_bodies_of_every_operation_are_valid(contract: Contract) -> None:
    validator = Draft202012Validator(dict(contract.request_schema))
    for optional in (True, False):
        assert validator.is_valid(plain_body(contract.request_schema, Shape({}), optional=optional, flag=True))


def test_operations_without_a_body_have_no_schema_of_one() -> None:
    single = CONTRACTS["querying_a_single_backup"]
    assert single.request_schema == {}
    assert CONTRACTS["removing_a_tag_from_a_backup_policy"].response_schema == {}
    assert list(single.parameters) == [Side.PATH]
    assert list(CONTRACTS["querying_all_backups"].parameters) == [Side.PATH, Side.QUERY]


def test_a_decision_shows_in_the_schema() -> None:
    header = CONTRACTS["adding_a_tag_to_a_backup_policy"].parameters[Side.HEADER]["properties"]["Content-type"]
    assert header == {"type": "string", "x-source": "Table 1, Content-type", "const": "application/json"}


def test_types_are_those_of_the_side_and_never_merged_by_name() -> None:
    contract = CONTRACTS["creating_a_backup_policy"]
    asked = contract.request_schema["properties"]["policy"]["properties"]["scheduled_operations"]["items"]
    told = contract.response_schema["properties"]["policy"]["properties"]["scheduled_operations"]["items"]
    types = [side["properties"]["operation_definition"]["properties"]["max_backups"]["type"] for side in (asked, told)]
    assert types == ["integer", "string"]


def test_loading_one_contract_reads_no_other_and_no_docutils() -> None:
    code = (
        "import sys; sys.modules['docutils'] = None; opened = set()\n"
        "sys.addaudithook(lambda event, args: opened.add(str(args[0])) if event == 'open' else None)\n"
        "import contracts; contracts.load()\n"
        "print(*sorted(name for name in opened if name.endswith('.toml') or name.endswith('tables.json')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=store.ROOT.parent, capture_output=True, text=True, check=False
    )
    folder = store.ROOT / "restores"
    assert (done.stderr, done.stdout.split()) == ("", [str(folder / store.READINGS), str(folder / store.FACTS)])
