"""What a run was asked to do."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from contracts.model import Contract, Strength
    from suites.baseline import Baseline
    from suites.deviations import Deviation
    from suites.exploring import Depth
    from targets.profile import Target


@dataclass(frozen=True)
class Setting:
    """The options of a run, checked. ``fail_on`` is the weakest strength that fails it, ``started`` in UTC.

    With ``fail_on_new`` only what did not fail in the ``baseline`` fails it. ``max_time`` bounds it, in seconds. The
    target is ``embedded`` if no profile was given. ``options`` are those by which another run asks the same target.
    """

    contract: Contract
    target: Target
    depth: Depth
    seed: int
    fail_on: Strength
    deviations: Mapping[str, Deviation]
    report_dir: Path
    baseline: Baseline | None = None
    fail_on_new: bool = False
    max_time: float | None = None
    embedded: bool = False
    options: tuple[str, ...] = ()
    started: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    @cached_property
    def today(self) -> date:
        """The day of the run, in UTC; it stays the same when the run goes on past midnight."""
        return datetime.now(timezone.utc).date()

    @cached_property
    def applied_deviations(self) -> frozenset[str]:
        """The clauses whose declared deviation has not expired."""
        return frozenset(clause for clause, deviation in self.deviations.items() if not deviation.expired(self.today))


_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def seconds(text: str) -> float:
    """A time as it is given on the command line, in seconds: ``90``, ``90s``, ``15m``, ``1.5h``.

    Raises:
        argparse.ArgumentTypeError: it is none, or no time at all.
    """
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([smh]?)", text)
    time = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not time:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: give seconds, or a number with s, m or h such as 15m")
    return time


def out_of_time(seconds: float) -> str:
    """Why a run ends whose time is over."""
    return f"the time of --max-time ({seconds:g} s) is over"
