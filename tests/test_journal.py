"""The journal: every exchange as it happens, whole lines whatever happens, and what it tells a run that goes on."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from targets import lines
from targets.exchange import Request
from targets.journal import SHOWN, Journal, past, recalled, transcript
from targets.profile import Limits
from targets.wire import Wire
from tests.raw import answer, close, raw_server, reset
from tests.samples import RESOURCE, answered, target

if TYPE_CHECKING:
    import socket
    from pathlib import Path

ASK = Request("POST", "/v1/p/restores", b'{"a":1}', case="a-case")
RESTORE = Request("POST", "/v1/p/restores", b"{}", resource="resource 1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "exchanges.jsonl"


def wire(path: Path, endpoint: str, **changes: Any) -> Wire:
    limits = Limits(connections=4, requests_per_second=None, timeout=5, busy_wait=0, throttle_wait=0)
    consent = {"budget": 9, "resources": (RESOURCE,)}
    return Wire(
        target(endpoint, **{"limits": limits, **consent, **changes}),
        frozenset({200}),
        frozenset({"BUSY"}),
        Journal(path),
    )


def written(path: Path) -> list[dict[str, Any]]:
    return list(lines.read(path))


def test_every_attempt_is_numbered_also_where_the_connection_is_reset(path: Path) -> None:
    scripts = iter([answer("429 Too Many Requests", b"{}", "Retry-After: 0"), reset(), answer("400 Bad Request")])
    patient = Limits(connections=1, requests_per_second=None, timeout=5, throttle_wait=5)

    def in_turn(connection: socket.socket, request: bytes) -> None:
        script = next(scripts)
        script(connection, request)

    with raw_server(in_turn) as server, wire(path, server.endpoint, limits=patient) as line:
        line.send(ASK)
    assert [(entry["broke"], entry["attempt"]) for entry in written(path)] == [(None, 1), ("reset", 2), (None, 2)]


def test_exchange_is_written_as_it_happens(path: Path) -> None:
    with raw_server(answer("404 Not Found", b'{"x": "\xff"}', "X-A: b")) as server, wire(path, server.endpoint) as line:
        line.send(ASK)
        [entry] = written(path)
    assert entry.pop("started").endswith("+00:00")
    assert 0 < entry.pop("seconds") < 5
    entry["response"]["headers"].sort()
    assert entry == {
        "number": 1,
        "part": 1,
        "attempt": 1,
        "case": "a-case",
        "resource": None,
        "accepted": False,
        "request": {
            "method": "POST",
            "url": f"{server.endpoint}/v1/p/restores",
            "headers": [["Content-Type", "application/json"], ["X-Auth-Token", "$OPERATOR"]],
            "body": '{"a":1}',
        },
        "response": {"status": 404, "headers": [["Content-Length", "10"], ["X-A", "b"]], "body": '{"x": "\\xff"}'},
        "broke": None,
        "why": "",
    }


def test_broken_exchange_says_how(path: Path) -> None:
    with raw_server(close) as server, wire(path, server.endpoint) as line:
        line.send(ASK)
    first, second = written(path)
    assert (first["response"], first["broke"], second["broke"]) == (None, "reset", "reset")
    assert first["why"]


def test_waits_are_attempts_of_their_own(path: Path) -> None:
    throttled = answer("503 Slow", b"{}", "Retry-After: 0")
    limits = Limits(connections=1, requests_per_second=None, throttle_wait=5)
    script = (throttled, throttled, answer("200 OK"))
    with raw_server(*script) as server, wire(path, server.endpoint, limits=limits) as line:
        line.send(ASK)
    assert [(each["attempt"], each["response"]["status"]) for each in written(path)] == [(1, 503), (2, 503), (3, 200)]


def test_withheld_request_is_not_in_it(path: Path) -> None:
    with raw_server(answer("200 OK")) as server, wire(path, server.endpoint, budget=0) as line:
        line.send(RESTORE)
    assert written(path) == []


def test_long_body_is_cut_and_its_size_told(path: Path) -> None:
    with raw_server(answer("400 Bad", b"y" * 5000)) as server, wire(path, server.endpoint) as line:
        line.send(Request("POST", "/", b"x" * SHOWN))
    [entry] = written(path)
    assert entry["request"]["body"] == "x" * SHOWN
    assert entry["response"]["body"] == "y" * SHOWN + "... (5000 bytes)"


def test_every_exchange_of_many_connections_has_its_line(path: Path) -> None:
    with raw_server(answer("404 Not Found")) as server, wire(path, server.endpoint) as line:
        line.start([ASK] * 200).exchanges()
    assert sorted(each["number"] for each in written(path)) == list(range(1, 201))


def test_restoration_is_written_before_it_leaves(path: Path) -> None:
    seen: list[list[dict[str, Any]]] = []

    def look(connection: socket.socket, request: bytes) -> None:
        seen.append(written(path))
        answer("200 OK")(connection, request)

    with raw_server(look) as server, wire(path, server.endpoint) as line:
        line.send(RESTORE)
    [[before]] = seen
    assert (before["number"], before["resource"], before["seconds"], before["response"]) == (
        1,
        "resource 1",
        None,
        None,
    )
    after = written(path)[1]
    assert (after["number"], after["accepted"], after["response"]["status"]) == (1, True, 200)


def test_next_part_goes_on_from_what_was_sent(path: Path) -> None:
    with raw_server(answer("200 OK", b'{"id": 1}')) as server, wire(path, server.endpoint) as line:
        line.send(ASK)
        line.send(RESTORE)
        seconds = line.seconds
    told = past(path)
    assert (told.accepted, told.accidents, told.number, dict(told.by_status)) == (2, 1, 2, {"200": 2})
    with raw_server(answer("404 Not Found")) as server, wire(path, server.endpoint, budget=3) as line:
        assert (line.budget.accepted, line.budget.accidents, line.sent) == (2, 1, 2)
        assert line.seconds == pytest.approx(seconds, abs=0.01)
        assert [each["case"] for each in line.accidents] == ["a-case"]
        line.send(ASK)
        assert line.sent == 3
    assert [(each["number"], each["part"]) for each in written(path)] == [(1, 1), (2, 1), (2, 1), (3, 2)]


def test_request_that_never_came_back_counts_as_accepted(path: Path) -> None:
    with raw_server(answer("200 OK")) as server, wire(path, server.endpoint) as line:
        line.send(RESTORE)
    departure = path.read_bytes().splitlines(keepends=True)[0]
    path.write_bytes(departure)
    told = past(path)
    assert (told.accepted, told.accidents, dict(told.by_status)) == (1, 0, {"none": 1})


def test_cut_last_line_is_ignored_and_written_over(path: Path) -> None:
    with raw_server(answer("404 Not Found")) as server:
        with wire(path, server.endpoint) as line:
            line.start([ASK] * 3).exchanges()
        path.write_bytes(path.read_bytes()[:-20])
        assert past(path).number == 2
        with wire(path, server.endpoint) as line:
            line.send(ASK)
    assert [each["number"] for each in written(path)] == [1, 2, 3]


@pytest.mark.parametrize(
    "content", ["no json\n", "[1]\n", '{"number": 1}\n', '{"number": 1, "part": "x", "seconds": 0}\n']
)
def test_what_is_no_journal_is_refused(path: Path, content: str) -> None:
    path.write_text(f"{content}\n", encoding="utf-8")
    with pytest.raises(lines.LinesError, match=path.name):
        Journal(path)


def test_transcript_brings_the_exchange_back() -> None:
    exchange = answered(200, {"restore": {"id": "\u6771"}})
    again = recalled(json.loads(json.dumps(transcript(exchange))))
    assert (again.sent, again.answer) == (exchange.sent, exchange.answer)
    assert recalled(transcript(recalled({**transcript(exchange), "response": None}))).answer is None


def test_lines_of_several_threads_do_not_mix(tmp_path: Path) -> None:
    file = lines.Lines(tmp_path / "x.jsonl")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(file.append, [{"x": "y" * 3000}] * 200))
    file.close()
    assert len(written(tmp_path / "x.jsonl")) == 200
