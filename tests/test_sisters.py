"""What the embedded service can do beside restoring: by its pages, with flaws in it, and in other sound ways."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

import contracts
from targets.embedded import world
from targets.embedded.backups import NAME as BACKUP
from targets.embedded.build import build
from targets.embedded.capability import MEMBERS
from targets.embedded.capability import NAME as CAPABILITY
from targets.embedded.changes import FLAWS, LIFECYCLE, RESTORES, VARIATIONS
from targets.embedded.flaws.places import put, remove
from targets.embedded.rehearsal import Rehearsal
from targets.embedded.rules import PROVIDER, parents
from targets.embedded.service import Call
from targets.embedded.target import embedded_target, serve
from targets.embedded.world import World
from targets.exchange import Request
from targets.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from targets.embedded.flaws.places import Edit
    from targets.embedded.rules import Member
    from targets.embedded.service import Reply, Service

UNKNOWN = "00c0ffee-0000-4000-8000-000000000001"
FIRST, SECOND = world.RESOURCES[0], world.RESOURCES[1]
ACTION = f"/v1/{world.PROJECT}/providers/{PROVIDER}/resources/action"
BACKUPS, ITEM = f"/v1/{world.PROJECT}/checkpoint_items/", FIRST["checkpoint_item_id"]
VALUES: tuple[Any, ...] = ("a", 1, 1.5, True, None, [], {})
READER = world.READ_ONLY_TOKEN


def call(method: str, path: str, document: Any = None, token: str | None = world.OPERATOR_TOKEN) -> Call:
    body = document if isinstance(document, bytes) else b"" if document is None else json.dumps(document).encode()
    return Call(method, path, {"content-type": "application/json", **({"x-auth-token": token} if token else {})}, body)


def question(*resources: Any, **changes: Any) -> dict[str, Any]:
    """Asks about resources; ``changes`` go into the object of the last of them that has such a member."""
    asked = [
        {
            "checkpoint_item_id": resource["checkpoint_item_id"],
            "target": {
                "resource_id": resource["server_id"],
                "resource_type": "OS::Nova::Server",
                "volumes": copy.deepcopy(resource["volumes"]),
            },
        }
        for resource in resources or (FIRST,)
    ]
    item: Any = asked[-1]
    for name, value in changes.items():
        next(each for each in (item, item["target"], item["target"]["volumes"][-1]) if name in each)[name] = value
    return {"check_restorable": asked}


def ask(service: Service, document: Any = None, path: str = ACTION, token: str | None = world.OPERATOR_TOKEN) -> Reply:
    return service.answer(call("POST", path, question() if document is None else document, token))


def get(service: Service, name: str, token: str | None = world.OPERATOR_TOKEN, project: str = world.PROJECT) -> Reply:
    return service.answer(call("GET", f"/v1/{project}/checkpoint_items/{name}", token=token))


def restore(service: Service, resource: Any = FIRST) -> Reply:
    parameters = {
        "checkpoint_item_id": resource["checkpoint_item_id"],
        "power_on": True,
        "targets": {"server_id": resource["server_id"], "volumes": resource["volumes"]},
    }
    document = {"checkpoint_id": resource["checkpoint_id"], "provider_id": PROVIDER, "parameters": parameters}
    return service.answer(call("POST", f"/v1/{world.PROJECT}/restores", {"restore": document}))


def told(reply: Reply) -> list[tuple[bool, str]]:
    """Result and code of each answer of a list of them."""
    return [(each["result"], each["error_code"]) for each in json.loads(reply.body)["restorable"]]


def refusal(reply: Reply) -> tuple[int, str]:
    return reply.status, json.loads(reply.body)["error_code"]


# -- as the pages have it


def test_capability_answers_each_item_in_its_order() -> None:
    reply = ask(build(), question(SECOND, FIRST))
    assert reply.status == 200
    document = json.loads(reply.body)
    assert [each["resource_id"] for each in document["restorable"]] == [SECOND["server_id"], FIRST["server_id"]]
    assert document["restorable"][0] == {
        "result": True,
        "resource_type": "OS::Nova::Server",
        "error_code": "",
        "error_msg": "",
        "resource_id": SECOND["server_id"],
    }
    jsonschema.validate(document, contracts.load(CAPABILITY).response_schema)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("checkpoint_item_id", "CSBS.3001"),
        ("resource_id", "CSBS.6000"),
        ("backup_id", "CSBS.6017"),
        ("volume_id", "CSBS.6014"),
        ("resource_type", "CSBS.6013"),
    ],
)
def test_capability_says_what_is_not_known(name: str, code: str) -> None:
    reply = ask(build(), question(FIRST, SECOND, **{name: UNKNOWN}))
    assert told(reply) == [(True, ""), (False, code)]
    assert json.loads(reply.body)["restorable"][1]["error_msg"]


@pytest.mark.parametrize(
    ("document", "status"),
    [
        (b"{", 400),
        ([], 400),
        ({}, 400),
        ({"check_restorable": []}, 400),
        ({"check_restorable": {}}, 400),
        ({"check_restorable": [1]}, 400),
        (question(checkpoint_item_id=None), 400),
        (question(target=[]), 400),
        (question(resource_id=1), 400),
        (question(resource_type=None), 400),
        (question(volumes={}), 400),
        (question(volumes=[]), 400),
        (question(volumes=[{"backup_id": "a"}]), 400),
        (question(backup_id=1), 400),
    ],
)
def test_capability_refuses_what_breaks_the_tables(document: Any, status: int) -> None:
    assert ask(build(), document).status == status


def test_capability_knows_its_caller_project_and_provider() -> None:
    service = build()
    assert refusal(ask(service, token=None)) == (401, "APIGW.0301")
    assert refusal(ask(service, token=world.EXPIRED_TOKEN)) == (401, "APIGW.0301")
    assert refusal(ask(service, path=ACTION.replace(world.PROJECT, world.FOREIGN_PROJECT))) == (403, "CSBS.9009")
    assert ask(service, path=ACTION.replace(PROVIDER, UNKNOWN)).status == 404
    assert ask(service, path=ACTION.replace(PROVIDER, "")).status == 404
    assert ask(service, token=READER).status == 200
    assert service.answer(call("GET", ACTION)).status == 405


def test_first_backup_has_every_row_and_all_are_of_the_types() -> None:
    contract = contracts.load(BACKUP)
    service = build()
    for resource in world.RESOURCES:
        reply = get(service, resource["checkpoint_item_id"], READER)
        document = json.loads(reply.body)
        jsonschema.validate(document, contract.response_schema)
        backup = document["checkpoint_item"]
        assert (reply.status, backup["status"]) == (200, "available")
        assert backup["id"] == resource["checkpoint_item_id"]
        assert (backup["checkpoint_id"], backup["resource_id"]) == (resource["checkpoint_id"], resource["server_id"])
        disks = backup["extend_info"]["volume_backups"]
        assert [{"backup_id": each["id"], "volume_id": each["source_volume_id"]} for each in disks] == list(
            resource["volumes"]
        )
    first = json.loads(get(service, FIRST["checkpoint_item_id"]).body)
    jsonschema.validate(first, _all_required(contract.response_schema))


def _all_required(schema: Any) -> Any:
    """The schema with every member mandatory, and no list empty."""
    if isinstance(schema, list):
        return [_all_required(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {name: _all_required(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict):
        changed["required"] = list(schema["properties"])
    if "items" in schema:
        changed["minItems"] = 1
    return changed


def test_backup_knows_its_caller_project_and_id() -> None:
    service = build()
    known = FIRST["checkpoint_item_id"]
    assert refusal(get(service, UNKNOWN)) == (404, "CSBS.3001")
    assert refusal(get(service, known, None)) == (401, "APIGW.0301")
    assert refusal(get(service, known, project=world.FOREIGN_PROJECT)) == (403, "CSBS.9009")
    assert get(service, "").status == 404
    path = f"/v1/{world.PROJECT}/checkpoint_items/{known}"
    assert service.answer(call("DELETE", path)).status == 405
    assert service.answer(call("GET", path, b"{")).status == 200


def test_shared_stages_are_every_operations() -> None:
    service = build(["own-codes", "ids-in-any-case", "indented", "foreign-project-gets-404", "allow-header"])
    known = FIRST["checkpoint_item_id"].upper()
    assert json.loads(get(service, known).body)["checkpoint_item"]["id"] == FIRST["checkpoint_item_id"]
    assert told(ask(service, question(checkpoint_item_id=known))) == [(True, "")]
    assert refusal(get(service, UNKNOWN)) == (404, "Restore.3001")
    assert get(service, known, project=world.FOREIGN_PROJECT).status == 404
    assert b"\n    " in get(service, known).body
    refused = service.answer(call("POST", f"/v1/{world.PROJECT}/checkpoint_items/{known}"))
    assert (refused.status, refused.headers["allow"]) == (405, "GET")


def test_rehearsal_knows_the_profiles_resources() -> None:
    mine = {**FIRST, "checkpoint_id": "c", "checkpoint_item_id": "i", "server_id": "s"}
    target = replace(embedded_target("http://127.0.0.1:9"), resources=(mine, {**mine, "checkpoint_item_id": "j"}))
    with Rehearsal(target, frozenset({200}), frozenset()) as line:
        answer = line.send(Request("GET", f"/v1/{world.PROJECT}/checkpoint_items/j", None)).answer
        asked = json.dumps(question(mine)).encode()
        capability = line.send(Request("POST", ACTION, asked)).answer
    assert answer is not None
    assert answer.document["checkpoint_item"]["resource_id"] == "s"
    assert capability is not None
    assert capability.document["restorable"][0]["result"] is True


# -- restorations that last


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """The time that it shows."""
        return self.now


def states(service: Service, resource: Any = FIRST) -> tuple[str, list[tuple[bool, str]]]:
    """What is said of a resource: its backup's status, and whether it can be restored."""
    backup = json.loads(get(service, resource["checkpoint_item_id"]).body)
    return backup["checkpoint_item"]["status"], told(ask(service, question(resource)))


