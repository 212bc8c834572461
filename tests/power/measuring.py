"""One run against one changed service, and what it says of the suite."""

from __future__ import annotations

import itertools
import random
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contracts.store import askable
from targets.embedded.changes import FLAWS, RESTORES, VARIATIONS
from tests.power import failing, run, run_over_sockets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FOUND, ELSEWHERE, MISSED = "found", "found under another clause", "missed"
SILENT, ACCUSED = "silent", "accused"
GOOD = frozenset({FOUND, SILENT})
FIFTH, FIFTEENTH = 5, 15
"""One sound service in so many is asked at standard too, another one with each seed: seldom about other operations."""
NOT_CONFORMANT = frozenset({"non-conformant", "incomplete"})


@dataclass(frozen=True)
class Trial:
    """A service to be asked: its changes, how deep, from which seed, and whether over real sockets."""

    changes: tuple[str, ...]
    depth: str
    seed: int
    sockets: bool = False
    operation: str = RESTORES

    @property
    def flawed(self) -> bool:
        """Whether a flaw is among the changes; else the service is sound."""
        return any(name in FLAWS for name in self.changes)


@dataclass(frozen=True)
class Measurement:
    """What a trial has shown. ``clauses`` are the failing ones, ``seconds`` the whole run's."""

    trial: Trial
    result: str
    verdict: str
    clauses: tuple[str, ...]
    requests: int
    seconds: float

    @property
    def good(self) -> bool:
        """Whether the suite did as it should."""
        return self.result in GOOD


@dataclass(frozen=True)
class Shown:
    """What the trials of one service have shown, from the shallowest to the deepest."""

    attempts: tuple[Measurement, ...]

    @property
    def final(self) -> Measurement:
        """The deepest attempt."""
        return self.attempts[-1]

    @property
    def flawed(self) -> bool:
        """Whether there was a flaw to be found."""
        return self.final.trial.flawed

    @property
    def good(self) -> bool:
        """Whether the flaw was found at last, or the sound service never accused."""
        return (any if self.flawed else all)(each.good for each in self.attempts)


def measure(trial: Trial) -> Measurement:
    """Ask the service of a trial."""
    started = time.monotonic()
    verdict = (run_over_sockets if trial.sockets else run)(trial.changes, trial.depth, trial.seed, trial.operation)
    clauses = failing(verdict)
    return Measurement(
        trial=trial,
        result=_result(trial, clauses, verdict["verdict"]),
        verdict=verdict["verdict"],
        clauses=tuple(sorted(clauses)),
        requests=verdict["requests"]["sent"],
        seconds=round(time.monotonic() - started, 3),
    )


def measure_all(trials: Sequence[Trial], workers: int) -> list[Measurement]:
    """Ask all services, some at a time; in the order of the trials."""
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(measure, trials, chunksize=2))


def measure_deeper(trials: Sequence[Trial], workers: int) -> list[Shown]:
    """Ask all services at smoke depth, and at standard some of the sound ones and those whose flaw was not found."""
    shallow = measure_all([replace(trial, depth="smoke") for trial in trials], workers)
    again = [
        each.trial
        for number, each in enumerate(shallow)
        if not each.good or (not each.trial.flawed and (number + each.trial.seed) % _share(each.trial) == 0)
    ]
    deeper = measure_all([replace(trial, depth="standard") for trial in again], workers)
    deep = {(each.trial.operation, each.trial.changes): each for each in deeper}
    pairs = ((each, deep.get((each.trial.operation, each.trial.changes))) for each in shallow)
    return [Shown((first, second) if second else (first,)) for first, second in pairs]


def _share(trial: Trial) -> int:
    return FIFTH if trial.operation == RESTORES else FIFTEENTH


def fleet(seed: int) -> list[Trial]:
    """Every flaw, and every variation with each operation that it may show in, one at a time."""
    flawed = [(name, flaw.operation) for name, flaw in FLAWS.items()]
    sound = [
        (name, operation)
        for name, variation in VARIATIONS.items()
        for operation in (askable() if variation.operation == RESTORES else (variation.operation,))
    ]
    return [Trial((name,), "smoke", seed, operation=operation) for name, operation in (*flawed, *sound)]


def combinations(count: int, seed: int) -> list[Trial]:
    """Sound services that use three freedoms or more at a time, asked about one operation after another."""
    asked = zip(_mixed(count, seed), itertools.cycle((RESTORES, *askable())))
    return [Trial(names, "smoke", seed, operation=operation) for names, operation in asked]


def over_sockets(every: int, seed: int) -> list[Trial]:
    """One service in so many over real sockets, where each request takes longer; none whose flaw smoke may miss."""
    steady = [change for change in FLAWS.values() if not change.rare]
    chosen = [*steady, *VARIATIONS.values()][::every]
    return [Trial((each.name,), "smoke", seed, sockets=True, operation=each.operation) for each in chosen]


def _mixed(count: int, seed: int) -> Iterator[tuple[str, ...]]:
    mixer = random.Random(seed)  # noqa: S311  a sample, no secret
    for _ in range(count):
        yield tuple(mixer.sample(sorted(VARIATIONS), min(len(VARIATIONS), mixer.randint(3, 7))))


def _result(trial: Trial, clauses: set[str], verdict: str) -> str:
    if not trial.flawed:
        return SILENT if not clauses and verdict == "conformant" else ACCUSED
    flaws = [FLAWS[name] for name in trial.changes if name in FLAWS]
    if any(flaw.lost for flaw in flaws):
        return FOUND if verdict in NOT_CONFORMANT else MISSED
    if any(clauses & set(flaw.breaks) for flaw in flaws):
        return FOUND
    return ELSEWHERE if clauses else MISSED
