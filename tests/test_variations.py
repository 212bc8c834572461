"""Sound services: each differs from the plain one, keeps its word on a real socket, and goes with all others."""

from __future__ import annotations

import json
import random
import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from contracts.bodies import CANARY
from suites.campaign import Campaign
from suites.conducting import conduct
from suites.exploring import DEPTHS
from suites.outcomes import Outcome
from targets.embedded import world
from targets.embedded.build import build
from targets.embedded.changes import RESTORES, VARIATIONS
from targets.embedded.in_process import InProcessWire
from targets.embedded.rules import PROVIDER
from targets.embedded.service import Call, Reply
from targets.embedded.target import embedded_target, serve
from targets.exchange import Break, Request
from targets.wire import OF_EVERY_REQUEST, Wire
from tests.power import CONTRACT, failing, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from targets.embedded.service import Service

COMBINATIONS = 20
PATH = f"/v1/{world.PROJECT}/restores"
RESOURCE, OTHER = world.RESOURCES[2], world.RESOURCES[1]


# -- each differs from the plain service


def body(**changes: Any) -> dict[str, Any]:
    """An acceptable document; ``changes`` go into the object that has such a member, or else into restore."""
    targets = {"server_id": RESOURCE["server_id"], "volumes": RESOURCE["volumes"]}
    parameters = {"checkpoint_item_id": RESOURCE["checkpoint_item_id"], "power_on": True, "targets": targets}
    restore = {"checkpoint_id": RESOURCE["checkpoint_id"], "provider_id": PROVIDER, "parameters": parameters}
    for name, value in changes.items():
        next((each for each in (targets, parameters) if name in each), restore)[name] = value
    return {"restore": restore}


def call(document: Any = None, *, path: str = PATH, method: str = "POST", **headers: str) -> Call:
    """A call of the operator's, unless the headers say otherwise."""
    content = document if isinstance(document, bytes) else json.dumps(body() if document is None else document).encode()
    given = {**OF_EVERY_REQUEST, "Content-Type": "application/json", "X-Auth-Token": world.OPERATOR_TOKEN}
    given.update({name.replace("_", "-"): value for name, value in headers.items()})
    return Call(method, path, {name.lower(): value for name, value in given.items()}, content)


def probes() -> Iterator[Call]:
    """Requests that between them touch every freedom of the page."""
    unknown = f"{CANARY}-0000-4000-8000-000000000000"
    twins = [RESOURCE["volumes"][0]] * 2
    # taken
    yield call()
    yield call(body(restore_target="Zürich/1", power_on=False))
    # names that nothing has, one and several at a time
    for name in ("checkpoint_id", "checkpoint_item_id", "server_id"):
        yield call(body(**{name: unknown}))
        yield call(body(**{name: RESOURCE[name].upper()}))
    yield call(body(server_id=f" {RESOURCE['server_id']} "))
    yield call(body(server_id="server-1"))
    for name in ("backup_id", "volume_id"):
        yield call(body(volumes=[{**RESOURCE["volumes"][0], name: unknown}]))
    for _ in range(2):
        yield call(body(checkpoint_id=unknown, checkpoint_item_id=unknown, server_id=unknown))
        yield call(body(checkpoint_id=unknown, server_id=unknown, volumes=twins[:1]))
        yield call(body(checkpoint_id=unknown, power_on="true"))
    # names of different resources, and one twice
    yield call(body(checkpoint_id=OTHER["checkpoint_id"]))
    yield call(body(volumes=twins))
    # bodies with a fault or two, and questions that the page leaves open
    yield call(body(power_on=1))
    yield call(body(power_on=1, volumes=[{"backup_id": 1}]))
    yield call(body(provider_id=unknown))
    yield call(body(provider_id=PROVIDER.upper()))
    yield call({"restore": {"parameters": {"targets": []}, "provider_id": "another"}})
    yield call({"restore": {"provider_id": 1, "checkpoint_id": 2, "parameters": {"targets": {"server_id": 3}}}})
    yield call(body(restore_target=None))
    yield call(body(restore_target="x" * 1000))
    yield call(body(volumes=[]))
    yield call(body(unheard_of=1))
    yield call(json.dumps(body()).replace("{", '{"restore": 0, ', 1).encode())
    yield call(json.dumps(body()).replace("{", '{"x": ' + "[" * 50 + "]" * 50 + ",", 1).encode())
    yield call(json.dumps({**body(), "x": "x" * 300_000}).encode())
    yield call(b"\xef\xbb\xbf" + json.dumps(body()).encode())
    yield call(b"{")
    # headers, methods and paths
    yield call(Content_Type="text/plain")
    yield call(Accept="text/html")
    yield call(Accept_Encoding="identity")
    yield call(method="GET")
    yield call(method="PUT")
    for path in (f"{PATH}/", "/v1//restores", PATH.replace("/restores", "//restores"), "/"):
        yield call(path=path)
    yield call(path="/", X_Auth_Token="")
    # callers
    for token in ("", "another", world.EXPIRED_TOKEN, world.READ_ONLY_TOKEN, world.FOREIGN_TOKEN):
        yield call(X_Auth_Token=token)
    yield call(body(power_on=1), X_Auth_Token=world.READ_ONLY_TOKEN)
    yield call(body(server_id=unknown), X_Auth_Token=world.READ_ONLY_TOKEN)
    yield call(body(server_id=unknown), path=PATH.replace(world.PROJECT, world.FOREIGN_PROJECT))
    yield call(path=PATH.replace(world.PROJECT, world.FOREIGN_PROJECT), X_Auth_Token=world.READ_ONLY_TOKEN)


