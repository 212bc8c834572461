"""Faults on the wire: each ends as one sentence, in bounded time and memory, and accuses or blocks as it should."""

from __future__ import annotations

import gzip
import threading
import tracemalloc
import zlib
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import contracts
from suites import judging
from suites.outcomes import Case, Outcome
from targets.connections import READ_CAP
from targets.exchange import BODY_CAP, Break, Request
from targets.heads import HEAD_CAP
from targets.profile import Limits
from targets.wire import Wire
from tests.raw import answer, close, drip, keep, pour, raw_server, reset, send, silence
from tests.samples import target

if TYPE_CHECKING:
    from targets.exchange import Exchange
    from tests.raw import Script

CONTRACT = contracts.load()
ASK = Request("POST", "/v1/p/restores", b'{"a":1}')
HEAD = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
UNKNOWN = b'{"error_code": "CSBS.3001", "error_msg": "unknown"}'


def wire(endpoint: str, timeout: float = 5) -> Wire:
    limits = Limits(connections=1, requests_per_second=None, timeout=timeout, busy_wait=0, throttle_wait=0)
    return Wire(target(endpoint, limits=limits), frozenset({200}), frozenset())


def asked(script: Script, timeout: float = 5) -> Exchange:
    """What comes of a request to a server that plays this script, and that the next one is asked all the same."""
    with raw_server(script, answer("404 Not Found", UNKNOWN)) as server, wire(server.endpoint, timeout) as line:
        exchange = line.send(ASK)
        if exchange.broke is not Break.RESET:  # which is tried again at once
            assert line.send(ASK).status == 404
    return exchange


def accuses(exchange: Exchange) -> bool:
    """Whether the suite finds fault with the service for this exchange."""
    case = Case("case", "restores.t3.provider_id.value", ASK, frozenset({400}))
    [finding] = judging.endurance(CONTRACT, case, exchange)
    return finding.outcome is Outcome.FAIL


def numbered(count: int) -> bytes:
    return b"".join(b"X-%d: y\r\n" % number for number in range(count))


