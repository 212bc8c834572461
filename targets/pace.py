"""How hard and how often a target is asked: the rate across all connections, and the budget of restorations."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Pace:
    """Spaces requests evenly, whichever connection they take."""

    def __init__(self, per_second: float | None) -> None:
        self._gap = 1 / per_second if per_second else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next request may leave."""
        if not self._gap:
            return
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
        if turn > now:
            time.sleep(turn - now)


class Budget:
    """Counts the restorations that the target accepted and withholds what could take them past the budget.

    Requests that can start a restoration each hold a slot while they are in flight, one a resource at a time. Others
    pass freely until the target accepts one of them; from then on nothing that it is sent counts as harmless.
    """

    def __init__(self, restorations: int) -> None:
        self._restorations = restorations
        self._pledged = 0
        self._lock = threading.Condition()
        self._resources: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self.accepted = 0
        self.accidents = 0

    @property
    def left(self) -> int:
        """How many more restorations may be accepted."""
        return max(0, self._restorations - self.accepted)

    @contextmanager
    def slot(self, resource: str | None) -> Iterator[Slot | None]:
        """A leave to send one request, None if the budget does not cover it."""
        if resource is None:
            with self._pledge(unless_harmless=True) as slot:
                yield slot
        else:
            with self._lock:
                mine = self._resources[resource]
            with mine, self._pledge(unless_harmless=False) as slot:
                yield slot

    @contextmanager
    def _pledge(self, *, unless_harmless: bool) -> Iterator[Slot | None]:
        with self._lock:
            pledged = not (unless_harmless and self.accidents == 0)
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
                    self.accidents += unless_harmless
                self._lock.notify_all()


class Slot:
    """One request's leave to be sent; whoever sends it says here whether the target accepted it."""

    def __init__(self) -> None:
        self.accepted = False
