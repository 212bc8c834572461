"""Paths: what they say, what stands in them otherwise, and what is judged of that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

import contracts
from suites.addressing import given, path_of, path_values, readdressed, values_in
from suites.campaign import Campaign
from suites.exploring import DEPTHS
from suites.in_path import HARD, endure_names, looked_up, misname, wrong_paths
from suites.looking_up import look_up, look_up_nothing
from suites.outcomes import Accepted, Judged, Outcome
from suites.questions import finish
from tests.fakes import FakeWire
from tests.samples import RESOURCE, answered, refused, target

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.model import Contract
    from suites.in_path import Wrong
    from targets.exchange import Exchange, Request
    from targets.wire import Wire

RESTORES = contracts.load()
BACKUP = contracts.load("querying_a_single_backup")
CAPABILITY = contracts.load("querying_the_restoration_capability_of_a_resource")
TARGET = target(resources=(RESOURCE,))
PROVIDER = "fc4d5750-22e7-4798-8a46-f48f62c4c1da"
ITEM = f"/v1/{TARGET.project_id}/checkpoint_items/item-1"


def asking(contract: Contract, answer: Callable[[Request], Exchange], *, known: bool = True) -> Campaign:
    """A campaign that has an accepted request to build on, if ``known``."""
    campaign = Campaign(contract, TARGET, cast("Wire", FakeWire(answer)), DEPTHS["smoke"], seed=1)
    if known:
        path = path_of(contract, path_values(contract, TARGET, RESOURCE))
        campaign.remember(Accepted(None, "resource 1", answered(200, {"checkpoint_item": {}}), path))
    return campaign


def failing(judged: list[Judged]) -> set[str]:
    return {finding.clause.split(".", 1)[1] for each in judged for finding in each.failures}


def test_path_names_the_resource_or_nothing_that_exists() -> None:
    assert path_of(BACKUP, path_values(BACKUP, TARGET, RESOURCE)) == ITEM
    unknown = path_values(BACKUP, TARGET)["checkpoint_item_id"]
    assert unknown.startswith("00c0ffee")
    assert path_of(CAPABILITY, path_values(CAPABILITY, TARGET)) == (
        f"/v1/{TARGET.project_id}/providers/{PROVIDER}/resources/action"
    )


def test_members_get_what_the_profile_calls_otherwise() -> None:
    known = given(CAPABILITY, RESOURCE)
    assert (known["resource_id"], known["resource_type"]) == ("server-1", "OS::Nova::Server")
    assert given(CAPABILITY) == {"resource_type": "OS::Nova::Server"}
    assert given(RESTORES, RESOURCE) == RESOURCE


@pytest.mark.parametrize("value", ["", "a b", "../..", "%", "a\0b", "\u6771\u4eac", "\udcff", "x?y#z", "o'id\""])
def test_any_name_can_stand_in_a_path(value: str) -> None:
    path = readdressed(BACKUP, ITEM, checkpoint_item_id=value)
    assert path.isascii()
    assert not set(path) & set(' ?#\0"')
    assert path.count("/") == ITEM.count("/")
    assert values_in(BACKUP, path) == {"project_id": TARGET.project_id, "checkpoint_item_id": value}


def test_path_of_another_operation_says_nothing() -> None:
    assert values_in(BACKUP, "/v1/p/restores") == {}


@pytest.mark.parametrize(
    ("contract", "rows"),
    [
        (RESTORES, set()),
        (BACKUP, {"t1.checkpoint_item_id.mandatory"}),
        (CAPABILITY, {"t1.provider_id.mandatory", "t1.provider_id.value"}),
    ],
    ids=lambda each: each.operation if hasattr(each, "operation") else "",
)
def test_paths_are_wrong_in_what_is_not_the_project(contract: Contract, rows: set[str]) -> None:
    assert {wrong.clause.split(".", 1)[1] for wrong in wrong_paths(contract)} == rows


def wrong_ones() -> list[Any]:
    return [pytest.param(each, id=each.id) for each in wrong_paths(CAPABILITY)]


@pytest.mark.parametrize("wrong", wrong_ones())
@pytest.mark.parametrize("status", [200, 404, 400, 500])
def test_wrong_path_has_to_be_refused(wrong: Wrong, status: int) -> None:
    def answer(request: Request) -> Exchange:
        return answered(200, {"restorable": []}) if PROVIDER in request.path.split("/") else refused(status)

    judged = finish(misname(asking(CAPABILITY, answer), wrong))
    beside = {"s.500"} if status == 500 else set()
    assert failing(judged) == (set() if status in (400, 404) else {wrong.clause.split(".", 1)[1]} | beside)


@pytest.mark.parametrize(
    ("document", "sound"), [({"checkpoint_items": []}, True), ({"checkpoint_item": {}}, False)], ids=["list", "one"]
)
def test_path_without_its_last_segment_may_be_another_operation(document: Any, sound: bool) -> None:
    [wrong] = wrong_paths(BACKUP)
    [judged] = finish(misname(asking(BACKUP, lambda _: answered(200, document)), wrong))
    assert (judged.outcome is Outcome.PASS) is sound


def test_wrong_path_shows_nothing_where_nothing_is_known() -> None:
    [wrong, *_] = wrong_paths(CAPABILITY)
    [judged] = finish(misname(asking(CAPABILITY, lambda _: refused(404), known=False), wrong))
    assert judged.outcome is Outcome.BLOCKED


def test_hard_names_have_to_be_endured() -> None:
    assert looked_up(BACKUP) == ("checkpoint_item_id",)
    run = asking(BACKUP, lambda request: refused(500 if "%00" in request.path else 404))
    judged = finish(endure_names(run, "checkpoint_item_id"))
    assert len(judged) == len(HARD)
    assert [each.case.id.rpartition("_")[2] for each in judged if each.failures] == ["nul"]


def test_identifier_in_the_path_is_looked_up() -> None:
    def sound(request: Request) -> Exchange:
        return answered(200, {"checkpoint_item": {}}) if request.path == ITEM else refused(404, "CSBS.3001")

    [lookup] = BACKUP.lookups
    judged = finish(look_up(asking(BACKUP, sound), lookup))
    assert {each.outcome for each in judged} == {Outcome.PASS}
    assert all(each.case.request.path != ITEM for each in judged)
    shown = {finding.clause.split(".", 1)[1] for each in judged for finding in each.findings}
    assert {"t1.checkpoint_item_id.value", "s.404", "s.400"} <= shown, "no other request can be invalid"

    careless = finish(look_up(asking(BACKUP, lambda _: answered(200, {"checkpoint_item": {}})), lookup))
    assert failing(careless) >= {"t1.checkpoint_item_id.value", "s.404"}


def test_sound_answer_may_say_no_instead_of_refusing() -> None:
    """Whether a server can be restored is no error, even where there is no such server."""
    denied, granted = ({"restorable": [{"result": result}]} for result in (False, True))

    def run(document: Any) -> list[Judged]:
        return finish(look_up_nothing(asking(CAPABILITY, lambda _: answered(200, document))))

    [sound], [careless] = run(denied), run(granted)
    assert sound.outcome is Outcome.PASS
    assert careless.outcome is Outcome.FAIL
    assert "no result that is false" in careless.failures[0].why


def test_request_without_a_body_declares_none() -> None:
    run = asking(BACKUP, lambda _: refused(404))
    assert run.request(run.canaries()[0]) == replace(run.request(None), headers=(), body=None)


def test_consent_is_needed_only_where_something_starts() -> None:
    asked = {contract.operation: asking(contract, lambda _: refused(404)).consent for contract in (RESTORES, BACKUP)}
    assert asked == {"restores": False, "querying_a_single_backup": True}
