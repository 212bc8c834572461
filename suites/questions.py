"""Questions as coroutines: each sends, waits and judges in its own order, while others use the connections.

A question awaits what it has sent. One alone is driven to its end by :func:`finish`; several that do not depend on one
another are driven by :class:`Ahead`, so that a target far away is not waited for once a batch.
"""

from __future__ import annotations

from collections.abc import Coroutine
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from suites.outcomes import Judged
from targets.sending import Sending

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future

    from targets.exchange import Exchange

Value = TypeVar("Value")
Question = Coroutine[Sending, None, list[Judged]]

MOST = 40
"""Questions that are open at once: before one is judged, not many after it shall have been asked."""

FULL = 4
"""Requests that can leave, for each connection, with which no further question is begun: batches end unevenly."""

HELD = 32
"""Requests that have been handed over, for each connection, with which no further question is begun either."""


def finish(coroutine: Coroutine[Sending, None, Value]) -> Value:
    """What a coroutine comes to, waiting wherever it waits."""
    try:
        while True:
            coroutine.send(None).exchanges()
    except StopIteration as end:
        value: Value = end.value
        return value


async def together(*coroutines: Coroutine[Sending, None, Value]) -> list[Value]:
    """What several coroutines come to, in their order, with one wait for all that they have sent."""
    values: dict[int, Value] = {}
    try:
        while len(values) < len(coroutines):
            futures: list[Future[Exchange]] = []
            for index, coroutine in enumerate(coroutines):
                if index in values:
                    continue
                try:
                    futures += coroutine.send(None).futures
                except StopIteration as end:
                    values[index] = end.value
            await Sending(futures)
    finally:
        for coroutine in coroutines:
            coroutine.close()
    return [values[index] for index in range(len(coroutines))]


class Ahead:
    """Questions that are begun before their turn, as long as less can leave than the connections can carry.

    Args:
        connections: how many of the target's may be used.
        ready: how many requests have left or can leave, as opposed to those that wait for another about their resource.
    """

    def __init__(self, connections: int, ready: Callable[[], int]) -> None:
        self._enough, self._most = FULL * connections, HELD * connections
        self._ready = ready
        self._open: dict[str, _Open] = {}
        self._there: SimpleQueue[Sending] = SimpleQueue()
        self._waiting: dict[Sending, _Open] = {}

    def answer(
        self, name: str, question: Callable[[], Question], coming: Iterable[tuple[str, Callable[[], Question]]]
    ) -> list[Judged]:
        """What a question comes to, whose turn it is; those that are ``coming`` have been begun meanwhile.

        Raises:
            Exception: whatever went wrong in the question itself.
        """
        mine = self._begun(name, question)
        following = iter(coming)
        while not mine.over:
            self._begin(following)
            sending = self._there.get()
            self._step(self._waiting.pop(sending))
        del self._open[name]
        return mine.judged()

    def drop(self) -> None:
        """Ask no further: what was begun comes to nothing."""
        for sending in self._waiting:
            sending.cancel()
        self._waiting.clear()
        self._open.clear()
        self._there = SimpleQueue()

    def _begin(self, following: Iterable[tuple[str, Callable[[], Question]]]) -> None:
        while (
            len(self._open) < MOST
            and self._ready() < self._enough
            and sum(len(sending.futures) for sending in self._waiting) < self._most
        ):
            name, question = next(iter(following), ("", None))
            if question is None:
                return
            self._begun(name, question)

    def _begun(self, name: str, question: Callable[[], Question]) -> _Open:
        if name not in self._open:
            self._open[name] = _Open(question())
            self._step(self._open[name])
        return self._open[name]

    def _step(self, each: _Open) -> None:
        sending = each.step()
        if sending is not None:
            self._waiting[sending] = each
            sending.when_there(self._there.put)


class _Open:
    """A question that has been begun."""

    def __init__(self, question: Question) -> None:
        self.over = False
        self._question = question
        self._judged: list[Judged] = []
        self._error: Exception | None = None

    def step(self) -> Sending | None:
        """Go on until the question waits again; None when it is over."""
        try:
            return self._question.send(None)
        except StopIteration as end:
            self._judged = end.value
        except Exception as error:  # noqa: BLE001  for the turn of the question
            self._error = error
        self.over = True
        return None

    def judged(self) -> list[Judged]:
        """What it has come to."""
        if self._error is not None:
            raise self._error
        return self._judged
