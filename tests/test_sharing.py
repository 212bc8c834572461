"""What the processes of a run share and hand over: the board, letters, records, and who asks what."""

from __future__ import annotations

import fcntl
import threading
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from suites.outcomes import Case, Judged, Outcome
from suites.parallel.dealing import owners
from suites.parallel.sharing import JointRecord, Letters
from suites.parallel.worker import connections
from suites.record import THE_RUN
from suites.stages import LAST, stage
from targets.board import ACCEPTED, ACCIDENTS, PLEDGED, RESTORATIONS, Board, SharedBudget, SharedEnd, SharedPace
from targets.exchange import Request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
    faulty = "suites/test_rejection.py::test_faulty_member_is_refused"
    tests = [f"{faulty}[restores.t{number % 3}.member.type-{number}]" for number in range(10)]
    tests += [f"suites/test_rejection.py::test_fault_is_refused_however_it_is_written[{number}]" for number in range(4)]
    tests += ["suites/test_permission.py::test_read_only_role_is_refused", "suites/test_protocol.py::test_a[x::y]"]
    owned = owners(tests, 2)
    assert set(owned) == set(tests)
    assert Counter(owned[test] for test in tests[:10]) == {1: 4, 2: 6}
    assert [len({owned[test] for test in tests[number:10:3]}) for number in range(3)] == [1, 1, 1], "drawn together"
    assert [owned[test] for test in tests[10:15]] == [2, 2, 2, 2, 1], "one has what takes longest, and no more"
    assert [stage(test) for test in (tests[0], tests[10], tests[14], tests[15])] == [2, 4, 4, LAST]


@pytest.mark.parametrize(("allowed", "workers"), [(2, 2), (8, 3), (16, 5)])
def test_connections_are_dealt_out(allowed: int, workers: int) -> None:
    dealt = connections(allowed, workers)
    assert (sum(dealt), len(dealt)) == (allowed, workers)
    assert max(dealt) - min(dealt) <= 1
    assert min(dealt) >= 1
