"""How hard, how often and how long a target is asked: rate, patience, the end of a run, the budget of restorations."""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class End:
    """When a run has to come to its end, and why.

    Setting and asking take no lock, so that a signal handler may do both.
    """

    def __init__(self) -> None:
        self._at = math.inf
        self._why = ""

    def come(self, why: str, seconds: float = 0.0) -> None:
        """Have the end come after so many seconds, unless an earlier one is set."""
        at = time.monotonic() + seconds
        if at < self._at:
            self._at, self._why = at, why

    @property
    def why(self) -> str:
        """Why the run ends, empty while it goes on."""
        return self._why if time.monotonic() >= self._at else ""

    def sleep(self, seconds: float) -> None:
        """Sleep so long, but hardly beyond the end."""
        until = time.monotonic() + seconds
        while not self.why and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, WINK))


WINK = 0.1
"""Seconds of sleep after which is looked whether the end has come."""


class Pace:
    """Spaces requests evenly, whichever connection they take."""

    def __init__(self, per_second: float | None) -> None:
        self._gap = 1 / per_second if per_second else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self, sleep: Callable[[float], None]) -> None:
        """Return when the next request may leave, after a sleep if need be."""
        if not self._gap:
            return
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
        if turn > now:
            sleep(turn - now)


Why = Literal["throttled", "busy"]


class Patience:
    """How long a target is waited for: less, once waiting has been in vain for several times in a row.

    A target that leaves one kind of request without an answer would hold up a run for the full time-out each time.
    All values are in seconds.
    """

    def __init__(self, timeout: float, throttle_wait: float, busy_wait: float) -> None:
        self._timeout = timeout
        self._waits = {"throttled": throttle_wait, "busy": busy_wait}
        self._slowest = 0.0
        self._silences = 0
        self._in_vain = dict.fromkeys(self._waits, 0)

    @property
    def timeout(self) -> float:
        """For one answer; after some silences, twenty times the slowest one so far has to do."""
        if self._silences < ENOUGH:
            return self._timeout
        return min(self._timeout, max(1.0, 20 * self._slowest))

    def wait(self, why: Why) -> float:
        """For a target that is throttled or busy to take a request."""
        return self._waits[why] if self._in_vain[why] < ENOUGH else 0.0

    def answered(self, seconds: float) -> None:
        """An answer came after so long."""
        self._slowest = max(self._slowest, seconds)

    def silent(self) -> None:
        """No answer came in time."""
        self._silences += 1

    def waited(self, why: Why, *, in_vain: bool) -> None:
        """A target that was throttled or busy was waited for."""
        self._in_vain[why] = self._in_vain[why] + 1 if in_vain else 0


ENOUGH = 3
"""Waits in vain after which a target is given less time."""


class Budget:
    """Counts the restorations that the target accepted and withholds what could take them past the budget.

    A request that is meant to start a restoration holds a slot while it is in flight, one a resource at a time. With
    consent every other request holds one too, since a faulty target may accept it. Without consent others pass freely
    until the target accepts one of them; then nothing more is sent.

    Args:
        restorations: how many may be accepted, 0 without consent.
        accepted: how many have been before, and
        accidents: how many of these were not meant to be.
    """

    def __init__(self, restorations: int, accepted: int = 0, accidents: int = 0) -> None:
        self._restorations = restorations
        self._pledged = 0
        self._lock = threading.Condition()
        self._resources: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._counts(accepted, accidents)

    def _counts(self, accepted: int, accidents: int) -> None:
        self.accepted = accepted
        self.accidents = accidents

    @property
    def left(self) -> int:
        """How many more restorations may be accepted."""
        return max(0, self._restorations - self.accepted)

    @contextmanager
    def slot(self, resource: str | None) -> Iterator[Slot | None]:
        """A leave to send one request, None if the budget does not cover it."""
        if resource is None:
            with self._pledge(meant=False) as slot:
                yield slot
        else:
            with self._only_one(resource), self._pledge(meant=True) as slot:
                yield slot

    @contextmanager
    def _only_one(self, resource: str) -> Iterator[None]:
        """Nobody else has a restoration in flight for the resource."""
        with self._lock:
            mine = self._resources[resource]
        with mine:
            yield

    @contextmanager
    def _pledge(self, *, meant: bool) -> Iterator[Slot | None]:
        with self._lock:
            pledged = meant or self._restorations > 0 or self.accidents > 0
            while pledged and self._pledged >= self.left > 0:
                self._lock.wait()
            covered = not pledged or self._pledged < self.left
            if pledged and covered:
                self._pledged += 1
        slot = Slot() if covered else None
        try:
            yield slot
        finally:
            with self._lock:
                if pledged and covered:
                    self._pledged -= 1
                if slot and slot.accepted:
                    self.accepted += 1
                    self.accidents += not meant
                self._lock.notify_all()


class Slot:
    """One request's leave to be sent; whoever sends it says here whether the target accepted it."""

    def __init__(self) -> None:
        self.accepted = False
