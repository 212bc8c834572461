"""Ways to write one and the same request: what a service must not make a difference of."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from contracts.bodies import encode
from targets.exchange import TOKEN_HEADER

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.model import Contract
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
    of_body: bool = True
    """Whether a request without a body is the same in plain writing."""

    def request(self, campaign: Campaign, document: Any, **changes: Any) -> Request:
        """The operation's request with this document, written so."""
        return self.around(campaign, None if document is None else self.write(document), **changes)

    def around(self, campaign: Campaign, body: bytes | None, **changes: Any) -> Request:
        """The operation's request with these bytes and the headers of this spelling."""
        headers = tuple(each for each in self.headers if body is not None or each[0].lower() != "content-type")
        return campaign.request(body, **{"headers": headers, "token_header": self.token_header, **changes})


COMPACT = Spelling("compact")
UTF8 = Spelling("utf8", lambda document: json.dumps(document, ensure_ascii=False).encode())
SPELLINGS = (
    Spelling(
        "spaced", lambda document: b"\r\n\t " + json.dumps(document, separators=(" ,\n", " :\t")).encode() + b"\n"
    ),
    Spelling("escaped", lambda document: _escaped(document).encode("ascii")),
    Spelling("reversed", lambda document: encode(_reversed(document))),
    Spelling("charset", headers=(("Content-Type", "application/json; charset=utf-8"),)),
    Spelling("charset_tight", headers=(("Content-Type", "application/json;charset=UTF-8"),)),
    Spelling(
        "lower_case_header",
        headers=(("content-type", "application/json"), ("accept", "application/json")),
        token_header=TOKEN_HEADER.lower(),
        of_body=False,
    ),
    Spelling("any_accept", headers=(*JSON_HEADER, ("Accept", "*/*")), of_body=False),
    Spelling(
        "weighed_accept",
        headers=(*JSON_HEADER, ("Accept", "application/json, text/plain;q=0.5, */*;q=0.1")),
        of_body=False,
    ),
)
"""All of them are the same to whoever reads HTTP and JSON by their letter."""

BULKY = (Spelling("many_items"),)
PADDED = (Spelling("padded", lambda document: encode(document) + b"\n" * 110_000),)
UNDECLARED = (Spelling("text_plain", headers=(("Content-Type", "text/plain"),)), Spelling("no_type", headers=()))
EVERY_SPELLING = (*SPELLINGS, *BULKY, *PADDED, *UNDECLARED)
"""The ways in which a faulty body is written; a target need not take the last ones, but if it does, it has to look."""


def spellings_of(contract: Contract) -> tuple[Spelling, ...]:
    """The ways to write a request of an operation that differ for it."""
    return tuple(each for each in SPELLINGS if contract.request_schema or not each.of_body)


def _escaped(document: Any) -> str:
    """The document with every character of its names and strings escaped by its number, some of them in capitals."""
    if isinstance(document, dict):
        return "{" + ",".join(f"{_numbers(name, 'X')}:{_escaped(value)}" for name, value in document.items()) + "}"
    if isinstance(document, list):
        return "[" + ",".join(map(_escaped, document)) + "]"
    if isinstance(document, str):
        return "\\/".join(_numbers(part, "x")[1:-1] for part in document.split("/")).join('""')
    return json.dumps(document)


@lru_cache(maxsize=1024)  # the same names, and mostly the same identifiers, in every body
def _numbers(text: str, case: str) -> str:
    units = text.encode("utf-16-be")
    numbers = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    return '"' + "".join(f"\\u{number:04{case}}" for number in numbers) + '"'


def _reversed(document: Any) -> Any:
    """The document with the members of every object in reverse order."""
    if isinstance(document, dict):
        return {name: _reversed(document[name]) for name in reversed(document)}
    return [_reversed(item) for item in document] if isinstance(document, list) else document
