"""Secrets in every spelling in which a target may give them back, and nothing else taken for one."""

from __future__ import annotations

import base64
import html
import json
import tracemalloc
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest

from targets.credentials import Token
from targets.exchange import BODY_CAP, Request
from targets.redaction import Redaction
from targets.wire import Wire
from tests.raw import answer, raw_server, send
from tests.samples import target

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = 'Op+/mark"ed\\&<to> ken-0123456789=='
OTHER = "another-marked-secret"


def in_base64(before: str, after: str, encode: Callable[[bytes], bytes] = base64.b64encode) -> str:
    return encode(f"{before}{SECRET}{after}".encode()).decode()


SPELLINGS = {
    "plain": SECRET,
    "percent": quote(SECRET, safe=""),
    "percent-lower": quote(SECRET, safe="").replace("%2B", "%2b").replace("%2F", "%2f"),
    "percent-some": quote(SECRET),
    "percent-all": "".join(f"%{ord(each):02X}" for each in SECRET),
    "percent-twice": quote(quote(SECRET, safe=""), safe=""),
    "form": quote_plus(SECRET).replace("+", "%20"),
    "json": json.dumps(SECRET),
    "json-slashes": json.dumps(SECRET).replace("/", "\\/"),
    "json-all": "".join(f"\\u{ord(each):04x}" for each in SECRET),
    "html": html.escape(SECRET),
    "html-decimal": "".join(f"&#{ord(each)};" for each in SECRET),
    "html-hexadecimal": "".join(f"&#x{ord(each):X};" for each in SECRET),
    **{
        f"base64-{len(before)}-{len(after)}": in_base64(before, after)
        for before in ("", "a", "ab", "abc")
        for after in ("", "z", "zz")
    },
    "base64-url": in_base64("?>", "?", base64.urlsafe_b64encode),
    "base64-unpadded": in_base64("", "").rstrip("="),
    "base64-percent": quote(in_base64("user:", ""), safe=""),
    "base64-json": json.dumps(in_base64("user:", "")).replace("/", "\\/"),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=list(SPELLINGS))
def test_secret_is_hidden(spelling: str) -> None:
    redact = Redaction([SECRET, OTHER])
    text = f'{{"a": 1, "said": "{spelling}", "b": "%41\\u0041"}}'
    assert redact.finds(text)
    clean = redact(text)
    assert "***" in clean
    assert clean.startswith('{"a": 1, "said": "')
    assert clean.endswith('"b": "%41\\u0041"}')
    assert len(clean) < 70, "what is around it is left"


@pytest.mark.parametrize(
    "text",
    ["", "nothing", "%41%zz&#65;\\u0041\\\\", SECRET[:-1], SECRET.lower(), in_base64("", "")[4:-4], quote(SECRET[1:])],
)
def test_nothing_else_is(text: str) -> None:
    assert Redaction([SECRET])(text) == text


def test_short_strings_are_left() -> None:
    assert Redaction(["short"])("short", "tiny") == "short"


def test_more_secrets_are_learnt_or_told_for_once() -> None:
    redact = Redaction()
    assert redact(f"{SECRET} {OTHER}", OTHER) == f"{SECRET} ***"
    redact.learn(SECRET)
    assert redact(f"{SECRET} {OTHER}") == f"*** {OTHER}"


def test_long_texts_take_little() -> None:
    redact, text = Redaction([SECRET]), "%41" * (1 << 14)
    tracemalloc.start()
    try:
        assert redact(text) == text
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 40 * len(text)


# -- on the wire

MARKED = "marked-operator-token/0123456789+"
MADE_UP = "made-up-token/0123456789+"


@pytest.mark.parametrize("token", [MARKED, MADE_UP], ids=["own", "made-up"])
@pytest.mark.parametrize(
    "spell",
    [
        str,
        lambda token: base64.b64encode(token.encode()).decode(),
        lambda token: base64.b64encode(f"user:{token}".encode()).decode(),
        lambda token: base64.urlsafe_b64encode(f"{token}@host".encode()).decode(),
        lambda token: quote(token, safe=""),
        lambda token: f"https://elsewhere.example/?token={quote_plus(token)}&x=1",
    ],
    ids=["plain", "base64", "basic", "base64-url", "percent", "url"],
)
@pytest.mark.parametrize("place", ["body", "value", "name", "location", "status-line", "no-http"])
def test_token_is_hidden_wherever_it_comes_back(token: str, spell: Callable[[str], str], place: str) -> None:
    said = spell(token)
    script = {
        "body": answer("404 Not Found", f'{{"said": "{said}"}}'.encode()),
        "value": answer("404 Not Found", b"{}", f"X-Said: {said}"),
        "name": answer("404 Not Found", b"{}", f"{said.replace(':', '-')}: 1"),
        "location": answer("302 Found", b"{}", f"Location: {said}"),
        "status-line": send(f"HTTP/1.1 {said} X\r\n\r\n".encode()),
        "no-http": send(f"{said}\r\n".encode()),
    }[place]
    facts = {"tokens": {**target().tokens, next(iter(target().tokens)): Token(MARKED, "$MARKED")}}
    request = Request("POST", "/", b"{}", token=Token(token, "$TOKEN"))
    with raw_server(script) as server, Wire(target(server.endpoint, **facts), frozenset({200}), frozenset()) as line:
        exchange = line.send(request)
    assert f"X-Auth-Token: {token}".encode() in server.requests[0]
    shown = repr(exchange)
    assert "***" in shown
    for secret in (said, token, quote(token, safe=""), base64.b64encode(token.encode()).decode()[4:20]):
        assert secret not in shown
    if exchange.answer:
        assert exchange.answer.leaked


def test_token_that_the_cap_would_cut_in_two_is_hidden() -> None:
    body = b"x" * (BODY_CAP - 5) + MARKED.encode() + b"y"
    facts = {"tokens": {**target().tokens, next(iter(target().tokens)): Token(MARKED, "$MARKED")}}
    with (
        raw_server(answer("404 Not Found", body)) as server,
        Wire(target(server.endpoint, **facts), frozenset({200}), frozenset()) as line,
    ):
        exchange = line.send(Request("POST", "/", b"{}"))
    assert exchange.answer is not None
    assert exchange.answer.leaked
    assert exchange.answer.body.endswith(b"xxx***y")
