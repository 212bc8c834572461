"""Services that are sound as long as one request comes after the other, and the sound guard that one of them lacks.

What is put between an answer and its delivery is where another request comes in between. Called without a socket, an
answer is never delivered: these services are for a run whose requests overlap (``python -m suites.load``).
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from targets.embedded.changes import CONCURRENT
from targets.embedded.flaws.answers import ECHOED
from targets.embedded.service import Refusal, Reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from targets.embedded.service import Call, Send, Service

    Answer = Callable[[Call], Reply]
    Deliver = Callable[[Send, Reply], Awaitable[None]]

MEANWHILE = 0.01
"""Seconds between an answer and its delivery."""
RESTORING = 0.4
"""Seconds that a restoration takes where a server is guarded."""
AT_ONCE = 6
"""Requests in flight that the weakest service bears."""


@dataclass
class Started(Reply):
    """The answer of a restoration, with the server that it is of."""

    server: str = ""


def _delivering(service: Service, before: Callable[[Reply], None], after: Callable[[Reply], object]) -> None:
    """Have other requests come in between an answer and its delivery."""

    def wrap(deliver: Deliver) -> Deliver:
        async def late(send: Send, reply: Reply) -> None:
            before(reply)
            try:
                await asyncio.sleep(MEANWHILE)
            finally:
                after(reply)
            await deliver(send, reply)

        return late

    service.around("deliver", wrap)


def _guarded(service: Service) -> dict[str, float]:
    """Have a server refused as busy while it is restored; returns until when which server is, for whoever marks it."""
    until: dict[str, float] = {}

    def wrap(restore: Answer) -> Answer:
        def guarded(call: Call) -> Reply:
            server = call.document["restore"]["parameters"]["targets"]["server_id"]
            if time.monotonic() < until.get(server, 0.0):
                raise Refusal(400, "CSBS.6015", "the server is being restored")
            reply = restore(call)
            return Started(reply.status, reply.body, reply.headers, server=server)

        return guarded

    service.around("restore", wrap)
    return until


def _mark(until: dict[str, float], reply: Reply) -> None:
    if isinstance(reply, Started):
        until[reply.server] = time.monotonic() + RESTORING


@CONCURRENT.change()
def guards_servers(service: Service) -> None:
    """Refuses a server as busy from the moment at which its restoration is accepted."""
    until = _guarded(service)

    def wrap(restore: Answer) -> Answer:
        def marking(call: Call) -> Reply:
            reply = restore(call)
            _mark(until, reply)
            return reply

        return marking

    service.around("restore", wrap)
    _delivering(service, lambda _: None, lambda _: None)


@CONCURRENT.change("s.busy")
def accepts_twice(service: Service) -> None:
    """Looks whether a server is busy, and marks it only when the answer has left."""
    until = _guarded(service)
    _delivering(service, lambda _: None, lambda reply: _mark(until, reply))


@CONCURRENT.change("t8.id.value", *(f"{row}.echo" for row in ECHOED if row != "t8.provider_id"))
def shares_a_buffer(service: Service) -> None:
    """Writes all answers of restorations into one buffer, and sends what stands there by then."""
    buffer = [b""]

    def fill(reply: Reply) -> None:
        if reply.status == 200:
            buffer[0] = reply.body

    def take(reply: Reply) -> None:
        if reply.status == 200:
            reply.body = buffer[0]

    _delivering(service, fill, take)


@CONCURRENT.change("s.401", "s.403", "s.200", "s.404", "t1.project_id.value")
def mixes_callers_up(service: Service) -> None:
    """Takes whoever comes meanwhile for the caller that is being answered."""
    held: list[str | None] = []

    def wrap(authenticate: Callable[[Call], None]) -> Callable[[Call], None]:
        def leaking(call: Call) -> None:
            known = next((token for token in reversed(held) if token in service.world.owners), None)
            if known is not None:
                call.headers["x-auth-token"] = known
            authenticate(call)

        return leaking

    def hold(answer: Answer) -> Answer:
        def holding(call: Call) -> Reply:
            own = call.token
            reply = answer(call)
            held.append(own)
            return reply

        return holding

    service.around("authenticate", wrap)
    service.around("answer", hold)
    _delivering(service, lambda _: None, lambda _: held.pop(0))


@CONCURRENT.change("s.500", "s.200")
def fails_above_six(service: Service) -> None:
    """Answers 500 while more than six requests are in flight."""
    flying = 0

    def wrap(answer: Answer) -> Answer:
        def counting(call: Call) -> Reply:
            nonlocal flying
            flying += 1
            if flying > AT_ONCE:
                return service.refuse(call, Refusal(500, "CSBS.9999", "restore failed"))
            return answer(call)

        return counting

    def landed(_: Reply) -> None:
        nonlocal flying
        flying -= 1

    service.around("answer", wrap)
    _delivering(service, lambda _: None, landed)
