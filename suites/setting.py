"""What a run was asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from contracts.model import Contract, Strength
    from suites.deviations import Deviation
    from suites.exploring import Depth
    from targets.profile import Target


@dataclass(frozen=True)
class Setting:
    """The options of a run, checked. ``fail_on`` is the weakest strength that fails it."""

    contract: Contract
    target: Target
    depth: Depth
    seed: int
    fail_on: Strength
    deviations: Mapping[str, Deviation]
    report_dir: Path

    @cached_property
    def applied_deviations(self) -> frozenset[str]:
        """The clauses whose declared deviation has not expired."""
        today = datetime.now(timezone.utc).date()
        return frozenset(clause for clause, deviation in self.deviations.items() if not deviation.expired(today))
