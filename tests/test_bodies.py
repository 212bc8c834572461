"""Valid bodies: all of them valid, all freedoms of the request used."""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import contracts
from contracts.bodies import CANARY, Shape, canary_id, encode, plain_body, valid_bodies
from suites.exploring import draw
from suites.shaping import shape_for

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

CONTRACT = contracts.load()
SCHEMA = CONTRACT.request_schema
VALIDATOR = Draft202012Validator(SCHEMA)
RESOURCE = {
    "checkpoint_id": "c",
    "checkpoint_item_id": "i",
    "server_id": "s",
    "volumes": [{"backup_id": "b", "volume_id": "v"}],
}


@given(valid_bodies(SCHEMA))
def test_every_body_is_valid_on_the_wire(body: Any) -> None:
    assert VALIDATOR.is_valid(json.loads(encode(body)))


def test_all_freedoms_are_used() -> None:
    restores = [body["restore"] for body in draw(valid_bodies(SCHEMA), 200, "freedoms", 1)]
    parameters = [restore["parameters"] for restore in restores]
    assert {"restore_target" in restore for restore in restores} == {True, False}
    assert {each["power_on"] for each in parameters} == {True, False}
    assert {min(len(each["targets"]["volumes"]), 2) for each in parameters} == {0, 1, 2}
    assert {restore["checkpoint_id"].startswith(CANARY) for restore in restores} == {True, False}
    assert len({tuple(restore) for restore in restores}) > 5, "members come in many orders"


def test_drawing_repeats_whatever_code_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = tmp_path / "odd_constant.py"
    code.write_text("ODD = 987_654_321_987\n", encoding="utf-8")
    drawn = draw(st.lists(st.integers(), min_size=50), 20, "code", 1)
    module = ModuleType(code.stem)
    module.__file__ = str(code)
    monkeypatch.setitem(sys.modules, code.stem, module)
    assert draw(st.lists(st.integers(), min_size=50), 20, "code", 1) == drawn


def test_drawing_repeats_by_seed_and_key() -> None:
    bodies = valid_bodies(SCHEMA)
    assert draw(bodies, 20, "key", 1) == draw(bodies, 20, "key", 1)
    assert draw(bodies, 20, "key", 1) != draw(bodies, 20, "key", 2)
    assert draw(bodies, 20, "key", 1) != draw(bodies, 20, "other", 1)


@given(valid_bodies(SCHEMA, shape_for(CONTRACT, RESOURCE)))
def test_given_members_stand_as_they_are(body: Any) -> None:
    parameters = body["restore"]["parameters"]
    assert body["restore"]["checkpoint_id"] == "c"
    assert parameters["targets"] == {"server_id": "s", "volumes": RESOURCE["volumes"]}
    assert VALIDATOR.is_valid(body)


@given(valid_bodies(SCHEMA, shape_for(CONTRACT)))
def test_canaries_name_nothing_that_exists(body: Any) -> None:
    parameters = body["restore"]["parameters"]
    names = [body["restore"]["checkpoint_id"], parameters["checkpoint_item_id"], parameters["targets"]["server_id"]]
    names += [value for volume in parameters["targets"]["volumes"] for value in volume.values()]
    assert all(name.startswith(f"{CANARY}-") for name in names)
    assert len(set(names)) == len(names)


def test_canary_ids_are_written_like_the_pages() -> None:
    assert canary_id(0) == "00c0ffee-0000-4000-8000-000000000000"
    assert canary_id((1 << 88) - 1) == "00c0ffee-ffff-4fff-8fff-ffffffffffff"


def test_plain_body_is_as_asked() -> None:
    shape = Shape({}, items=(1, 2))
    rich = plain_body(SCHEMA, shape, optional=True, flag=True)["restore"]
    poor = plain_body(SCHEMA, shape, optional=False, flag=False)["restore"]
    assert ("restore_target" in rich, rich["parameters"]["power_on"]) == (True, True)
    assert ("restore_target" in poor, poor["parameters"]["power_on"]) == (False, False)
    assert len(rich["parameters"]["targets"]["volumes"]) == 2
    assert rich == plain_body(SCHEMA, shape, optional=True, flag=True)["restore"]
