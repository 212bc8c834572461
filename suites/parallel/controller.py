"""The process of a run that has others ask: what it tells them, and what it takes in of what they found."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from suites.parallel.sharing import Letters, count, read_shares
from targets.board import ACCEPTED, ACCIDENTS, NUMBER, PART, RESTORATIONS, SharedBudget, SharedEnd

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from xdist.workermanage import WorkerController

    from suites.campaign import Campaign
    from targets.board import Board
    from targets.wire import Wire

TAKE_EVERY = 2.0
"""Seconds after which is looked what the workers have found."""


class Controller:
    """What the process that started the others knows of them.

    ``errors`` and ``shown`` are what the ledgers of the workers have; the former also says which worker was lost, and
    ``incomplete`` that one was.
    """

    def __init__(self, board: Board) -> None:
        self.board = board
        self.errors: dict[str, str] = {}
        self.shown: dict[str, str] = {}
        self.incomplete = False
        self._numbers: dict[str, int] = {}
        self._letters = Letters(board.directory)
        self._done: set[int] = set()
        self._begun: tuple[Campaign, Wire] | None = None
        self._taken = 0.0

    def number(self, node: WorkerController) -> int:
        """Which of the workers a node of pytest-xdist is, from 1 up."""
        return self._numbers.setdefault(node.gateway.id, len(self._numbers) + 1)

    def begin(self, campaign: Campaign, wire: Wire, max_time: float | None) -> None:
        """Let the workers ask, now that the target was met: with what is left of the budget, from here on."""
        board, journal = self.board, wire.journal
        board[RESTORATIONS] = wire.target.budget
        board[ACCEPTED], board[ACCIDENTS] = wire.budget.accepted, wire.budget.accidents
        if journal:
            board[PART], board[NUMBER] = journal.part, journal.number
        if max_time is not None:
            board.deadline = time.monotonic() + max_time
        if campaign.stopped:
            board.stop(campaign.stopped)
        wire.budget, wire.end = SharedBudget(board), SharedEnd(board)
        self._begun = campaign, wire

    def lost(self, node: WorkerController, why: str) -> None:
        """A worker has gone before it came to its end: nobody may wait for it, and the run has shown nothing."""
        *_, last = why.strip().splitlines() or [""]
        said = f"worker process {node.gateway.id} was lost ({last})"
        self.errors[f"worker {node.gateway.id}"] = said
        self.incomplete = True
        self.board.give_up(said)

    def look(self, then: Callable[[], Any]) -> None:
        """Take in now and then what the workers have found, and tell of it."""
        if time.monotonic() - self._taken > TAKE_EVERY:
            self.take()
            then()

    def take(self) -> None:
        """Take in what the workers have found."""
        self._taken = time.monotonic()
        if self._begun is None:
            return
        campaign, wire = self._begun
        for number in range(1, self.board.workers + 1):
            for document in self._letters.read(number):
                for share in read_shares(document["shares"]).values():
                    campaign.recall(share)
                if "counted" in document:
                    count(document["counted"], wire)
                if document.get("done"):
                    self._finish(number, document, campaign)

    def _finish(self, number: int, document: dict[str, Any], campaign: Campaign) -> None:
        self._done.add(number)
        campaign.stopped = campaign.stopped or document["stopped"]
        self.errors.update(document["errors"])
        for clause, test in document["shown"].items():
            self.shown.setdefault(clause, test)

    def close(self, *, interrupted: bool) -> None:
        """Take in the rest; a worker that did not say that it was through has left out something."""
        self.take()
        for name, number in self._numbers.items():
            if number not in self._done and self._begun and not interrupted:
                self.incomplete = True
                self.errors.setdefault(f"worker {name}", f"worker process {name} did not come to its end")