RESTORATION = re.compile(rb'"id": "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"')


def replies(service: Service) -> list[Reply]:
    """What a service answers to the probes, without the names that it gives to restorations."""
    found = (service.answer(probe) for probe in probes())
    return [replace(reply, body=RESTORATION.sub(b'"id": ""', reply.body)) for reply in found]


def test_plain_service_answers_the_same_twice() -> None:
    assert replies(build()) == replies(build())


@pytest.mark.parametrize("name", sorted(VARIATIONS.of(RESTORES)))
def test_variation_is_another_service(name: str) -> None:
    assert replies(build([name])) != replies(build())


# -- on a real socket


@contextmanager
def wire(*variations: str) -> Iterator[Wire]:
    with serve(variations=variations) as target, Wire(target, frozenset({200}), frozenset({"CSBS.6015"})) as line:
        yield line


def ask(document: Any = None) -> Request:
    return Request("POST", PATH, json.dumps(body() if document is None else document).encode(), resource="server")


def test_gzip_chunks_and_closed_connections_are_what_they_say() -> None:
    with wire("gzipped", "chunked", "closing", "type-in-capitals", "cookie") as line:
        exchanges = [line.send(ask()), line.send(ask(body(power_on=1)))]
    assert [exchange.status for exchange in exchanges] == [200, 400]
    for exchange in exchanges:
        answer = exchange.answer
        assert answer is not None
        sent = {name: answer.header(name) for name in ("Content-Encoding", "Transfer-Encoding", "Connection")}
        assert sent == {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked", "Connection": "close"}
        assert (answer.header("Content-Length"), answer.header("Set-Cookie")) == (None, "***")
        assert answer.header("Content-Type") == "APPLICATION/JSON"
        assert set(answer.document) in ({"restore"}, {"error_code", "error_msg"})


def test_refused_gzip_is_not_sent() -> None:
    plain = Request("POST", PATH, b"{", (("Content-Type", "application/json"), ("Accept-Encoding", "gzip;q=0")))
    with wire("gzipped") as line:
        answer = line.send(plain).answer
    assert answer is not None
    assert (answer.header("Content-Encoding"), answer.code) == (None, "CSBS.0400")


@pytest.mark.parametrize(("variation", "status"), [("503-sometimes", "503"), ("429-until-a-date", "429")])
def test_throttled_request_is_asked_again(variation: str, status: str) -> None:
    with wire(variation) as line:
        exchanges = line.start([ask(body(power_on=1))] * 13).exchanges()
        assert line.by_status == {"400": 13, status: line.sent - 13}
    assert {exchange.status for exchange in exchanges} == {400}
    assert sum(exchange.attempts - 1 for exchange in exchanges) == line.sent - 13 > 0


def test_busy_server_is_waited_for() -> None:
    with wire("busy-server") as line:
        exchanges = [line.send(ask()), line.send(ask())]
    assert [(exchange.status, exchange.attempts) for exchange in exchanges] == [(200, 1), (200, 2)]


def test_wire_in_process_decodes_like_the_real_one() -> None:
    service = build(["gzipped"])
    with InProcessWire(embedded_target("http://127.0.0.1:9"), frozenset({200}), frozenset(), service) as line:
        whole = line.send(ask()).answer
        service.around("answer", lambda _: lambda _: Reply(200, b"not gzip", {"content-encoding": "gzip"}))
        broken = line.send(ask())
    assert whole is not None
    assert (whole.header("Content-Encoding"), set(whole.document)) == ("gzip", {"restore"})
    assert (broken.answer, broken.broke) == (None, Break.GARBLED)


def test_whole_run_on_a_real_socket_accuses_nothing() -> None:
    variations = ("gzipped", "chunked", "closing", "slow", "cookie", "indented", "more-in-volumes", "busy-server")
    with wire(*variations) as line:
        campaign = Campaign(CONTRACT, line.target, line, DEPTHS["smoke"], seed=1)
        conduct(campaign)
    assert {entry.outcome for entry in campaign.record.entries.values()} == {Outcome.PASS}


# -- together


@pytest.mark.parametrize("number", range(COMBINATIONS))
def test_variations_go_together(number: int) -> None:
    draw = random.Random(number)  # noqa: S311  a choice of tests
    names = draw.sample(sorted(VARIATIONS.of(RESTORES)), draw.randint(3, 6))
    verdict = run(names, seed=number)
    assert failing(verdict) == set(), names
    assert verdict["verdict"] == "conformant", (names, verdict["reason"])
