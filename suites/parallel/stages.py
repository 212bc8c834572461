"""Which process asks which test, and what has to be over before.

Every process works this out for itself, from the ids of the tests alone, and comes to the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

STAGES: tuple[tuple[str, ...], ...] = (
    ("test_acceptance", "test_response"),
    ("test_lookup",),
    ("test_path", "test_rejection"),
    ("test_fault_is_refused_however_it_is_written", "test_permission", "test_service_errors", "test_open_points"),
    ("test_authentication",),
)
"""Modules and tests that need nothing of each other, only what the stages before have shown: bodies that the target
accepts, how it says that a name is unknown, which faults it takes in plain writing. Bad tokens come after everything
that needs a good one; what all exchanges together show is looked at in the end."""
LAST = len(STAGES)
DRAWN_TOGETHER = "test_faulty_member_is_refused"

WEIGHTS = {"test_read_only_role_is_refused": 30, "test_foreign_project_is_refused": 30, "test_lookup": 10}
"""About how much longer some of them take than the others of their stage."""


def stage(test: str) -> int:
    """The stage of a test, by its id."""
    names = _names(test)
    return next((number for name in names for number, each in enumerate(STAGES) if name in each), LAST)


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
    function, _ = _names(test)
    clause = test.partition("[")[2].partition("-")[0]
    return clause.rpartition(".")[0] if function == DRAWN_TOGETHER else test


def _weight(test: str) -> int:
    return next((WEIGHTS[name] for name in _names(test) if name in WEIGHTS), 1)


def _names(test: str) -> tuple[str, str]:
    """A test's function and module."""
    path, _, rest = test.partition("::")
    return rest.partition("[")[0].rpartition("::")[2], PurePosixPath(path).stem
