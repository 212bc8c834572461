"""Answers in other wrappings: headers, cookies, codings, connections."""

from __future__ import annotations

import gzip
import re
import uuid
from typing import TYPE_CHECKING

from targets.embedded.changes import VARIATIONS
from targets.embedded.variations.shaping import answering, header, put

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Call, Reply

GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
"""Stands in an Accept-Encoding that takes gzip."""


def _chunk(reply: Reply, _: Call) -> None:
    reply.chunked = True


def _gzip(reply: Reply, call: Call) -> None:
    if GZIP.search(call.headers.get("accept-encoding", "")):
        reply.body = gzip.compress(reply.body, mtime=0)
        put(reply, "content-encoding", "gzip")
    put(reply, "vary", "Accept-Encoding")


def _capitals(reply: Reply, _: Call) -> None:
    # uvicorn lowers them again: they only arrive without a socket
    reply.headers = {name.title(): value for name, value in reply.headers.items()}


def _trace(reply: Reply, _: Call) -> None:
    put(reply, "x-request-id", uuid.uuid4().hex)


def _allow(reply: Reply, call: Call) -> None:
    if reply.status == 405:  # noqa: PLR2004
        put(reply, "allow", call.allowed)


def _challenge(reply: Reply, _: Call) -> None:
    if reply.status == 401:  # noqa: PLR2004
        put(reply, "www-authenticate", "Keystone uri='https://iam.example/v3'")


def _locate(reply: Reply, call: Call) -> None:
    if reply.status == 200:  # noqa: PLR2004
        put(reply, "location", f"{call.path}/1")


def _setting(**fields: str) -> Callable[[Reply, Call], None]:
    def change(reply: Reply, _: Call) -> None:
        for name, value in fields.items():
            put(reply, name.replace("_", "-"), value)

    return change


def _typed(change: Callable[[str], str]) -> Callable[[Reply, Call], None]:
    return lambda reply, _: put(reply, "content-type", change(header(reply, "content-type")))


for _name, _doc, _change in (
    ("chunked", "Sends answers in chunks, without saying how long they are.", _chunk),
    ("gzipped", "Compresses answers to callers who take that.", _gzip),
    ("closing", "Closes the connection after each answer.", _setting(connection="close")),
    ("charset", "Declares the charset of answers.", _typed(lambda value: f"{value};charset=UTF-8")),
    ("type-in-capitals", "Declares the type of answers in capitals.", _typed(str.upper)),
    ("header-names-in-capitals", "Begins the words of header names with capitals.", _capitals),
    ("cookie", "Sets a cookie with each answer.", _setting(set_cookie="SERVERID=node-7; Path=/; HttpOnly")),
    (
        "policy-headers",
        "Sends the headers of a hardened gateway.",
        _setting(
            strict_transport_security="max-age=31536000; includeSubDomains",
            x_content_type_options="nosniff",
            cache_control="no-store",
            via="1.1 gateway",
        ),
    ),
    ("long-header", "Sends a header of several thousand bytes.", _setting(x_trace="0123456789abcdef" * 256)),
    ("rate-headers", "Tells how many requests are left.", _setting(x_ratelimit_remaining="0", x_ratelimit_reset="1")),
    ("request-id-header", "Gives every answer a number.", _trace),
    ("allow-header", "Says with 405 which method there is.", _allow),
    ("challenge-header", "Says with 401 where tokens come from.", _challenge),
    ("location-header", "Says where an accepted restoration is to be seen.", _locate),
):
    VARIATIONS.add(_name, _doc, answering(_change))
