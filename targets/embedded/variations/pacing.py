"""Services that are busy, throttled or slow, and say so."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING

from targets.embedded.changes import VARIATIONS
from targets.embedded.rules import BY_NAME, parents
from targets.embedded.service import Refusal
from targets.embedded.variations.shaping import BUSY, answering, before, put

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Call, Reply, Service

LONG_PAST = "Wed, 21 Oct 2015 07:28:00 GMT"


class _Restoring:
    """The servers that are being restored, until somebody has asked for them once more."""

    def __init__(self) -> None:
        self._servers: set[str] = set()
        self._lock = threading.Lock()

    def refuse(self, call: Call) -> None:
        """Refuse a call for a server that is being restored; it is done with that at the next one."""
        for targets in parents(call.document, BY_NAME["server_id"].parents):
            server = targets.get("server_id")
            with self._lock:
                if isinstance(server, str) and server in self._servers:
                    self._servers.remove(server)
                    raise Refusal(400, BUSY, "The server is restoring.")

    def start(self, call: Call) -> None:
        """Take note that the server of an accepted call is being restored."""
        with self._lock:
            self._servers.add(call.document["restore"]["parameters"]["targets"]["server_id"])


def _busy(stage: str) -> Callable[[Service], None]:
    def apply(service: Service) -> None:
        restoring = _Restoring()

        def wrap(restore: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
            def started(call: Call) -> Reply:
                reply = restore(call)
                restoring.start(call)
                return reply

            return started

        service.around("restore", wrap)
        before(stage, restoring.refuse)(service)

    return apply


VARIATIONS.add(
    "busy-server", "Refuses the next restoration of a server that is being restored, once.", _busy("restore")
)
VARIATIONS.add(
    "busy-server-told-first", "Says that a server is being restored before it looks at the body.", _busy("validate")
)


def _throttling(every: int, refusal: Refusal, retry_after: str) -> Callable[[Service], None]:
    def apply(service: Service) -> None:
        calls = itertools.count(1)

        def wrap(answer: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
            def throttled(call: Call) -> Reply:
                if next(calls) % every:
                    return answer(call)
                reply = service.refuse(call, Refusal(refusal.status, refusal.code, refusal.message))
                put(reply, "retry-after", retry_after)
                return reply

            return throttled

        service.around("answer", wrap)

    return apply


_UNAVAILABLE = Refusal(503, "APIGW.0503", "the service is not available now")
_TOO_MANY = Refusal(429, "APIGW.0308", "too many requests")

for _name, _doc, _apply in (
    ("503-sometimes", "Is not available for one in 7 requests.", _throttling(7, _UNAVAILABLE, "0")),
    ("429-sometimes", "Has had enough of requests with every 11th.", _throttling(11, _TOO_MANY, "0")),
    ("429-until-a-date", "Has had enough with every 13th until a date.", _throttling(13, _TOO_MANY, LONG_PAST)),
):
    VARIATIONS.add(_name, _doc, _apply)


def _wait(reply: Reply, _: Call) -> None:
    reply.delay += 0.005


VARIATIONS.add("slow", "Takes some milliseconds longer.", answering(_wait))
