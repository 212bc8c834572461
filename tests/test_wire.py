"""The wire on a real socket: what leaves, what comes back, and what is kept to itself."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest

from targets.connections import BoundedSocket
from targets.credentials import CredentialError, FixedToken, Keyring, Token
from targets.exchange import BODY_CAP, Break, Request, Role
from targets.pace import End
from targets.profile import Limits
from targets.wire import Wire
from tests.raw import answer, close, raw_server, send, silence
from tests.samples import OPERATOR, READER, RESOURCE, target

if TYPE_CHECKING:
    import socket

    from tests.raw import Script

ASK = Request("POST", "/v1/p/restores", b'{"a":1}')
SUCCESS = frozenset({200})
BUSY = frozenset({"CSBS.6015"})


def wire(endpoint: str, **changes: Any) -> Wire:
    return Wire(target(endpoint, **changes), SUCCESS, BUSY)


def limits(**changes: Any) -> Limits:
    return Limits(**{"connections": 1, "requests_per_second": None, "timeout": 5, **changes})


def test_bytes_leave_as_they_are_and_the_token_with_them() -> None:
    with raw_server(answer("200 OK")) as server, wire(server.endpoint) as line:
        exchange = line.send(Request("POST", "/v1//restores", b"\xff{not json", (("Content-Type", "x/y"),)))
    [request] = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1//restores HTTP/1.1\r\n")
    assert b"X-Auth-Token: Operator-Token-0123456789" in head
    assert b"Content-Type: x/y" in head
    assert body == b"\xff{not json"
    assert exchange.status == 200


@pytest.mark.parametrize("body", [b'{"a":1}', None])
def test_request_leaves_in_one_piece(body: bytes | None, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    sendall = BoundedSocket.sendall

    def keeping(self: BoundedSocket, data: bytes) -> None:
        sent.append(data)
        sendall(self, data)

    monkeypatch.setattr(BoundedSocket, "sendall", keeping)
    with raw_server(answer("200 OK")) as server, wire(server.endpoint) as line:
        assert line.send(replace(ASK, body=body)).status == 200
    assert sent == server.requests
    assert sent[0].endswith(b"\r\n\r\n" + (body or b""))


def test_nobody_sends_no_token_and_a_role_its_own() -> None:
    with raw_server(answer("404 Not Found")) as server, wire(server.endpoint) as line:
        line.send(Request("POST", "/", b"", role=Role.NOBODY))
        line.send(Request("POST", "/", b"", role=Role.READ_ONLY))
        line.send(Request("POST", "/", b"", token=Token("bad", "bad")))
    nobody, reader, bad = server.requests
    assert b"X-Auth-Token" not in nobody
    assert b"X-Auth-Token: Reader-Token-0123456789" in reader
    assert b"X-Auth-Token: bad" in bad


def test_secrets_never_come_out() -> None:
    echo = b'{"you sent": "Operator-Token-0123456789", "made up": "made-up-token"}'
    script = answer("200 OK", echo, "X-Echo: Operator-Token-0123456789", "Set-Cookie: session=1")
    with raw_server(script) as server, wire(server.endpoint) as line:
        exchange = line.send(Request("POST", "/", b"", token=Token("made-up-token", "${OPERATOR%?}")))
    shown = repr(exchange) + repr(OPERATOR)
    assert "Operator-Token" not in shown
    assert "made-up-token" not in shown
    assert "session=1" not in shown
    assert ("X-Auth-Token", "${OPERATOR%?}") in exchange.sent.headers
    assert exchange.answer is not None
    assert exchange.answer.leaked


def test_environment_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(answer("200 OK")) as proxy, raw_server(answer("404 Not Found")) as server:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.endpoint)
            monkeypatch.setenv(name.upper(), proxy.endpoint)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with wire(server.endpoint) as line:
            assert line.send(ASK).status == 404
    assert proxy.connections == 0


class Changing:
    """A source of the tokens it is given, one a request, and then of none."""

    secrets = ()

    def __init__(self, *values: str) -> None:
        self._values = list(values)

    def token(self) -> Token:
        """The next token."""
        if not self._values:
            raise CredentialError("the token has expired and could not be renewed: marked-password is wrong")
        return Token(self._values.pop(0), "$CHANGING")


def test_token_of_the_moment_is_sent_and_every_earlier_one_stays_secret() -> None:
    tokens = Keyring({Role.OPERATOR: Changing("marked-token-0", "marked-token-1", "marked-token-2")})
    echo = answer("404 Not Found", b"was marked-token-0, marked-token-1, marked-token-2, marked-password")
    with (
        raw_server(echo) as server,
        wire(server.endpoint, tokens=tokens, secrets=("marked-password",)) as line,
    ):
        exchanges = [line.send(ASK) for _ in range(2)]
    assert [b"marked-token-1" in request for request in server.requests] == [True, False]
    assert [b"marked-token-2" in request for request in server.requests] == [False, True]
    assert exchanges[1].answer is not None
    assert exchanges[1].answer.body == b"was ***, ***, ***, ***"


def test_401_stays_and_nothing_is_renewed_for_it() -> None:
    tokens = Keyring({Role.OPERATOR: Changing("at-start", "first-token", "second-token")})
    with raw_server(answer("401 Unauthorized")) as server, wire(server.endpoint, tokens=tokens) as line:
        assert line.send(ASK).status == 401
    assert len(server.requests) == 1


def test_without_a_token_nothing_is_sent_and_the_reason_is_told() -> None:
    tokens = Keyring({Role.OPERATOR: Changing(), Role.READ_ONLY: FixedToken(READER)})
    with (
        raw_server(answer("200 OK")) as server,
        wire(server.endpoint, tokens=tokens, secrets=("marked-password",)) as line,
    ):
        exchange = line.send(ASK)
        assert (line.sent, server.requests) == (0, [])
        assert line.send(Request("POST", "/", b"", role=Role.READ_ONLY)).status == 200
    assert exchange.broke is Break.WITHHELD
    assert exchange.why == (
        "not sent: credentials.operator: the token has expired and could not be renewed: *** is wrong"
    )


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["{other}/", "{other}/?token=Operator-Token-0123456789", "/again", "//[::1", ""])
def test_redirects_are_not_followed(status: int, where: str) -> None:
    with raw_server(answer("200 OK")) as other:
        location = where.format(other=other.endpoint)
        with (
            raw_server(answer(f"{status} Elsewhere", b"{}", f"Location: {location}")) as server,
            wire(server.endpoint) as line,
        ):
            exchange = line.send(ASK)
    assert (exchange.status, len(server.requests), other.connections) == (status, 1, 0)
    assert exchange.answer is not None
    assert exchange.answer.header("Location") == location.replace("Operator-Token-0123456789", "***")
    assert exchange.answer.leaked == ("token" in location)


def test_connection_is_kept() -> None:
    with raw_server(answer("404 Not Found")) as server, wire(server.endpoint, limits=limits()) as line:
        line.start([ASK] * 5).exchanges()
    assert len(server.requests) == 5
    assert server.connections == 1


@pytest.mark.parametrize(
    ("script", "how"),
    [
        (close, Break.RESET),
        (silence, Break.SILENT),
        (send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"), Break.GARBLED),
        (send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), Break.GARBLED),
        (send(b"SSH-2.0-OpenSSH_9.2\r\n"), Break.GARBLED),
        (answer("200 OK", b"not gzip", "Content-Encoding: gzip"), Break.GARBLED),
    ],
    ids=["closed", "silent", "cut-short", "broken-chunk", "not-http", "not-gzip"],
)
def test_broken_answers_are_told_apart(script: Any, how: Break) -> None:
    with raw_server(script) as server, wire(server.endpoint, limits=limits(timeout=0.3)) as line:
        exchange = line.send(ASK)
    assert (exchange.answer, exchange.broke) == (None, how)
    assert exchange.why


def test_nobody_listening_is_refused() -> None:
    with raw_server(close) as server:
        pass
    with wire(server.endpoint) as line:
        assert line.send(ASK).broke is Break.REFUSED


def test_reset_is_tried_again_once_but_never_for_a_restoration() -> None:
    with raw_server(close, answer("200 OK")) as server, wire(server.endpoint) as line:
        assert line.send(ASK).status == 200
        assert line.resets == 1
    asked = Request("POST", "/", b"", resource="r")
    with raw_server(close, answer("200 OK")) as server, wire(server.endpoint, budget=2, resources=(RESOURCE,)) as line:
        assert line.send(asked).broke is Break.RESET
        assert len(server.requests) == 1
        assert line.budget.accepted == 1, "what became of it is unknown, so it counts"


def test_long_body_is_cut_at_the_cap() -> None:
    with raw_server(answer("200 OK", b"x" * (BODY_CAP + 100_000))) as server, wire(server.endpoint) as line:
        exchange = line.send(ASK)
    assert exchange.answer is not None
    assert exchange.answer.unread
    assert len(exchange.answer.body) == BODY_CAP


def past() -> str:
    return format_datetime(datetime.now(timezone.utc) - timedelta(seconds=5), usegmt=True)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
@pytest.mark.parametrize("when", ["0", past()], ids=["seconds", "date"])
def test_throttling_is_waited_for(status: str, when: str) -> None:
    throttled = answer(status, b"{}", f"Retry-After: {when}")
    with raw_server(throttled, throttled, answer("200 OK")) as server, wire(server.endpoint) as line:
        exchange = line.send(ASK)
    assert (exchange.status, exchange.attempts) == (200, 3)


def test_throttling_beyond_the_bound_is_the_answer() -> None:
    for long in ("3600", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"):
        throttled = answer("503 Service Unavailable", b"{}", f"Retry-After: {long}")
        with raw_server(throttled) as server, wire(server.endpoint) as line:
            assert line.send(ASK).attempts == 1


@pytest.mark.parametrize(
    "header",
    [
        "Retry-After: soon",
        "Retry-After: -1",
        "Retry-After: \u00b2",
        "Retry-After: Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "X-Other: 0",
    ],
    ids=["words", "negative", "odd-digit", "odd-year", "none"],
)
def test_throttling_for_an_untold_time_is_tried_a_few_times_over(header: str) -> None:
    throttled = answer("503 Service Unavailable", b"{}", header)
    with raw_server(throttled, throttled, answer("200 OK")) as server, wire(server.endpoint) as line:
        assert (line.send(ASK).status, len(server.requests)) == (200, 3)
    with raw_server(throttled) as server, wire(server.endpoint) as line:
        assert (line.send(ASK).status, len(server.requests)) == (503, 4)


def test_waiting_in_vain_is_given_up_after_a_few_requests() -> None:
    throttled = answer("429 Too Many Requests", b"{}")
    with raw_server(throttled) as server, wire(server.endpoint) as line:
        assert [line.send(ASK).attempts for _ in range(5)] == [4, 4, 4, 1, 1]


def test_silence_is_borne_for_less_time_after_a_few_requests() -> None:
    limits = Limits(connections=1, requests_per_second=None, timeout=1.05)
    with raw_server(silence) as server, wire(server.endpoint, limits=limits) as line:
        whys = [line.send(ASK).why for _ in range(4)]
    assert whys == ["no complete answer within 1.05 s"] * 3 + ["no complete answer within 1 s"]


def test_impatient_request_takes_the_first_answer() -> None:
    with (
        raw_server(answer("503 Service Unavailable", b"{}", "Retry-After: 0")) as server,
        wire(server.endpoint) as line,
    ):
        exchange = line.send(Request("POST", "/", b"", patient=False))
    assert (exchange.status, len(server.requests)) == (503, 1)


def test_busy_resource_is_waited_for() -> None:
    busy = answer("400 Bad Request", b'{"error_code": "CSBS.6015", "error_msg": "busy"}')
    with raw_server(busy, answer("200 OK")) as server, wire(server.endpoint) as line:
        exchange = line.send(ASK)
    assert (exchange.status, exchange.attempts) == (200, 2)


def test_after_a_stop_only_what_is_late_leaves() -> None:
    with raw_server(answer("200 OK"), answer("200 OK")) as server, wire(server.endpoint) as line:
        assert line.send(replace(ASK, starts=False)).status == 200
        line.stop("the target is lost")
        stopped, late = line.send(ASK), line.send(replace(ASK, starts=False, late=True))
    assert (stopped.broke, stopped.why) == (Break.WITHHELD, "not sent: the target is lost")
    assert (late.status, len(server.requests)) == (200, 2)


def test_busy_resource_is_waited_for_no_longer_than_the_run_goes_on() -> None:
    busy = answer("400 Bad Request", b'{"error_code": "CSBS.6015", "error_msg": "busy"}')
    with raw_server(busy) as server, wire(server.endpoint) as line:
        line.stop("the target is lost")
        assert line.send(replace(ASK, late=True)).attempts == 1


def test_budget_is_never_exceeded() -> None:
    batch = [Request("POST", "/", b"", resource=f"r{number % 3}") for number in range(12)]
    with raw_server(answer("200 OK")) as server, wire(server.endpoint, budget=5, resources=(RESOURCE,)) as line:
        exchanges = line.start(batch).exchanges()
        assert line.budget.accepted == len(server.requests) == 5
    assert [exchange.broke for exchange in exchanges].count(Break.WITHHELD) == 7


def test_without_consent_nothing_acceptable_leaves() -> None:
    with raw_server(answer("200 OK")) as server, wire(server.endpoint) as line:
        assert line.send(Request("POST", "/", b"", resource="r")).broke is Break.WITHHELD
    assert not server.requests


def test_accident_without_consent_ends_the_sending() -> None:
    with raw_server(answer("200 OK")) as server, wire(server.endpoint) as line:
        first, second = line.send(ASK), line.send(ASK)
        assert (line.budget.accepted, line.budget.accidents) == (1, 1)
    assert (first.status, second.broke) == (200, Break.WITHHELD)


@pytest.mark.parametrize("resource", [None, "r"], ids=["by accident", "on purpose"])
def test_budget_is_kept_by_whatever_is_accepted_on_many_connections(resource: str | None) -> None:
    batch = [Request("POST", "/", b"", resource=resource and f"r{number % 3}") for number in range(40)]
    changes = {"budget": 5, "resources": (RESOURCE,), "limits": limits(connections=8)}
    with raw_server(answer("200 OK")) as server, wire(server.endpoint, **changes) as line:
        line.start([*batch, *([ASK] * 10)]).exchanges()
        assert line.budget.accepted == len(server.requests) == 5


def test_accident_is_kept_with_its_case() -> None:
    with raw_server(answer("200 OK", b'{"id": 7}')) as server, wire(server.endpoint) as line:
        line.send(Request("POST", "/", b"faulty", case="the-case"))
    [accident] = line.accidents
    assert (accident["case"], accident["request"]["body"]) == ("the-case", "faulty")
    assert accident["response"]["body"] == '{"id": 7}'


def test_without_consent_the_first_of_a_batch_goes_alone() -> None:
    with raw_server(answer("200 OK")) as server, wire(server.endpoint, limits=limits(connections=8)) as line:
        exchanges = line.start([ASK] * 20).exchanges()
    assert len(server.requests) == 1
    assert [exchange.broke for exchange in exchanges] == [None, *[Break.WITHHELD] * 19]


def test_nothing_leaves_after_the_end_but_what_may_be_late() -> None:
    with raw_server(answer("404 Not Found")) as server, wire(server.endpoint) as line:
        assert line.send(ASK).status == 404
        line.end.come("it is time")
        withheld, late = line.send(ASK), line.send(Request("POST", "/", b"", late=True))
        assert len(server.requests) == line.sent == 2
    assert (withheld.broke, withheld.why, late.status) == (Break.WITHHELD, "not sent: it is time", 404)


@pytest.mark.parametrize(
    "script",
    [
        answer("503 Service Unavailable", b"{}", "Retry-After: 3000"),
        answer("400 Bad Request", b'{"error_code": "CSBS.6015", "error_msg": "busy"}'),
    ],
    ids=["throttled", "busy"],
)
def test_end_cuts_the_waiting_short(script: Script) -> None:
    came = threading.Event()

    def told(connection: socket.socket, request: bytes) -> None:
        script(connection, request)
        came.set()

    patient = limits(throttle_wait=5000, busy_wait=5000)
    with raw_server(told) as server, wire(server.endpoint, limits=patient) as line:
        waiting = threading.Thread(target=line.send, args=(ASK,))
        waiting.start()
        assert came.wait(5)
        line.end.come("it is time")
        waiting.join(30)
        assert not waiting.is_alive()


def test_end_comes_when_it_was_set_for() -> None:
    end = End()
    said = [end.why]
    for why, seconds in (("at last", 3600), ("now", 0), ("too late", 0)):
        end.come(why, seconds)
        said.append(end.why)
    assert said == ["", "", "now", "now"]


def test_reading_starts_nothing() -> None:
    with raw_server(answer("200 OK")) as server, wire(server.endpoint) as line:
        assert line.send(Request("GET", "/", None)).status == 200
        assert line.budget.accepted == 0


def test_one_restoration_a_resource_is_in_flight() -> None:
    inside, another = threading.Semaphore(1), threading.Event()
    overlaps: list[bool] = []

    def alone(connection: socket.socket, request: bytes) -> None:
        overlaps.append(not inside.acquire(blocking=False))
        another.wait(0.02)  # long enough for one that does not wait
        inside.release()  # before the answer, which lets the next one go
        answer("200 OK")(connection, request)

    batch = [Request("POST", "/", b"", resource="r")] * 6
    changes = {"budget": 20, "resources": (RESOURCE,), "limits": limits(connections=6)}
    with raw_server(alone) as server, wire(server.endpoint, **changes) as line:
        line.start(batch).exchanges()
    assert overlaps == [False] * 6


def test_counts_what_it_sends() -> None:
    with raw_server(answer("400 Bad Request"), answer("404 Not Found")) as server, wire(server.endpoint) as line:
        for _ in range(3):
            line.send(ASK)
        assert (line.sent, dict(line.by_status)) == (3, {"400": 1, "404": 2})
        assert line.seconds > 0
