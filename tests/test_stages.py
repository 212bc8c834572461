"""Which tests need nothing of each other, so that their questions may be begun ahead of their turn."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from suites.concluding import following
from suites.plugin import BEGINNING
from suites.progress import Beginning
from suites.record import Share
from suites.stages import LAST, STAGES, place, stage
from tests.fakes import UNKNOWN, campaign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suites.campaign import Campaign
    from suites.outcomes import Judged

SUITES = Path(__file__).parents[1] / "suites"
FAULTY = "test_rejection.py::test_faulty_member_is_refused[a]"
MALFORMED = "test_rejection.py::test_malformed_body_is_refused[b]"
LENIENT = "test_rejection.py::test_lenient_syntax_is_refused[c]"
SPELT = "test_rejection.py::test_fault_is_refused_however_it_is_written[spaced]"
READER = "test_permission.py::test_read_only_role_is_refused"


async def question(_: Campaign, *subject: object) -> list[Judged]:
    raise AssertionError(subject)


def item(test: str, *, marked: bool = True, **how: Any) -> Any:
    """A test as pytest has it."""
    mark = pytest.mark.question(ask=question, **how).mark if marked else None
    parameter = test.partition("[")[2].rstrip("]")
    called = {"callspec": SimpleNamespace(params={"subject": parameter})} if parameter else {}
    return SimpleNamespace(nodeid=f"suites/{test}", get_closest_marker=lambda _: mark, **called)


CONFIG = SimpleNamespace(stash=pytest.Stash())


def begun(items: Sequence[Any], config: Any = CONFIG) -> list[tuple[str, tuple[object, ...]]]:
    """The tests, with their subjects, that may be begun while the first one is asked."""
    run, _ = campaign(lambda _: UNKNOWN)
    for each in items:
        each.session, each.config = SimpleNamespace(items=items), config
    return [(name.removeprefix("suites/"), call.args[1:]) for name, call in following(items[0], run)]  # type: ignore[attr-defined]


def test_questions_of_the_same_stage_may_be_begun_whatever_function_asks_them() -> None:
    assert begun([item(MALFORMED), item(LENIENT)]) == [(LENIENT, ("c",))]
    assert begun([item(SPELT), item(READER)]) == [(READER, ())]


def test_questions_of_a_later_stage_wait_for_their_turn() -> None:
    assert begun([item(FAULTY), item(MALFORMED), item(FAULTY)]) == []


def test_what_has_to_wait_for_its_turn_holds_up_what_comes_after_it() -> None:
    assert begun([item(MALFORMED), item(LENIENT, marked=False), item(MALFORMED)]) == []


def test_what_cannot_be_asked_or_has_been_is_passed_over() -> None:
    config = SimpleNamespace(stash=pytest.Stash())
    config.stash[BEGINNING] = Beginning({}, {f"suites/{MALFORMED}": Share()})
    items = [item(SPELT), item(READER, lacks=lambda _: "needs a reader"), item(SPELT.replace("spaced", "reversed"))]
    assert [name for name, _ in begun(items)] == [SPELT.replace("spaced", "reversed")]
    assert begun([item(LENIENT), item(MALFORMED)], config) == []


def test_every_module_of_the_suites_has_its_stage() -> None:
    listed = {name for names in STAGES for name in names}
    modules = {path.stem for path in SUITES.glob("test_*.py")}
    assert modules - listed == {"test_lifecycle"}, "a run of its own"
    assert place("suites/test_lifecycle.py::test_a") == (LAST, len(STAGES[LAST]))
    assert [stage(f"suites/{test}") for test in (FAULTY, MALFORMED, LENIENT, SPELT, READER)] == [2, 3, 3, 4, 4]
