"""A run in several processes: the verdict of one, and what they share of rate, budget and stops."""

from __future__ import annotations

import json
import signal
import threading
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from targets.embedded import world
from targets.embedded.build import build
from tests.raw import raw_server
from tests.starting import (
    CONSENT,
    ENVIRONMENT,
    OPERATOR,
    PATIENCE,
    Served,
    call,
    consent,
    journal,
    outcomes,
    profile,
    results,
    run,
    service,
    started,
    verdict,
)

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from targets.embedded.service import Service

SMOKE = ("--depth", "smoke", "--seed", "1")
TWO = ("-n", "2")
CONFORMANT, NON_CONFORMANT, INTERRUPTED, ERROR, USELESS, NOTHING, INCOMPLETE = 0, 1, 2, 3, 4, 5, 6


def told(directory: Path) -> dict[str, object]:
    """What a run has come to, without times, order, and what belongs to no test."""
    left = verdict(directory)
    return {
        "verdict": left["verdict"],
        "outcomes": outcomes(directory),
        "results": results(directory),
        "cases": {each["id"]: (each["cases"], each["failed"]) for each in left["clauses"] if each["source"]["table"]},
        "observations": sorted(json.dumps(each) for each in left["observations"]),
        "budget": (left["requests"]["accepted"], left["requests"]["accidents"]),
        "failing": {each["id"]: each["failures"][0]["pytest"] for each in left["clauses"] if each["failures"]},
    }


def assert_same(directory: Path, *options: str, status: int) -> None:
    """Two processes come to what one comes to."""
    for name, more in (("one", ()), ("two", TWO)):
        (directory / name).mkdir()
        done = run(directory / name, *SMOKE, *options, *more)
        assert done.returncode == status, done.stdout + done.stderr
    assert told(directory / "two") == told(directory / "one")
    numbers = [entry["number"] for entry in journal(directory / "two") if entry["seconds"] is not None]
    assert len(numbers) == len(set(numbers)) == verdict(directory / "two")["requests"]["sent"]
    assert not (directory / "two" / "out" / "progress.jsonl").exists()


def test_sound_service_gets_the_verdict_of_one_process(tmp_path: Path) -> None:
    assert_same(tmp_path, status=CONFORMANT)


def test_verdict_without_consent_is_that_of_one_process(tmp_path: Path) -> None:
    with raw_server(Served(service())) as server:
        assert_same(tmp_path, "--target", profile(tmp_path, server.endpoint), status=INCOMPLETE)


@pytest.mark.parametrize(
    "flaw",
    [
        "answer-lacks-provider-id",
        "id-is-constant",
        "refuses-power-on-false",
        "bodies-of-several-lines-are-not-checked",
        "unknown-server-id-gets-200",
    ],
)
def test_flaw_is_found_as_by_one_process(tmp_path: Path, flaw: str) -> None:
    """Over all bodies, over all names, by what all were answered, by what plain writing has shown, by names."""
    assert_same(tmp_path, "--flaw", flaw, status=NON_CONFORMANT)


def test_service_that_knows_no_token_is_asked_by_nobody(tmp_path: Path) -> None:
    done = run(tmp_path, *SMOKE, *TWO, "--flaw", "everything-gets-401")
    assert done.returncode == INCOMPLETE, done.stdout
    assert set(outcomes(tmp_path).values()) == {"blocked"}
    assert {entry["case"].rpartition("preflight")[2] for entry in journal(tmp_path)} == {""}
    assert verdict(tmp_path)["requests"]["sent"] == 3, "the workers need not see it for themselves"


class Losing(Served):
    """Knows no token any more from the request of a number on, until it is mended."""

    lost_from = 200

    def answer(self, request: bytes) -> tuple[str, dict[str, str], bytes]:
        """Status line, headers and body of the answer."""
        return super().answer(request) if self.count < self.lost_from else ("401 Unauthorized", {}, b"{}")


