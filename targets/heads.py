"""The head of an answer, read off a stream within bounds: status line and header fields, as bytes.

The standard library reads heads too, but it takes an interim answer other than 100 for the final one, waits for ever
while they keep coming, takes a head that was cut off for a whole one, and loses every field after an odd one.
"""

from __future__ import annotations

import re
from http.client import HTTPException, HTTPMessage
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    Field = tuple[bytes, bytes]

HEAD_CAP = 60 << 10
"""Bytes that a head may have. The standard library takes no line of 64 KiB; most proxies take less for all of them."""
FIELDS = 100
"""Header fields from which on an answer has too many: the bound of the standard library, and of many proxies."""
INTERIM = 20
"""Interim answers (RFC 9110, 15.2) that may come before the final one."""
SHOWN = 4096
"""Bytes of an answer that a message quotes, at its end: it may be cut, but not before secrets are out of it."""

_INTERIM = re.compile(rb"HTTP/1\.[0-9] +1(?!01)[0-9][0-9]\b")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]+")
_TLS_ALERT = b"\x15\x03"


class MalformedError(HTTPException):
    """An answer that is no sound HTTP; the message goes on after *the answer*."""


def final_head(stream: BinaryIO) -> tuple[bytes, HTTPMessage]:
    """Status line and fields of the final answer, as bytes and as the standard library has them.

    Interim answers before it are skipped, lines that are no field are left out, and a length that is announced
    several times alike is announced once. The status line is empty where the stream ends before the head begins.

    Raises:
        MalformedError: it does not begin as HTTP, ends in its middle, is too long, or announces no possible length.
    """
    for _ in range(INTERIM + 1):
        status_line, *lines = _lines(stream) or [b""]
        if not _INTERIM.match(status_line):
            message = HTTPMessage()
            for name, value in _one_length(_fields(lines)):
                message.set_raw(name.decode("latin-1"), value.decode("latin-1"))
            return status_line, message
    raise MalformedError(f"is preceded by more than {INTERIM} interim ones (1xx)")


def quoted(data: bytes) -> str:
    """The beginning of what came, for a message, in printable ASCII."""
    return ascii(data[:SHOWN].decode("latin-1"))


def _lines(stream: BinaryIO) -> list[bytes]:
    """The lines of one head without the blank one at its end."""
    lines: list[bytes] = []
    left = HEAD_CAP
    while True:
        line = stream.readline(left + 1)
        left -= len(line)
        if not lines and line:
            _begin(line)
        if left < 0:
            raise MalformedError(f"has a head of more than {HEAD_CAP >> 10} KiB")
        if line in (b"\r\n", b"\n") or (not line and not lines):
            return lines
        if not line.endswith(b"\n"):
            raise MalformedError("ends in the middle of its head")
        lines.append(line)


def _begin(line: bytes) -> None:
    if line.startswith(_TLS_ALERT):
        raise MalformedError("is TLS: the endpoint should begin with https://")
    if not line.startswith(b"HTTP/"):
        raise MalformedError(f"does not begin as HTTP: {quoted(line)}")


def _fields(lines: Iterable[bytes]) -> list[Field]:
    """Names and values, those that go on over several lines (RFC 9112, 5.2) put together."""
    fields: list[Field] = []
    goes_on = False
    for line in lines:
        match = _FIELD.match(line)
        if match:
            fields.append((match[1], _clean(match[2])))
        elif line[:1] in b" \t" and goes_on:
            name, value = fields[-1]
            fields[-1] = name, value + b" " + _clean(line)
            continue
        goes_on = match is not None
    if len(fields) >= FIELDS:
        raise MalformedError(f"has {len(fields)} header fields, more than clients take")
    return fields


def _clean(value: bytes) -> bytes:
    """A value without controls, at which it would end for whoever reads it next."""
    return _CONTROL.sub(b" ", value).strip()


def _one_length(fields: Iterable[Field]) -> Iterator[Field]:
    """The fields with one length at most (RFC 9112, 6.3)."""
    lengths: list[bytes] = []
    for name, value in fields:
        if name.lower() == b"content-length":
            lengths += [each.strip() for each in value.split(b",")]
        else:
            yield name, value
    different = list(dict.fromkeys(lengths))
    if len(different) > 1:
        raise MalformedError(f"announces more than one length: {quoted(b' and '.join(different))}")
    if different and not different[0].isdigit():
        raise MalformedError(f"announces a length that is none: {quoted(different[0])}")
    if different:
        yield b"Content-Length", different[0]
