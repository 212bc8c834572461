"""Runs that are killed, interrupted or out of time: what they leave, and how they are gone on with."""

from __future__ import annotations

import os
import signal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from suites import stopping
from suites.plugin import CAMPAIGN, SETTING, WIRE
from targets.embedded.build import build
from targets.pace import End
from tests.raw import raw_server
from tests.starting import (
    CONSENT,
    ENVIRONMENT,
    PATIENCE,
    Served,
    grown,
    journal,
    kept,
    outcomes,
    profile,
    results,
    run,
    service,
    started,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SMOKE = ("--depth", "smoke", "--seed", "1")
CONFORMANT, NON_CONFORMANT, INTERRUPTED, USELESS, INCOMPLETE = 0, 1, 2, 4, 6


@pytest.fixture(scope="module")
def in_one_go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run that nobody interrupted has left."""
    directory = tmp_path_factory.mktemp("whole")
    with raw_server(Served(service())) as server:
        done = run(directory, "--target", profile(directory, server.endpoint, CONSENT), *SMOKE)
    assert done.returncode == CONFORMANT, done.stdout
    return directory


def cases(directory: Path) -> dict[str, int]:
    """How many cases each clause of a table was judged by: controls and preflights have no part in these."""
    return {each["id"]: each["cases"] for each in verdict(directory)["clauses"] if each["source"]["table"]}


def assert_like(directory: Path, other: Path) -> None:
    """Both runs have come to the same, clause by clause and test by test."""
    assert outcomes(directory) == outcomes(other)
    assert results(directory) == results(other)
    assert cases(directory) == cases(other)
    assert verdict(directory)["observations"] == verdict(other)["observations"]


def belongs(case: str, part: str) -> bool:
    """Whether a case of the journal is one of a part: of a test by its parameter, or an acceptable request."""
    acceptable = part.removeprefix("acceptable body ")
    if acceptable != part:
        return case == f"restores.s.200-{acceptable}"
    test = part.partition("[")[2].rstrip("]")
    return bool(test) and case.removesuffix(".known").rstrip("0123456789") == f"{test}."


@pytest.mark.parametrize("number", [1, 12, 60, 250])
def test_killed_run_says_unfinished_and_goes_on_where_it_was(tmp_path: Path, in_one_go: Path, number: int) -> None:
    served, asked = service(), ("--target", profile(tmp_path, "http://127.0.0.1:1", CONSENT))
    script = Served(served, hold=number)
    with raw_server(script) as server:
        profile(tmp_path, server.endpoint, CONSENT)
        with started(tmp_path, *asked, *SMOKE) as process:
            script.wait(process)
            process.kill()
        script.go.set()
        assert verdict(tmp_path)["verdict"] == "unfinished"
        assert "--resume" in verdict(tmp_path)["reason"]
        assert {path.name for path in (tmp_path / "out").iterdir()} & {"report.html", "junit.xml"} == set()
        before = kept(tmp_path)
        assert bool(before) is (number > 12)

        done = run(tmp_path, *asked, "--resume")
    assert done.returncode == CONFORMANT, done.stdout + done.stderr
    assert_like(tmp_path, in_one_go)
    again = [entry["case"] for entry in journal(tmp_path) if entry["part"] == 2]
    assert not [case for case in again if any(belongs(case, part) for part in before)]
    counted = verdict(tmp_path)["requests"]
    assert counted["accepted"] >= len(served.world.restorations)
    assert counted["sent"] == len({entry["number"] for entry in journal(tmp_path)})
    assert sum(counted["by_status"].values()) == counted["sent"]


def test_failure_found_before_a_run_was_killed_is_told_by_the_one_that_goes_on(tmp_path: Path) -> None:
    flawed = build(["provider-id-value-unchecked"])
    flawed.world = service().world
    script = Served(flawed, hold=330)
    with raw_server(script) as server:
        asked = ("--target", profile(tmp_path, server.endpoint, CONSENT))
        with started(tmp_path, *asked, *SMOKE) as process:
            script.wait(process)
            process.kill()
        script.go.set()
        found = [part for part in kept(tmp_path) if "[restores.t3.provider_id.value" in part]
        assert found
        done = run(tmp_path, *asked, "--resume")
    assert done.returncode == NON_CONFORMANT, done.stdout
    assert {clause for clause, outcome in outcomes(tmp_path).items() if outcome == "fail"} == {
        "restores.t3.provider_id.value"
    }
    [clause] = [each for each in verdict(tmp_path)["clauses"] if each["outcome"] == "fail"]
    assert clause["failures"][0]["got"] == 200
    assert "Table 3, row provider_id" in done.stdout
    assert "failure" in results(tmp_path).values()


class Losing(Served):
    """Knows no token any more from the request of a number on, until it is mended."""

    lost_from = 200

    def answer(self, request: bytes) -> tuple[str, dict[str, str], bytes]:
        """Status line, headers and body of the answer."""
        return super().answer(request) if self.count < self.lost_from else ("401 Unauthorized", {}, b"{}")


def test_run_whose_target_was_lost_goes_on_once_it_is_back(tmp_path: Path, in_one_go: Path) -> None:
    script = Losing(service())
    with raw_server(script) as server:
        asked = ("--target", profile(tmp_path, server.endpoint, CONSENT))
        done = run(tmp_path, *asked, *SMOKE)
        assert done.returncode == INCOMPLETE, done.stdout
        assert "fail" not in outcomes(tmp_path).values()
        lost = [clause for clause in verdict(tmp_path)["clauses"] if clause["outcome"] == "blocked"]
        assert any("the operator's token got 401" in clause["reason"] for clause in lost)
        assert kept(tmp_path)
        script.lost_from = 1_000_000
        assert run(tmp_path, *asked, "--resume").returncode == CONFORMANT
    assert_like(tmp_path, in_one_go)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_a_run_in_good_order(tmp_path: Path, in_one_go: Path, number: signal.Signals) -> None:
    script = Served(service(), hold=150)
    with raw_server(script) as server:
        asked = ("--target", profile(tmp_path, server.endpoint, CONSENT))
        with started(tmp_path, *asked, *SMOKE) as process:
            script.wait(process)
            process.send_signal(number)
            script.go.set()
            said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == INTERRUPTED, said
        left = verdict(tmp_path)
        assert (left["verdict"], left["reason"]) == (
            "unfinished",
            f"interrupted by {number.name}: --resume goes on with it",
        )
        assert f"interrupted by {number.name}" in said
        assert "Unfinished" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
        assert not (tmp_path / "out" / "junit.xml").exists(), "it would read as a success"
        assert {"pass", "blocked"} == set(outcomes(tmp_path).values())
        assert run(tmp_path, *asked, "--resume").returncode == CONFORMANT
    assert_like(tmp_path, in_one_go)


def test_interrupt_from_the_terminal_leaves_the_embedded_service_alone(tmp_path: Path) -> None:
    """The terminal sends the signal to the whole group."""
    with started(tmp_path, "--depth", "standard") as process:
        grown(tmp_path / "out" / "exchanges.jsonl", 200_000, process)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == INTERRUPTED, said
    assert verdict(tmp_path)["reason"].startswith("interrupted by SIGINT")
    assert "none" not in verdict(tmp_path)["requests"]["by_status"], "it answered to the last request"
    assert "error" not in outcomes(tmp_path).values()


@pytest.fixture
def session() -> Iterator[pytest.Session]:
    """As much of a session as the handlers look at, with a run in progress."""
    stash = pytest.Stash()
    stash[SETTING], stash[WIRE] = cast("Any", None), cast("Any", SimpleNamespace(end=End()))
    stash[CAMPAIGN] = cast("Any", SimpleNamespace(stopped=""))
    session = SimpleNamespace(config=SimpleNamespace(stash=stash), shouldstop=False)
    before = signal.getsignal(signal.SIGINT)
    stopping.pytest_sessionstart(cast("pytest.Session", session))
    yield cast("pytest.Session", session)
    stopping.pytest_unconfigure(cast("pytest.Config", session.config))
    assert signal.getsignal(signal.SIGINT) is before


def test_second_signal_ends_at_once(session: pytest.Session) -> None:
    signal.raise_signal(signal.SIGINT)
    assert session.shouldstop == session.config.stash[WIRE].end.why == "interrupted by SIGINT"
    assert not session.config.stash[CAMPAIGN].stopped, "what was judged may still be confirmed"
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
    assert session.config.stash[CAMPAIGN].stopped


def test_signal_before_the_run_has_begun_ends_at_once(session: pytest.Session) -> None:
    del session.config.stash[WIRE]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)


def test_run_out_of_time_blocks_what_it_did_not_reach_and_can_be_gone_on_with(tmp_path: Path, in_one_go: Path) -> None:
    with raw_server(Served(service())) as server:
        asked = ("--target", profile(tmp_path, server.endpoint, CONSENT))
        done = run(tmp_path, *asked, *SMOKE, "--max-time", "0.001")
        assert done.returncode == INCOMPLETE, done.stdout + done.stderr
        assert verdict(tmp_path)["verdict"] == "incomplete"
        rows = [clause for clause in verdict(tmp_path)["clauses"] if clause["source"]["table"]]
        assert {clause["outcome"] for clause in rows} == {"blocked"}
        assert all("the time of --max-time (0.001 s) is over" in clause["reason"] for clause in rows)
        assert (tmp_path / "out" / "junit.xml").exists()
        assert {"restores.s.404-preflight"} == {entry["case"] for entry in journal(tmp_path)}

        assert run(tmp_path, *asked, "--resume").returncode == CONFORMANT
    assert_like(tmp_path, in_one_go)


def test_run_out_of_time_fails_for_what_it_found(tmp_path: Path) -> None:
    flawed = build(["answer-lacks-provider-id"])
    flawed.world = service().world
    with raw_server(Served(flawed)) as server:
        done = run(
            tmp_path, "--target", profile(tmp_path, server.endpoint, CONSENT), "--depth", "nightly", "--max-time", "4s"
        )
    assert done.returncode == NON_CONFORMANT, done.stdout
    assert outcomes(tmp_path)["restores.t8.provider_id.present"] == "fail"
    assert "blocked" in outcomes(tmp_path).values()


@pytest.mark.parametrize("time", ["0", "soon", "5 minutes", "-3", "1d", ""])
def test_what_is_no_time_is_refused(tmp_path: Path, time: str) -> None:
    done = run(tmp_path, f"--max-time={time}")
    assert done.returncode == USELESS
    assert "is no time: give seconds" in done.stderr


def test_verdict_of_a_run_that_goes_on_is_written_again(tmp_path: Path) -> None:
    plugin = "def pytest_configure():\n    from reports import plugin\n    plugin.REFRESH = 0\n"
    (tmp_path / "refresh_at_once.py").write_text(plugin, encoding="utf-8")
    script = Served(service(), hold=200)
    with raw_server(script) as server:
        asked = ("-p", "refresh_at_once", "--target", profile(tmp_path, server.endpoint, CONSENT))
        environment = {**ENVIRONMENT, "PYTHONPATH": str(tmp_path)}
        with started(tmp_path, *asked, *SMOKE, environment=environment) as process:
            script.wait(process)
            process.kill()
        script.go.set()
    left = verdict(tmp_path)
    assert left["verdict"] == "unfinished"
    assert {"pass", "blocked"} == {clause["outcome"] for clause in left["clauses"]}
    assert left["requests"]["sent"] > 100


CHANGES = {
    "seed": ("--seed", "2"),
    "depth": ("--depth", "standard"),
    "target": ('name = "under test"', 'name = "another"'),
    "project": ("b942cc", "c942cc"),
    "budget": ("accepted_restores = 40", "accepted_restores = 41"),
    "resources": ("000000c3-0002", "000000c3-0009"),
}


@pytest.fixture(scope="module")
def broken_off(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What a run that was out of time has left; its target is still there."""
    directory = tmp_path_factory.mktemp("broken off")
    with raw_server(Served(service())) as server:
        asked = profile(directory, server.endpoint, CONSENT)
        assert run(directory, "--target", asked, *SMOKE, "--max-time", "0.001").returncode == INCOMPLETE
        yield directory


@pytest.mark.parametrize("name", CHANGES)
def test_another_run_is_not_gone_on_with(broken_off: Path, tmp_path: Path, name: str) -> None:
    one, other = CHANGES[name]
    changed = tmp_path / "target.toml"
    changed.write_text((broken_off / "target.toml").read_text(encoding="utf-8").replace(one, other), encoding="utf-8")
    options = (one, other) if one.startswith("--") else ()
    before = {path.name: path.read_bytes() for path in (broken_off / "out").iterdir()}
    done = run(broken_off, "--target", str(changed), "--resume", *options)
    assert done.returncode == USELESS, done.stdout
    assert f"cannot be resumed, its {name} differs" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert {path.name: path.read_bytes() for path in (broken_off / "out").iterdir()} == before


def test_where_nothing_was_broken_off_nothing_is_resumed(in_one_go: Path, tmp_path: Path) -> None:
    done = run(tmp_path, "--resume")
    assert (done.returncode, "there is nothing to resume in" in done.stderr) == (USELESS, True)
    before = (in_one_go / "out" / "verdict.json").read_bytes()
    done = run(in_one_go, "--resume")
    assert (done.returncode, "there is nothing to resume in" in done.stderr) == (USELESS, True)
    assert (in_one_go / "out" / "verdict.json").read_bytes() == before


def test_new_run_takes_away_what_the_last_one_left_to_go_on_with(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for name in ("exchanges.jsonl", "progress.jsonl"):
        (tmp_path / "out" / name).write_text("yesterday's\n", encoding="utf-8")
    assert run(tmp_path, "--target", "absent.toml").returncode == USELESS
    assert list((tmp_path / "out").iterdir()) == []
