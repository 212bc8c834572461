"""The body of an answer, its content coding undone piece by piece: no more is held than is asked for."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from targets.heads import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 1 << 16
"""Bytes of a body that are decoded at a time."""

_GZIP, _ZLIB, _RAW = 31, 15, -15  # the window sizes by which zlib knows the formats
_GZIP_MAGIC = b"\x1f\x8b"
_NONE = frozenset({"", "identity"})
_CODINGS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}


def is_readable(coding: str) -> bool:
    """Whether :func:`decoded` knows a ``Content-Encoding``."""
    return _essence(coding) in _CODINGS.keys() | _NONE


def decoded(parts: Iterator[bytes], coding: str) -> Iterator[bytes]:
    """The pieces of a body without its ``Content-Encoding``, which must be a readable one.

    Raises:
        MalformedError: the body is not in that coding, or ends in its middle.
    """
    name = _essence(coding)
    if name in _NONE:
        yield from parts
        return
    try:
        yield from _inflated(parts, _CODINGS[name])
    except zlib.error as error:
        raise MalformedError(f"has a body that is not the {name} that it is declared as") from error


def _essence(coding: str) -> str:
    return coding.strip().lower()


def _inflated(parts: Iterator[bytes], window: int) -> Iterator[bytes]:
    machine = None
    for part in parts:
        if machine is None:
            if window == _ZLIB and not _is_zlib(part):  # many servers send the bare format (RFC 9110, 8.4.1.2)
                window = _RAW
            machine = zlib.decompressobj(window)
        while part:
            if machine.eof:
                if not part.startswith(_GZIP_MAGIC):
                    break  # padding, which gzip ignores too
                machine = zlib.decompressobj(window)  # a body of several members
            yield machine.decompress(part, PIECE)
            part = machine.unused_data if machine.eof else machine.unconsumed_tail  # noqa: PLW2901
    if machine is not None:
        yield machine.flush()
        if not machine.eof:
            raise MalformedError("has a compressed body that ends in its middle")


def _is_zlib(beginning: bytes) -> bool:
    """Whether bytes begin as RFC 1950 has it, with method 8; the bare format never has these four bits."""
    return beginning[0] & 0x0F == 8  # noqa: PLR2004  the method's number
