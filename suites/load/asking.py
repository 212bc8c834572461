"""What one worker's users ask, and how it is judged: by the code that judges a run.

Bodies are drawn before the load begins, so that drawing takes no time from the users' requests.
"""

from __future__ import annotations

import itertools
import platform
import threading
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from contracts.bodies import encode, valid_bodies
from contracts.catalogue import catalogue
from suites import judging
from suites.accepting import of_body, success_clause
from suites.campaign import Campaign
from suites.exploring import draw
from suites.load.racing import GOES_ON, Taking
from suites.logging_in import UNKNOWN
from suites.outcomes import Case, Finding, Judged
from suites.pointing import value_at
from suites.rejecting import case_of
from suites.response import identity_clause
from suites.shaping import shape_for
from suites.surroundings import surroundings
from suites.varying import combinations, drawn, share_of_budget
from targets.credentials import Token
from targets.exchange import Break, Role
from targets.journal import transcript
from targets.redaction import SHORTEST_SECRET
from targets.resources import strings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from contracts.faults import Mutant
    from contracts.model import Contract
    from suites.exploring import Depth
    from suites.varying import Variation
    from targets.exchange import Exchange, Request
    from targets.profile import Target
    from targets.wire import Wire

CONFIRM_EVERY = 500
"""Judged cases after which the target has to show again that a good token is one."""
KEPT = 5000
"""Acceptable requests that a worker tells of for what only all workers together can show: races, names given twice."""
NONE = "none"
"""What stands for the status where no answer came."""


