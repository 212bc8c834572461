"""Which process asks which test.

Every process works this out for itself, from the ids of the tests alone, and comes to the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from suites.stages import LAST, names_of, stage

if TYPE_CHECKING:
    from collections.abc import Sequence

DRAWN_TOGETHER = "test_faulty_member_is_refused"
WEIGHTS = {"test_read_only_role_is_refused": 30, "test_foreign_project_is_refused": 30, "test_lookup": 10}
"""About how much longer some of them take than the others of their stage."""


def owners(tests: Sequence[str], workers: int) -> dict[str, int]:
    """Who asks each test, from 1 up: in each stage whoever has least to do so far, what takes longest first."""
    units: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for test in tests:
        units[stage(test), _unit(test)].append(test)
    busy: dict[int, Counter[int]] = {number: Counter() for number in range(LAST + 1)}
    owners: dict[str, int] = {}
    for (number, _), unit in sorted(units.items(), key=lambda each: -sum(map(_weight, each[1]))):
        load = busy[number]
        owner = min(range(1, workers + 1), key=lambda worker: (load[worker], worker))
        owners.update(dict.fromkeys(unit, owner))
        load[owner] += sum(map(_weight, unit))
    return owners


def _unit(test: str) -> str:
    """What is asked by one process: the faults of a member, whose bodies are drawn together, or a test."""
    function, _ = names_of(test)
    clause = test.partition("[")[2].partition("-")[0]
    return clause.rpartition(".")[0] if function == DRAWN_TOGETHER else test


def _weight(test: str) -> int:
    return next((WEIGHTS[name] for name in names_of(test) if name in WEIGHTS), 1)