def test_target_lost_by_one_process_is_asked_by_none_and_gone_on_with(tmp_path: Path) -> None:
    script = Losing(service())
    with raw_server(script) as server:
        asked = ("--target", profile(tmp_path, server.endpoint, CONSENT))
        done = run(tmp_path, *asked, *SMOKE, *TWO)
        assert done.returncode == INCOMPLETE, done.stdout
        assert "fail" not in outcomes(tmp_path).values()
        assert script.count < 250
        reasons = {clause["reason"] for clause in verdict(tmp_path)["clauses"] if clause["outcome"] == "blocked"}
        assert any("the operator's token got 401" in reason for reason in reasons)
        script.lost_from = 1_000_000
        assert run(tmp_path, *asked, *TWO, "--resume").returncode == CONFORMANT
        (tmp_path / "one").mkdir()
        assert run(tmp_path / "one", *asked, *SMOKE).returncode == CONFORMANT
    assert {**told(tmp_path), "budget": None} == {**told(tmp_path / "one"), "budget": None}


def flawed(*names: str) -> Service:
    """The embedded service with flaws, which knows the tokens of the tests."""
    flawed = build(names)
    flawed.world = service().world
    return flawed


def test_budget_holds_over_all_processes(tmp_path: Path) -> None:
    careless = flawed("nothing-is-checked")
    with raw_server(Served(careless)) as server:
        asked = profile(tmp_path, server.endpoint, consent(12), connections=4)
        run(tmp_path, "--target", asked, *SMOKE, *TWO)
    counted = verdict(tmp_path)["requests"]
    assert len(careless.world.restorations) == counted["accepted"] == 12
    assert counted["accidents"] > 0


def test_accident_without_consent_stops_all_processes(tmp_path: Path) -> None:
    careless = flawed("everything-gets-200")
    script = Served(careless)
    with raw_server(script) as server:
        done = run(tmp_path, "--target", profile(tmp_path, server.endpoint, connections=4), *SMOKE, *TWO)
    assert done.returncode == NON_CONFORMANT, done.stdout
    assert script.count == verdict(tmp_path)["requests"]["accidents"] == 1, "the first preflight is enough"
    assert len(verdict(tmp_path)["accidents"]) == 1


class Overlap:
    """Holds the first two restorations until both have come, and takes note of servers that have two at once."""

    def __init__(self) -> None:
        self.twice: list[str] = []
        self.named: Counter[str] = Counter()
        self._serve = Served(service())
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self._together = threading.Barrier(2)

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        """Answer a request."""
        server = named_server(request)
        if server is None:
            self._serve(connection, request)
            return
        with self._lock:
            first = sum(self.named.values()) < 2
            self.named[server] += 1
            self.twice += [server] if server in self._busy else []
            self._busy.add(server)
        if first:
            self._together.wait(PATIENCE)
        with self._lock:  # before the answer: the next may come at once
            self._busy.discard(server)
        self._serve(connection, request)


SERVERS = [each["server_id"].encode() for each in world.RESOURCES]


def named_server(request: bytes) -> str | None:
    """The known server that an operator's request names, None where there is none."""
    body = call(request).body
    return next((server.decode() for server in SERVERS if server in body), None)


def test_one_restoration_is_in_flight_for_a_server_whichever_process_asks(tmp_path: Path) -> None:
    script = Overlap()
    one, two, *_ = world.RESOURCES
    with raw_server(script) as server:
        asked = profile(tmp_path, server.endpoint, consent(40, [one, two]), connections=4)
        done = run(tmp_path, "--target", asked, *SMOKE, *TWO)
    assert done.returncode == CONFORMANT, done.stdout
    assert len(script.named) == 2
    assert script.twice == []


def test_no_secret_gets_out_by_way_of_another_process(tmp_path: Path) -> None:
    with raw_server(Served(flawed("error-repeats-the-token"))) as server:
        done = run(tmp_path, "--target", profile(tmp_path, server.endpoint, CONSENT), *SMOKE, *TWO)
    assert done.returncode == CONFORMANT, done.stdout
    assert outcomes(tmp_path)["restores.a.secrets"] == "fail", "advisory, and found"
    left = [path for path in (tmp_path / "out").iterdir() if OPERATOR in path.read_text(encoding="utf-8")]
    assert (left, OPERATOR in done.stdout + done.stderr) == ([], False)


ALONE = """
import sys
def pytest_unconfigure():
    heavy = {"suites.parallel.worker", "suites.parallel.controller", "targets.board", "xdist.dsession"}
    assert not heavy & sys.modules.keys()
    print("nothing more was imported")
"""