def test_restoration_keeps_its_server_busy_for_its_time() -> None:
    clock = Clock()
    service = build((), World(lasting=10, clock=clock))
    assert states(service) == ("available", [(True, "")])
    assert restore(service).status == 200
    assert states(service) == ("waiting_restore", [(False, "CSBS.6015")])
    assert refusal(restore(service)) == (400, "CSBS.6015")
    assert states(service, SECOND) == ("available", [(True, "")])
    assert restore(service, SECOND).status == 200
    clock.now += 9
    assert states(service) == ("restoring", [(False, "CSBS.6015")])
    clock.now += 1
    assert states(service) == ("available", [(True, "")])
    assert restore(service).status == 200
    assert len(service.world.restorations) == 3


def test_restoration_is_over_at_once_unless_told_otherwise() -> None:
    service = build()
    assert [restore(service).status for _ in range(2)] == [200, 200]
    assert states(service) == ("available", [(True, "")])


def test_lasting_is_an_option_of_the_command_line() -> None:
    body = json.dumps(question()).encode()
    with serve(lasting=3600) as target, Wire(target, frozenset({200}), frozenset()) as line:
        exchanges = [
            line.send(Request("POST", f"/v1/{world.PROJECT}/restores", restoration_body(), resource="s")),
            line.send(Request("POST", ACTION, body)),
            line.send(Request("GET", f"/v1/{world.PROJECT}/checkpoint_items/{FIRST['checkpoint_item_id']}", None)),
        ]
    answers = [exchange.answer for exchange in exchanges]
    assert [answer.status for answer in answers if answer] == [200, 200, 200]
    assert answers[1] is not None
    assert answers[1].document["restorable"][0]["error_code"] == "CSBS.6015"
    assert answers[2] is not None
    assert answers[2].document["checkpoint_item"]["status"] == "waiting_restore"


