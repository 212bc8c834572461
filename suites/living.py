"""Restorations as a state machine: steps in any order, each judged by what the steps before it have shown."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from hypothesis import Phase, seed
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from contracts.lifecycle import lifecycle
from suites import judging
from suites.exploring import draw_no_constants_of_code, quietly, seed_of
from suites.life import BUSY, BrokenError, Lives, unanswered

if TYPE_CHECKING:
    from collections.abc import Callable

    from suites.campaign import Campaign
    from suites.life import Subject
    from suites.outcomes import Judged
    from targets.exchange import Exchange

STEPS = 6
"""Steps at most of one sequence."""
ROUNDS = 4
"""How often it is begun anew, after a clause that is broken, to see whether another one is as well."""
SHRINKING = 8
"""Sequences at most in search of a shorter one."""


def live(campaign: Campaign) -> list[Judged]:
    """What sequences of steps about the profile's resources show of the lifecycle: a set one, then drawn ones."""
    lives = Lives(campaign, lifecycle())
    _go_through(lives)
    draw_no_constants_of_code()
    for number in range(ROUNDS):
        lives.found, lives.tried = "", 0
        steps = quietly(campaign.depth.lives, (Phase.generate, Phase.shrink), STEPS)
        machine: Any = seed(seed_of(f"lives {number}", campaign.seed))(partial(Machine, lives))  # a factory will do
        try:
            run_state_machine_as_test(machine, settings=steps)
        except (BrokenError, Flaky):
            lives.told.add(lives.found)
        else:
            break
    return lives.judged


def _go_through(lives: Lives) -> None:
    """Every step about every resource, once."""
    machine = Machine(lives)
    for index in range(len(machine.subjects)):
        for step in (
            partial(machine.look, index=index),
            partial(machine.foretell, index=index, flag=True),
            partial(machine.restore, index=index, flag=False),
            partial(machine.ask, index=index),
            partial(machine.look, index=index + 1),
            partial(machine.wait, index=index),
            *[partial(machine.look, index=index)] * 4,
            partial(machine.foretell, index=index, flag=False),
            partial(machine.wait, index=index),
        ):
            _take(step, lives)


def _take(step: Callable[[], None], lives: Lives) -> None:
    """Take a step; what it breaks is told."""
    try:
        step()
    except BrokenError:
        lives.told.add(lives.found)


class Machine(RuleBasedStateMachine):
    """The steps; each is about one of the profile's resources."""

    def __init__(self, lives: Lives) -> None:
        super().__init__()
        self.lives = lives
        self.subjects = lives.subjects()
        lives.story.clear()
        if lives.found:
            lives.tried += 1
        if lives.tried > SHRINKING:
            lives.told.add(lives.found)

    def teardown(self) -> None:
        """Leave no restoration behind that is going on."""
        for subject in self.subjects:
            if subject.began is not None:
                self.lives.settle(subject)

    @rule(index=st.integers(0, 3))
    def look(self, index: int) -> None:
        """Look at a backup, whatever goes on."""
        self._look(self._subject(index))

    @rule(index=st.integers(0, 3))
    def wait(self, index: int) -> None:
        """Wait until a restoration is over."""
        self.lives.settle(self._subject(index))

    @rule(index=st.integers(0, 3), flag=st.booleans())
    def restore(self, index: int, flag: bool) -> None:
        """Restore a resource, or try to while it is being restored."""
        subject = self._subject(index)
        if subject.began is None:
            exchange = self.lives.start(subject, flag=flag)
            if exchange.status in judging.SUCCESS:
                self.lives.accepted(subject)
        elif self._look(subject):
            self._restore_again(subject, flag=flag)

    def _restore_again(self, subject: Subject, *, flag: bool) -> None:
        lives = self.lives
        exchange = lives.start(subject, flag=flag, patient=False)
        if unanswered(exchange):
            return
        if exchange.status in judging.SUCCESS:
            lives.twice(subject, exchange)
            lives.accepted(subject)
        elif self._busy(exchange):
            lives.kept("busy", exchange)
        elif self._look(subject):
            code = exchange.answer.code if exchange.answer else None
            busy = " or ".join(sorted(lives.life.starting.busy))
            lives.broken(
                "busy", exchange, f"refused with {exchange.status} {code} while being restored; expected 400 {busy}"
            )

    @rule(index=st.integers(0, 3), flag=st.booleans())
    def foretell(self, index: int, flag: bool) -> None:
        """Ask whether a resource can be restored, and restore it; again where the two do not agree."""
        lives, subject = self.lives, self._subject(index)
        if subject.began is not None:
            lives.settle(subject)
        said, exchange, agrees = self._foretold(subject, flag=flag)
        if said is None or unanswered(exchange):
            why = "the target does not say whether it can restore" if said is None else "no restoration was tried"
            lives.open("capability", exchange, f"{why}: {exchange.status or exchange.why}")
        elif agrees:
            lives.kept("capability", exchange)
        else:
            if subject.began is not None:
                lives.settle(subject)
            again, exchange, agrees = self._foretold(subject, flag=flag)
            if again is said and not agrees and not unanswered(exchange):
                met = exchange.answer.code if exchange.answer and exchange.answer.code else exchange.status
                lives.broken("capability", exchange, f"can be restored: {said}, twice; a restoration then got {met}")

    @rule(index=st.integers(0, 3))
    def ask(self, index: int) -> None:
        """Ask whether a resource can be restored, whatever goes on: any answer will do that is one."""
        exchange, _ = self.lives.foretell(self._subject(index))
        if exchange.status in judging.INTERNAL and not unanswered(exchange):
            self.lives.broken("capability", exchange, f"asked whether it can restore, it answered {exchange.status}")

    def _foretold(self, subject: Subject, *, flag: bool) -> tuple[bool | None, Exchange, bool]:
        """What is said of a resource, what a restoration then gets, and whether the two agree."""
        lives = self.lives
        exchange, said = lives.foretell(subject)
        if said is None:
            return None, exchange, True
        exchange = lives.start(subject, flag=flag)
        taken = exchange.status in judging.SUCCESS
        if taken:
            lives.accepted(subject)
        return said, exchange, taken is said

    def _look(self, subject: Subject) -> bool:
        """Look at a backup once: whether its restoration goes on."""
        exchange, status = self.lives.watch(subject)
        self.lives.look_at(subject, exchange, status)
        if status in self.lives.life.over and subject.seen:
            self.lives.over(subject)
        return status in self.lives.life.going_on

    def _busy(self, exchange: Exchange) -> bool:
        busy = exchange.answer is not None and exchange.answer.code in self.lives.life.starting.busy
        return busy and exchange.status == BUSY

    def _subject(self, index: int) -> Subject:
        return self.subjects[index % len(self.subjects)]
