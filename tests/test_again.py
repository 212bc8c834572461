"""The pytest line of a finding runs its case again, and finds the same."""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.starting import ENVIRONMENT, ROOT, run, verdict

if TYPE_CHECKING:
    from pathlib import Path


def failing(directory: Path) -> dict[str, list[dict[str, Any]]]:
    """The failures that a run has kept, by clause."""
    return {clause["id"]: clause["failures"] for clause in verdict(directory)["clauses"] if clause["failures"]}


@pytest.mark.parametrize(
    "flaw",
    [
        "answer-mistypes-power-on",  # what acceptable requests show
        "provider-id-may-be-empty",  # a fault
        "unknown-server-id-gets-200",  # a fault in a body that was accepted before
    ],
)
def test_pytest_line_finds_it_again(flaw: str, tmp_path: Path) -> None:
    run(tmp_path, "--depth", "smoke", "--flaw", flaw)
    found = failing(tmp_path)
    clause, first = next((clause, failures[0]) for clause, failures in found.items())
    pytest_name, *line = shlex.split(first["pytest"])
    assert pytest_name == "pytest"
    again = tmp_path / "again"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *line,
        "--report-dir",
        str(again / "out"),
    ]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    assert first["case"] in {failure["case"] for failure in failing(again)[clause]}