def restoration_body() -> bytes:
    """The body of an acceptable restoration."""
    service = build()
    restore(service)
    return json.dumps(service.world.restorations[0]).encode()


# -- with flaws


def questions() -> Iterator[Call]:
    """Questions of both operations, between them touching all that a flaw may get wrong."""
    for resource in world.RESOURCES:
        yield call("POST", ACTION, question(resource))
        yield call("GET", BACKUPS + resource["checkpoint_item_id"])
    yield call("POST", ACTION, question(FIRST, world.RESOURCES[2], SECOND))
    yield from unknown_names()
    for member in MEMBERS:
        for value in VALUES:
            yield from (call("POST", ACTION, each) for each in altered(member, value))
    for document in (b"", b"{", b"[]", question()["check_restorable"], {**question(), "x": 1}):
        yield call("POST", ACTION, document)
    yield from odd()
    for method, path, document in (("POST", ACTION, question()), ("GET", BACKUPS + ITEM, None)):
        for token in (None, "bad", world.EXPIRED_TOKEN):
            yield call(method, path, document, token)
        for project in (world.FOREIGN_PROJECT, world.PROJECT[:-1] + "0"):
            yield call(method, path.replace(world.PROJECT, project), document)


def odd() -> Iterator[Call]:
    """Questions that may be answered in one way or the other."""
    yield call("POST", ACTION, question(), READER)
    yield call("POST", ACTION, question(resource_id=SECOND["server_id"]))
    yield call("POST", ACTION, question(resource_id=UNKNOWN, backup_id=UNKNOWN))
    yield call("POST", ACTION, {"check_restorable": [{"target": 1}]})
    yield call("POST", ACTION.replace(PROVIDER, PROVIDER.upper()), question())
    yield call("POST", ACTION.replace(PROVIDER, UNKNOWN), {})


