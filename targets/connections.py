"""Connections that end: whatever a peer sends or leaves out, an answer takes bounded time and memory.

A time-out of the standard library is for each read, so that a peer which sends a byte now and then is never through.
Here it is for all that follows.
"""

from __future__ import annotations

import errno
import io
import socket
import ssl
import time
from http.client import HTTPResponse, UnknownProtocol
from typing import TYPE_CHECKING, Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError

from targets import tls
from targets.heads import MalformedError, final_head

if TYPE_CHECKING:
    from collections.abc import Callable

    Handshake = Callable[[], None]

READ_CAP = 16 << 20
"""Bytes that an answer may have on the wire, and its body once decoded; what goes on is taken for endless."""
BODILESS = frozenset({204, 304})
"""Statuses whose answers have no body, whatever they announce (RFC 9110, 6.4.1)."""
SLACK = 0.05
"""The share by which an answer may take longer than its time."""
ENDLESS = f"had not ended after {READ_CAP >> 20} MiB"


class LateError(TimeoutError):
    """The time was up before the answer was; ``came`` counts the bytes of it that were there."""

    def __init__(self, came: int) -> None:
        super().__init__("timed out")
        self.came = came


class CutOffError(OSError):
    """The connection broke when a part of the answer had come."""


class EndlessError(OSError):
    """The answer went on past READ_CAP."""


class HandshakeError(NewConnectionError):
    """TLS could not be agreed; the message says why and what to do."""


class _Bounded(socket.socket):
    """A socket whose time-out, and READ_CAP, are for all that is read until the next ``settimeout``."""

    muted = False
    """While it is, there is nothing to be read: only what was read before is to be had."""
    _deadline: float | None = None
    _came = 0

    def settimeout(self, value: float | None) -> None:
        """Have all that follows end within so many seconds."""
        self._deadline = None if value is None else time.monotonic() + value
        self._came = 0
        self._have_wait(value)

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Read what is there, or wait for it.

        Raises:
            LateError: the time is up.
            CutOffError: the connection broke, but not before something came.
            EndlessError: too much has come.
        """
        if self.muted:
            raise BlockingIOError(errno.EAGAIN, "muted")
        try:
            self._wait_no_longer_than_the_rest()
            count = super().recv_into(buffer, nbytes or len(buffer), flags)  # 0 means all, but not to every TLS socket
        except TimeoutError as error:
            raise LateError(self._came) from error
        except ConnectionError as error:
            if self._came:
                raise CutOffError("reset") from error
            raise
        self._came += count
        if self._came > READ_CAP:
            raise EndlessError(ENDLESS)
        return count

    def _wait_no_longer_than_the_rest(self) -> None:
        if self._deadline is not None:
            rest = self._deadline - time.monotonic()
            if rest <= 0:
                raise TimeoutError
            self._have_wait(rest)

    def _have_wait(self, seconds: float | None) -> None:
        """Have the system wait so long, or hardly longer: to tell it anew takes as much as to send something."""
        told = self.gettimeout()
        if seconds is None or told is None or not seconds <= told <= seconds * (1 + SLACK):
            super().settimeout(seconds)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send it all.

        Raises:
            BrokenPipeError: the peer has closed; what it said before may still be read.
        """
        try:
            super().sendall(data, flags)
        except (ConnectionResetError, ssl.SSLEOFError) as error:
            raise BrokenPipeError(errno.EPIPE, "closed while the request was sent") from error


class BoundedSocket(_Bounded):
    """A plain socket with bounds."""


class BoundedTLSSocket(_Bounded, ssl.SSLSocket):  # type: ignore[misc]  # None and 0 mean the same to recv_into
    """A TLS socket with bounds."""


class Reply(HTTPResponse):
    """An answer whose head is read by :func:`targets.heads.final_head`, and whose announced length must be its own."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._socket = sock
        self._announced: int | None = None

    def begin(self) -> None:
        """Read the head, and what it says of the body's end (RFC 9112, 6.3)."""
        stream = self.fp
        line, self.headers = final_head(stream)
        self.msg = self.headers
        self.fp = io.BufferedReader(io.BytesIO(line))
        try:
            version, status, reason = self._read_status()  # type: ignore[attr-defined]
        finally:
            self.fp = stream
        if not version.startswith("HTTP/1."):
            raise UnknownProtocol(version)
        self.code = self.status = status
        self.reason = reason.strip()
        self.version = 10 if version == "HTTP/1.0" else 11
        self.chunked = self.headers.get("Transfer-Encoding", "").lower() == "chunked"
        self.chunk_left = None
        told = "Content-Length" in self.headers and not self.chunked
        bodiless = status in BODILESS or self._method == "HEAD"  # type: ignore[attr-defined]
        self.length = 0 if bodiless else int(self.headers["Content-Length"]) if told else None
        self._announced = self.length if told else None
        endless = self.length is None and not self.chunked
        self.will_close = endless or self._check_close()  # type: ignore[attr-defined]

    def _close_conn(self) -> None:
        surplus = self._surplus() if self._announced is not None and self.length == 0 else b""
        super()._close_conn()  # type: ignore[misc]
        if surplus.strip(b"\r\n"):  # which some servers put after a body
            raise MalformedError(f"goes on after the {self._announced} bytes that it announces")

    def _surplus(self) -> bytes:
        """What came along with the body's last bytes and is none of it."""
        bounded = self._socket
        if not isinstance(bounded, _Bounded) or self.fp.closed:
            return b""
        bounded.muted = True
        try:
            return self.fp.peek(1)
        finally:
            bounded.muted = False


def _bounded(plain: socket.socket, seconds: float | None) -> BoundedSocket:
    """The same socket with bounds, the first of them on what is done next."""
    bounded = BoundedSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())
    bounded.settimeout(seconds)
    return bounded


class _Connection(HTTPConnection):
    """Sends a request as one piece: the peer need not wake up for its head, only to wait for the body."""

    response_class = Reply
    _held: list[bytes] | None = None

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._held = []
        try:
            super().request(*args, **kwargs)
        finally:
            held, self._held = self._held, None
        self.send(b"".join(held))

    def send(self, data: Any) -> None:
        if self._held is None:
            super().send(data)
        else:
            self._held.append(data)

    def _new_conn(self) -> socket.socket:
        return _bounded(super()._new_conn(), self.timeout)


class _SecureConnection(_Connection, HTTPSConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except HTTPError:  # no connection at all
            raise
        except (OSError, ValueError) as error:
            raise HandshakeError(self, tls.why(error)) from error


class _Renewable(HTTPConnectionPool):
    def renew(self) -> None:
        """End the connection that waits for its next request; that one opens it anew."""
        connection = self._get_conn()
        connection.close()
        self._put_conn(connection)


class Pool(_Renewable):
    """Bounded connections without TLS."""

    ConnectionCls = _Connection


class SecurePool(_Renewable, HTTPSConnectionPool):
    """Bounded connections with TLS; their context should make BoundedTLSSocket."""

    ConnectionCls = _SecureConnection
