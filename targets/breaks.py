"""How an exchange broke off: what any layer raised, as one of few ways and one sentence."""

from __future__ import annotations

import socket
import ssl
from http.client import BadStatusLine, HTTPException, IncompleteRead
from typing import TYPE_CHECKING, TypeVar

from urllib3.exceptions import ConnectTimeoutError, InvalidChunkLength

from targets import tls
from targets.connections import CutOffError, EndlessError, HandshakeError, LateError
from targets.exchange import Break, BrokenError
from targets.heads import MalformedError, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    How = tuple[Break, str]

E = TypeVar("E", bound=BaseException)


def broken(error: Exception, seconds: float) -> BrokenError:
    """What kept an answer from coming within so many seconds. A layer's error is looked for in all that wrap it."""
    causes = list(_causes(error))
    how = _no_connection(causes, seconds) or _not_in_time(causes, seconds) or _tls_broke(causes) or _no_http(causes)
    return BrokenError(*how)


def _no_connection(causes: Sequence[BaseException], seconds: float) -> How | None:
    handshake = _first(causes, HandshakeError)
    if handshake:
        return Break.REFUSED, tls.why(handshake.__cause__)
    unknown = _first(causes, socket.gaierror)
    if unknown:
        return Break.REFUSED, f"the host's name is not known here ({unknown.strerror})"
    if not _first(causes, ConnectTimeoutError):  # among which urllib3 counts every failure to connect
        return None
    if _first(causes, TimeoutError):
        return Break.REFUSED, f"no connection within {seconds:g} s"
    reasons = [each.strerror for each in causes if isinstance(each, OSError) and each.strerror]
    return Break.REFUSED, f"nobody answers ({reasons[0] if reasons else causes[-1]})"


def _not_in_time(causes: Sequence[BaseException], seconds: float) -> How | None:
    late = _first(causes, LateError)
    if late:
        came = f": {late.came} bytes of it came" if late.came else ""
        return Break.SILENT, f"no complete answer within {seconds:g} s{came}"
    if _first(causes, TimeoutError):
        return Break.SILENT, f"the request was not taken within {seconds:g} s"
    return None


def _tls_broke(causes: Sequence[BaseException]) -> How | None:
    error = _first(causes, ssl.SSLError)
    if error is None:
        return None
    if tls.refuses_us(error):
        return Break.REFUSED, tls.why(error)
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return Break.RESET, CLOSED
    return Break.GARBLED, f"TLS broke in the middle of the answer ({error.reason or error})"


def _no_http(causes: Sequence[BaseException]) -> How:
    malformed = _first(causes, MalformedError) or _first(causes, EndlessError)
    if malformed:
        return Break.GARBLED, f"the answer {malformed}"
    if _first(causes, CutOffError):
        return Break.GARBLED, "the connection was reset in the middle of the answer"
    if _first(causes, ConnectionError):  # a reset, a broken pipe, or http.client's RemoteDisconnected
        return Break.RESET, CLOSED
    status_line = _first(causes, BadStatusLine)
    if status_line:
        return Break.GARBLED, f"the answer has no status that HTTP knows: {quoted(str(status_line).strip().encode())}"
    if _first(causes, InvalidChunkLength) or _first(causes, ValueError):  # http.client's, of a negative length
        return Break.GARBLED, "the answer's chunks are broken, or end before the last one"
    short = _first(causes, IncompleteRead)
    if short:
        return Break.GARBLED, "the answer's body ended before its announced length"
    odd = _first(causes, HTTPException) or causes[-1]
    return Break.GARBLED, f"the answer is no sound HTTP: {quoted(str(odd).encode())}"


CLOSED = "the connection was closed without an answer"


def _first(causes: Sequence[BaseException], kind: type[E]) -> E | None:
    return next((each for each in causes if isinstance(each, kind)), None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all those behind it."""
    seen: list[BaseException] = []
    ahead: list[object] = [error]
    while ahead:
        each = ahead.pop(0)
        if isinstance(each, BaseException) and each not in seen:
            seen.append(each)
            yield each
            ahead += [*each.args, getattr(each, "reason", None), each.__cause__, each.__context__]
