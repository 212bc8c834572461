"""What the workers tell while they ask, and whether it is enough."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from suites.load.sharing import takings_of
from suites.load.together import judge_together

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.model import Contract
    from suites.load.options import Load
    from suites.load.racing import Taking

TIME, REQUESTS, FAILURE, STOPPED, LOST = "time", "requests", "failure", "stopped", "lost"
"""Why a load ends: its time is over, what was asked for is there, or nobody asks any more."""
SHARE = 0.1
"""Of the master's time, to judge again and again what only the workers together show."""


class Watch:
    """How far the workers have come.

    Args:
        contract: what the target is held to.
        load: how many workers there are, and what is enough.
        kept: the clauses whose failure is to end a load that goes on until one.
    """

    def __init__(self, contract: Contract, load: Load, kept: frozenset[str]) -> None:
        self.takings: list[Taking] = []
        self._contract = contract
        self._load = load
        self._kept = kept
        self._told: dict[int, Mapping[str, Any]] = {}
        self._judged = 0
        self._next = 0.0

    def hear(self, told: Mapping[str, Any]) -> None:
        """Take note of a worker's progress."""
        self._told[told["number"]] = told
        self.takings += takings_of(told)

    def enough(self) -> str:
        """Why the load is to end before its time; empty while it goes on."""
        told = self._told.values()
        if self._load.until_failure and (any(self._kept & {*each["failed"]} for each in told) or self._together()):
            return FAILURE
        if self._load.requests and sum(each["answered"] for each in told) >= self._load.requests:
            return REQUESTS
        return STOPPED if len(told) == self._load.workers and all(each["stopped"] for each in told) else ""

    def _together(self) -> bool:
        """Whether the workers together show a failure, looked at as often as it takes a small share of the time."""
        began = time.monotonic()
        if len(self.takings) == self._judged or began < self._next:
            return False
        self._judged = len(self.takings)
        share, _ = judge_together(self._contract, self.takings)
        ended = time.monotonic()
        self._next = ended + (ended - began) / SHARE
        return any(entry.failed and clause in self._kept for clause, entry in share.entries.items())
