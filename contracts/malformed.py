"""Bodies that are broken below the level of members: no JSON, no UTF-8, no object, or hard to digest.

Every one is a single splice of the bytes of a valid body, so that what was done can be shown and undone.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contracts.bodies import encode
from contracts.faults import FaultNotProven
from contracts.validating import is_valid_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from contracts.model import Contract


@dataclass(frozen=True)
class Splice:
    """``removed`` at ``offset`` of the valid body gave way to ``inserted``."""

    offset: int
    removed: bytes
    inserted: bytes

    def apply(self, body: bytes) -> bytes:
        """The body with the splice in it."""
        return body[: self.offset] + self.inserted + body[self.offset + len(self.removed) :]

    def undo(self, body: bytes) -> bytes:
        """The body before the splice."""
        return Splice(self.offset, self.inserted, self.removed).apply(body)


@dataclass(frozen=True)
class Malformation:
    """One way to break the body as a whole. ``splice`` makes the splice for a valid body; ``variant`` picks one way."""

    clause: str
    label: str
    splice: Callable[[bytes, int], Splice] = field(repr=False)
    variants: int = 1

    @property
    def id(self) -> str:
        """Clause and label, ASCII, unique among the malformations."""
        return f"{self.clause}-{self.label}"

    def put(self, body: bytes, variant: int = 0) -> Malformed:
        """This valid body, malformed in the variant given (modulo the number of variants)."""
        splice = self.splice(body, variant % self.variants)
        return Malformed(self, splice, body, splice.apply(body), variant)


@dataclass(frozen=True)
class Malformed:
    """A valid body and the same body after one splice."""

    fault: Malformation
    splice: Splice
    before: bytes
    after: bytes
    variant: int = 0
    pointer: str = ""

    def prove(self, contract: Contract) -> None:
        """Show that the body was valid, is no JSON object any more, and undoing the splice gives it back.

        Raises:
            FaultNotProven: one of the three does not hold.
        """
        if not is_valid_request(contract, self.before):
            raise FaultNotProven(f"{self.fault.id}: the body without the fault is not valid")
        if is_json_object(self.after):
            raise FaultNotProven(f"{self.fault.id}: the body is still one JSON object")
        if self.splice.undo(self.after) != self.before:
            raise FaultNotProven(f"{self.fault.id}: undoing the splice does not give the valid body back")


def is_json_object(body: bytes) -> bool:
    """Whether the bytes are one JSON object in UTF-8, by the letter of RFC 8259."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        return isinstance(json.loads(body.decode("utf-8"), parse_constant=refuse), dict)
    except (ValueError, RecursionError):
        return False


def malformations(contract: Contract) -> tuple[Malformation, ...]:
    """What any service must refuse: the body missing, not JSON, not UTF-8, or not an object."""
    if not contract.request_schema:
        return ()
    in_string = _in_string(contract)
    return _named(
        f"{contract.operation}.s.400",
        ("empty", lambda body, _: Splice(0, body, b""), 1),
        ("blank", lambda body, _: Splice(0, body, b" \n"), 1),
        ("root_array", lambda body, _: Splice(0, body, b"[" + body + b"]"), 1),
        ("root_empty_array", lambda body, _: Splice(0, body, b"[]"), 1),
        ("root_string", lambda body, _: Splice(0, body, encode(body.decode())), 1),
        ("root_number", lambda body, variant: Splice(0, body, (b"42", b"0", b"-1.5")[variant]), 3),
        ("root_boolean", lambda body, variant: Splice(0, body, (b"true", b"false")[variant]), 2),
        ("root_null", lambda body, _: Splice(0, body, b"null"), 1),
        ("cut", _cut, 12),
        ("unquoted", _unquoted, 12),
        ("single_quotes", lambda body, _: Splice(0, body, body.replace(b'"', b"'")), 1),
        ("trailing_garbage", lambda body, variant: Splice(len(body), b"", (b"x", b"}", b"]", b'"')[variant]), 4),
        (
            "not_utf8",
            lambda body, variant: in_string(body, (b"\xff", b"\xe9", b"\xc0\xaf", b"\xed\xa0\x80")[variant]),
            4,
        ),
    )