class Asker:
    """A worker's part of the load; to be asked by any number of users at a time.

    Args:
        contract: what the target is held to.
        target: whom to ask, with the worker's share of the budget.
        wire: the worker's, for which nothing is busy: under load that is an answer like another.
        depth: how many bodies are drawn.
        seed: of the draws, another one for each worker.
        heard: is given every exchange that the target has answered or broken off.
        hasty: whether to have a failure confirmed as soon as it is seen, each clause's first one.
    """

    def __init__(
        self,
        contract: Contract,
        target: Target,
        wire: Wire,
        depth: Depth,
        seed: int,
        heard: Callable[[Exchange], None] = lambda _: None,
        *,
        hasty: bool = False,
    ) -> None:
        self.campaign = Campaign(contract, target, wire, depth, seed)
        self.times: defaultdict[str, list[float]] = defaultdict(list)
        self.asked: Counter[str] = Counter()
        self._contract = contract
        self._wire = wire
        self._success = frozenset(contract.page.success)
        self._faulty = itertools.cycle(_mutants(self.campaign))
        self._valid = itertools.cycle(_variations(self.campaign))
        self._readers_turn = itertools.cycle((False, Role.READ_ONLY in target.tokens))
        self._known = frozenset(
            name for resource in target.resources for name in strings(resource) if len(name) >= SHORTEST_SECRET
        )
        self._heard = heard
        self._hasty = hasty
        self._takings: list[Taking] = []
        self._taken = 0
        self._sound, self._unsound = self.campaign.canaries()
        self._logins = target.limits.bad_tokens
        self._confirming = threading.Lock()
        self._accepted: dict[str, Any] = {}
        self._ways: dict[str, Callable[[str], list[Judged]]] = {
            "valid": self._ask_valid,
            "faulty": self._ask_faulty,
            "unknown": self._ask_unknown,
            "callers": self._ask_caller,
        }

    @property
    def stopped(self) -> str:
        """Why nothing more is asked; empty while the load goes on."""
        return self.campaign.stopped

    @property
    def answered(self) -> int:
        """How many answers have come."""
        return sum(len(times) for status, times in self.times.items() if status != NONE)

    @property
    def failed(self) -> set[str]:
        """The clauses of which a failure is confirmed."""
        return {clause for clause, entry in self.campaign.record.entries.items() if entry.failed}

    def hand_over(self) -> list[Taking]:
        """The acceptable requests that were not handed over yet."""
        takings, self._takings = self._takings, []
        return takings

    def kinds(self, mix: dict[str, int]) -> dict[str, int]:
        """The mix without what this target may not be sent."""
        return {kind: weight for kind, weight in mix.items() if kind != "valid" or self.campaign.target.consent}

    def ask(self, kind: str, user: str) -> None:
        """Ask once, judge the answers and put them on record."""
        judged = self._ways[kind](user)
        sent = [each for each in judged if each.exchange.broke is not Break.WITHHELD]
        self.asked[kind] += len(sent)
        self.campaign.record.add(sent, "load")
        if len(sent) < len(judged) and not self.stopped:
            self.campaign.stopped = next(each.exchange.why for each in judged if each not in sent)
        if self._to_confirm(sent) and self._confirming.acquire(blocking=False):
            try:
                self.campaign.preflight()
            finally:
                self._confirming.release()

    def _to_confirm(self, judged: Sequence[Judged]) -> bool:
        if self.campaign.record.staged >= CONFIRM_EVERY:
            return True
        return self._hasty and bool({finding.clause for each in judged for finding in each.failures} - self.failed)

    # -- acceptable bodies

    def _ask_valid(self, user: str) -> list[Judged]:
        variation: Variation = next(self._valid)
        clause = success_clause(self._contract)
        # users are to race for a server: the wire keeps apart only what is called alike
        request = variation.spelling.request(
            self.campaign, variation.document, resource=f"{variation.resource} for {user}"
        )
        case = Case(f"{clause}-load", clause, request, self._success, document=variation.document)
        exchange = self._send(case)
        around = surroundings(self._contract, case, exchange, self._known)
        if exchange.answer and exchange.answer.code in self._contract.busy:
            self._take(variation, exchange, accepted=False)
            return [Judged(case, exchange, None, around)]
        findings = judging.acceptance(self._contract, case, exchange, None)
        return [Judged(case, exchange, None, (*findings, *around, *self._of_body(case, variation, exchange)))]

    def _of_body(self, case: Case, variation: Variation, exchange: Exchange) -> tuple[Finding, ...]:
        answer, contract = exchange.answer, self._contract
        if answer is None or exchange.status not in case.expected:
            return ()
        findings = tuple(of_body(self.campaign, case, variation, exchange))
        if not answer.unread:
            self._accepted = {"document": case.document, "exchange": exchange}
            identity = identity_clause(contract)
            name = value_at(answer.document, identity.pointer) if identity else None
            self._take(variation, exchange, accepted=True, name=name if isinstance(name, str) else "")
        return findings

    def _take(self, variation: Variation, exchange: Exchange, *, accepted: bool, name: str = "") -> None:
        if self._taken >= KEPT:
            return
        self._taken += 1
        document = exchange.answer.document if exchange.answer else None
        root = next(iter(self._contract.response_schema.get("properties", ())), "")
        self._takings.append(
            Taking(
                host=platform.node(),
                server=variation.resource,
                started=exchange.started,
                ended=exchange.started + exchange.seconds,
                accepted=accepted,
                goes_on=value_at(document, (root, "status")) == GOES_ON,
                identity=name,
                shown=transcript(exchange) if accepted else None,
            )
        )

    # -- what has to be refused

    def _ask_faulty(self, _: str) -> list[Judged]:
        mutant: Mutant = next(self._faulty)
        control = self._control(mutant.before)
        return [self._refused(case_of(self.campaign, mutant, 0), control)]

    def _ask_unknown(self, _: str) -> list[Judged]:
        clause = f"{self._contract.operation}.s.404"
        case = Case(f"{clause}-all_unknown", clause, self.campaign.request(self._sound), judging.UNKNOWN)
        return [self._refused(case, self._control(self._unsound))]

    def _ask_caller(self, _: str) -> list[Judged]:
        return self._ask_as_reader() if next(self._readers_turn) else self._ask_as_nobody()

    def _ask_as_reader(self) -> list[Judged]:
        """A role that may not, with a body that was accepted from one that may where there is one."""
        clause = f"{self._contract.operation}.s.403"
        document, control = self._accepted.get("document"), self._accepted.get("exchange")
        resource = None if control is None else "of a reader"
        request = self.campaign.request(encode(document) if document else self._sound, resource=resource)
        beside = control or self._control(self._sound)
        case = Case(f"{clause}-read_only", clause, replace(request, role=Role.READ_ONLY), frozenset({403}))
        return [self._refused(case, beside)]

    def _ask_as_nobody(self) -> list[Judged]:
        """A token that is none, on a canary, as often as the profile allows."""
        if self._logins <= 0:
            return self._ask_unknown("")
        self._logins -= 1
        clause = f"{self._contract.operation}.s.401"
        control = self._control(self._sound)
        bad = self.campaign.request(self._sound, token=Token(UNKNOWN, UNKNOWN))
        return [
            self._refused(Case(f"{clause}-unknown", clause, bad, frozenset({401}), ours=False, first=True), control)
        ]

    def _refused(self, case: Case, control: Exchange) -> Judged:
        exchange = self._send(case)
        findings = judging.refusal(self._contract, case, exchange, control, self.campaign.record.unknown)
        return Judged(case, exchange, control, (*findings, *surroundings(self._contract, case, exchange, self._known)))

    def _control(self, body: bytes | None) -> Exchange:
        return self._fire(self.campaign.request(body, case="control"))

    def _send(self, case: Case) -> Exchange:
        return self._fire(replace(case.request, case=case.id))

    def _fire(self, request: Request) -> Exchange:
        exchange = self._wire.send(request)
        if exchange.broke is not Break.WITHHELD:
            self.times[str(exchange.status or NONE)].append(round(exchange.seconds, 6))
            self._heard(exchange)
        return exchange


def _variations(campaign: Campaign) -> list[Variation]:
    """The acceptable bodies, each resource in turn; one that a target may refuse is left to an ordinary run."""
    if not campaign.target.consent:
        return []
    count = share_of_budget(campaign.contract, campaign.target, campaign.depth)
    chosen = [*combinations(campaign.contract, campaign.target, campaign.depth), *drawn(campaign, count)]
    return [each for each in chosen if not each.tentative]


def _mutants(campaign: Campaign) -> list[Mutant]:
    """Single faults, drawn and proven: first one of each, then the next of each."""
    schema = campaign.contract.request_schema
    by_fault = []
    for fault in catalogue(campaign.contract):
        shape = shape_for(campaign.contract, items=(fault.position.least, 3))
        strategy = st.tuples(valid_bodies(schema, shape).filter(fault.fits), fault.fills)
        values = draw(strategy, campaign.depth.bodies, fault.id, campaign.seed)
        by_fault.append([fault.put(document, fill) for document, fill in values])
    mutants = [each for row in itertools.zip_longest(*by_fault) for each in row if each is not None]
    for mutant in mutants:
        mutant.prove(campaign.contract)
    return mutants
