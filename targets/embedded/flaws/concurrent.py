"""Services that are sound as long as one request comes after the other, and the sound guard that one of them lacks.

Where several ask at once, an answer is held until that has come which the flaw needs, so that it shows on a slow
machine too. Called without a socket, an answer is never delivered: these services are for a run whose requests overlap
(``python -m suites.load``).
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
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
    There = Callable[[Reply, bool], bool]

ALONE = 0.002
"""Seconds that an answer is held where nobody has ever come meanwhile."""
QUIET = 0.25
"""Seconds without a request after which an answer is held no longer: nobody else asks any more."""
RESTORING = 2.0
"""Seconds that a restoration takes where a server is guarded."""
AT_ONCE = 6
"""Requests in flight that the weakest service bears."""


class Company:
    """Who asks at the same time. ``alone`` until two requests were in flight at once, of which ``flying`` are now."""

    def __init__(self) -> None:
        self.alone = True
        self.flying = 0
        self.came = 0
        self._another = asyncio.Event()

    def comes(self) -> None:
        """Take note of a request."""
        self.came += 1
        self.flying += 1
        self.alone = self.alone and self.flying == 1
        self._another.set()  # wakes whoever waits by now
        self._another.clear()

    def leaves(self) -> None:
        """Take note that its answer is held no longer."""
        self.flying -= 1

    async def wait(self, there: Callable[[], bool]) -> None:
        """Wait until something is there, as long as requests come."""
        with suppress(asyncio.TimeoutError):
            while not there():
                await asyncio.wait_for(self._another.wait(), ALONE if self.alone else QUIET)


def _held(
    service: Service,
    there: There,
    before: Callable[[Reply], object] = lambda _: None,
    after: Callable[[Reply], object] = lambda _: None,
) -> Company:
    """Have other requests come in between an answer and its delivery.

    It is held until ``there``, which is told the answer and whether another request has come since.
    """
    company = Company()

    def coming(answer: Answer) -> Answer:
        def counted(call: Call) -> Reply:
            company.comes()
            return answer(call)

        return counted

    def wrap(deliver: Deliver) -> Deliver:
        async def late(send: Send, reply: Reply) -> None:
            number = company.came
            before(reply)
            try:
                await company.wait(lambda: there(reply, company.came > number))
            finally:
                company.leaves()
                after(reply)
            await deliver(send, reply)

        return late

    service.around("answer", coming)
    service.around("deliver", wrap)
    return company


@dataclass
class Started(Reply):
    """The answer of a restoration of a server, and whether another request for that one has ``met`` it."""

    server: str = ""
    met: bool = False


class Guard:
    """Refuses a server as busy while it is restored, whenever that is marked.

    As long as nobody asks at the same time, a restoration is over for whoever was told that it goes on and asks the
    same again: a run in turn need not wait long.
    """

    def __init__(self, service: Service, *, at_once: bool) -> None:
        self._until: dict[str, float] = {}
        self._told: dict[str, bytes] = {}
        self._held: dict[str, Started] = {}
        self._at_once = at_once
        self._company = _held(service, self._met, after=self._leave)
        service.around("restore", self._guarding)

    def _guarding(self, restore: Answer) -> Answer:
        def guarded(call: Call) -> Reply:
            server = call.document["restore"]["parameters"]["targets"]["server_id"]
            other = self._held.pop(server, None)
            if other:
                other.met = True
            again = self._company.alone and self._told.get(server) == call.body
            if time.monotonic() < self._until.get(server, 0.0) and not again:
                self._told[server] = call.body
                raise Refusal(400, "CSBS.6015", "the server is being restored")
            reply = restore(call)
            started = Started(reply.status, reply.body, reply.headers, server=server, met=other is not None)
            if not started.met:
                self._held[server] = started
            if self._at_once:
                self._mark(started)
            return started

        return guarded

    @staticmethod
    def _met(reply: Reply, _: bool) -> bool:
        return not isinstance(reply, Started) or reply.met

    def _leave(self, reply: Reply) -> None:
        if not isinstance(reply, Started):
            return
        if self._held.get(reply.server) is reply:
            del self._held[reply.server]
        if not self._at_once:
            self._mark(reply)

    def _mark(self, reply: Started) -> None:
        self._until[reply.server] = time.monotonic() + RESTORING


@CONCURRENT.change()
def guards_servers(service: Service) -> None:
    """Refuses a server as busy from the moment at which its restoration is accepted."""
    Guard(service, at_once=True)


@CONCURRENT.change("s.busy")
def accepts_twice(service: Service) -> None:
    """Looks whether a server is busy, and marks it only when the answer has left."""
    Guard(service, at_once=False)


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

    _held(service, lambda reply, _: reply.status != 200 or buffer[0] is not reply.body, fill, take)


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
    _held(service, lambda _, another: another, after=lambda _: held.pop(0))


@CONCURRENT.change("s.500", "s.200")
def fails_above_six(service: Service) -> None:
    """Answers 500 while more than six requests are in flight."""
    company = _held(service, lambda *_: company.flying > AT_ONCE)

    def inject(told: Callable[[Call], None]) -> Callable[[Call], None]:
        def failing(call: Call) -> None:
            if company.flying > AT_ONCE:
                raise Refusal(500, "CSBS.9999", "restore failed")
            told(call)

        return failing

    service.around("inject", inject)
