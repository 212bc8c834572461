"""What a long run keeps in memory, and how writing its reports grows with it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from reports.archive import write
from reports.exchanges import exchanges
from tests.bench.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

GOAL = 250
"""MiB that a run of :data:`LONG` requests may take."""
LONG = 100_000
BODIES = 300
"""Bodies for each fault of the long run, three times those of a nightly one: what is said of a longer one still is
drawn from how its memory goes on."""
EARLY = 5000
"""Requests after which a run has met all that it keeps once."""
MIB = 1 << 20


def figures(long: Mapping[str, Any], short: Mapping[str, Any], archived: Sequence[float]) -> list[Figure]:
    """Memory of a long run, and the reports of a long and a short one, both measured by the stopwatch.

    ``archived`` are the seconds in which the short and the long run's journals became archives.
    """
    (few, first), (many, last) = _ends(long["memory"])
    each = (last - first) / (many - few) if many > few else 0.0
    at_the_end = last + each * (LONG - many)
    seconds = [told["end"]["clock"] - told["asked"]["clock"] for told in (short, long)]
    counts = [told["requests"] for told in (short, long)]
    sizes = f"{counts[0]} and {counts[1]} requests"
    return [
        Figure(
            f"memory at {LONG} requests, by the last {many - few}",
            at_the_end / MIB,
            "MiB",
            GOAL,
            detail=f"{first / MIB:.0f} MiB after {few}, {last / MIB:.0f} after {many}: {each:.0f} bytes a request",
        ),
        Figure(
            "reports: growth of their time / of the run",
            growth(seconds, counts),
            "x",
            1.0,
            detail=f"{seconds[0]:.2f} and {seconds[1]:.2f} s for {sizes}",
        ),
        Figure(
            "archive of the journal: the same",
            growth(archived, counts),
            "x",
            1.1,
            detail=f"{archived[0]:.2f} and {archived[1]:.2f} s for {sizes}",
        ),
    ]


def growth(seconds: Sequence[float], counts: Sequence[int]) -> float:
    """How much more time than requests there is at the second of two sizes: 1 where it is linear, less below that."""
    return (seconds[1] / seconds[0]) / (counts[1] / counts[0])


def archive(directory: Path) -> float:
    """Seconds in which the journal of a run becomes an archive."""
    started = time.monotonic()
    with (directory / "archive.har").open("w", encoding="utf-8") as file:
        write(exchanges(directory / "out" / "verdict.json"), file)
    return time.monotonic() - started


def _ends(memory: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where memory is held against the end of a run: at its first quarter, but not before EARLY where it is as long."""
    last = memory[-1]
    early = min(EARLY, last[0] // 2)
    return next(point for point in memory if point[0] >= early), last
