"""Requests on their way: batches that several askers share the connections for, each waiting for its own."""

from __future__ import annotations

import itertools
import threading
from collections import defaultdict, deque
from concurrent.futures import Future
from functools import partial
from queue import PriorityQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from targets.exchange import Exchange, Request


class Sending:
    """A batch that has been handed over. Awaiting it gives the exchanges, in the order of the requests.

    Whoever drives the coroutine that awaits is given the sending itself as long as an exchange is missing.
    """

    def __init__(self, futures: Sequence[Future[Exchange]]) -> None:
        self.futures = futures

    def __await__(self) -> Generator[Sending, None, list[Exchange]]:
        """The exchanges (PEP 492)."""
        if not all(future.done() for future in self.futures):
            yield self
        return self.exchanges()

    def exchanges(self) -> list[Exchange]:
        """The exchanges, waited for where they are missing."""
        return [future.result() for future in self.futures]

    def when_there(self, call: Callable[[Sending], object]) -> None:
        """Have called, by whichever thread, what is to know that all exchanges are there."""
        missing = iter(self.futures)

        def look(_: object = None) -> None:
            for future in missing:
                if not future.done():
                    future.add_done_callback(look)
                    return
            call(self)

        look()

    def cancel(self) -> None:
        """Take back what has not left yet."""
        for future in self.futures:
            future.cancel()


class Dispatch:
    """Hands requests to as many threads as there may be connections, and sends at once where there is but one.

    Those about one resource follow one another: none takes a thread only to wait for the resource. What is ``late``
    goes before what waits, since it is to tell whether the rest counts.
    """

    def __init__(self, connections: int, send: Callable[[Request], Exchange]) -> None:
        self._connections = connections
        self._send = send
        self._threads: list[threading.Thread] = []
        self._work: PriorityQueue[tuple[int, int, Callable[[], None] | None]] = PriorityQueue()
        self._numbers = itertools.count()
        self._ready = 0
        self._lock = threading.Lock()
        self._closed = False
        self._queues: defaultdict[str, deque[tuple[Request, Future[Exchange]]]] = defaultdict(deque)

    def start(self, request: Request, resource: str | None) -> Future[Exchange]:
        """Have a request leave as soon as a connection is free and no other of the resource is on its way."""
        future: Future[Exchange] = Future()
        if self._connections == 1:
            self._run(request, future)
        elif resource is None:
            self._hand_over(partial(self._run, request, future), FIRST if request.late else NEXT)
        else:
            with self._lock:
                queue = self._queues[resource]
                queue.append((request, future))
                first = len(queue) == 1
            if first:
                self._hand_over(partial(self._run_first, queue), NEXT)
        return future

    def ready(self) -> int:
        """How many requests have left or can leave: all but those that wait for another about their resource."""
        return self._ready

    def close(self) -> None:
        """Return when nothing is on its way any more; what has not left does not leave."""
        self._closed = True
        for _ in self._threads:
            self._work.put((LAST, next(self._numbers), None))
        for thread in self._threads:
            thread.join()

    def _hand_over(self, work: Callable[[], None], turn: int) -> None:
        self._work.put((turn, next(self._numbers), work))
        with self._lock:
            self._ready += 1
            if len(self._threads) < self._connections:
                thread = threading.Thread(target=self._serve, name=f"wire-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self) -> None:
        """Work until there is no more to come."""
        while (work := self._work.get()[-1]) is not None:
            work()
            with self._lock:
                self._ready -= 1

    def _run(self, request: Request, future: Future[Exchange]) -> None:
        if self._closed:
            future.cancel()
        if not future.set_running_or_notify_cancel():
            return
        try:
            exchange = self._send(request)
        except BaseException as error:  # noqa: BLE001  for whoever waits for it
            future.set_exception(error)
        else:
            future.set_result(exchange)

    def _run_first(self, queue: deque[tuple[Request, Future[Exchange]]]) -> None:
        """Send the first request about a resource, which stays in the queue meanwhile, and have the next one follow."""
        self._run(*queue[0])
        with self._lock:
            queue.popleft()
            more = bool(queue)
        if more:
            self._hand_over(partial(self._run_first, queue), NEXT)


FIRST, NEXT, LAST = range(3)
"""The turns of what waits for a thread."""
