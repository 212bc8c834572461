"""Campaigns against a function instead of a target, for showing what is asked and how it is judged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import contracts
from suites.campaign import Campaign
from suites.exploring import DEPTHS
from targets.exchange import Exchange, Request, Role
from targets.pace import End
from targets.sending import Dispatch, Sending
from tests.samples import refused, target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from targets.wire import Wire

CONTRACT = contracts.load()
UNKNOWN = refused(404, "CSBS.3001")


class FakeWire:
    """Answers requests by a function, and keeps what was asked."""

    wary = False

    def __init__(self, answer: Callable[[Request], Exchange]) -> None:
        self.asked: list[Request] = []
        self.end = End()
        self._answer = answer
        self._dispatch = Dispatch(1, self.send)

    def send(self, request: Request) -> Exchange:
        """The answer to a request."""
        self.asked.append(request)
        return self._answer(request)

    def stop(self, _: str) -> None:
        """Nothing waits here."""

    def start(self, batch: Sequence[Request]) -> Sending:
        """The answers to a batch."""
        return Sending([self._dispatch.start(request, None) for request in batch])


def campaign(answer: Callable[[Request], Exchange], depth: str = "smoke", **changes: Any) -> tuple[Campaign, FakeWire]:
    wire = FakeWire(answer)
    return Campaign(CONTRACT, target(**changes), cast("Wire", wire), DEPTHS[depth], seed=1), wire


def strict(request: Request) -> Exchange:
    """A sound service that looks at power_on and at tokens, and knows nothing by name."""
    if request.role is Role.NOBODY or request.token is not None:
        return refused(401, "APIG.0301")
    try:
        restore = json.loads(request.body or b"").get("restore", {})
    except (ValueError, AttributeError):
        return refused(400)
    if "checkpoint_id" not in restore or not isinstance(restore.get("parameters", {}).get("power_on"), bool):
        return refused(400)
    return UNKNOWN
