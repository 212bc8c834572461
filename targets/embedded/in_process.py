"""The wire to an embedded service without a socket: for measuring the suite against many services in little time."""

from __future__ import annotations

import gzip
import time
import zlib
from typing import TYPE_CHECKING
from urllib.parse import unquote

from targets.embedded.service import Call
from targets.exchange import Break, Exchange
from targets.wire import OF_EVERY_REQUEST, Wire

if TYPE_CHECKING:
    from targets.credentials import Token
    from targets.embedded.service import Reply, Service
    from targets.exchange import Request
    from targets.profile import Target


class InProcessWire(Wire):
    """Counts, waits, withholds and redacts like the wire that it is, and calls the service instead of connecting."""

    def __init__(self, target: Target, success: frozenset[int], busy: frozenset[str], service: Service) -> None:
        super().__init__(target, success, busy)
        self._service = service

    def attempt(self, request: Request, token: Token | None) -> Exchange:
        """Have the service answer a request once."""
        spelled = {**OF_EVERY_REQUEST, **dict(request.headers)}
        if token is not None:
            spelled[request.token_header] = token.value
        headers = {name.lower(): value for name, value in spelled.items()}
        names = tuple({name.lower(): name for name in spelled}.values())
        path = unquote(request.path.partition("?")[0])  # as servers hand it on
        call = Call(request.method, path, headers, request.body or b"", spelled=names)
        started, clock = time.time(), time.perf_counter()
        reply = self._service.answer(call)
        seconds = time.perf_counter() - clock
        sent = self.as_sent(request, token)
        body = _decoded(reply)
        broke = Break.RESET if reply.drop else Break.GARBLED if reply.cut is not None or body is None else None
        if reply.delay > self.target.limits.timeout:
            broke = Break.SILENT
        if broke:
            return Exchange(sent, None, started, seconds, broke, f"the service ended the exchange ({broke.value})")
        answer = self.as_received(reply.status, reply.headers.items(), body or b"", token)
        return Exchange(sent, answer, started, seconds)


def _decoded(reply: Reply) -> bytes | None:
    """The body without its content coding, None where it is not what its header says."""
    coding = next((value for name, value in reply.headers.items() if name.lower() == "content-encoding"), "")
    if coding != "gzip":
        return reply.body
    try:
        return gzip.decompress(reply.body)
    except (OSError, EOFError, zlib.error):
        return None
