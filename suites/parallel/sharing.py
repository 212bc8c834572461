"""What the processes of a run hand over to each other: files of what each has confirmed and counted since its last.

They hold what the progress of a run holds, and so no secret.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from suites.campaign import Campaign
from suites.outcomes import Finding, Outcome
from suites.progress import read_share, share_document
from suites.record import THE_RUN, Record, Share
from targets.board import SILENCES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from contracts.model import Contract
    from suites.exploring import Depth
    from suites.outcomes import Accepted
    from targets.board import Board
    from targets.profile import Target
    from targets.wire import Wire


class JointRecord(Record):
    """A record that keeps apart, part by part, what the other processes do not know of yet."""

    def __init__(self) -> None:
        super().__init__()
        self._fresh: defaultdict[str, Share] = defaultdict(Share)

    def take(self) -> dict[str, Share]:
        """What has been shown since the last time."""
        fresh, self._fresh = self._fresh, defaultdict(Share)
        return fresh

    def _places(self, part: str) -> tuple[Share, ...]:
        return *super()._places(part), self._fresh[part]

    def skip(self, clause: str, reason: str, *, unreached: bool = False) -> None:
        """Say why a clause, or a part of its cases, was not asked about, and whether only the run's end is to blame."""
        super().skip(clause, reason, unreached=unreached)
        entry = self._fresh[THE_RUN].entries[clause]
        entry.reasons[reason] = None
        entry.unreached |= unreached

    def void(self, reason: str) -> None:
        """The target was lost: nothing that was added since the last confirmation has been shown."""
        for _, judged in self._staged:
            clause = judged.case.clause
            self._fresh[THE_RUN].entries[clause].count(judged, Finding(clause, Outcome.BLOCKED, reason))
        super().void(reason)


class Joint(Campaign):
    """One process's part in a run. When it has to stop, the others learn it from the board.

    Whoever started the processes has met the target before.
    """

    def __init__(self, board: Board, contract: Contract, target: Target, wire: Wire, depth: Depth, seed: int) -> None:
        self._board = board
        super().__init__(contract, target, wire, depth, seed)
        self.record: JointRecord = JointRecord()
        self._met = True

    @property
    def stopped(self) -> str:
        """Why nothing more is asked, empty while the run goes on."""
        return self._stopped

    @stopped.setter
    def stopped(self, why: str) -> None:
        self._stopped = why
        if why:
            self._board.stop(why)

    def _count_silences(self, count: int) -> int:
        with self._board.locked():
            self._board[SILENCES] += count
            return self._board[SILENCES]

    def goes_on(self) -> bool:
        """Whether anything more may be asked. Where nothing waits to be confirmed, the end needs no preflight."""
        if not self.record.staged:
            self.stopped = self.stopped or self._wire.end.why
        return super().goes_on()

    def stand_on(self, accepted: list[Accepted]) -> None:
        """Let these be the accepted bodies that later pairs build on, in this order."""
        self.record.accepted[:] = accepted
        self._grounds = type(self._grounds)()
        for each in accepted:
            self._grounds.add(each)


class Counted:
    """What a wire has counted since the last look."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._by_status: Counter[str] = Counter()
        self._times = self._accidents = self._resets = 0

    def take(self) -> dict[str, Any]:
        """It as a JSON object."""
        wire = self._wire
        by_status, times, accidents, resets = wire.by_status.copy(), wire.times[:], wire.accidents[:], wire.resets
        told = {
            "by_status": by_status - self._by_status,
            "times": times[self._times :],
            "accidents": accidents[self._accidents :],
            "resets": resets - self._resets,
            "span": [wire.first_started, wire.last_ended],
        }
        self._by_status, self._times, self._accidents, self._resets = by_status, len(times), len(accidents), resets
        return told


def count(told: Mapping[str, Any], wire: Wire) -> None:
    """Add what another process's wire has counted. Accepted requests are not in it: the budget has them."""
    wire.by_status.update(told["by_status"])
    wire.times += told["times"]
    wire.accidents += told["accidents"]
    wire.resets += told["resets"]
    first, last = told["span"]
    if first is not None:
        wire.first_started = min(wire.first_started or first, first)
        wire.last_ended = max(wire.last_ended or last, last)


def shares_document(shares: Mapping[str, Share]) -> dict[str, Any]:
    """Shares by their part as a JSON object."""
    return {part: share_document(share) for part, share in shares.items()}


def read_shares(document: Mapping[str, Any]) -> dict[str, Share]:
    """The shares that such an object holds."""
    return {part: read_share(share) for part, share in document.items()}


class Letters:
    """Numbered files from each process to all others, in a directory of theirs."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._read: Counter[int] = Counter()
        self._written = 0

    def write(self, number: int, document: Mapping[str, Any]) -> None:
        """Hand over a document, whole or not at all."""
        path = self._path(number, self._written)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(document), encoding="utf-8")
        part.replace(path)
        self._written += 1

    def read(self, number: int, until: int | None = None) -> Iterator[dict[str, Any]]:
        """What a process has handed over since the last time; only what it did for a point up to ``until``."""
        while (path := self._path(number, self._read[number])).exists():
            document = json.loads(path.read_text(encoding="utf-8"))
            if until is not None and document["point"] > until:
                return
            self._read[number] += 1
            yield document

    def _path(self, number: int, count: int) -> Path:
        return self._directory / f"{number}.{count}.json"
