"""What several processes that ask one target share: rate, budget, who has it of a server, and the end of the run.

A file of a few hundred bytes that each of them maps into its memory, and locks of the system's beside it. Looking
costs no message to anybody, so that it can be done for every request; what a process holds when it dies is free again,
but for its slots of the budget, which then nobody may use.
"""

from __future__ import annotations

import fcntl
import math
import mmap
import os
import threading
import time
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from targets.pace import Budget, End, Pace, Slot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

(STOPPED, BROKEN, NEXT, PLEDGED, ACCEPTED, ACCIDENTS, RESTORATIONS, PART, NUMBER, DEADLINE, SILENCES, FIRST) = range(12)
"""Where each number stands, in words of 8 bytes; from FIRST on, how far each process has come."""
WORD = 8
REASON = 1024
"""Bytes for the reason of each process why nothing more is asked."""
NAME = "board"
SOON = 0.005
"""Seconds after which is looked again whether another process has done what this one waits for."""


class Board:
    """The numbers and words that the processes of one run share, in a directory of theirs.

    ``number`` is 0 for the one that started the others, and 1 and up for these, of which there are ``workers``.

    Raises:
        OSError: the file cannot be mapped.
    """

    def __init__(self, directory: Path, number: int, workers: int) -> None:
        self.directory = directory
        self.number = number
        self.workers = workers
        self._reasons = (FIRST + workers + 1) * WORD
        size = self._reasons + (workers + 1) * REASON
        self._file = os.open(directory / NAME, os.O_RDWR | os.O_CREAT, 0o600)
        if os.fstat(self._file).st_size < size:
            os.ftruncate(self._file, size)
        self._map = mmap.mmap(self._file, size)
        self._view = memoryview(self._map)
        end = self._reasons
        self._integers = self._view[:end].cast("q")
        self._reals = self._view[:end].cast("d")
        self._lock = threading.Lock()
        self._files: list[int] = []

    def close(self) -> None:
        """Let go of it; the directory is for whoever made it."""
        for view in (self._integers, self._reals, self._view):
            view.release()
        self._map.close()
        for file in (self._file, *self._files):
            os.close(file)

    def __getitem__(self, place: int) -> int:
        return int(self._integers[place])

    def __setitem__(self, place: int, value: int) -> None:
        self._integers[place] = value

    @property
    def deadline(self) -> float:
        """When the time of the run is over, on the monotonic clock."""
        return float(self._reals[DEADLINE]) or math.inf

    @deadline.setter
    def deadline(self, at: float) -> None:
        self._reals[DEADLINE] = at

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else changes what is changed under this lock."""
        with self._lock, _flocked(self._file):
            yield

    def turn(self, gap: float) -> float:
        """The moment of the monotonic clock for the next request, ``gap`` seconds after the one before at least."""
        with self.locked():
            turn = max(time.monotonic(), float(self._reals[NEXT]))
            self._reals[NEXT] = turn + gap
        return turn

    def lock_of(self, name: str) -> int:
        """The file by whose lock only one process at a time has what is called so."""
        path = self.directory / f"{zlib.crc32(name.encode()):08x}.lock"
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._files.append(file)
        return file

    # -- the end; neither setting nor asking takes a lock, so that a signal handler may do both

    def stop(self, why: str) -> None:
        """Tell the others why nothing more is asked; the first reason of each process stands."""
        at = self._reasons + self.number * REASON
        if self._map[at : at + 1] == b"\0":
            said = why.encode("utf-8", "backslashreplace")[: REASON - 1]
            self._map[at : at + len(said)] = said
            self[STOPPED] = 1

    def stopped(self) -> str:
        """Why another process has come to the end; empty while none has."""
        if not self[STOPPED]:
            return ""
        for number in range(self.workers + 1):
            at = self._reasons + number * REASON
            said = bytes(self._map[at : at + REASON]).rstrip(b"\0")
            if said and number != self.number:
                return said.decode("utf-8", "ignore")
        return ""

    def give_up(self, why: str) -> None:
        """One of the processes will never come to where the others wait for it."""
        self.stop(why)
        self[BROKEN] = 1

    # -- how far each has come

    def arrive(self, point: int) -> None:
        """This process has come so far."""
        self[FIRST + self.number] = point

    def wait(self, point: int) -> bool:
        """Return once every worker has come so far; whether they have, and none of them is lost."""
        while not self[BROKEN]:
            if all(self[FIRST + number] >= point for number in range(1, self.workers + 1)):
                return True
            time.sleep(SOON)
        return False


@contextmanager
def _flocked(file: int) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


class SharedEnd(End):
    """The end of a run that comes for all its processes."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self._board = board

    def come(self, why: str, seconds: float = 0.0) -> None:
        """Have the end come after so many seconds; what comes at once comes for the others too."""
        super().come(why, seconds)
        if seconds <= 0:
            self._board.stop(why)

    @property
    def why(self) -> str:
        """Why the run ends, here or in another process; empty while it goes on."""
        return super().why or self._board.stopped()


class SharedPace(Pace):
    """Spaces requests evenly, whichever process sends them."""

    def __init__(self, board: Board, per_second: float | None) -> None:
        super().__init__(per_second)
        self._board = board

    def wait(self, sleep: Callable[[float], None]) -> None:
        """Return when the next request may leave, after a sleep if need be."""
        if not self._gap:
            return
        ahead = self._board.turn(self._gap) - time.monotonic()
        if ahead > 0:
            sleep(ahead)


class SharedBudget(Budget):
    """One budget of restorations for all processes, and one restoration in flight for a resource among them."""

    def __init__(self, board: Board) -> None:
        self._board = board
        super().__init__(board[RESTORATIONS], board[ACCEPTED], board[ACCIDENTS])
        self._held: dict[str, int] = {}

    def _counts(self, accepted: int, accidents: int) -> None:
        """They stand on the board already, where another process may have counted on."""

    @property
    def accepted(self) -> int:
        """How many restorations have been accepted, from any process."""
        return self._board[ACCEPTED]

    @accepted.setter
    def accepted(self, count: int) -> None:
        self._board[ACCEPTED] = count

    @property
    def accidents(self) -> int:
        """How many of these were not meant to be."""
        return self._board[ACCIDENTS]

    @accidents.setter
    def accidents(self, count: int) -> None:
        self._board[ACCIDENTS] = count

    @contextmanager
    def _only_one(self, resource: str) -> Iterator[None]:
        with self._lock:
            mine = self._resources[resource]
            if resource not in self._held:
                self._held[resource] = self._board.lock_of(resource)
        with mine, _flocked(self._held[resource]):  # the system's lock keeps out processes, not threads of this one
            yield

    @contextmanager
    def _pledge(self, *, meant: bool) -> Iterator[Slot | None]:
        board = self._board
        pledged, covered = self._ask(meant=meant)
        slot = Slot() if covered else None
        try:
            yield slot
        finally:
            accepted = slot is not None and slot.accepted
            if pledged or accepted:
                with board.locked():
                    board[PLEDGED] -= pledged
                    board[ACCEPTED] += accepted
                    board[ACCIDENTS] += accepted and not meant

    def _ask(self, *, meant: bool) -> tuple[bool, bool]:
        """Whether a slot of the budget is taken, and whether the request may leave."""
        board = self._board
        if not (meant or self._restorations or board[ACCIDENTS]):
            return False, True
        while not board[BROKEN]:
            with board.locked():
                if board[PLEDGED] < self.left:
                    board[PLEDGED] += 1
                    return True, True
                if not self.left:
                    return False, False
            time.sleep(SOON)
        return False, False
