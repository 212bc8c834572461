"""The store: what is recorded stays, once, whoever records it and however often; what is no store is refused."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from reports import __main__ as cli
from reports import store
from reports.files import ReportError
from reports.store import Latency
from suites.earlier import EarlierError
from tests.verdicts import SAMPLE, night, poisoned, unlike

ROOT = Path(__file__).parent.parent
POWER = "restores.t4.power_on.type"


def kept(path: Path, target: str | None = None) -> list[store.Recorded]:
    with store.opened(path) as file:
        return store.recorded(file, target)


def recording(path: Path, *verdicts: Path) -> int:
    with store.opened(path, create=True) as file:
        return store.record(file, verdicts)


def test_what_is_recorded_is_there_by_time(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    assert recording(path, night(tmp_path, 3), night(tmp_path, 1, unlike("staging", **{POWER: "pass"}))) == 2
    first, second = kept(path)
    assert (first.started, second.started) == ("2026-11-01T02:10:00Z", "2026-11-03T02:10:00Z")
    assert (first.outcomes[POWER], second.outcomes[POWER]) == ("pass", "fail")
    assert (second.operation, second.target, second.verdict, second.depth, second.sent) == (
        *("restores", "staging", "non-conformant", "standard"),
        431,
    )
    assert [clause.id for clause in second.clauses] == [clause["id"] for clause in SAMPLE["clauses"]]
    assert second.clauses[3].place == "Table 4, row power_on"


def test_the_latency_is_what_the_verdict_says_of_it(tmp_path: Path) -> None:
    silent = {name: value for name, value in SAMPLE["requests"].items() if name != "latency"}
    recording(tmp_path / "h.sqlite", night(tmp_path, 1), night(tmp_path, 2, requests=silent))
    assert [run.latency for run in kept(tmp_path / "h.sqlite")] == [Latency(0.0021, 0.012, 1.25, 4.5), None]


def test_a_run_is_recorded_once(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    verdict = night(tmp_path, 1)
    assert recording(path, verdict, verdict) == 1
    before = path.read_bytes()
    assert recording(path, verdict) == 0
    assert kept(path) == kept(path)
    assert len(kept(path)) == 1
    assert path.read_bytes() == before


def test_a_later_state_of_a_run_takes_the_place_of_the_earlier(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    later = night(tmp_path, 1, unlike("staging", **{POWER: "pass"}), finished="2026-11-01T04:00:00Z")
    later = later.rename(tmp_path / "later.json")
    assert recording(path, night(tmp_path, 1)) == 1
    assert recording(path, later) == 0
    assert recording(path, night(tmp_path, 1)) == 0
    [run] = kept(path)
    assert run.outcomes[POWER] == "pass"
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT count(*) FROM outcome").fetchone() == (len(SAMPLE["clauses"]),)


@pytest.mark.parametrize("change", [{"seed": 1}, {"depth": "smoke"}, {"target": unlike("other")["target"]}])
def test_what_tells_runs_apart_makes_another_run(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "h.sqlite"
    recording(path, night(tmp_path, 1))
    assert recording(path, night(tmp_path, 1, **change)) == 1
    assert len(kept(path)) == 2


def test_several_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    nights = [night(tmp_path, day) for day in range(1, 25)]
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda verdict: recording(path, verdict), nights + nights)) == len(nights)
    assert [run.started[8:10] for run in kept(path)] == [f"{day:02}" for day in range(1, 25)]


def test_several_processes_make_one_store(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    command = [sys.executable, "-m", "reports", "record", "--store", str(path)]
    running = [
        subprocess.Popen([*command, str(night(tmp_path, day))], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for day in (1, 2, 3)
    ]
    for process in running:
        out, _ = process.communicate(timeout=60)
        assert (process.returncode, out) == (0, f"{path}: 1 recorded, 0 there already\n")
    assert len(kept(path)) == 3


def test_all_are_recorded_or_none(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    good = night(tmp_path, 1)
    recording(path, good)
    for broken, complaint in (
        (night(tmp_path, 3, verdict="unfinished"), "is no finished run"),
        (night(tmp_path, 4, verdict="error"), "is no finished run"),
        (night(tmp_path, 5, seed="x"), "is no verdict"),
    ):
        with pytest.raises((EarlierError, ReportError), match=complaint):
            recording(path, night(tmp_path, 2), broken)
    assert len(kept(path)) == 1


def test_a_fault_in_the_middle_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    recording(path, night(tmp_path, 1))
    with closing(sqlite3.connect(path)) as file:
        file.execute(
            "CREATE TRIGGER no BEFORE INSERT ON outcome WHEN new.outcome = 'error' BEGIN SELECT raise(FAIL, 'no'); END"
        )
        file.commit()
    with pytest.raises(ReportError, match="cannot be used as a store: no"):
        recording(path, night(tmp_path, 2))
    assert len(kept(path)) == 1


def test_only_the_runs_of_a_target(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    recording(path, night(tmp_path, 1), night(tmp_path, 2, unlike("other")))
    assert [run.target for run in kept(path, "other")] == ["other"]
    assert kept(path, "nobody") == []


def test_texts_of_any_kind_are_kept_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    recording(path, night(tmp_path, 1, poisoned()))
    [run] = kept(path)
    assert "\\x1b[31m\\ud800" in run.reason
    assert "\n" not in run.reason + run.target + run.clauses[0].statement


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    text, other, newer = tmp_path / "text", tmp_path / "other.db", tmp_path / "newer.db"
    text.write_text("no database, and long enough to be told from one" * 10, encoding="utf-8")
    with closing(sqlite3.connect(other)) as file:
        file.execute("CREATE TABLE run (id)")
    recording(newer, night(tmp_path, 1))
    with closing(sqlite3.connect(newer)) as file:
        file.execute("PRAGMA user_version = 2")
    (tmp_path / "empty").touch()
    for path, create, complaint in (
        (text, True, "cannot be used as a store: file is not a database"),
        (other, True, "is no store of verdicts"),
        (other, False, "is no store of verdicts"),
        (tmp_path / "empty", False, "is no store of verdicts"),
        (newer, True, "is a store of version 2, not 1"),
        (tmp_path / "none", False, "is no store: there is no such file"),
        (tmp_path / "no" / "h.sqlite", True, "cannot be used as a store: unable to open database file"),
        (tmp_path, True, "cannot be used as a store: unable to open database file"),
    ):
        with pytest.raises(ReportError) as caught, store.opened(path, create=create):
            pass
        assert str(caught.value) == f"{path}: {complaint}"
    with closing(sqlite3.connect(other)) as file:
        assert file.execute("SELECT name FROM sqlite_master").fetchall() == [("run",)]


def test_the_command_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "h.sqlite"
    one, two = str(night(tmp_path, 1)), str(night(tmp_path, 2))
    assert cli.main(["record", one, "--store", str(path)]) == 0
    assert cli.main(["record", one, two, "--store", str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{path}: 1 recorded, 0 there already",
        f"{path}: 1 recorded, 1 there already",
    ]
    broken = night(tmp_path, 3, verdict="unfinished")
    assert cli.main(["record", str(broken), "--store", str(path)]) == 2
    assert capsys.readouterr().err.startswith(f"reports record: {broken}: is no finished run (")
