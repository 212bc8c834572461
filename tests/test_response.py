"""Every clause of the response tables, each with the one change to a sound answer that breaks it alone."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

import contracts
from suites.outcomes import Outcome
from suites.response import identity_clause, response, response_clauses
from targets.exchange import NOT_JSON

if TYPE_CHECKING:
    from collections.abc import Callable

CONTRACT = contracts.load()
PROVIDER = "fc4d5750-22e7-4798-8a46-f48f62c4c1da"
PATH = {"project_id": "p1"}
PARAMETERS = {
    "checkpoint_item_id": "i1",
    "power_on": False,
    "targets": {
        "server_id": "s1",
        "volumes": [{"backup_id": "b1", "volume_id": "v1"}, {"backup_id": "b2", "volume_id": "v2"}],
    },
}
SENT = {
    "restore": {"checkpoint_id": "c1", "provider_id": PROVIDER, "restore_target": "there", "parameters": PARAMETERS}
}
ANSWER = {
    "restore": {
        "id": "r1",
        "checkpoint_id": "c1",
        "project_id": "p1",
        "provider_id": PROVIDER,
        "restore_target": "there",
        "status": "in_progress",
        "resources_reason": {},
        "resources_status": {},
        "parameters": PARAMETERS,
    }
}


def broken(document: Any, sent: Any = SENT) -> set[str]:
    findings = response(CONTRACT, sent, PATH, document)
    return {finding.clause.removeprefix("restores.") for finding in findings if finding.outcome is Outcome.FAIL}


def changed(change: Callable[[Any], Any], document: Any = ANSWER) -> Any:
    document = copy.deepcopy(document)
    change(document["restore"])
    return document


def without(document: Any, *names: str) -> Any:
    return changed(lambda restore: [restore.pop(name) for name in names], document)


def test_sound_answer_passes_every_clause() -> None:
    findings = response(CONTRACT, SENT, PATH, ANSWER)
    assert {finding.outcome for finding in findings} == {Outcome.PASS}
    assert {finding.clause for finding in findings} == {clause.id for clause in response_clauses(CONTRACT)}


@pytest.mark.parametrize(
    "change",
    [
        lambda restore: restore.update(extra={"more": 1}),
        lambda restore: restore["resources_status"].update(server="restoring"),
        lambda restore: restore.update(status="waiting"),
        lambda restore: restore["parameters"]["targets"]["volumes"].reverse(),
        lambda restore: restore["parameters"]["targets"]["volumes"][0].update(device="/dev/vda"),
        lambda restore: restore["parameters"].update(more=True),
    ],
    ids=["extra-member", "filled-dict", "other-status", "other-order", "extra-in-item", "extra-in-parameters"],
)
def test_freedom_of_the_answer_breaks_nothing(change: Callable[[Any], None]) -> None:
    assert broken(changed(change)) == set()


@pytest.mark.parametrize("value", [None, "", "http://192.0.2.1/v2.0/"])
def test_optional_member_that_was_not_sent_may_come_back_as_it_likes(value: Any) -> None:
    sent = without(SENT, "restore_target")
    assert broken(without(ANSWER, "restore_target"), sent) == set()
    assert broken(changed(lambda restore: restore.update(restore_target=value)), sent) == set()
    assert broken(changed(lambda restore: restore.update(restore_target=7)), sent) == {"t8.restore_target.type"}


def at(restore: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        restore = restore[step]
    return restore


def members(value: Any, table: dict[str, str], inside: str = "restore") -> list[tuple[str, tuple[Any, ...]]]:
    """Every member of the sample answer with its place."""
    found = []
    for name, each in value.items():
        found.append((f"{table[inside]}.{name}", (name,)))
        if name in table and isinstance(each, (dict, list)):
            below = each if isinstance(each, dict) else each[-1]
            step = (name,) if isinstance(each, dict) else (name, -1)
            found += [(clause, (*step, *place)) for clause, place in members(below, table, name)]
    return found


TABLES = {"restore": "t8", "parameters": "t9", "targets": "t10", "volumes": "t11"}
MEMBERS = members(ANSWER["restore"], TABLES)


@pytest.mark.parametrize(("row", "place"), MEMBERS, ids=[row for row, _ in MEMBERS])
def test_missing_member_breaks_its_presence_alone(row: str, place: tuple[Any, ...]) -> None:
    assert broken(changed(lambda restore: at(restore, place[:-1]).pop(place[-1]))) == {f"{row}.present"}


OTHERS: tuple[Any, ...] = (7, None, True, "text", [], {})
WRONG: list[tuple[str, tuple[Any, ...], Any]] = [
    (row, place, wrong)
    for row, place in MEMBERS
    for wrong in OTHERS
    if type(wrong) is not type(at(ANSWER["restore"], place))
]


@pytest.mark.parametrize(("row", "place", "wrong"), WRONG, ids=[f"{row}-{wrong!r}" for row, _, wrong in WRONG])
def test_member_of_another_type_breaks_its_type_alone(row: str, place: tuple[Any, ...], wrong: Any) -> None:
    assert broken(changed(lambda restore: at(restore, place[:-1]).update({place[-1]: wrong}))) == {f"{row}.type"}


ECHOED = [
    (row, place)
    for row, place in MEMBERS
    if any(clause.id == f"restores.{row}.echo" for clause in CONTRACT.clauses)
    and not isinstance(at(ANSWER["restore"], place), (dict, list))
]


@pytest.mark.parametrize(("row", "place"), ECHOED, ids=[row for row, _ in ECHOED])
def test_other_value_breaks_the_echo(row: str, place: tuple[Any, ...]) -> None:
    other = True if row.endswith("power_on") else "another"
    expected = {f"{row}.echo"} | ({f"{row}.value"} if row.endswith("provider_id") else set())
    assert broken(changed(lambda restore: at(restore, place[:-1]).update({place[-1]: other}))) == expected


def volumes(*pairs: tuple[str, str]) -> Any:
    items = [{"backup_id": backup, "volume_id": volume} for backup, volume in pairs]
    return changed(lambda restore: restore["parameters"]["targets"].update(volumes=items))


@pytest.mark.parametrize(
    ("document", "lost"),
    [
        (volumes(("b1", "v1")), {"t10.volumes.echo"}),
        (volumes(("b1", "v1"), ("b2", "v2"), ("b3", "v3")), {"t10.volumes.echo"}),
        (volumes(), {"t10.volumes.echo"}),
        (volumes(("b1", "v1"), ("b1", "v1")), {"t10.volumes.echo", "t11.backup_id.echo", "t11.volume_id.echo"}),
        (volumes(("v1", "b1"), ("b2", "v2")), {"t10.volumes.echo", "t11.backup_id.echo", "t11.volume_id.echo"}),
        (volumes(("b1", "v1"), ("b2", "v9")), {"t11.volume_id.echo"}),
    ],
    ids=["one-lost", "one-more", "all-lost", "first-twice", "swapped", "one-member"],
)
def test_items_that_are_not_as_sent_break_the_list(document: Any, lost: set[str]) -> None:
    assert broken(document) == lost


def test_object_that_is_not_as_sent_in_several_members_breaks_as_a_whole() -> None:
    other = {"checkpoint_item_id": "x", "power_on": True, "targets": PARAMETERS["targets"]}
    lost = broken(changed(lambda restore: restore.update(parameters=other)))
    assert lost == {"t8.parameters.echo", "t9.checkpoint_item_id.echo", "t9.power_on.echo"}


@pytest.mark.parametrize("document", [NOT_JSON, None, [], "text", {}], ids=repr)
def test_answer_without_the_root_member_breaks_that_alone(document: Any) -> None:
    assert broken(document) == {"t7.restore.present"}


def test_identity_is_never_empty() -> None:
    identity = identity_clause(CONTRACT)
    assert identity is not None
    assert identity.id == "restores.t8.id.value"
    assert broken(changed(lambda restore: restore.update(id=""))) == {"t8.id.value"}
