"""How fast bodies are drawn and proven, and answers judged, on one processor."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.bodies import valid_bodies
from contracts.catalogue import catalogue
from suites import judging
from suites.batches import Draws
from suites.campaign import Campaign
from suites.exploring import DEPTHS, draw
from suites.response import response
from suites.shaping import shape_for
from suites.surroundings import surroundings
from targets.embedded.build import build
from targets.embedded.in_process import InProcessWire
from targets.embedded.target import embedded_target
from tests.bench.figures import Figure
from tests.bench.watching import Watched
from tests.power import CONTRACT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contracts.faults import Fault
    from suites.outcomes import Judged

VALID, FAULTY, JUDGING = 400, 1000, 150
BODIES = 2000
"""Valid bodies that are drawn."""
BATCHES = 10
"""Bodies that are drawn for each fault, each with as many fills as a run gives it."""
MILLION = 1e6


def measure(bodies: int = BODIES, batches: int = BATCHES, every: int = 1) -> list[Figure]:
    """Draw, prove and judge; ``every`` so manieth fault."""
    valid = rate_of_valid(bodies)
    faulty, count = rate_of_faulty(catalogue(CONTRACT)[::every], batches)
    judged = sample()
    micros = MILLION * judge_all(judged) / len(judged)
    return [
        Figure("valid bodies drawn", valid, "/s", VALID, at_most=False, detail=f"{bodies} by one strategy"),
        Figure(
            "faulty bodies drawn and proven",
            faulty,
            "/s",
            FAULTY,
            at_most=False,
            detail=f"{count}, of every fault of the catalogue",
        ),
        Figure(
            "judging an answer",
            micros,
            "us",
            JUDGING,
            detail=f"mean of {len(judged)} cases of a smoke run, parsing included",
        ),
    ]


def rate_of_valid(count: int) -> float:
    """Valid bodies drawn in a second."""
    strategy = valid_bodies(CONTRACT.request_schema, shape_for(CONTRACT))
    started = time.process_time()
    drawn = draw(strategy, count, "bench", 1)
    return len(drawn) / (time.process_time() - started)


def rate_of_faulty(faults: Sequence[Fault], batches: int) -> tuple[float, int]:
    """Faulty bodies drawn as a run does, and proven, in a second; and how many there were."""
    started, count = time.process_time(), 0
    for fault in faults:
        drawn = Draws(CONTRACT, fault, batches, seed=1).batches(batches)
        mutants = {
            mutant.after: mutant
            for document, fills in drawn
            for mutant in (fault.put(document, fill) for fill in fills)
        }
        for mutant in mutants.values():
            mutant.prove(CONTRACT)
        count += len(mutants)
    return count / (time.process_time() - started), count


def sample() -> list[Judged]:
    """What a smoke run against the sound service has judged, each answer as if it had just come."""
    target = embedded_target("http://127.0.0.1:9")
    target = replace(target, limits=replace(target.limits, connections=1))
    with InProcessWire(target, frozenset(judging.SUCCESS), CONTRACT.busy, build()) as wire:
        campaign = Campaign(CONTRACT, target, wire, DEPTHS["smoke"], seed=1)
        return Watched(campaign, wire).conduct()


def judge_all(judged: Iterable[Judged]) -> float:
    """Seconds of CPU in which these cases are judged again."""
    fresh = [
        replace(each, exchange=replace(each.exchange, answer=each.exchange.answer and replace(each.exchange.answer)))
        for each in judged
    ]
    started = time.process_time()
    for each in fresh:
        _judge(each)
    return time.process_time() - started


def _judge(judged: Judged) -> None:
    case, exchange, control = judged.case, judged.exchange, judged.control
    if case.expected & {*judging.SUCCESS}:
        judging.acceptance(CONTRACT, case, exchange, control)
        if exchange.answer and case.document is not None:
            response(CONTRACT, case.document, {}, exchange.answer.document)
    elif case.expected:
        judging.refusal(CONTRACT, case, exchange, control)
    else:
        judging.endurance(CONTRACT, case, exchange)
    surroundings(CONTRACT, case, exchange, frozenset())
