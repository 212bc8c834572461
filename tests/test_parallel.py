"""A run in several processes: the verdict of one, and what they share of rate, budget and stops."""

from __future__ import annotations

import fcntl
import json
import signal
import threading
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from suites.outcomes import Case, Judged, Outcome
from suites.parallel.sharing import JointRecord, Letters
from suites.parallel.stages import LAST, owners, stage
from suites.parallel.worker import connections
from suites.record import THE_RUN
from targets.board import ACCEPTED, ACCIDENTS, PLEDGED, RESTORATIONS, Board, SharedBudget, SharedEnd, SharedPace
from targets.embedded import world
from targets.embedded.build import build
from targets.exchange import Request
from tests.raw import raw_server
from tests.starting import (
    CONSENT,
    ENVIRONMENT,
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
    from collections.abc import Iterator
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


# -- what is shared, without a run


@pytest.fixture
def boards(tmp_path: Path) -> Iterator[tuple[Board, Board, Board]]:
    """One board as three processes have it."""
    boards = Board(tmp_path, 0, 2), Board(tmp_path, 1, 2), Board(tmp_path, 2, 2)
    yield boards
    for board in boards:
        board.close()


def test_turns_of_two_processes_are_one_after_the_other(boards: tuple[Board, Board, Board]) -> None:
    _, one, two = boards
    first = one.turn(100)
    assert [two.turn(100), one.turn(100), two.turn(100)] == [first + 100, first + 200, first + 300]


def test_pace_waits_for_the_turn_of_all(boards: tuple[Board, Board, Board]) -> None:
    _, one, two = boards
    slept: list[float] = []
    for board in (one, two, one):
        SharedPace(board, 0.01).wait(slept.append)
    assert [round(each, -2) for each in slept] == [100, 200]
    SharedPace(one, None).wait(slept.append)
    assert len(slept) == 2


def test_budget_is_one_for_all(boards: tuple[Board, Board, Board]) -> None:
    start, one, two = boards
    start[RESTORATIONS], start[ACCEPTED] = 3, 1
    mine, yours = SharedBudget(one), SharedBudget(two)
    with mine.slot("resource 1") as first, yours.slot(None) as second:
        assert first is not None
        assert second is not None
        assert start[PLEDGED] == 2
        first.accepted = second.accepted = True
    assert (start[PLEDGED], start[ACCEPTED], start[ACCIDENTS]) == (0, 3, 1)
    assert (mine.accepted, yours.accidents, mine.left) == (3, 1, 0)
    with yours.slot("resource 1") as third:
        assert third is None


def test_resource_is_kept_from_other_processes(boards: tuple[Board, Board, Board]) -> None:
    start, one, two = boards
    start[RESTORATIONS] = 3
    same, other = two.lock_of("resource 1"), two.lock_of("resource 2")
    at_once = fcntl.LOCK_EX | fcntl.LOCK_NB
    with SharedBudget(one).slot("resource 1"):
        fcntl.flock(other, at_once)
        with pytest.raises(BlockingIOError):
            fcntl.flock(same, at_once)
    fcntl.flock(same, at_once)


def test_budget_without_consent_ends_with_the_first_accident_of_anybody(boards: tuple[Board, Board, Board]) -> None:
    _, one, two = boards
    with SharedBudget(one).slot(None) as slot:
        assert slot is not None
        slot.accepted = True
    with SharedBudget(two).slot(None) as slot:
        assert slot is None


def test_slot_of_a_lost_process_is_waited_for_by_nobody(boards: tuple[Board, Board, Board]) -> None:
    start, one, two = boards
    start[RESTORATIONS], start[PLEDGED] = 1, 1
    got: list[object] = []

    def ask() -> None:
        with SharedBudget(one).slot(None) as slot:
            got.append(slot)

    asking = threading.Thread(target=ask)
    asking.start()
    two.give_up("lost")
    asking.join()
    assert got == [None]


def test_end_comes_for_all_but_is_told_by_the_first(boards: tuple[Board, Board, Board]) -> None:
    start, one, two = boards
    ends = [SharedEnd(board) for board in (start, one, two)]
    assert [end.why for end in ends] == ["", "", ""]
    ends[1].come("later", 1000)
    assert [end.why for end in ends] == ["", "", ""]
    ends[0].come("interrupted")
    assert [end.why for end in ends] == ["interrupted"] * 3
    one.stop("lost \udcff " + "x" * 5000)
    assert two.stopped() == "interrupted"
    assert start.stopped().startswith("lost \\udcff x")


def test_nobody_waits_for_a_lost_process(boards: tuple[Board, Board, Board]) -> None:
    start, one, two = boards
    one.arrive(2)
    two.arrive(2)
    assert one.wait(2)
    waited: list[bool] = []
    waiting = threading.Thread(target=lambda: waited.append(one.wait(3)))
    waiting.start()
    start.give_up("worker process gw1 was lost")
    waiting.join()
    assert (waited, one.stopped()) == ([False], "worker process gw1 was lost")


def test_letters_are_read_once_and_none_before_its_time(tmp_path: Path) -> None:
    mine, yours = Letters(tmp_path), Letters(tmp_path)
    for point in (1, 1, 3):
        mine.write(1, {"point": point})
    assert [each["point"] for each in yours.read(1, 2)] == [1, 1]
    assert [each["point"] for each in yours.read(1, 2)] == []
    assert [each["point"] for each in yours.read(1)] == [3]
    assert [each["point"] for each in yours.read(2)] == []


def test_void_and_skipped_cases_are_handed_over() -> None:
    record = JointRecord()
    judged = Judged(Case("a", "x.a", Request("POST", "/", None), frozenset()), object(), None, ())  # type: ignore[arg-type]
    record.add([judged])
    record.void("lost")
    record.skip("x.b", "lost", unreached=True)
    fresh = record.take()
    assert {clause: entry.outcome for clause, entry in fresh[THE_RUN].entries.items()} == {
        "x.a": Outcome.BLOCKED,
        "x.b": Outcome.BLOCKED,
    }
    assert record.take() == {}


def test_every_test_has_one_owner_and_stages_are_shared_out() -> None:
    tests = [f"suites/test_rejection.py::test_faulty_member_is_refused[{number}]" for number in range(10)]
    tests += [f"suites/test_rejection.py::test_fault_is_refused_however_it_is_written[{number}]" for number in range(4)]
    tests += ["suites/test_permission.py::test_read_only_role_is_refused", "suites/test_protocol.py::test_a[x::y]"]
    owned = owners(tests, 2)
    assert set(owned) == set(tests)
    assert Counter(owned[test] for test in tests[:10]) == {1: 5, 2: 5}
    assert len({owned[test] for test in tests[10:14]}) == 1, "each leaves out what the one before has found"
    assert [stage(test) for test in (tests[0], tests[10], tests[14], tests[15])] == [2, 3, 3, LAST]


@pytest.mark.parametrize(("allowed", "workers"), [(2, 2), (8, 3), (16, 5)])
def test_connections_are_dealt_out(allowed: int, workers: int) -> None:
    dealt = connections(allowed, workers)
    assert (sum(dealt), len(dealt)) == (allowed, workers)
    assert max(dealt) - min(dealt) <= 1
    assert min(dealt) >= 1
