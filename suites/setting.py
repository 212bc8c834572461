"""What a run was asked to do."""

from __future__ import annotations

from dataclasses import dataclass
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
    """The options of a run, checked. ``fail_on`` is the weakest strength that fails it.

    With ``fail_on_new`` only what did not fail in the ``baseline`` fails it.
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

    @cached_property
    def today(self) -> date:
        """The day of the run, in UTC; it stays the same when the run goes on past midnight."""
        return datetime.now(timezone.utc).date()

    @cached_property
    def applied_deviations(self) -> frozenset[str]:
        """The clauses whose declared deviation has not expired."""
        return frozenset(clause for clause, deviation in self.deviations.items() if not deviation.expired(self.today))
