"""Gives each worker its tests, all at once: who asks what is settled before anything is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from suites.parallel.dealing import owners

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xdist.workermanage import WorkerController


class Split:
    """A scheduler of pytest-xdist. ``begin`` is called when all workers are ready and there is something to ask.

    Args:
        workers: how many there are.
        number_of: which of them a node is, from 1 up.
        begin: meets the target.
    """

    def __init__(self, workers: int, number_of: Callable[[WorkerController], int], begin: Callable[[], None]) -> None:
        self._workers = workers
        self._number_of = number_of
        self._begin = begin
        self._collections: dict[WorkerController, Sequence[str]] = {}
        self._pending: dict[WorkerController, dict[str, None]] = {}
        self._begun = False

    @property
    def nodes(self) -> list[WorkerController]:
        """The workers that are there."""
        return list(self._pending)

    @property
    def collection_is_completed(self) -> bool:
        """Whether every worker has told what it has collected."""
        return len(self._collections) >= self._workers

    @property
    def tests_finished(self) -> bool:
        """Whether nothing is left to be given to anybody."""
        return self._begun and not self.has_pending

    @property
    def has_pending(self) -> bool:
        """Whether a worker has not come to its end."""
        return any(self._pending.values())

    def add_node(self, node: WorkerController) -> None:
        """A worker is there."""
        self._pending[node] = {}

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        """A worker has collected these tests."""
        self._collections[node] = collection

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """A worker is through with a test."""
        del duration
        self._pending[node].pop(self._collections[node][item_index], None)

    def mark_test_pending(self, item: str) -> NoReturn:
        """No test is asked twice."""
        raise NotImplementedError

    def remove_pending_tests_from_node(self, node: WorkerController, indices: Sequence[int]) -> NoReturn:
        """No test is taken away from anybody."""
        raise NotImplementedError

    def remove_node(self, node: WorkerController) -> str | None:
        """A worker has gone; the test that it was at, if it was at any."""
        return next(iter(self._pending.pop(node)), None)

    def schedule(self) -> None:
        """Give out the tests.

        Raises:
            RuntimeError: the workers have not collected the same ones.
        """
        if self._begun:
            return
        self._begun = True
        first, *others = self._collections.values()
        if any(list(other) != list(first) for other in others):
            raise RuntimeError("the worker processes have collected different tests")
        if first:
            self._begin()
        owned = owners(first, self._workers)
        for node in self.nodes:
            number = self._number_of(node)
            mine = [index for index, test in enumerate(first) if owned[test] == number]
            self._pending[node] = {first[index]: None for index in mine}
            if mine:
                node.send_runtest_some(mine)
            node.shutdown()