BROKEN: dict[str, tuple[Script, str]] = {
    "reset-in-the-head": (reset(b"HTTP/1.1 404 Not"), "the connection was reset in the middle of the answer"),
    "reset-in-the-body": (
        reset(HEAD + b"Content-Length: 10\r\n\r\n{"),
        "the connection was reset in the middle of the answer",
    ),
    "closed-in-the-status-line": (send(b"HTTP/1.1 404 Not"), "the answer ends in the middle of its head"),
    "closed-in-the-head": (send(HEAD), "the answer ends in the middle of its head"),
    "length-too-long": (
        send(HEAD + b"Content-Length: 10\r\n\r\n{}"),
        "the answer's body ended before its announced length",
    ),
    "length-too-short": (
        keep(HEAD + b"Content-Length: 5\r\n\r\n" + UNKNOWN),
        "the answer goes on after the 5 bytes that it announces",
    ),
    "length-zero-with-a-body": (
        keep(HEAD + b"Content-Length: 0\r\n\r\n" + UNKNOWN),
        "the answer goes on after the 0 bytes that it announces",
    ),
    "length-negative": (
        keep(HEAD + b"Content-Length: -5\r\n\r\n{}"),
        "the answer announces a length that is none: '-5'",
    ),
    "length-no-number": (
        keep(HEAD + b"Content-Length: two\r\n\r\n{}"),
        "the answer announces a length that is none: 'two'",
    ),
    "lengths-two": (
        keep(HEAD + b"Content-Length: 2\r\nContent-Length: 10\r\n\r\n{}"),
        "the answer announces more than one length: '2 and 10'",
    ),
    "endless-body": (pour(HEAD + b"\r\n", b"x" * 65536), "the answer had not ended after 16 MiB"),
    "endless-chunks": (pour(CHUNKED, b"400\r\n" + b"x" * 1024 + b"\r\n"), "the answer had not ended after 16 MiB"),
    "endless-trailers": (pour(CHUNKED + b"0\r\n", b"X-A: b\r\n" * 10_000), "the answer had not ended after 16 MiB"),
    "not-gzip": (
        answer("404 Not Found", b"not gzip", "Content-Encoding: gzip"),
        "the answer has a body that is not the gzip that it is declared as",
    ),
    "gzip-cut-off": (
        answer("404 Not Found", gzip.compress(UNKNOWN)[:-9], "Content-Encoding: gzip"),
        "the answer has a compressed body that ends in its middle",
    ),
    "gzip-corrupt": (
        answer("404 Not Found", gzip.compress(UNKNOWN)[:-8] + bytes(8), "Content-Encoding: gzip"),
        "the answer has a body that is not the gzip that it is declared as",
    ),
    "chunk-size-no-number": (
        keep(CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n"),
        "the answer's chunks are broken, or end before the last one",
    ),
    "chunk-size-negative": (
        keep(CHUNKED + b"-5\r\n{}\r\n0\r\n\r\n"),
        "the answer's chunks are broken, or end before the last one",
    ),
    "chunks-cut-off": (send(CHUNKED + b"2\r\n{}\r\n"), "the answer's chunks are broken, or end before the last one"),
    "chunk-cut-off": (send(CHUNKED + b"20\r\n{}"), "the answer's body ended before its announced length"),
    "other-protocol": (
        send(b"SSH-2.0-OpenSSH_9.2\r\n"),
        "the answer does not begin as HTTP: 'SSH-2.0-OpenSSH_9.2\\r\\n'",
    ),
    "http-0.9": (send(b"<html>No</html>"), "the answer does not begin as HTTP: '<html>No</html>'"),
    "tls-on-a-plain-port": (
        send(b"\x15\x03\x01\x00\x02\x02\x46"),
        "the answer is TLS: the endpoint should begin with https://",
    ),
    "http-2": (keep(b"HTTP/2.0 404\r\n\r\n"), "the answer is no sound HTTP: 'HTTP/2.0'"),
    "status-000": (
        keep(b"HTTP/1.1 000 Nothing\r\nContent-Length: 0\r\n\r\n"),
        "the answer has no status that HTTP knows: 'HTTP/1.1 000 Nothing'",
    ),
    "status-999": (
        keep(b"HTTP/1.1 999 All\r\nContent-Length: 0\r\n\r\n"),
        "the answer has no status that HTTP knows: 999",
    ),
    "status-in-words": (
        keep(b"HTTP/1.1 Not Found\r\nContent-Length: 0\r\n\r\n"),
        "the answer has no status that HTTP knows: 'HTTP/1.1 Not Found'",
    ),
    "no-status": (
        keep(b"HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
        "the answer has no status that HTTP knows: 'HTTP/1.1'",
    ),
    "protocol-switched": (
        keep(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
        "the answer switches to another protocol unasked (101)",
    ),
    "header-of-1-MB": (
        answer("404 Not Found", UNKNOWN, "X-Long: " + "y" * (1 << 20)),
        f"the answer has a head of more than {HEAD_CAP >> 10} KiB",
    ),
    "headers-of-1-MB": (
        answer("404 Not Found", UNKNOWN, *[f"X-{number}: {'y' * 11_000}" for number in range(95)]),
        f"the answer has a head of more than {HEAD_CAP >> 10} KiB",
    ),
    "endless-head": (pour(HEAD, b"X-A: b\r\n" * 1000), f"the answer has a head of more than {HEAD_CAP >> 10} KiB"),
    "endless-status-line": (pour(b"HTTP/1.1 404 ", b"x" * 9000), "the answer has a head of more than 60 KiB"),
    "headers-200": (
        keep(HEAD + numbered(199) + b"\r\n"),
        "the answer has 200 header fields, more than clients take",
    ),
    "interim-flood": (
        pour(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
        "the answer is preceded by more than 20 interim ones (1xx)",
    ),
    "interim-flood-102": (
        pour(b"", b"HTTP/1.1 102 Processing\r\nX-A: b\r\n\r\n" * 100),
        "the answer is preceded by more than 20 interim ones (1xx)",
    ),
}


@pytest.mark.parametrize(("script", "sentence"), BROKEN.values(), ids=list(BROKEN))
def test_broken_answer_is_a_finding_with_its_sentence(script: Script, sentence: str) -> None:
    exchange = asked(script)
    assert (exchange.answer, exchange.broke) == (None, Break.GARBLED)
    assert exchange.why.startswith(sentence)
    assert "\n" not in exchange.why
    assert accuses(exchange)


@pytest.mark.parametrize("script", [close, reset()], ids=["closed", "reset"])
def test_no_answer_at_all_is_a_finding_the_second_time(script: Script) -> None:
    with raw_server(script) as server, wire(server.endpoint) as line:
        exchange = line.send(ASK)
    assert (exchange.broke, exchange.why) == (Break.RESET, "the connection was closed without an answer")
    assert len(server.requests) == 2
    assert accuses(exchange)


SLOW: dict[str, tuple[Script, str]] = {
    "hang-before-the-head": (silence, ""),
    "hang-in-the-head": (keep(HEAD), f": {len(HEAD)} bytes of it came"),
    "hang-in-the-body": (keep(HEAD + b"Content-Length: 9\r\n\r\n{"), f": {len(HEAD) + 22} bytes of it came"),
    "hang-between-chunks": (keep(CHUNKED + b"1\r\n{\r\n"), f": {len(CHUNKED) + 6} bytes of it came"),
    "hang-in-an-interim": (keep(b"HTTP/1.1 100 Continue\r\n\r\n"), ": 25 bytes of it came"),
    "drip-of-a-status-line": (drip(b"HTTP/1.1 404 ", b"x"), " bytes of it came"),
    "drip-of-a-header": (drip(HEAD + b"X-Slow: ", b"y"), " bytes of it came"),
    "drip-of-interims": (drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.1), " bytes of it came"),
    "drip-of-a-body": (drip(HEAD + b"Content-Length: 100000\r\n\r\n", b" "), " bytes of it came"),
    "drip-of-chunks": (drip(CHUNKED, b"1\r\n \r\n"), " bytes of it came"),
}


@pytest.mark.parametrize(("script", "came"), SLOW.values(), ids=list(SLOW))
def test_answer_that_does_not_end_in_time_is_a_finding(script: Script, came: str) -> None:
    exchange = asked(script, timeout=0.25)
    assert (exchange.answer, exchange.broke) == (None, Break.SILENT)
    assert exchange.why.startswith("no complete answer within 0.25 s")
    assert exchange.why.endswith(came)
    assert accuses(exchange)


def test_nobody_listening_blocks() -> None:
    with raw_server(close) as server:
        pass
    with wire(server.endpoint) as line:
        exchange = line.send(ASK)
    assert (exchange.broke, exchange.why) == (Break.REFUSED, "nobody answers (Connection refused)")
    assert not accuses(exchange)


def test_unknown_host_blocks() -> None:
    with wire("http://nowhere.invalid") as line:
        exchange = line.send(ASK)
    assert exchange.broke is Break.REFUSED
    assert exchange.why.startswith("the host's name is not known here (")


@pytest.mark.parametrize("place", ["a..b", "[::1", "127.0.0.1:99999", "*.example", "\u00fc" * 99, "a%zz"])
def test_what_is_no_address_blocks(place: str) -> None:
    with wire(f"http://{place}") as line:
        exchange = line.send(ASK)
    assert exchange.broke is Break.REFUSED
    assert exchange.why.endswith(" is no address") or exchange.why.startswith("the host's name is not known here (")
    assert not accuses(exchange)


# -- long answers


@cache
def bomb(size: int) -> bytes:
    """As many zeros, in a thousandth of the bytes."""
    packer = zlib.compressobj(9, wbits=31)
    piece = bytes(1 << 20)
    return b"".join([*(packer.compress(piece) for _ in range(size >> 20)), packer.flush()])


@pytest.mark.parametrize(
    "script",
    [
        answer("404 Not Found", b"x" * (10 << 20)),
        answer("404 Not Found", bomb(10 << 20), "Content-Encoding: gzip"),
        keep(CHUNKED + b"a00000\r\n" + b"x" * (10 << 20) + b"\r\n0\r\n\r\n"),
    ],
    ids=["plain", "gzip", "chunked"],
)
def test_body_of_10_mb_is_cut_and_its_status_is_judged(script: Script) -> None:
    exchange = asked(script)
    assert exchange.answer is not None
    assert (exchange.status, exchange.answer.unread) == (404, "goes on past 1 MiB")
    assert len(exchange.answer.body) == BODY_CAP
    assert not accuses(exchange)
    assert {finding.outcome for finding in judging.error_body(CONTRACT, exchange) if ".e." in finding.clause} == {
        Outcome.BLOCKED
    }
    assert "the body of the 404 goes on past 1 MiB" in {
        finding.why for finding in judging.media_type(CONTRACT, exchange)
    }


@pytest.mark.parametrize(
    "script",
    [
        answer("404 Not Found", bomb(64 << 20), "Content-Encoding: gzip"),
        answer("302 Found", bomb(64 << 20), "Content-Encoding: gzip", "Location: /"),
        pour(CHUNKED + b"1;", b"x" * 65536),
        pour(HEAD + b"\r\n", b"x" * 65536),
    ],
    ids=["gzip-bomb", "gzip-bomb-behind-a-redirect", "endless-chunk-size", "endless-body"],
)
def test_memory_is_bounded(script: Script) -> None:
    with raw_server(script) as server, wire(server.endpoint) as line:
        tracemalloc.start()
        try:
            exchange = line.send(ASK)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert exchange.broke is Break.GARBLED
    assert accuses(exchange)
    assert most < READ_CAP * 5 // 4


@pytest.mark.parametrize("head", [HEAD + b"\r\n", CHUNKED + b"ffffffff\r\n"], ids=["until-close", "one-chunk"])
def test_endless_body_is_hung_up_on(head: bytes) -> None:
    gone = threading.Event()
    asked(pour(head, b"x" * 65536, gone))
    assert gone.wait(10)


# -- whatever comes

MUTATED = st.tuples(
    st.sampled_from(
        [
            HEAD + b"Content-Length: %d\r\n\r\n" % len(UNKNOWN) + UNKNOWN,
            CHUNKED + b"33\r\n" + UNKNOWN + b"\r\n0\r\nX-Trailer: 1\r\n\r\n",
            HEAD
            + b"Set-Cookie: a=b; Expires=Thu, 01 Jan 2099 00:00:00 GMT; Path=/\r\nLocation: http://[::1]/\r\n\r\n{}",
            HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(UNKNOWN),
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 429 No\r\nRetry-After: 1\r\n\r\n",
        ]
    ),
    st.integers(0, 400),
    st.integers(0, 30),
    st.one_of(st.binary(max_size=20), st.text(max_size=5).map(str.encode), st.sampled_from([b"\r\n", b"\r", b"-1"])),
)


def mutated(drawn: tuple[bytes, int, int, bytes]) -> bytes:
    data, place, length, instead = drawn
    return data[:place] + instead + data[place + length :]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.one_of(MUTATED.map(mutated), st.binary(max_size=300)))
def test_whatever_comes_is_an_answer_or_a_sentence(data: bytes) -> None:
    with raw_server(send(data)) as server, wire(server.endpoint) as line:
        exchange = line.send(ASK)
    assert (exchange.answer is None) == bool(exchange.why)
    assert "Error" not in exchange.why
    judging.error_body(CONTRACT, exchange)
    judging.discretion(CONTRACT, exchange, frozenset({"resource"}))
