"""Ways to write one and the same request: what a service must not make a difference of."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contracts.bodies import encode
from targets.exchange import TOKEN_HEADER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from suites.campaign import Campaign
    from targets.exchange import Request

Headers = tuple[tuple[str, str], ...]

JSON_HEADER: Headers = (("Content-Type", "application/json"),)


@dataclass(frozen=True)
class Spelling:
    """One way to write a request: its document as bytes, and its headers."""

    name: str
    write: Callable[[Any], bytes] = field(default=encode, repr=False)
    headers: Headers = JSON_HEADER
    token_header: str = TOKEN_HEADER

    def request(self, campaign: Campaign, document: Any, **changes: Any) -> Request:
        """The operation's request with this document, written so."""
        return self.around(campaign, self.write(document), **changes)

    def around(self, campaign: Campaign, body: bytes, **changes: Any) -> Request:
        """The operation's request with these bytes and the headers of this spelling."""
        return campaign.request(body, headers=self.headers, token_header=self.token_header, **changes)


COMPACT = Spelling("compact")
UTF8 = Spelling("utf8", lambda document: json.dumps(document, ensure_ascii=False).encode())
SPELLINGS = (
    Spelling("indented", lambda document: json.dumps(document, indent=4).encode()),
    Spelling(
        "spaced", lambda document: b"\r\n\t " + json.dumps(document, separators=(" ,\n", " :\t")).encode() + b"\n"
    ),
    Spelling("escaped", lambda document: _escaped(document).encode("ascii")),
    Spelling("escaped_names", lambda document: _with_escaped_names(json.dumps(document))),
    Spelling("reversed", lambda document: encode(_reversed(document))),
    Spelling("charset", headers=(("Content-Type", "application/json; charset=utf-8"),)),
    Spelling("charset_tight", headers=(("Content-Type", "application/json;charset=UTF-8"),)),
    Spelling(
        "lower_case_header",
        headers=(("content-type", "application/json"), ("accept", "application/json")),
        token_header=TOKEN_HEADER.lower(),
    ),
    Spelling("any_accept", headers=(*JSON_HEADER, ("Accept", "*/*"))),
    Spelling("weighed_accept", headers=(*JSON_HEADER, ("Accept", "application/json, text/plain;q=0.5, */*;q=0.1"))),
)
"""All of them are the same to whoever reads HTTP and JSON by their letter."""

BULKY = (Spelling("many_items"),)
PADDED = (
    Spelling("padded_10k", lambda document: encode(document) + b" " * 10_000),
    Spelling("padded_110k", lambda document: encode(document) + b"\n" * 110_000),
)
UNDECLARED = (Spelling("text_plain", headers=(("Content-Type", "text/plain"),)), Spelling("no_type", headers=()))
EVERY_SPELLING = (*SPELLINGS, *BULKY, *PADDED, *UNDECLARED)
"""The ways in which a faulty body is written; a target need not take the last ones, but if it does, it has to look."""


def _escaped(document: Any) -> str:
    """The document with every character of its string values escaped by its number."""
    if isinstance(document, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_escaped(value)}" for name, value in document.items()) + "}"
    if isinstance(document, list):
        return "[" + ",".join(map(_escaped, document)) + "]"
    if isinstance(document, str):
        return '"' + "".join(f"\\u{unit:04x}" for unit in _utf16(document)) + '"'
    return json.dumps(document)


def _with_escaped_names(text: str) -> bytes:
    """The JSON text with each member's name and each slash escaped, in capital digits."""
    escaped = re.sub(r'"(\w+)":', lambda match: '"' + "".join(f"\\u{ord(each):04X}" for each in match[1]) + '":', text)
    return escaped.replace("/", "\\/").encode("ascii")


def _utf16(text: str) -> Iterator[int]:
    units = text.encode("utf-16-be")
    return (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))


def _reversed(document: Any) -> Any:
    """The document with the members of every object in reverse order."""
    if isinstance(document, dict):
        return {name: _reversed(document[name]) for name in reversed(document)}
    return [_reversed(item) for item in document] if isinstance(document, list) else document
