"""What a verdict can be told as: one function a format, from a run to a text that is written as it comes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from reports import archive, ledger, summary
from reports.ctrf import ctrf
from reports.exchanges import exchanges, spent
from reports.files import ReportError
from reports.junit import junit
from reports.sarif import sarif
from targets.journal import JOURNAL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Run:
    """A run by what it left: its verdict, and where that lies; the journal is beside it."""

    path: Path
    verdict: Mapping[str, Any]


def load(path: Path) -> Run:
    """The run that left this verdict.

    Raises:
        EarlierError: the file is no verdict.
    """
    return Run(path, ledger.read(path))


def _plain(told: Callable[[Mapping[str, Any]], str], run: Run, file: IO[str]) -> None:
    file.write(told(run.verdict))


def _timed(told: Callable[[Mapping[str, Any], Mapping[str, float]], str], run: Run, file: IO[str]) -> None:
    clauses = {clause["id"] for clause in run.verdict["clauses"]}
    file.write(told(run.verdict, spent(run.path, clauses)))


def _har(run: Run, file: IO[str]) -> None:
    if not archive.write(exchanges(run.path), file):
        raise ReportError(f"{run.path.with_name(JOURNAL)}: is not there or empty, and an archive is made of it")


FORMATS: Mapping[str, Callable[[Run, IO[str]], None]] = {
    "markdown": partial(_plain, summary.markdown),
    "github": partial(_plain, summary.github),
    "junit": partial(_timed, junit),
    "sarif": partial(_plain, sarif),
    "har": _har,
    "ctrf": partial(_timed, ctrf),
}
"""The formats by the name that the command line knows them by."""
