"""In which order tests are asked, and which of them need nothing of each other."""

from __future__ import annotations

from pathlib import PurePosixPath

STAGES: tuple[tuple[str, ...], ...] = (
    ("test_acceptance", "test_response"),
    ("test_lookup",),
    ("test_path", "test_rejection"),
    ("test_malformed_body_is_refused", "test_lenient_syntax_is_refused"),
    ("test_fault_is_refused_however_it_is_written", "test_permission"),
    ("test_service_errors", "test_open_points"),
    ("test_authentication",),
    ("test_protocol",),
)
"""Modules and tests, in their order: each needs only what the stages before have shown.

That is bodies that the target accepts, how it says that a name is unknown, which faults it takes in plain writing. What
may bring the service down comes when nothing else is on its way, bad tokens after everything that needs a good one,
since they can lock an account, and what all exchanges together show in the end.
"""
LAST = len(STAGES) - 1
_PLACES = {name: (number, index) for number, names in enumerate(STAGES) for index, name in enumerate(names)}


def place(test: str) -> tuple[int, int]:
    """The stage of a test, by its id, and its place there. What is not listed has a place in the last one."""
    return next((_PLACES[name] for name in names_of(test) if name in _PLACES), (LAST, len(STAGES[LAST])))


def stage(test: str) -> int:
    """The stage of a test, by its id."""
    return place(test)[0]


def names_of(test: str) -> tuple[str, str]:
    """A test's function and module, by its id."""
    path, _, rest = test.partition("::")
    return rest.partition("[")[0].rpartition("::")[2], PurePosixPath(path).stem