def leniencies(contract: Contract) -> tuple[Malformation, ...]:
    """What RFC 8259 does not allow, though some parsers do."""
    if not contract.request_schema:
        return ()
    in_string = _in_string(contract)
    return _named(
        f"{contract.operation}.a.strict_json",
        ("trailing_comma", lambda body, _: Splice(body.rindex(b"}"), b"", b","), 1),
        ("comment", lambda _, variant: Splice(1, b"", (b"/* restore */", b"// restore\n")[variant]), 2),
        ("nan", lambda _, variant: Splice(1, b"", b'"x":' + (b"NaN", b"Infinity", b"-Infinity")[variant] + b","), 3),
        ("two_documents", lambda body, _: Splice(len(body), b"", body), 1),
        ("control_character", lambda body, variant: in_string(body, (b"\x01", b"\n", b"\x00")[variant]), 3),
        ("utf16", lambda body, _: Splice(0, body, body.decode().encode("utf-16")), 1),
    )


def stresses(contract: Contract) -> tuple[Malformation, ...]:
    """What a service may take or refuse as it likes, but not fall over: its clause is the one of internal errors."""
    if not contract.request_schema:
        return ()
    in_string = _in_string(contract)
    return _named(
        f"{contract.operation}.s.500",
        ("deep_root", lambda body, _: Splice(0, body, _nested(20_000)), 1),
        ("deep_member", lambda _, variant: Splice(1, b"", b'"x":' + _nested(500 * 10**variant) + b","), 2),
        ("deep_inside", lambda body, _: Splice(body.rindex(b"{") + 1, b"", b'"x":' + _nested(500) + b","), 1),
        ("deep_objects", lambda _, __: Splice(1, b"", b'"x":' + b'{"x":' * 5_000 + b"1" + b"}" * 5_000 + b","), 1),
        ("nul", lambda body, _: in_string(body, b"\\u0000"), 1),
        ("lone_surrogate", lambda body, variant: in_string(body, (b"\\ud800", b"\\udfff")[variant]), 2),
        ("long_string", lambda body, variant: in_string(body, b"0" * (300, 5_000, 40_000)[variant]), 3),
        ("huge_number", lambda _, variant: Splice(1, b"", b'"x":' + (b"1e999", b"9" * 5_000)[variant] + b","), 2),
        ("many_members", lambda _, __: Splice(1, b"", b"".join(b'"x%d":1,' % k for k in range(1_000))), 1),
        ("empty_name", lambda _, __: Splice(1, b"", b'"":0,"\\u0000":0,"__proto__":{},'), 1),
    )


def _named(clause: str, *rows: tuple[str, Callable[[bytes, int], Splice], int]) -> tuple[Malformation, ...]:
    return tuple(Malformation(clause, label, splice, variants) for label, splice, variants in rows)


def _cut(body: bytes, variant: int) -> Splice:
    """The end is lost: the last byte, then half of the body, then ever more places."""
    keep = len(body) - 1 if variant == 0 else len(body) * variant // 12
    return Splice(keep, body[keep:], b"")


_STRING_VALUE = re.compile(rb':"([^"\\]*)"')


def _unquoted(body: bytes, variant: int) -> Splice:
    values = list(_STRING_VALUE.finditer(body))
    value = values[variant % len(values)]
    bare = value.group(1)
    try:
        json.loads(bare)
    except ValueError:
        return Splice(value.start() + 1, value.group()[1:], bare or b"word")
    return Splice(value.start() + 1, value.group()[1:], b"word")


def _in_string(contract: Contract) -> Callable[[bytes, bytes], Splice]:
    """Puts something behind the first character of the longest string value: an identifier, wherever a body has one.

    A value that the page fixes is left alone, since it would be refused for its change and not for what was put in.
    """
    fixed = frozenset(_fixed_values(contract.request_schema))

    def splice(body: bytes, inserted: bytes) -> Splice:
        values = [match for match in _STRING_VALUE.finditer(body) if match.group(1) not in fixed]
        return Splice(max(values, key=lambda match: len(match.group(1))).start(1) + 1, b"", inserted)

    return splice


def _fixed_values(schema: Mapping[str, Any]) -> Iterator[bytes]:
    """The values that a schema fixes, as they stand in a body."""
    if "const" in schema:
        yield encode(schema["const"]).strip(b'"')
    for node in (*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])):
        yield from _fixed_values(node)


def _nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth
