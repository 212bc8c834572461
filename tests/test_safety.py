"""What a run may cost a target: nothing without consent, no more than the budget with it, and accidents are told."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from contracts.bodies import CANARY
from suites.accepting import accept_all
from suites.campaign import Campaign
from suites.conducting import conduct
from suites.exploring import DEPTHS
from suites.judging import SUCCESS
from targets.embedded import world
from targets.embedded.build import build
from targets.embedded.in_process import InProcessWire
from targets.embedded.service import Reply
from targets.embedded.target import embedded_target
from targets.profile import Limits
from targets.resources import names
from targets.wire import Wire
from tests.fakes import CONTRACT
from tests.power import failing, verdict_of
from tests.raw import raw_server
from tests.starting import Served, call, profile, run, verdict

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from targets.embedded.service import Call, Service

BUDGET = 5
MANY = Limits(connections=8, requests_per_second=None, timeout=10, busy_wait=0, throttle_wait=0)


def asked(service: Service, depth: str = "standard", **facts: Any) -> dict[str, Any]:
    """The verdict on a service that is called without a socket."""
    target = replace(embedded_target("http://127.0.0.1:9"), **facts)
    with InProcessWire(target, frozenset(SUCCESS), CONTRACT.busy, service) as wire:
        return _conducted(Campaign(CONTRACT, target, wire, DEPTHS[depth], seed=1), wire)


def asked_over_sockets(service: Service, depth: str = "smoke", **facts: Any) -> dict[str, Any]:
    """The verdict on a service that is asked over eight connections at once."""
    with raw_server(Served(service)) as server:
        target = replace(embedded_target(server.endpoint), limits=MANY, **facts)
        with Wire(target, frozenset(SUCCESS), CONTRACT.busy) as wire:
            return _conducted(Campaign(CONTRACT, target, wire, DEPTHS[depth], seed=1), wire)


def _conducted(campaign: Campaign, wire: Wire) -> dict[str, Any]:
    conduct(campaign)
    return verdict_of(campaign, wire)


def changed(answer: Callable[[Service, Call], Reply | None]) -> Service:
    """A sound service, but for calls that a function answers."""
    service = build()
    sound = service.answer
    service.answer = lambda call: answer(service, call) or sound(call)  # type: ignore[method-assign]
    return service


def accepts_everything() -> Service:
    """A service that starts a restoration for whatever it is sent, and answers as the page says."""

    def accept(service: Service, call: Call) -> Reply:
        try:
            document = json.loads(call.body)
        except ValueError:
            document = None
        call.document, call.project = document if isinstance(document, dict) else {}, world.PROJECT
        return service.restore(call)

    return changed(accept)


def answers_nothing_of_use() -> Service:
    """A service that starts a restoration for whatever it is sent, and does not say which."""

    def accept(service: Service, _: Call) -> Reply:
        service.world.restorations.append({})
        return Reply(200, b"{}")

    return changed(accept)


def overlooks_power_on() -> Service:
    """A service that starts a restoration of whatever is named where power_on is missing."""

    def accept(service: Service, call: Call) -> Reply | None:
        if call.body.startswith(b'{"restore"') and b'"power_on"' not in call.body:
            call.document = json.loads(call.body)
            return service.restore(call)
        return None

    return changed(accept)


@pytest.mark.parametrize(("changes", "depth"), [([], "nightly"), (["existence-first"], "standard")])
def test_without_consent_nothing_is_restored_and_nothing_named_that_exists(changes: list[str], depth: str) -> None:
    service = build(changes)
    sound, bodies = service.answer, []

    def listen(call: Call) -> Reply:
        bodies.append(call.body.decode("latin-1"))
        return sound(call)

    service.answer = listen  # type: ignore[method-assign]
    found = asked(service, depth, budget=0)
    assert service.world.restorations == []
    assert found["requests"]["accepted"] == found["requests"]["accidents"] == 0
    assert failing(found) == set()
    things = service.world
    known = {*things.checkpoints, *things.items, *things.servers, *things.backups, *things.volumes}
    assert not [body for body in bodies if any(name in body for name in known)]
    assert CANARY in bodies[0]


SERVICES: dict[str, Callable[[], Service]] = {
    "sound": build,
    "existence first": lambda: build(["existence-first"]),
    "accepts everything": accepts_everything,
    "answers nothing of use": answers_nothing_of_use,
    "overlooks power_on": overlooks_power_on,
    "any provider": lambda: build(["provider-id-value-unchecked"]),
}


@pytest.mark.parametrize("ask", [asked, asked_over_sockets])
@pytest.mark.parametrize("name", SERVICES)
def test_budget_is_kept_whatever_the_target_does_and_every_response_clause_judged(
    name: str, ask: Callable[..., dict[str, Any]]
) -> None:
    service = SERVICES[name]()
    found = ask(service, budget=BUDGET)
    assert 1 <= len(service.world.restorations) == found["requests"]["accepted"] <= BUDGET
    response = {clause["outcome"] for clause in found["clauses"] if clause["source"]["table"] in {7, 8, 9, 10, 11}}
    if name == "answers nothing of use":
        assert "pass" not in response
        assert "fail" in response
    else:
        assert response == {"pass"}
    assert failing(found) or name in {"sound", "existence first"}


@pytest.mark.parametrize("service", [accepts_everything, overlooks_power_on])
def test_without_consent_the_first_accident_is_the_last(service: Callable[[], Service]) -> None:
    careless = service()
    found = asked_over_sockets(careless, "standard", budget=0)
    assert len(careless.world.restorations) == found["requests"]["accidents"] == len(found["accidents"]) == 1
    assert found["verdict"] == "non-conformant"


def test_accident_is_told_before_all_else(tmp_path: Path) -> None:
    with raw_server(Served(accepts_everything())) as server:
        done = run(tmp_path, "--target", profile(tmp_path, server.endpoint), "--depth", "smoke")
    assert done.returncode == 1, done.stdout
    [accident] = verdict(tmp_path)["accidents"]
    assert accident["case"] == "restores.s.404-preflight"
    assert CANARY in accident["request"]["body"]
    assert '"id"' in accident["response"]["body"]
    told = "1 restoration may have been started that the suite did not mean to start"
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    for text in (done.stdout, page):
        assert 0 < text.index(told) < text.index("Not conformant:")
        assert accident["case"] in text


class Overlap:
    """A script that starts restorations, and notes which servers are restored twice at a time.

    The first restorations of two servers wait for each other: they are on their way together.
    """

    def __init__(self, service: Service) -> None:
        self.twice: list[str] = []
        self.seen: set[str] = set()
        self._serve = Served(service)
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._together = threading.Barrier(2)

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        """Answer a request."""
        name = json.loads(call(request).body)["restore"]["parameters"]["targets"]["server_id"]
        with self._lock:
            first = name not in self.seen and len(self.seen) < 2
            self.twice += [name] if name in self._busy else []
            self.seen.add(name)
            self._busy.add(name)
        if first:
            self._together.wait(60)
        with self._lock:
            self._busy.discard(name)
        self._serve(connection, request)


def test_one_restoration_is_in_flight_for_a_server_also_if_two_resources_are_its() -> None:
    one, two, three, *_ = world.RESOURCES
    again = {**two, "server_id": one["server_id"]}
    script = Overlap(build())
    with raw_server(script) as server:
        target = replace(embedded_target(server.endpoint), resources=(one, again, three), limits=MANY)
        with Wire(target, frozenset(SUCCESS), CONTRACT.busy) as wire:
            accept_all(Campaign(CONTRACT, target, wire, DEPTHS["smoke"], seed=1))
    assert len(script.seen) == 2
    assert script.twice == []


def test_resources_that_share_an_identifier_share_a_name() -> None:
    one, two, three = ({"server_id": f"s{number}", "volumes": [{"volume_id": f"v{number}"}]} for number in range(3))
    assert names([one, two, three]) == ("resource 1", "resource 2", "resource 3")
    assert names([one, two, {**three, "server_id": "s0"}]) == ("resource 1", "resource 2", "resource 1")
    both = {"server_id": "s0", "volumes": two["volumes"]}
    assert names([one, two, three, both]) == ("resource 1", "resource 1", "resource 3", "resource 1")
    assert names([]) == ()
