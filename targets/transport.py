"""One request over a socket, and what came of it: an answer, or one sentence on how it broke off.

The only module that imports requests. It follows no redirect, keeps no cookie, verifies TLS, ignores the environment's
proxies and .netrc, and ends in bounded time and memory whatever the peer does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidURL
from urllib3.exceptions import HTTPError, LocationValueError

from targets.breaks import broken
from targets.connections import ENDLESS, READ_CAP, BoundedTLSSocket, Pool, SecurePool
from targets.decoding import PIECE, decoded, is_readable
from targets.exchange import BODY_CAP, Break, BrokenError
from targets.heads import MalformedError, quoted

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Mapping

    from urllib3 import BaseHTTPResponse

LONG = f"goes on past {BODY_CAP >> 20} MiB"
SWITCHING = 101
STATUSES = range(100, 600)
"""What a status can be (RFC 9110, 15)."""


@dataclass(frozen=True)
class Received:
    """An answer as it came.

    ``body`` is decoded, and may be a piece longer than BODY_CAP so that nothing is cut in two which should be found
    whole. ``unread`` goes on after *the body* and says why it, or its end, is not there; empty where it is.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    unread: str = ""


class Transport:
    """The connections of one thread. ``context`` is needed for https alone."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        if context is not None:
            context.sslsocket_class = BoundedTLSSocket
        self._adapter = _Adapter(context)

    def close(self) -> None:
        """End every connection; the next request has a fresh one."""
        self._adapter.close()

    def renew(self) -> None:
        """Have the next request leave on a fresh connection."""
        self._adapter.renew()

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float) -> Received:
        """Send a request once. Connecting, sending, and the whole answer have so many seconds each.

        Raises:
            BrokenError: no sound and whole answer came.
        """
        try:
            prepared = _prepared(method, url, headers, body)
            raw: BaseHTTPResponse = self._adapter.send(prepared, stream=True, timeout=seconds).raw
            try:
                return _received(raw)
            finally:
                raw.close()
        except (InvalidURL, LocationValueError) as error:
            raise BrokenError(Break.REFUSED, f"{url} is no address") from error
        except (OSError, HTTPError, HTTPException, ValueError) as error:  # requests' errors are OSErrors
            raise broken(error, seconds) from error


def _prepared(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> requests.PreparedRequest:
    """What requests.Request makes of these; the few addresses of a run are looked at once each."""
    prepared = requests.PreparedRequest()
    prepared.prepare_method(method)
    prepared.url = _address(url)
    prepared.prepare_headers(headers)
    prepared.prepare_body(body, None)
    return prepared


@lru_cache(maxsize=256)
def _address(url: str) -> str | None:
    prepared = requests.PreparedRequest()
    prepared.prepare_url(url, None)
    return prepared.url


class _Adapter(HTTPAdapter):
    """Keeps a pool of one connection for each origin: one thread has no use for more."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        self._pools: dict[tuple[str, str], Pool | SecurePool] = {}
        super().__init__(pool_maxsize=1)

    def get_connection_with_tls_context(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        """The pool of the request's origin, sought once: nothing else that it depends on ever changes."""
        origin = urlsplit(str(request.url))[:2]
        pool = self._pools.get(origin)
        if pool is None:
            pool = cast("Pool | SecurePool", super().get_connection_with_tls_context(request, *args, **kwargs))
            self._pools[origin] = pool
        return pool

    def renew(self) -> None:
        """End the connections that wait for their next request."""
        for pool in self._pools.values():
            pool.renew()

    def close(self) -> None:
        """End every connection."""
        self._pools.clear()
        super().close()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)
        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}

    def cert_verify(self, *_: Any) -> None:
        """Leave it to the context, which holds all that is trusted and shown."""

    def build_response(self, _: requests.PreparedRequest, resp: BaseHTTPResponse) -> requests.Response:
        """Keep what was received as it is: cookies and encodings are not looked for."""
        response = requests.Response()
        response.raw = resp
        return response


def _received(raw: BaseHTTPResponse) -> Received:
    if raw.status not in STATUSES:
        raise MalformedError(f"has no status that HTTP knows: {raw.status}")
    if raw.status == SWITCHING:
        raise MalformedError("switches to another protocol unasked (101)")
    headers = tuple(raw.headers.items())
    coding = raw.headers.get("Content-Encoding", "")
    pieces = raw.stream(PIECE, decode_content=False)
    if is_readable(coding):
        return Received(raw.status, headers, *_body(decoded(pieces, coding)))
    body, _ = _body(pieces)  # to see it end
    unread = f"is in a coding that was not asked for: {quoted(coding.encode('latin-1'))}"
    return Received(raw.status, headers, b"", unread if body else "")


def _body(pieces: Iterator[bytes]) -> tuple[bytes, str]:
    """The body as far as it is kept, and why there is no more of it."""
    kept = bytearray()  # a list of pieces takes much more where they are small
    size = 0
    for piece in pieces:
        if size <= BODY_CAP + PIECE:
            kept += piece
        size += len(piece)
        if size > READ_CAP:
            raise MalformedError(ENDLESS)
    return bytes(kept), LONG if size > BODY_CAP else ""
