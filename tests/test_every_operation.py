"""--operation: what it takes, and a run for each of them."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

import contracts
from suites import every
from suites.deviations import DeviationError, load
from tests.starting import run

if TYPE_CHECKING:
    from pathlib import Path


def test_the_worst_status_of_all_is_the_exit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[list[str]] = []
    statuses = iter([0, 6, 1, 0])

    def call(command: list[str]) -> int:
        asked.append(command)
        return next(statuses)

    monkeypatch.setattr(subprocess, "call", call)
    assert every.run_every(["suites", "-q"], tmp_path) == 1
    assert [command[command.index("--operation") + 1] for command in asked] == [
        "querying_a_single_backup",
        "querying_the_restoration_capability_of_a_resource",
        "lifecycle",
        "restores",
    ], "what starts nothing comes first"
    assert all(command[command.index("--report-dir") + 1].startswith(str(tmp_path)) for command in asked)


@pytest.mark.parametrize(("statuses", "worst"), [((0, 0), 0), ((1, 6), 1), ((1, 4), 4), ((2, 1), 2), ((3, 2), 3)])
def test_runs_that_went_wrong_are_worse_than_findings(
    statuses: tuple[int, ...], worst: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers = iter((*statuses, 0, 0))
    monkeypatch.setattr(subprocess, "call", lambda _: next(answers))
    assert every.run_every([], tmp_path) == worst


def test_what_came_of_each_is_told(tmp_path: Path) -> None:
    (tmp_path / "restores").mkdir()
    (tmp_path / "restores" / "verdict.json").write_text(json.dumps({"schema_version": 1, "verdict": "conformant"}))
    lines = list(every.told({"restores": 0, "lifecycle": 4}, tmp_path))
    assert any("restores" in line and "exit 0" in line for line in lines)
    assert any("lifecycle" in line and "no verdict" in line and "exit 4" in line for line in lines)


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        ("restore", "did you mean restores?"),
        ("querying_quotas", "no [asking] table"),
        ("x", "there are querying_a_single_backup"),
    ],
)
def test_unknown_operation_is_a_usage_error(operation: str, told: str, tmp_path: Path) -> None:
    done = run(tmp_path, "--operation", operation)
    assert done.returncode == 4
    assert told in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("option", [["--resume"], ["--baseline", "verdict.json"]])
def test_what_is_of_one_operation_does_not_go_with_all(option: list[str], tmp_path: Path) -> None:
    done = run(tmp_path, "--operation", "all", *option)
    assert done.returncode == 4
    assert "of one operation" in done.stderr + done.stdout


def declared(path: Path, *clauses: str) -> Path:
    path.write_text(
        "\n".join(
            f'[[deviation]]\nclause = "{clause}"\nreason = "r"\nreference = "T-1"\nexpires = 2099-01-01\n'
            for clause in clauses
        ),
        encoding="utf-8",
    )
    return path


def test_deviations_of_several_operations_stand_in_one_file(tmp_path: Path) -> None:
    names = ["restores.t8.status.type", "querying_a_single_backup.t3.status.value", "lifecycle.c.busy"]
    path = declared(tmp_path / "deviations.toml", *names)
    for name in names:
        assert list(load(path, contracts.load(name.partition(".")[0]))) == [name]


def test_deviation_of_another_operation_has_to_be_one(tmp_path: Path) -> None:
    path = declared(tmp_path / "deviations.toml", "querying_a_single_backup.t3.nothing.value")
    with pytest.raises(DeviationError, match="no clause of querying_a_single_backup"):
        load(path, contracts.load())