def test_one_process_imports_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "alone.py").write_text(ALONE, encoding="utf-8")
    environment = {**ENVIRONMENT, "PYTHONPATH": str(tmp_path)}
    done = run(tmp_path, *SMOKE, "-n", "0", "-p", "alone", "-k", "lookup", environment=environment)
    assert "nothing more was imported" in done.stdout, done.stdout + done.stderr


DYING = """
import os, signal
def pytest_runtest_setup(item):
    told = getattr(item.config, "workerinput", {})
    if told.get("workerid") == "gw1" and item.path.stem == "test_lookup":
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_run_that_loses_a_process_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "dying.py").write_text(DYING, encoding="utf-8")
    environment = {**ENVIRONMENT, "PYTHONPATH": str(tmp_path)}
    done = run(tmp_path, *SMOKE, *TWO, "-p", "dying", environment=environment)
    assert done.returncode == ERROR, done.stdout
    left = verdict(tmp_path)
    assert (left["verdict"], "worker process gw1 was lost" in left["reason"]) == ("error", True)
    assert "Traceback" not in done.stdout + done.stderr


FAILING = """
def pytest_runtest_logstart(nodeid, location):
    if "test_lookup" in nodeid:
        raise RuntimeError("our own fault")
"""


def test_process_that_fails_by_itself_makes_an_error(tmp_path: Path) -> None:
    (tmp_path / "failing.py").write_text(FAILING, encoding="utf-8")
    environment = {**ENVIRONMENT, "PYTHONPATH": str(tmp_path)}
    done = run(tmp_path, *SMOKE, *TWO, "-p", "failing", environment=environment)
    assert done.returncode == ERROR, done.stdout
    assert verdict(tmp_path)["verdict"] == "error"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_all_processes_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    script = Served(service(), hold=150)
    with raw_server(script) as server:
        asked = ("--target", profile(tmp_path, server.endpoint, CONSENT))
        with started(tmp_path, *asked, *SMOKE, *TWO) as process:
            script.wait(process)
            process.send_signal(number)
            script.go.set()
            said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == INTERRUPTED, said
        left = verdict(tmp_path)
        assert left["reason"] == f"interrupted by {number.name}: --resume goes on with it"
        assert {"pass", "blocked"} == set(outcomes(tmp_path).values())
        assert not (tmp_path / "out" / "junit.xml").exists(), "it would read as a success"


def test_time_is_over_for_all_processes(tmp_path: Path) -> None:
    done = run(tmp_path, *SMOKE, *TWO, "--max-time", "0.001")
    assert done.returncode == INCOMPLETE, done.stdout + done.stderr
    assert any("the time of --max-time (0.001 s) is over" in each["reason"] for each in verdict(tmp_path)["clauses"])
    assert "pass" not in outcomes(tmp_path).values()


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("-n", "3"), USELESS, "-n 3: the target may have 2 connections, and each process needs one: give -n 2"),
        ((*TWO, "-x"), USELESS, "-x and --maxfail stop one process, and not the others: leave out -n"),
        ((*TWO, "--dist", "each"), USELESS, "say how many by -n alone"),
        ((*TWO, "suites/test_absent.py"), USELESS, "the same without -n says what"),
        ((*TWO, "--target", "absent.toml"), USELESS, "absent.toml: cannot be read"),
        ((*TWO, "-k", "nothing_is_called_so"), NOTHING, "no tests ran"),
        ((*TWO, "--plan"), CONFORMANT, "nothing is sent"),
        ((*TWO, "--operation", "lifecycle"), CONFORMANT, "Conformant"),
    ],
)
def test_what_is_not_for_several_processes_is_said(
    tmp_path: Path, options: tuple[str, ...], status: int, said: str
) -> None:
    done = run(tmp_path, *SMOKE, *options)
    assert done.returncode == status, done.stdout + done.stderr
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_target_that_nobody_answers_for_is_told_once(tmp_path: Path) -> None:
    done = run(tmp_path, *SMOKE, *TWO, "--target", profile(tmp_path, "http://127.0.0.1:1"))
    assert done.returncode == USELESS, done.stdout
    assert "nobody answers" in done.stderr
    assert len(journal(tmp_path)) == 1
