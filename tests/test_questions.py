"""Questions that run ahead of their turn: the same answers, in time that they share, and no more than is wanted."""

from __future__ import annotations

import inspect
import threading
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest

from suites.outcomes import Case, Judged
from suites.questions import FULL, MOST, Ahead, finish, together
from targets.exchange import Exchange, Request
from targets.sending import Dispatch, Sending
from tests.samples import refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from suites.questions import Question

ASK = Request("POST", "/v1/p/restores", b"{}")
WAIT = 30


class Gate:
    """Lets requests through when told, and knows which have come, in their order."""

    def __init__(self) -> None:
        self.come: list[str] = []
        self._changed = threading.Condition()
        self._let: set[str] = set()
        self._open = False

    def send(self, request: Request) -> Exchange:
        """Answer a request once it is let through."""
        with self._changed:
            self.come.append(request.case)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self._open or request.case in self._let, WAIT)
        return refused(404)

    def wait(self, count: int) -> None:
        """Wait until so many requests have come."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.come) >= count, WAIT)

    def let(self, name: str) -> None:
        """Let those of a name through, now and later."""
        with self._changed:
            self._let.add(name)
            self._changed.notify_all()

    def open(self) -> None:
        """Let all through, now and later."""
        with self._changed:
            self._open = True
            self._changed.notify_all()

    @contextmanager
    def after(self, count: int, call: Callable[[], None]) -> Iterator[None]:
        """Call meanwhile, as soon as so many requests have come."""

        def calling() -> None:
            self.wait(count)
            call()

        thread = threading.Thread(target=calling)
        thread.start()
        yield
        thread.join()


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def dispatch(gate: Gate) -> Iterator[Dispatch]:
    dispatch = Dispatch(2, gate.send)
    yield dispatch
    gate.open()
    dispatch.close()


async def asking(dispatch: Dispatch, name: str, batches: int = 2, size: int = 1) -> list[Judged]:
    judged: list[Judged] = []
    for _ in range(batches):
        request = Request(**{**vars(ASK), "case": name})
        exchanges = await Sending([dispatch.start(request, None) for _ in range(size)])
        judged += [Judged(Case(name, "", request, frozenset()), exchange, None, ()) for exchange in exchanges]
    return judged


async def failing() -> list[Judged]:
    raise ZeroDivisionError


def named(dispatch: Dispatch, names: str, **how: int) -> list[tuple[str, Callable[[], Question]]]:
    return [(name, partial(asking, dispatch, name, **how)) for name in names]


def test_questions_to_come_are_begun_while_one_waits(gate: Gate, dispatch: Dispatch) -> None:
    ahead = Ahead(2, dispatch.ready)
    first, *coming = named(dispatch, "abc")
    with gate.after(2, gate.open):
        judged = ahead.answer(*first, coming)
    assert [each.case.id for each in judged] == ["a", "a"]
    assert sorted(gate.come[:2]) == ["a", "b"], "the second was on its way before the first was answered"


def test_each_question_is_asked_once_and_gets_its_own_answers(gate: Gate, dispatch: Dispatch) -> None:
    gate.open()
    ahead, questions = Ahead(2, dispatch.ready), named(dispatch, "abcdef", size=3)
    for index, question in enumerate(questions):
        judged = ahead.answer(*question, questions[index + 1 :])
        assert [each.case.id for each in judged] == [question[0]] * 6
    assert sorted(gate.come) == sorted("abcdef" * 6)


@pytest.mark.parametrize(("ready", "begun"), [(0, MOST - 1), (FULL, FULL), (2 * FULL - 1, 1), (2 * FULL, 0)])
def test_not_much_more_is_begun_than_the_connections_carry(ready: int, begun: int) -> None:
    mine, made = Future[Exchange](), list[str]()

    def answered_when_enough_are_begun() -> None:
        if len(made) == begun and not mine.done():
            mine.set_result(refused(404))

    async def waiting(future: Future[Exchange]) -> list[Judged]:
        if future is not mine:
            made.append("begun")
            answered_when_enough_are_begun()
        await Sending([future])
        return []

    def on_their_way() -> int:
        answered_when_enough_are_begun()
        return ready + len(made) * (ready > 0)

    coming = ((str(number), partial(waiting, Future())) for number in range(10 * MOST))
    Ahead(2, on_their_way).answer("mine", partial(waiting, mine), coming)
    assert len(made) == begun


def test_error_comes_up_when_it_is_the_question_s_turn(gate: Gate, dispatch: Dispatch) -> None:
    gate.open()
    ahead = Ahead(2, dispatch.ready)
    [first, last] = named(dispatch, "ab")
    assert ahead.answer(*first, [("broken", failing), last])
    with pytest.raises(ZeroDivisionError):
        ahead.answer("broken", failing, [last])
    assert ahead.answer(*last, [])


def test_what_was_begun_comes_to_nothing_when_dropped(gate: Gate, dispatch: Dispatch) -> None:
    ahead = Ahead(2, dispatch.ready)
    first, *coming = named(dispatch, "abcd", batches=1)
    with gate.after(2, partial(gate.let, "a")):
        ahead.answer(*first, coming)
    ahead.drop()
    gate.open()
    assert [each.case.id for each in ahead.answer("d", partial(asking, dispatch, "d", batches=1), [])] == ["d"]
    assert gate.come.count("d") == 1, "it is asked anew, and what had been begun did not leave"


def test_one_alone_waits_for_what_it_sends(gate: Gate, dispatch: Dispatch) -> None:
    gate.open()
    assert [each.case.id for each in finish(asking(dispatch, "a"))] == ["a", "a"]


def test_requests_about_one_resource_hold_up_no_others(gate: Gate, dispatch: Dispatch) -> None:
    held = [dispatch.start(Request(**{**vars(ASK), "case": name}), "server") for name in "abc"]
    assert dispatch.ready() == 1, "the others cannot leave yet"
    free = dispatch.start(Request(**{**vars(ASK), "case": "free"}), None)
    gate.wait(2)
    assert sorted(gate.come) == ["a", "free"]
    gate.open()
    assert [future.result(WAIT).status for future in (*held, free)] == [404] * 4
    assert [name for name in gate.come if name != "free"] == ["a", "b", "c"]


def test_what_is_to_tell_whether_the_rest_counts_goes_first(gate: Gate, dispatch: Dispatch) -> None:
    for name in "abc":
        dispatch.start(Request(**{**vars(ASK), "case": name}), None)
    gate.wait(2)
    late = dispatch.start(Request(**{**vars(ASK), "case": "late", "late": True}), None)
    gate.let("a")
    gate.let("late")
    assert late.result(WAIT).status == 404
    gate.wait(4)
    assert gate.come[2:] == ["late", "c"]


def test_what_is_to_tell_it_waits_for_no_resource(gate: Gate, dispatch: Dispatch) -> None:
    for name in ("server 1", "server 2"):
        for _ in range(3):
            dispatch.start(Request(**{**vars(ASK), "case": name}), name)
    gate.wait(2)
    late = dispatch.start(Request(**{**vars(ASK), "case": "late", "late": True}), None)
    gate.let("server 1")
    gate.let("late")
    assert late.result(WAIT).status == 404
    assert gate.come[2] == "late"


def test_error_of_one_of_several_leaves_none_behind(gate: Gate, dispatch: Dispatch) -> None:
    gate.open()
    others = [asking(dispatch, name) for name in "ab"]
    with pytest.raises(ZeroDivisionError):
        finish(together(others[0], failing(), others[1]))
    assert [inspect.getcoroutinestate(each) for each in others] == [inspect.CORO_CLOSED] * 2


def test_what_is_taken_back_does_not_leave(gate: Gate, dispatch: Dispatch) -> None:
    first, second = (dispatch.start(Request(**{**vars(ASK), "case": name}), "server") for name in "ab")
    gate.wait(1)
    Sending([second]).cancel()
    gate.open()
    assert first.result(WAIT).status == 404
    dispatch.close()
    assert gate.come == ["a"]


def test_error_of_a_request_is_for_whoever_waits() -> None:
    def broken(_: Request) -> Exchange:
        raise ZeroDivisionError

    dispatch = Dispatch(2, broken)
    with pytest.raises(ZeroDivisionError):
        Sending([dispatch.start(ASK, "server")]).exchanges()
    dispatch.close()


def test_several_share_their_waits(gate: Gate, dispatch: Dispatch) -> None:
    with gate.after(2, gate.open):
        judged = finish(together(asking(dispatch, "a"), asking(dispatch, "b", batches=1)))
    assert [[each.case.id for each in of_one] for of_one in judged] == [["a", "a"], ["b"]]
    assert sorted(gate.come) == ["a", "a", "b"]
    assert finish(together()) == []
