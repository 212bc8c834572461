"""A run in one process beside the same in two, against a service that takes none of their processors."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench.elsewhere import LATENCY
from tests.bench.figures import Figure
from tests.bench.processes import SOUND, Spent, spent
from tests.bench.waiting import CONNECTIONS, SERVERS
from tests.starting import arguments, consent, profile, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PROCESSES = 2
BUDGET = 1000
"""What lets a run accept as many bodies as its depth asks for: with few, much has to be about the same server."""
ROUNDS = 3
"""Pairs of runs that are measured."""
GOAL = 1.6
DEPTH = "nightly"
"""What is worth more processes: each of them takes a second or two to start."""


@dataclass(frozen=True)
class Run:
    """What a run took: all of it, and from its first request to its last answer, in seconds."""

    spent: Spent
    asking: float


def measure(directory: Path) -> list[Figure]:
    """Run both, and tell how much sooner two are done.

    Raises:
        BenchError: a run found a fault, or did not come to its end.
    """
    path = profile(
        directory, "http://127.0.0.1:9", consent(BUDGET, SERVERS), "requests_per_second = 1000000", CONNECTIONS
    )
    options = ("-p", "tests.bench.elsewhere", "--target", path, "--depth", DEPTH, "--seed", "1")
    several = ("-n", str(PROCESSES))
    rounds = [(_run(directory, *options), _run(directory, *options, *several)) for _ in range(ROUNDS)]
    return figures(rounds, os.cpu_count() or 1)


def _run(directory: Path, *options: str) -> Run:
    took = spent(arguments(directory, *options), SOUND)
    return Run(took, float(verdict(directory)["requests"]["seconds"]))


def figures(rounds: Sequence[tuple[Run, Run]], processors: int) -> list[Figure]:
    """The speed-up of asking, and of all with what it takes to start; nothing without as many processors.

    It is that of the median pair: a machine that is shared may have something else to do in any of them.
    """
    enough = processors >= PROCESSES
    one, several = sorted(rounds, key=lambda pair: pair[0].asking / pair[1].asking)[len(rounds) // 2]
    ratios = ", ".join(f"{alone.asking / shared.asking:.2f}" for alone, shared in rounds)
    return [
        Figure(
            f"{DEPTH}, latency {LATENCY * 1000:.0f} ms: asking in one process / in {PROCESSES}",
            one.asking / several.asking if enough else None,
            "x",
            GOAL,
            at_most=False,
            detail=f"{one.asking:.1f} s and {several.asking:.1f} s; median of {ratios}",
        ),
        Figure(
            "  the whole command",
            one.spent.wall / several.spent.wall if enough else None,
            "x",
            detail=f"{one.spent.wall:.1f} s and {several.spent.wall:.1f} s, "
            f"CPU {one.spent.cpu:.1f} s and {several.spent.cpu:.1f} s",
        ),
    ]