def unknown_names() -> Iterator[Call]:
    """Questions with names that nothing has."""
    for name in ("checkpoint_item_id", "resource_id", "backup_id", "volume_id"):
        known = SECOND["volumes"][-1].get(name) or SECOND.get(name) or SECOND["server_id"]
        for value in (UNKNOWN, known[:-1] + "f", known[:-1], known + "0"):
            yield call("POST", ACTION, question(FIRST, SECOND, **{name: value}))
            yield call("POST", ACTION, question(SECOND, **{name: value}))
    yield call("POST", ACTION, question(world.RESOURCES[2], volume_id=UNKNOWN))
    for provider in (
        "a",
        UNKNOWN,
        PROVIDER[:-1],
        f"{PROVIDER}0",
        f"{PROVIDER[:-1]}0",
        f"0{PROVIDER[1:]}",
        "z" * 36,
        PROVIDER.upper(),
    ):
        yield call("POST", ACTION.replace(PROVIDER, provider), question())
    for name in (UNKNOWN, ITEM[:-1], f"{ITEM}0", ITEM[:20] + UNKNOWN[20:], f"1{ITEM[1:]}"):
        yield call("GET", BACKUPS + name)
    for name in ("x" * 300, "\0", "%", "'", "ö"):
        yield call("GET", BACKUPS + name)


def altered(member: Member, value: Any) -> Iterator[Any]:
    """Questions that lack a member, have another value for it or hold that in its list: the last of two, and alone."""
    for resources in ((FIRST, SECOND), (SECOND,)):
        for edit in (remove, put(value), _holding(value)):
            document = question(*resources)
            edit(list(parents(document, member.parents))[-1], member.name)
            yield document


def _holding(value: Any) -> Edit:
    def change(parent: Any, name: str) -> None:
        parent[name] = [*parent[name], value] if isinstance(parent[name], list) else value

    return change


def replies(service: Service) -> Iterator[Reply]:
    return (service.answer(each) for each in questions())


PLAIN = list(replies(build()))


@pytest.mark.parametrize("name", [*FLAWS.of(CAPABILITY), *FLAWS.of(BACKUP)])
def test_flaw_shows(name: str) -> None:
    assert any(mine != plain for mine, plain in zip(replies(build([name])), PLAIN))


# -- in other sound ways


@pytest.mark.parametrize("name", [*VARIATIONS.of(CAPABILITY), *VARIATIONS.of(BACKUP)])
def test_variation_is_another_service(name: str) -> None:
    assert any(mine != plain for mine, plain in zip(replies(build([name])), PLAIN))


@pytest.mark.parametrize("operation", [CAPABILITY, BACKUP])
def test_variation_answers_in_the_contracts_form(operation: str) -> None:
    loaded = {name: contracts.load(name) for name in (CAPABILITY, BACKUP)}
    answers = {name: jsonschema.Draft202012Validator(contract.response_schema) for name, contract in loaded.items()}
    error = jsonschema.Draft202012Validator(loaded[operation].error_schema)
    for name in VARIATIONS.of(operation):
        for asked, reply in zip(questions(), replies(build([name]))):
            form = answers[BACKUP if asked.path.startswith(BACKUPS) else CAPABILITY] if reply.status == 200 else error
            if name != "backup-nulls-what-may-be-missing":
                form.validate(json.loads(reply.body))
            assert reply.status in {200, 400, 401, 403, 404, 414}


def test_names_are_one_changes_only() -> None:
    assert not set(FLAWS) & set(VARIATIONS)


# -- flaws that take several operations to be seen


def course(changes: Sequence[str], lasting: float = 10) -> list[Reply]:
    """What is answered over the course of a few restorations of one server."""
    clock = Clock()
    service = build(changes, World(lasting=lasting, clock=clock))
    found = []
    for seconds in (0, 0, 2, 8, 1):
        clock.now += seconds
        for resource in (FIRST, SECOND):
            found += [get(service, resource["checkpoint_item_id"]) for _ in range(3)]
            found += [ask(service, question(resource))]
        found += [restore(service)]
        found += [ask(service), get(service, FIRST["checkpoint_item_id"])]
    # a restoration has a new id each time
    return [reply if b'"restore"' not in reply.body else replace(reply, body=b"") for reply in found]


@pytest.mark.parametrize("name", [*FLAWS.of(LIFECYCLE), *VARIATIONS.of(LIFECYCLE)])
def test_change_of_the_lifecycle_shows_while_restorations_last(name: str) -> None:
    assert course([name]) != course([])
    assert course([name], lasting=0) == course([], lasting=0)


def test_flaw_of_the_lifecycle_breaks_what_is_asked_of_it() -> None:
    judged = {"c.status.listed", "c.status.settles", "c.busy", "c.capability", "c.backup"}
    assert {clause for name in FLAWS.of(LIFECYCLE) for clause in FLAWS[name].breaks} == judged
    assert {flaw.operation for flaw in FLAWS.values()} == {RESTORES, CAPABILITY, BACKUP, LIFECYCLE}
