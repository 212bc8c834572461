"""The catalogue is whole, and every mutant proves that it carries its one fault."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import contracts
from contracts.bodies import encode, valid_bodies
from contracts.catalogue import catalogue
from contracts.faults import REMOVED, Fault, FaultNotProven, Mutant
from contracts.malformed import is_json_object, leniencies, malformations, stresses
from contracts.model import Kind, Side
from suites.shaping import shape_for

CONTRACT = contracts.load()
FAULTS = catalogue(CONTRACT)
BODIES = valid_bodies(CONTRACT.request_schema, shape_for(CONTRACT, items=(2, 3)))
BY_ID = {fault.id: fault for fault in FAULTS}


def test_every_mandatory_type_and_fixed_value_clause_of_the_request_has_faults() -> None:
    faulted = {fault.clause for fault in FAULTS}
    looked_up = {f"{lookup.name}.value" for lookup in CONTRACT.lookups}
    optional = {"restores.t3.restore_target.mandatory"}
    expected = {
        clause.id
        for clause in CONTRACT.clauses
        if clause.side is Side.REQUEST and clause.kind in (Kind.MANDATORY, Kind.TYPE, Kind.VALUE)
    }
    unfaulted = {clause for clause in expected if clause.split(".", 2)[2] in looked_up} | optional
    assert faulted == expected - unfaulted


def test_ids_are_unique_ascii_slugs() -> None:
    ids = [fault.id for fault in FAULTS]
    ids += [each.id for each in (*malformations(CONTRACT), *leniencies(CONTRACT), *stresses(CONTRACT))]
    assert len(set(ids)) == len(ids)
    assert all(each.isascii() and each.replace("_", "").replace(".", "").replace("-", "").isalnum() for each in ids)


def test_each_member_takes_every_other_json_type() -> None:
    labels = {fault.label for fault in FAULTS if fault.clause == "restores.t3.checkpoint_id.type"}
    assert labels == {"as_integer", "as_fraction", "as_boolean", "as_null", "as_array", "as_object"}
    labels = {fault.label for fault in FAULTS if fault.clause == "restores.t4.power_on.type"}
    assert labels == {"as_string", "as_integer", "as_fraction", "as_null", "as_array", "as_object"}
    labels = {fault.label for fault in FAULTS if fault.clause == "restores.t3.restore_target.type"}
    assert "as_null" not in labels, "null in an optional member's place is an open point"


@settings(max_examples=25)
@given(BODIES, st.data())
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_every_mutant_is_proven(fault: Fault, document: Any, data: st.DataObject) -> None:
    if fault.fits(document):
        fault.put(document, data.draw(fault.fills)).prove(CONTRACT)
        for mutant in fault.first_mutants(document):
            mutant.prove(CONTRACT)


SOUND = {
    "restore": {
        "checkpoint_id": "c",
        "provider_id": "fc4d5750-22e7-4798-8a46-f48f62c4c1da",
        "parameters": {
            "checkpoint_item_id": "i",
            "power_on": True,
            "targets": {"server_id": "s", "volumes": [{"backup_id": "b", "volume_id": "v"}]},
        },
    }
}


def test_mutant_that_is_not_broken_is_not_proven() -> None:
    fault = BY_ID["restores.t3.checkpoint_id.type-as_integer"]
    with pytest.raises(FaultNotProven, match="not the only error"):
        fault.put(SOUND, "still a string").prove(CONTRACT)


def test_mutant_with_a_second_fault_is_not_proven() -> None:
    mutant = BY_ID["restores.t3.checkpoint_id.mandatory-missing"].put(SOUND, REMOVED)
    after = json.loads(mutant.after)
    after["restore"]["parameters"]["power_on"] = "true"
    with pytest.raises(FaultNotProven, match="not the only error"):
        dataclasses.replace(mutant, after=encode(after)).prove(CONTRACT)


def test_mutant_broken_elsewhere_is_not_proven() -> None:
    labelled, broken = (
        BY_ID["restores.t3.checkpoint_id.mandatory-missing"],
        BY_ID["restores.t2.restore.mandatory-missing"],
    )
    with pytest.raises(FaultNotProven, match="not at"):
        dataclasses.replace(broken.put(SOUND, REMOVED), fault=labelled).prove(CONTRACT)


def test_mutant_that_undoing_does_not_mend_is_not_proven() -> None:
    mutant = BY_ID["restores.t3.checkpoint_id.mandatory-missing"].put(SOUND, REMOVED)
    after = json.loads(mutant.after)
    after["restore"]["restore_target"] = "a valid change beside the fault"
    with pytest.raises(FaultNotProven, match="undoing"):
        dataclasses.replace(mutant, after=encode(after)).prove(CONTRACT)


def test_mutant_of_an_invalid_body_is_not_proven() -> None:
    fault = BY_ID["restores.t4.power_on.type-as_string"]
    mutant = Mutant(fault, "/restore/parameters/power_on", b'{"restore":{}}', b'{"restore":{}}')
    with pytest.raises(FaultNotProven, match="without the fault is not valid"):
        mutant.prove(CONTRACT)


def test_mutant_under_another_keyword_is_not_proven() -> None:
    typed, fixed = BY_ID["restores.t3.provider_id.type-as_integer"], BY_ID["restores.t3.provider_id.value-other_end"]
    mutant = fixed.put(SOUND, "another")
    with pytest.raises(FaultNotProven, match="does not break type"):
        dataclasses.replace(mutant, fault=typed).prove(CONTRACT)


def test_fault_of_the_last_item_leaves_the_first_alone() -> None:
    document = json.loads(encode(SOUND))
    document["restore"]["parameters"]["targets"]["volumes"].append({"backup_id": "b2", "volume_id": "v2"})
    mutant = BY_ID["restores.t6.backup_id.mandatory-missing_in_last"].put(document, REMOVED)
    assert mutant.pointer == "/restore/parameters/targets/volumes/1/backup_id"
    assert json.loads(mutant.after)["restore"]["parameters"]["targets"]["volumes"] == [
        {"backup_id": "b", "volume_id": "v"},
        {"volume_id": "v2"},
    ]


@settings(max_examples=25)
@given(BODIES)
@pytest.mark.parametrize("fault", [*malformations(CONTRACT), *leniencies(CONTRACT)], ids=lambda fault: fault.id)
def test_every_malformed_body_is_proven(fault: Any, document: Any) -> None:
    for variant in range(fault.variants):
        malformed = fault.put(encode(document), variant)
        malformed.prove(CONTRACT)
        assert malformed.splice.apply(malformed.before) == malformed.after


IN_STRINGS = [
    each
    for each in (*malformations(CONTRACT), *leniencies(CONTRACT), *stresses(CONTRACT))
    if each.label in {"not_utf8", "control_character", "nul", "lone_surrogate", "long_string"}
]


@given(BODIES)
@pytest.mark.parametrize("fault", IN_STRINGS, ids=lambda fault: fault.id)
def test_what_is_put_into_a_string_leaves_the_fixed_value_alone(fault: Any, document: Any) -> None:
    document["restore"] = {"provider_id": document["restore"]["provider_id"], **document["restore"]}
    malformed = fault.put(encode(document))
    assert document["restore"]["provider_id"].encode() in malformed.after


def test_malformation_that_leaves_an_object_is_not_proven() -> None:
    malformed = malformations(CONTRACT)[0].put(encode(SOUND))
    with pytest.raises(FaultNotProven, match="still one JSON object"):
        dataclasses.replace(malformed, after=encode(SOUND)).prove(CONTRACT)
    with pytest.raises(FaultNotProven, match="undoing"):
        dataclasses.replace(malformed, after=b"other").prove(CONTRACT)
    with pytest.raises(FaultNotProven, match="without the fault"):
        malformations(CONTRACT)[0].put(b"{}").prove(CONTRACT)


@pytest.mark.parametrize("stress", stresses(CONTRACT), ids=lambda stress: stress.id)
def test_stress_changes_the_body_and_can_be_undone(stress: Any) -> None:
    for variant in range(stress.variants):
        stressed = stress.put(encode(SOUND), variant)
        assert stressed.after != stressed.before
        assert stressed.splice.undo(stressed.after) == stressed.before


@pytest.mark.parametrize(
    ("body", "is_one"),
    [
        (b"{}", True),
        (b' {"a": 1}\n', True),
        (b"[]", False),
        (b"{} {}", False),
        (b'{"a": NaN}', False),
        (b'{"a": "\xff"}', False),
        (b"", False),
        (b"[" * 100_000, False),
    ],
    ids=["object", "spaced", "array", "two", "nan", "not-utf8", "empty", "deep"],
)
def test_json_objects_are_told_from_the_rest(body: bytes, is_one: bool) -> None:
    assert is_json_object(body) is is_one
