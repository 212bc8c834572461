"""Servers that are odd and sound: they are understood, and none of them is accused."""

from __future__ import annotations

import gzip
import socket
import threading
import zlib
from typing import TYPE_CHECKING

import pytest

import contracts
from suites import judging
from suites.outcomes import Outcome
from targets.exchange import Break, Request
from targets.profile import Limits
from targets.wire import Wire
from tests.raw import answer, close, keep, raw_server, reset, send
from tests.samples import RESOURCE, target

if TYPE_CHECKING:
    from tests.raw import Script

CONTRACT = contracts.load()
ASK = Request("POST", "/v1/p/restores", b'{"a":1}')
BODY = b'{"error_code": "CSBS.3001", "error_msg": "unknown"}'
JSON = b"Content-Type: application/json\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(BODY)


def wire(endpoint: str, **changes: object) -> Wire:
    limits = Limits(connections=1, requests_per_second=None, timeout=5, busy_wait=0, throttle_wait=0)
    return Wire(target(endpoint, limits=limits, **changes), frozenset({200}), frozenset())


def ended(head: bytes, body: bytes = BODY) -> Script:
    """A 404 with this in its head, whose end is the end of the connection."""
    return send(b"HTTP/1.1 404 Not Found\r\n" + JSON + head + b"\r\n" + body)


def kept(head: bytes, body: bytes = BODY) -> Script:
    """A 404 with this in its head, after which the connection stays open."""
    return keep(b"HTTP/1.1 404 Not Found\r\n" + JSON + head + b"\r\n" + body)


def chunked(*pieces: bytes, head: bytes = b"", trailers: bytes = b"") -> Script:
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return kept(b"Transfer-Encoding: chunked\r\n" + head, chunks + b"0\r\n" + trailers + b"\r\n")


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def coded(coding: str, body: bytes) -> Script:
    return kept(b"Content-Encoding: %b\r\nContent-Length: %d\r\n" % (coding.encode(), len(body)), body)


