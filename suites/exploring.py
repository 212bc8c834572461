"""Drawing with Hypothesis: a batch of values first, and the smallest failing one afterwards.

What is drawn is sent as a batch, so the strategies run ahead of the wire: no request leaves while Hypothesis draws.
Only when a value fails does Hypothesis come back, to shrink it, one request a step and within a bound.
"""

from __future__ import annotations

import sys
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Flaky
from hypothesis.internal.conjecture import providers

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

Value = TypeVar("Value")

SHRINKING = 40
"""Requests at most for the search of a smaller failing case."""
STEPS = 10 * SHRINKING
"""Values at most that are looked at for it."""


@dataclass(frozen=True)
class Depth:
    """How much a run asks.

    ``bodies`` are drawn for each fault, ``acceptances`` acceptable bodies in all, ``logins`` bad tokens of each kind,
    ``callers`` requests of each kind that a caller has no permission for, ``lookups`` bodies for each identifier, and
    ``lives`` sequences of steps about restorations.
    """

    name: str
    bodies: int
    acceptances: int
    logins: int
    callers: int
    lookups: int
    lives: int


DEPTHS = {
    depth.name: depth
    for depth in (
        Depth("smoke", 1, 26, 2, 3, 1, 6),
        Depth("standard", 10, 300, 24, 240, 60, 30),
        Depth("nightly", 100, 600, 24, 320, 80, 100),
    )
}


def draw(strategy: SearchStrategy[Value], count: int, key: str, run_seed: int) -> list[Value]:
    """Up to ``count`` different values, the same for the same key and seed."""
    values: list[Value] = []
    if count > 0:
        _run(strategy, values.append, count, seed_of(key, run_seed), (Phase.generate,))
    return values


def shrink(
    strategy: SearchStrategy[Value], fails: Callable[[Value], bool], count: int, key: str, run_seed: int
) -> Value | None:
    """The smallest value that ``fails``, sought from those that :func:`draw` gives for the same arguments.

    None where none of them fails any more, which is what an unsteady target looks like. Not every step has to ask
    something: whoever asks keeps to SHRINKING.
    """
    smallest: list[Value] = []
    steps = 0

    def check(value: Value) -> None:
        nonlocal steps
        steps += 1
        if steps <= count + STEPS and fails(value):
            smallest[:] = [value]
            raise _StillFailing

    try:
        _run(strategy, check, count, seed_of(key, run_seed), (Phase.generate, Phase.shrink))
    except (_StillFailing, Flaky):
        return smallest[0]
    return None


def draw_no_constants_of_code() -> None:
    """Have a seed draw the same whatever modules are loaded, and whatever is written in them.

    Hypothesis now and then draws a constant of the code around it, which it looks for in all modules of the checkout.
    """
    seen: set[int] = getattr(providers, "_seen_modules", set())  # no public way, and none needed where this is gone
    seen.update(map(id, list(sys.modules.values())))


class _StillFailing(Exception):  # noqa: N818  a signal to Hypothesis, not an error
    pass


def _run(
    strategy: SearchStrategy[Any], body: Callable[[Any], Any], count: int, run_seed: int, phases: tuple[Phase, ...]
) -> None:
    @seed(run_seed)
    @quietly(count, phases)
    @given(strategy)
    def run(value: Any) -> None:
        body(value)

    draw_no_constants_of_code()
    run()


def quietly(count: int, phases: tuple[Phase, ...], steps: int = 1) -> settings:
    """How Hypothesis draws here: up to so many examples, of so many steps each, and without a word."""
    return settings(
        max_examples=count,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )


def seed_of(key: str, run_seed: int) -> int:
    """The seed of one thing that is drawn in a run."""
    return zlib.crc32(key.encode()) ^ run_seed
