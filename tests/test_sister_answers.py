"""Every clause of the responses of the other operations, each with the one change to a sound answer that breaks it."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

import contracts
from contracts.model import Kind
from suites.outcomes import Outcome
from suites.response import identity_clause, may_be_absent, repeated, response, response_clauses

if TYPE_CHECKING:
    from contracts.model import Clause, Contract, Pointer

BACKUP = contracts.load("querying_a_single_backup")
CAPABILITY = contracts.load("querying_the_restoration_capability_of_a_resource")
ASKED = {
    "check_restorable": [
        {
            "checkpoint_item_id": f"item-{number}",
            "target": {"resource_id": f"server-{number}", "resource_type": "OS::Nova::Server", "volumes": []},
        }
        for number in range(2)
    ]
}
TOLD = {
    "restorable": [
        {
            "result": True,
            "resource_type": "OS::Nova::Server",
            "error_code": "",
            "error_msg": "",
            "resource_id": f"server-{number}",
        }
        for number in range(2)
    ]
}
WRONG_TYPE: dict[str, Any] = {"string": 1, "boolean": "true", "integer": "1", "object": [], "array": {}}


def backup() -> Any:
    """An answer that has every row of the tables."""
    document = json.loads(BACKUP.page.response_examples[0])
    item = document["checkpoint_item"]
    item |= {"description": "before the change", "tags": [{"key": "team", "value": "a"}]}
    item["extend_info"] |= {
        "resource_type": "OS::Nova::Server",
        "fail_code": {"Code": 0, "Description": "none"},
    }
    return document


SOUND = {
    BACKUP.operation: (BACKUP, None, {"checkpoint_item_id": backup()["checkpoint_item"]["id"]}, backup()),
    CAPABILITY.operation: (CAPABILITY, ASKED, {}, TOLD),
}


def failing(operation: str, document: Any) -> set[str]:
    contract, sent, path, _ = SOUND[operation]
    return {each.clause for each in response(contract, sent, path, document) if each.outcome is Outcome.FAIL}


def clauses() -> list[Any]:
    return [
        pytest.param(operation, clause, id=clause.id)
        for operation, (contract, *_) in SOUND.items()
        for clause in response_clauses(contract)
    ]


def parent_at(document: Any, pointer: Pointer) -> Any:
    """The object that has the member of a pointer; in a list, in its first item."""
    for name in pointer[:-1]:
        document = document[0 if name == "*" else name]
    return document


def schema_at(contract: Contract, pointer: Pointer) -> Any:
    schema: Any = contract.response_schema
    for name in pointer:
        schema = schema["items"] if name == "*" else schema["properties"][name]
    return schema


@pytest.mark.parametrize("operation", SOUND)
def test_sound_answer_keeps_every_clause(operation: str) -> None:
    contract, sent, path, document = SOUND[operation]
    findings = response(contract, sent, path, document)
    assert {each.clause for each in findings} == {clause.id for clause in response_clauses(contract)}
    assert {each.outcome for each in findings} == {Outcome.PASS}


def broken(contract: Contract, clause: Clause, document: Any) -> None:
    parent, name = parent_at(document, clause.pointer), clause.pointer[-1]
    schema = schema_at(contract, clause.pointer)
    if clause.kind is Kind.PRESENT:
        del parent[name]
    elif clause.kind is Kind.TYPE:
        parent[name] = WRONG_TYPE[schema["type"]]
    elif clause.kind is Kind.ECHO:
        parent[name] = parent[name][:1] if schema["type"] == "array" else "another"
    else:
        parent[name] = schema["maximum"] + 1 if "maximum" in schema else "another"


@pytest.mark.parametrize(("operation", "clause"), clauses())
def test_one_change_breaks_one_clause(operation: str, clause: Clause) -> None:
    contract, _, _, sound = SOUND[operation]
    document = copy.deepcopy(sound)
    broken(contract, clause, document)
    optional = clause.kind is Kind.PRESENT and clause.pointer[-1] not in schema_at(contract, clause.pointer[:-1]).get(
        "required", ()
    )
    assert failing(operation, document) == (set() if optional else {clause.id})


def test_limits_are_told_with_the_value() -> None:
    document = backup()
    document["checkpoint_item"]["extend_info"] |= {"progress": 101, "copy_status": "NA"}
    findings = response(BACKUP, None, SOUND[BACKUP.operation][2], document)
    whys = {each.clause.split(".", 1)[1]: each.why for each in findings if each.why}
    assert whys == {
        "t4.progress.value": "progress is 101, not from 0 to 100",
        "t4.copy_status.value": "copy_status is 'NA', not one of na, waiting_copy, copying, success, fail",
    }


@pytest.mark.parametrize("value", [0, 100, 50.0])
def test_whole_numbers_within_the_limits_are_sound(value: float) -> None:
    document = backup()
    document["checkpoint_item"]["extend_info"]["progress"] = value
    assert failing(BACKUP.operation, document) == set()


@pytest.mark.parametrize("value", [True, 0.5, None])
def test_what_is_no_whole_number_is_not(value: Any) -> None:
    document = backup()
    document["checkpoint_item"]["extend_info"]["size"] = value
    assert failing(BACKUP.operation, document) == {f"{BACKUP.operation}.t4.size.type"}


def test_what_may_be_left_out_may_be_null_too() -> None:
    document = backup()
    document["checkpoint_item"] |= {"description": None, "tags": None}
    assert failing(BACKUP.operation, document) == set()


def test_answers_come_in_any_order() -> None:
    assert failing(CAPABILITY.operation, {"restorable": TOLD["restorable"][::-1]}) == set()


def test_request_is_repeated_in_the_shape_of_the_answer() -> None:
    assert CAPABILITY.asking
    assert BACKUP.asking
    assert repeated(CAPABILITY.asking.echoes, ASKED, {}) == {
        "restorable": [{"resource_id": f"server-{n}", "resource_type": "OS::Nova::Server"} for n in range(2)]
    }
    assert repeated(BACKUP.asking.echoes, None, {"checkpoint_item_id": "x"}) == {"checkpoint_item": {"id": "x"}}


def test_only_what_starts_something_has_an_identity() -> None:
    assert identity_clause(BACKUP) is None
    assert identity_clause(CAPABILITY) is None


def test_rows_that_a_sound_answer_may_lack() -> None:
    absent = {clause.id.split(".", 1)[1] for clause in response_clauses(BACKUP) if may_be_absent(BACKUP, clause)}
    assert {"t3.description.type", "t8.key.present", "t6.code.type", "t9.image_id.type", "t7.bootable.type"} <= absent
    assert not {"t2.checkpoint_item.present", "t3.id.type", "t4.progress.value", "t4.volume_backups.type"} & absent