ODD: dict[str, Script] = {
    "connection-close": ended(b"Connection: close\r\n" + LENGTH),
    "closed-unannounced": ended(LENGTH),
    "until-close": ended(b""),
    "http-1.0": send(b"HTTP/1.0 404 Not Found\r\n" + JSON + b"\r\n" + BODY),
    "http-1.0-keep-alive": keep(
        b"HTTP/1.0 404 Not Found\r\nConnection: keep-alive\r\n" + JSON + LENGTH + b"\r\n" + BODY
    ),
    "no-reason": keep(b"HTTP/1.1 404\r\n" + JSON + LENGTH + b"\r\n" + BODY),
    "line-feeds-alone": keep((b"HTTP/1.1 404 Not Found\r\n" + JSON + LENGTH + b"\r\n").replace(b"\r", b"") + BODY),
    "chunked": chunked(BODY[:7], BODY[7:]),
    "chunked-with-trailers": chunked(BODY, trailers=b"X-Checksum: 1\r\nX-More: 2\r\n"),
    "chunk-extensions": kept(b"Transfer-Encoding: chunked\r\n", b"33;a=b\r\n" + BODY + b"\r\n0;c\r\n\r\n"),
    "chunked-and-length": chunked(BODY, head=LENGTH),
    "length-twice-alike": kept(LENGTH + LENGTH),
    "length-list-alike": kept(b"Content-Length: %d, %d\r\n" % (len(BODY), len(BODY))),
    "line-break-after-the-body": kept(LENGTH, BODY + b"\r\n"),
    "gzip": coded("gzip", gzip.compress(BODY)),
    "gzip-of-members": coded("GZip", gzip.compress(BODY[:9]) + gzip.compress(BODY[9:])),
    "gzip-and-padding": coded("x-gzip", gzip.compress(BODY) + bytes(20)),
    "gzip-chunked": chunked(*(bytes([each]) for each in gzip.compress(BODY)), head=b"Content-Encoding: gzip\r\n"),
    "deflate": coded("deflate", zlib.compress(BODY)),
    "deflate-raw": coded("deflate", raw_deflate(BODY)),
    "deflate-chunked": chunked(*(bytes([each]) for each in zlib.compress(BODY)), head=b"Content-Encoding: deflate\r\n"),
    "identity": coded("identity", BODY),
    "100-continue": keep(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\n" + JSON + LENGTH + b"\r\n" + BODY),
    "102-processing": keep(
        b"HTTP/1.1 102 Processing\r\n\r\n" * 3 + b"HTTP/1.1 404 Not Found\r\n" + JSON + LENGTH + b"\r\n" + BODY
    ),
    "103-early-hints": keep(
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 404 Not Found\r\n" + JSON + LENGTH + b"\r\n" + BODY
    ),
    "header-not-ascii": kept("X-Who: J\u00fcrgen \u00c5 \u2603\r\n".encode() + LENGTH),
    "header-latin-1": kept(b"X-Who: J\xfcrgen \x85\r\n" + LENGTH),
    "header-controls": kept(b"X-Bell: a\x07b\x00c\x0bd\x1ce\rf\r\n" + LENGTH),
    "header-empty": kept(b"X-Empty:\r\nX-Blank:   \r\n" + LENGTH),
    "header-folded": kept(b"X-Long: a\r\n\tb\r\n  c\r\n" + LENGTH),
    "header-90": kept(b"".join(b"X-%d: y\r\n" % number for number in range(90)) + LENGTH),
    "header-of-30-KB": kept(b"X-Long: " + b"y" * 30_000 + b"\r\n" + LENGTH),
    "name-with-space": kept(b"X Odd Name: 1\r\n folded\r\n" + LENGTH),
    "name-with-space-behind": kept(LENGTH.replace(b":", b" :")),
    "name-not-ascii": kept("X-\u00dc: 1\r\n".encode() + LENGTH),
    "name-empty": kept(b": nameless\r\n" + LENGTH),
    "name-of-signs": kept(b"!#$%&'*+-.^_`|~(/): 1\r\n" + LENGTH),
    "name-in-capitals": kept(LENGTH.upper()),
    "line-without-colon": kept(b"just some words\r\n" + LENGTH),
    "location-unparsable": kept(b"Location: http://[::1/\x00 %zz\r\n" + LENGTH),
    "cookies-odd": kept(b"Set-Cookie: =; Expires=never; Max-Age=99999999999999999999; =\r\n" * 3 + LENGTH),
    "content-type-odd": kept(b"Content-Type: ;;charset=\r\n" + LENGTH),
}


@pytest.mark.parametrize("script", ODD.values(), ids=list(ODD))
def test_odd_answer_is_understood_each_time(script: Script) -> None:
    with raw_server(script) as server, wire(server.endpoint) as line:
        exchanges = [line.send(ASK) for _ in range(3)]
    for exchange in exchanges:
        assert exchange.answer is not None, exchange.why
        assert (exchange.status, exchange.answer.body, exchange.answer.unread) == (404, BODY, "")
        assert exchange.answer.code == "CSBS.3001"
        findings = judging.error_body(CONTRACT, exchange)
        assert {finding.outcome for finding in findings} == {Outcome.PASS}


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
@pytest.mark.parametrize("head", ["", "Content-Length: 0\r\n", "Content-Length: 51\r\n", "Content-Encoding: gzip\r\n"])
def test_status_without_a_body_ends_with_its_head(status: str, head: str) -> None:
    with raw_server(keep(f"HTTP/1.1 {status}\r\n{head}\r\n".encode())) as server, wire(server.endpoint) as line:
        exchanges = [line.send(ASK) for _ in range(2)]
    assert [exchange.answer and exchange.answer.body for exchange in exchanges] == [b"", b""]
    assert server.connections == 1


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "\u00e9"])
def test_body_in_a_coding_that_was_not_asked_for_is_not_judged(coding: str) -> None:
    script = coded(coding, b"\x0b\x19\x80{...}")
    with raw_server(script) as server, wire(server.endpoint) as line:
        exchange = line.send(ASK)
    assert exchange.answer is not None
    assert (exchange.status, exchange.answer.body) == (404, b"")
    assert exchange.answer.unread.startswith("is in a coding that was not asked for: ")
    findings = judging.error_body(CONTRACT, exchange)
    assert {finding.outcome for finding in findings} == {Outcome.BLOCKED, Outcome.PASS}


