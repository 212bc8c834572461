"""One of the processes of a run: its share of what is asked, and where it waits for the others."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import targets.transport  # noqa: F401  else it would be loaded in the middle of a draw, which hangs on what is loaded
from suites.accepting import PARTS, attribute, granted, settled
from suites.outcomes import Outcome
from suites.parallel.dealing import owners
from suites.parallel.sharing import Counted, Joint, Letters, read_shares, shares_document
from suites.record import Share
from suites.response import identity_clause, identity_in, twin
from suites.setting import out_of_time
from suites.stages import LAST, stage
from suites.varying import every_variation
from targets.board import NUMBER, PART, SharedBudget, SharedEnd, SharedPace
from targets.journal import Turn
from targets.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contracts.model import Contract
    from suites.campaign import Campaign
    from suites.outcomes import Judged
    from suites.record import Tally
    from suites.setting import Setting
    from suites.varying import Variation
    from targets.board import Board
    from targets.journal import Journal

ANSWERED, JUDGED = 1, 2
"""Points at which the processes meet while acceptable bodies are asked; behind them comes the end of each stage."""
DONE = JUDGED + LAST + 1
ENDED = frozenset({pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED})
SHARE_EVERY = 2.0
"""Seconds after which the others, and whoever looks on, are told what has been confirmed."""


class Worker:
    """What a process of a run knows of the others."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._letters = Letters(board.directory)
        self._point = 0
        self._owners: Mapping[str, int] = {}
        self._acceptors: Sequence[int] = ()
        self._order: Sequence[Variation] = ()
        self._parts: defaultdict[str, Share] = defaultdict(Share)
        self._judged: set[str] = set()
        self._campaign: Joint | None = None
        self._counted: Counted | None = None
        self._told = time.monotonic()

    # -- what is this process's

    def divide(self, items: Sequence[pytest.Item]) -> None:
        """Work out who asks what, from all tests of the run."""
        self._owners = owners([item.nodeid for item in items], self.board.workers)
        looking = (item for item in items if "acceptances" in getattr(item, "fixturenames", ()))
        self._acceptors = sorted({self._owners[item.nodeid] for item in looking})

    def mine(self, item: pytest.Item) -> bool:
        """Whether this process asks a test."""
        return self._owners[item.nodeid] == self.board.number

    @property
    def turn(self) -> Turn:
        """Which numbers the entries of this process have in the journal."""
        return Turn(self.board[PART], self.board[NUMBER] + self.board.number, self.board.workers)

    def wire(self, setting: Setting, success: frozenset[int], journal: Journal) -> Wire:
        """The wire of this process: its connections, and what it shares with the others."""
        target, board = setting.target, self.board
        own = connections(target.limits.connections, board.workers)[board.number - 1]
        shared = SharedEnd(board), SharedPace(board, target.limits.requests_per_second), SharedBudget(board)
        target = replace(target, limits=replace(target.limits, connections=own))
        wire = Wire(target, success, setting.contract.busy, journal, shared)
        if setting.max_time is not None:
            wire.end.come(out_of_time(setting.max_time), board.deadline - time.monotonic())
        self._counted = Counted(wire)
        return wire

    def campaign(self, setting: Setting, wire: Wire) -> Joint:
        """The part in the run of this process."""
        self._campaign = Joint(self.board, setting.contract, wire.target, wire, setting.depth, setting.seed)
        return self._campaign

    # -- where it waits for the others

    def reach(self, test: str) -> None:
        """Wait until all is over that has to be before a test; what the others have shown until then counts here."""
        before = stage(test)
        if before:
            self._meet(JUDGED + before)

    def finish(self, errors: Mapping[str, str], shown: Mapping[str, str], status: int) -> None:
        """This process is through with its tests; ``errors`` and ``shown`` are what its ledger has.

        With another exit status than a session has that came to its end it has asked nobody knows what.
        """
        if status not in ENDED:
            errors = {**errors, f"worker {self.board.number}": f"a worker process ended with status {status}"}
        self._close()
        stopped = self._campaign.stopped if self._campaign else ""
        self._write(errors=dict(errors), shown=dict(shown), stopped=stopped, done=True)
        self._arrive(DONE)

    def look_round(self) -> None:
        """Tell the others now and then what has been confirmed."""
        if time.monotonic() - self._told > SHARE_EVERY:
            self._write()

    def _meet(self, point: int) -> None:
        if point > self._point:
            self._close()
            self._tell(point)

    def _tell(self, point: int, **more: Any) -> list[dict[str, Any]]:
        """Come to a point with all others; what they have told meanwhile, which counts here from now on."""
        self._write(**more)
        self._arrive(point)
        self.board.wait(point)
        told = [
            document
            for number in range(1, self.board.workers + 1)
            if number != self.board.number
            for document in self._letters.read(number, point)
        ]
        for document in told:
            shares = read_shares(document["shares"])
            self._keep(shares)
            for share in shares.values():
                if self._campaign:
                    self._campaign.recall(share)
        return told

    def _close(self) -> None:
        if self._campaign:
            self._campaign.close()

    def _write(self, **more: Any) -> None:
        shares = self._campaign.record.take() if self._campaign else {}
        self._keep(shares)
        document = {"point": self._point + 1, "shares": shares_document(shares), **more}
        if self._counted:
            document["counted"] = self._counted.take()
        self._letters.write(self.board.number, document)
        self._told = time.monotonic()

    def _arrive(self, point: int) -> None:
        self._point = point
        self.board.arrive(point)

    def _keep(self, shares: Mapping[str, Share]) -> None:
        for part, share in shares.items():
            if part in self._parts:
                self._parts[part].add(share)
            elif part.startswith(PARTS):
                self._parts[part] = share

    # -- acceptable bodies, of which each process asks some

    def accept(self, campaign: Campaign, recalled: Mapping[str, Share]) -> dict[str, Judged]:
        """Judge this process's share of the acceptable requests, by the id of their variation.

        What the others were answered is looked at where a request is judged beside all others of the run. ``recalled``
        is what an earlier part of the run has shown, by part.
        """
        self._keep(recalled)
        known = {part.removeprefix(PARTS): share.entries for part, share in self._parts.items()}
        self._order = every_variation(campaign)
        left = [each for each in self._order if each.id not in known]
        mine = self._share(campaign, left)
        judged = list(settled(campaign, mine).values())
        answers: dict[str, list[Any]] = {
            each.id: [one.outcome is Outcome.PASS, _name(campaign.contract, one)] for each, one in zip(mine, judged)
        }
        for document in self._tell(ANSWERED, answers=answers):
            answers.update(document.get("answers", {}))
        numbers = {each.id: number for number, each in enumerate(left)}
        before = _first_named(answers, numbers)
        judged = [_beside(campaign.contract, one, before, numbers[each.id]) for each, one in zip(mine, judged)]
        if answers.keys() >= numbers.keys():  # else nobody can say that none of a kind was accepted
            features = granted(campaign, self._order, known)
            features |= {feature for each in left if answers[each.id][0] for feature in each.features}
            judged = list(attribute(judged, mine, features))
        self._judged = set(known) | {each.id for each in mine}
        return {each.id: one for each, one in zip(mine, judged)}

    def settle(self) -> dict[str, Tally] | None:
        """What all acceptable requests of the run have shown, by the id of their variation.

        None where a process has not come to judge its share.
        """
        for document in self._tell(JUDGED, judged=sorted(self._judged)):
            self._judged.update(document.get("judged", ()))
        if not self._judged >= {each.id for each in self._order} or self._campaign is None:
            return None
        shares = [self._parts[f"{PARTS}{each.id}"] for each in self._order]
        self._campaign.stand_on([accepted for share in shares for accepted in share.accepted])
        return {each.id: share.entries for each, share in zip(self._order, shares)}

    def _share(self, campaign: Campaign, variations: Sequence[Variation]) -> list[Variation]:
        """Those that this process asks: about resources of its own where they can be dealt out evenly."""
        place, count = self._acceptors.index(self.board.number), len(self._acceptors)
        known = list(dict.fromkeys(campaign.target.names))
        if len(known) % count:
            return list(variations[place::count])
        return [each for each in variations if known.index(each.resource) % count == place]


def _name(contract: Contract, judged: Judged) -> str:
    answer = judged.exchange.answer
    taken = answer is not None and answer.status in judged.case.expected and not answer.unread
    return identity_in(contract, answer.document) if answer and taken else ""


def _first_named(answers: Mapping[str, list[Any]], numbers: Mapping[str, int]) -> dict[str, int]:
    """The first request, by its number, to which each name was given."""
    first: dict[str, int] = {}
    for variation, (_, name) in answers.items():
        if name:
            first[name] = min(first.get(name, numbers[variation]), numbers[variation])
    return first


def _beside(contract: Contract, judged: Judged, first: Mapping[str, int], number: int) -> Judged:
    """A judged request that fails too where its name was given in another process before, in the order of the run."""
    identity, name = identity_clause(contract), _name(contract, judged)
    if identity is None or not name or first[name] == number or twin(identity, name) in judged.findings:
        return judged
    return replace(judged, findings=(*judged.findings, twin(identity, name)))


def connections(allowed: int, workers: int) -> list[int]:
    """How many connections each worker has, so that together they have no more than the profile allows."""
    return [allowed // workers + (number < allowed % workers) for number in range(workers)]
