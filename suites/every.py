"""``--operation all``: a run for each operation that a target can be asked, in turn, each with its reports."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import contracts
from suites import earlier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

EVERY = "all"
WORST_FIRST = (3, 2, 4, 5, 1, 6)
"""Exit statuses that are not 0: first those of runs that went wrong, and so may have found too little."""
NONE = "no verdict"


def run_every(arguments: Sequence[str | Path], directory: Path) -> int:
    """Run pytest with these arguments for each operation; the worst exit status of all.

    The reports of each are in a directory of its name. Operations that only tell come first: they show what is wrong
    with a profile before anything starts.
    """
    statuses = {}
    for operation in sorted(contracts.askable(), key=lambda name: (contracts.load(name).starts, name)):
        own = ("--operation", operation, "--report-dir", str(directory / operation))
        statuses[operation] = subprocess.call([sys.executable, "-m", "pytest", *arguments, *own])  # noqa: S603
    for line in told(statuses, directory):
        print(line)  # noqa: T201
    return next((status for status in WORST_FIRST if status in statuses.values()), 0)


def told(statuses: Mapping[str, int], directory: Path) -> Iterator[str]:
    """What came of each operation, and where its reports are."""
    yield ""
    width = max(map(len, statuses))
    for operation, status in statuses.items():
        path = directory / operation / "verdict.json"
        try:
            verdict = str(earlier.document(path, earlier.content(path)).get("verdict", NONE))
        except earlier.EarlierError:
            verdict = NONE
        yield f"{operation:<{width}}  {verdict:<14}  exit {status}  {directory / operation / 'report.html'}"
