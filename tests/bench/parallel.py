"""A run in one process beside the same in two, against a service that takes none of their processors."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tests.bench.elsewhere import LATENCY
from tests.bench.figures import Figure
from tests.bench.processes import SOUND, Spent, spent
from tests.bench.waiting import CONNECTIONS, SERVERS, UNLIMITED
from tests.starting import arguments, consent, profile

if TYPE_CHECKING:
    from pathlib import Path

PROCESSES = 2
GOAL = 1.6
DEPTH = "nightly"
"""What is worth more processes: each of them takes a second or two to start."""


def measure(directory: Path) -> list[Figure]:
    """Run both, and tell how much sooner two are done.

    Raises:
        BenchError: a run found a fault, or did not come to its end.
    """
    path = profile(
        directory, "http://127.0.0.1:9", consent(UNLIMITED, SERVERS), "requests_per_second = 1000000", CONNECTIONS
    )
    options = ("-p", "tests.bench.elsewhere", "--target", path, "--depth", DEPTH, "--seed", "1")
    one = spent(arguments(directory, *options), SOUND)
    several = spent(arguments(directory, *options, "-n", str(PROCESSES)), SOUND)
    return figures(one, several, os.cpu_count() or 1)


def figures(one: Spent, several: Spent, processors: int) -> list[Figure]:
    """The speed-up; nothing where there are not as many processors."""
    return [
        Figure(
            f"{DEPTH} run, latency {LATENCY * 1000:.0f} ms: one process / {PROCESSES}",
            one.wall / several.wall if processors >= PROCESSES else None,
            "x",
            GOAL,
            at_most=False,
            detail=f"{one.wall:.1f} s and {several.wall:.1f} s; CPU {one.cpu:.1f} s and {several.cpu:.1f} s",
        )
    ]
