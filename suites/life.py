"""What is known of restorations in a target while they go on, and the requests by which it becomes known."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from contracts.lifecycle import LIFECYCLE
from suites import judging
from suites.addressing import path_of, path_values
from suites.outcomes import Case, Finding, Judged, Outcome
from suites.pointing import value_at, values_at
from suites.shaping import body_of, plain, shape_for
from targets.exchange import Break, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.lifecycle import Lifecycle
    from contracts.model import Contract
    from suites.campaign import Campaign
    from targets.exchange import Exchange

FIRST_POLL, LAST_POLL = 0.01, 5.0
"""Seconds between two looks at a restoration, at first and at most."""
BUSY = 400
"""The status that the appendix lists the codes of a busy server under."""
LOOKED_AT = 200
DOUBLES = 2
"""How often a server has to be restored twice at once before that is believed."""


class BrokenError(Exception):
    """A clause is broken: for Hypothesis, which then looks for fewer steps that break it."""


@dataclass
class Subject:
    """A resource, and what has been seen of its restoration.

    ``began`` is when one was accepted (a monotonic time, in seconds), None where none is known to go on; ``seen`` says
    that the backup's status has told of it since. It is not ``alone`` if a second one was accepted meanwhile. One is
    ``owed`` that was accepted, and of which the status has never told: it may do so late.
    """

    resource: Mapping[str, Any]
    name: str
    began: float | None = None
    seen: bool = False
    alone: bool = True
    owed: bool = False


@dataclass
class Lives:
    """The restorations of a run.

    ``judged`` is what they have shown, ``story`` the steps of the present example. Restorations that were alone have
    ``lasted`` so many seconds, and ``doubles`` were accepted so many seconds after another one. Clauses that have been
    ``told`` to be broken do not end an example any more; ``found`` is the one that has ended the last one, and
    ``tried`` counts the examples since. Of the subjects that were ``looked_at`` the backups are there.
    """

    campaign: Campaign
    life: Lifecycle
    judged: list[Judged] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    patience: float = 0.0
    lasted: list[float] = field(default_factory=list)
    doubles: list[float] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    found: str = ""
    tried: int = 0
    shortest: dict[str, int] = field(default_factory=dict)
    looked_at: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.patience = self.campaign.target.limits.restoration_wait

    def subjects(self) -> list[Subject]:
        """One resource of each group that cannot be restored at the same time."""
        target = self.campaign.target
        first: dict[str, Mapping[str, Any]] = {}
        for name, resource in zip(target.names, target.resources):
            first.setdefault(name, resource)
        return [Subject(resource, name) for name, resource in first.items()]

    # -- asking

    def start(self, subject: Subject, *, flag: bool, patient: bool = True) -> Exchange:
        """Ask for a restoration."""
        contract = self.life.starting
        document = plain(contract, shape_for(contract, subject.resource), optional=False, flag=flag)
        request = self._request(contract, subject, document, resource=subject.name, patient=patient)
        return self._ask("restore", subject, request)

    def watch(self, subject: Subject) -> tuple[Exchange, str | None]:
        """Look at the backup: its status, None where it tells none."""
        exchange = self._ask("look", subject, self._request(self.life.watching, subject, None))
        status = value_at(self._document(self.life.watching, exchange), self.life.status)
        return exchange, status if isinstance(status, str) else None

    def foretell(self, subject: Subject) -> tuple[Exchange, bool | None]:
        """Ask whether the resource can be restored: None where the target does not say."""
        contract = self.life.foretelling
        shape = shape_for(contract, subject.resource, items=(1, 1))
        document = plain(contract, shape, optional=True, flag=True)
        exchange = self._ask("ask", subject, self._request(contract, subject, document))
        values = list(values_at(self._document(contract, exchange), contract.denial))
        return exchange, values[0] if len(values) == 1 and isinstance(values[0], bool) else None

    def _request(self, contract: Contract, subject: Subject, document: Any, **changes: Any) -> Request:
        path = path_of(contract, path_values(contract, self.campaign.target, subject.resource))
        body = body_of(document)
        request = Request(contract.page.method, path, body, starts=contract.starts)
        return replace(request if body else replace(request, headers=()), **changes)

    def _ask(self, verb: str, subject: Subject, request: Request) -> Exchange:
        [exchange] = self.campaign.send([_case(verb, request)])
        code = exchange.answer.code if exchange.answer else None
        self.story.append(f"{verb} {subject.name}: {exchange.status or exchange.why}{f' {code}' if code else ''}")
        return exchange

    def _document(self, contract: Contract, exchange: Exchange) -> Any:
        return exchange.answer.document if exchange.answer and exchange.status in contract.page.success else None

    # -- judging

    def kept(self, clause: str, exchange: Exchange) -> None:
        """A clause is kept."""
        self._note(clause, exchange, Outcome.PASS, "")

    def open(self, clause: str, exchange: Exchange, why: str) -> None:
        """A clause could not be judged."""
        self._note(clause, exchange, Outcome.BLOCKED, why)

    def broken(self, clause: str, exchange: Exchange, why: str) -> None:
        """A clause is broken; of all that show it the shortest story is kept.

        Raises:
            BrokenError: it has not been told yet.
        """
        told = f"{why} ({'; '.join(self.story)})"
        if clause not in self.shortest or len(self.story) < self.shortest[clause]:
            self.shortest[clause] = len(self.story)
            self.judged = [each for each in self.judged if not each.failures or each.case.clause != _id(clause)]
            self._note(clause, exchange, Outcome.FAIL, told)
        if clause not in self.told:
            self.found = clause
            raise BrokenError(told)

    def _note(self, clause: str, exchange: Exchange, outcome: Outcome, why: str) -> None:
        clause_id = _id(clause)
        request = Request(exchange.sent.method, exchange.sent.url, exchange.sent.body)
        expected = frozenset({BUSY if clause == "busy" else LOOKED_AT})
        case = Case(f"{clause_id}-steps", clause_id, request, expected)
        self.judged.append(Judged(case, exchange, None, (Finding(clause_id, outcome, why),)))

    # -- time

    def going_on(self) -> bool:
        """Whether the run goes on."""
        return self.campaign.goes_on()

    def settle(self, subject: Subject) -> None:
        """Look at a backup until its restoration is over, and judge each look.

        Raises:
            BrokenError: it is not over in time, or has led to where no restoration leads.
        """
        until, wait, looks = time.monotonic() + self.patience, FIRST_POLL, 0
        while self.going_on():
            exchange, status = self.watch(subject)
            looks += 1
            self.look_at(subject, exchange, status)
            if status is None or (status in self.life.over and (subject.seen or looks > 1 or subject.began is None)):
                self.over(subject)
                return
            if time.monotonic() > until:
                waited, self.patience = self.patience, 0.0  # nor will the next one be over
                subject.began = None
                why = f"still {status} {waited:g} s after the restoration was accepted"
                self.broken("status.settles", exchange, why)
                return
            self.campaign.sleep(wait)
            wait = min(1.5 * wait, LAST_POLL)

    def look_at(self, subject: Subject, exchange: Exchange, status: str | None) -> None:
        """Judge one look at a backup."""
        if status is None:
            self._not_told(subject, exchange)
            return
        self.looked_at.add(subject.name)
        life = self.life
        if status not in life.listed:
            self.broken("status.listed", exchange, f"the backup's status is {status!a}, which the page does not list")
        self.kept("status.listed", exchange)
        document = self._document(life.watching, exchange)
        for pointer, word in life.belonging.items():
            told, asked = value_at(document, pointer), subject.resource[word]
            if told != asked:
                self.broken("backup", exchange, f"{pointer[-1]} of the backup is {told!a}, restored as {asked}")
            self.kept("backup", exchange)
        if status in life.going_on:
            if subject.began is None:
                self._going_on_unasked(subject)
            subject.seen, subject.owed = True, False
        elif status not in life.over:
            self.broken("status.settles", exchange, f"a restoration has led to {status}")
        elif subject.seen or subject.began is None:
            self.kept("status.settles", exchange)

    def _not_told(self, subject: Subject, exchange: Exchange) -> None:
        seen = exchange.status or exchange.why
        if exchange.status in self.life.watching.page.success:
            self.broken("status.listed", exchange, "the answer tells no status of the backup")
        elif subject.name in self.looked_at and not unanswered(exchange):
            self.broken("backup", exchange, f"the backup was there before, and looking at it now gets {seen}")
        else:
            for clause in ("status.listed", "status.settles", "backup"):
                self.open(clause, exchange, f"the backup could not be looked at: {seen}")

    def _going_on_unasked(self, subject: Subject) -> None:
        """A status may be old for a moment; one that stays so has no restoration behind it."""
        if subject.owed:
            subject.began, subject.alone = time.monotonic(), False
            return
        self.campaign.sleep(FIRST_POLL)
        again, status = self.watch(subject)
        if status in self.life.going_on:
            subject.began, subject.alone = time.monotonic(), False
            self.broken("status.settles", again, f"the backup is {status}, and no restoration of it was accepted")

    def over(self, subject: Subject) -> None:
        """The restoration of a subject is over, if there was one."""
        if subject.began is not None and subject.seen and subject.alone:
            self.lasted.append(time.monotonic() - subject.began)
        subject.owed = subject.owed or (subject.began is not None and not subject.seen)
        subject.began, subject.seen, subject.alone = None, False, True

    def accepted(self, subject: Subject) -> None:
        """A restoration of a subject has begun."""
        subject.began, subject.seen = time.monotonic(), False

    def twice(self, subject: Subject, exchange: Exchange) -> None:
        """A restoration was accepted while the backup told of one.

        That one may have ended in between. It is believed to be going on where the second came in half of the time
        that the shortest one has lasted, and more than once.

        Raises:
            BrokenError: it is believed.
        """
        between = time.monotonic() - (subject.began or 0.0)
        subject.alone = False
        self.doubles.append(between)
        if self.lasted and sum(each < min(self.lasted) / 2 for each in self.doubles) >= DOUBLES:
            self.broken(
                "busy",
                exchange,
                f"accepted again {between:.3g} s after it was accepted, while it was being restored;"
                f" the shortest restoration has lasted {min(self.lasted):.3g} s",
            )


def _id(clause: str) -> str:
    return f"{LIFECYCLE}.c.{clause}"


def _case(verb: str, request: Request) -> Case:
    return Case(f"{LIFECYCLE}-{verb}", f"{LIFECYCLE}.c.status.settles", request, frozenset())


def unanswered(exchange: Exchange) -> bool:
    """Whether an exchange shows nothing: not sent, not answered, or throttled."""
    return exchange.broke is Break.WITHHELD or exchange.answer is None or exchange.status in judging.THROTTLED
