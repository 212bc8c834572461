"""How many requests a smoke run sends until it has found a flaw, under a clause that the flaw breaks."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from suites.campaign import Campaign
from suites.exploring import DEPTHS
from suites.judging import SUCCESS
from targets.embedded.build import build
from targets.embedded.changes import FLAWS
from targets.embedded.in_process import InProcessWire
from targets.embedded.target import embedded_target
from tests.bench.figures import Figure, quantile
from tests.bench.watching import Watched
from tests.power import CONTRACT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EVERY = 4
"""One flaw in so many is looked for, unless the whole fleet is asked for."""
WITHIN = 400
GOAL = 95
SHOWN = 5
"""Missed flaws that the table lists; bench.json has them all."""


def names(*, fleet: bool) -> list[str]:
    """The flaws that are looked for: those under which nothing can be judged break no clause of their own."""
    telling = [name for name in FLAWS.of(CONTRACT.operation) if not FLAWS[name].lost]
    return telling if fleet else telling[::EVERY]


def measure(flaws: Sequence[str], workers: int, seed: int = 1) -> dict[str, int | None]:
    """Requests to find each flaw, None where a smoke run does not."""
    with ProcessPoolExecutor(workers) as pool:
        return dict(zip(flaws, pool.map(partial(requests_to_find, seed=seed), flaws, chunksize=4)))


def requests_to_find(flaw: str, seed: int = 1) -> int | None:
    """How many requests have left when the flaw is found; those that are on their way beside it count too."""
    target = embedded_target("http://127.0.0.1:9", [flaw])
    target = replace(target, limits=replace(target.limits, connections=1, timeout=1))
    with InProcessWire(target, frozenset(SUCCESS), CONTRACT.busy, build([flaw])) as wire:
        campaign = Campaign(CONTRACT, target, wire, DEPTHS["smoke"], seed)
        watched = Watched(campaign, wire, FLAWS[flaw].breaks)
        watched.conduct()
        return watched.found


def figures(found: Mapping[str, int | None]) -> list[Figure]:
    """The share found within the goal's number of requests, and quantiles over all flaws; a missed one took no end."""
    counts = [float("inf") if count is None else count for count in found.values()]
    missed = [name for name, count in found.items() if count is None]
    steady = [count for name, count in found.items() if name not in FLAWS or not FLAWS[name].rare]
    sure = 100 * sum(count is not None and count <= WITHIN for count in steady) / max(1, len(steady))
    early = 100 * sum(count <= WITHIN for count in counts) / len(counts)
    median, most = (quantile(counts, share) for share in (0.5, 0.95))
    return [
        Figure(
            f"flaws found by smoke within {WITHIN} requests",
            early,
            "%",
            GOAL,
            at_most=False,
            detail=f"of {len(counts)}; missed at smoke: {_listed(missed)}",
        ),
        Figure("  of those that show each time", sure, "%", GOAL, at_most=False),
        Figure("  requests to find, median", _finite(median), "requests"),
        Figure("  requests to find, 95th percentile", _finite(most), "requests", WITHIN),
    ]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (", ".join(names[:SHOWN]) or "none") + more


def _finite(count: float) -> float | None:
    return None if count == float("inf") else count