# -- connections that end between answers


def test_connection_that_closes_after_each_answer_is_made_anew() -> None:
    with raw_server(ended(LENGTH)) as server, wire(server.endpoint) as line:
        assert {line.send(ASK).status for _ in range(20)} == {404}
        assert 20 <= len(server.requests) <= 20 + line.resets


def test_connection_that_closes_after_a_while_is_made_anew() -> None:
    closed = threading.Event()

    def play(connection: socket.socket, request: bytes) -> None:
        answer("404 Not Found", BODY)(connection, request)
        connection.settimeout(0.05)
        try:
            connection.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            connection.shutdown(socket.SHUT_RDWR)
            closed.set()

    with raw_server(play) as server, wire(server.endpoint) as line:
        assert line.send(ASK).status == 404
        assert closed.wait(10)
        assert line.send(ASK).status == 404
    assert (server.connections, line.resets) == (2, 0)


@pytest.mark.parametrize("end", [close, reset()], ids=["closed", "reset"])
def test_kept_connection_that_ends_at_the_next_request_accuses_nobody(end: Script) -> None:
    """The moment that every client meets now and then: the server closes while the request is under way."""
    clients: set[object] = set()

    def play(connection: socket.socket, request: bytes) -> None:
        client = connection.getpeername()
        (end if client in clients else answer("404 Not Found", BODY))(connection, request)
        clients.add(client)

    restoration = Request("POST", "/v1/p/restores", b"{}", resource="r")
    with raw_server(play) as server, wire(server.endpoint, budget=9, resources=(RESOURCE,)) as line:
        batch = [ASK, ASK, restoration, ASK, restoration, restoration, ASK]
        exchanges = [line.send(request) for request in batch]
    assert [exchange.broke for exchange in exchanges] == [None] * 7
    assert sum(b"\r\n\r\n{}" in request for request in server.requests) == 3, "a restoration is sent once"
    assert line.budget.accepted == 0


# -- answers that do not wait for the request


@pytest.mark.parametrize("head", ["", "Connection: close\r\n"], ids=["plain", "announced"])
def test_answer_before_the_body_was_read_is_taken(head: str) -> None:
    too_large = f"HTTP/1.1 413 Content Too Large\r\nContent-Length: {len(BODY)}\r\n{head}\r\n".encode() + BODY

    def play(connection: socket.socket, _: bytes) -> None:
        connection.sendall(too_large)
        connection.close()  # with most of the body unread, which resets the connection

    large = Request("POST", "/v1/p/restores", b"x" * (1 << 20))
    with raw_server(play, reads="head") as server, wire(server.endpoint) as line:
        exchanges = [line.send(large) for _ in range(20)]
    assert [(exchange.status, exchange.why) for exchange in exchanges] == [(413, "")] * 20


def test_request_that_is_not_taken_is_told_apart() -> None:
    done = threading.Event()

    def play(_: socket.socket, __: bytes) -> None:
        done.wait(10)

    limits = Limits(connections=1, requests_per_second=None, timeout=0.3)
    large = Request("POST", "/v1/p/restores", b"x" * (16 << 20))
    with (
        raw_server(play, reads="head") as server,
        Wire(target(server.endpoint, limits=limits), frozenset({200}), frozenset()) as line,
    ):
        exchange = line.send(large)
        done.set()
    assert (exchange.broke, exchange.why) == (Break.SILENT, "the request was not taken within 0.3 s")
