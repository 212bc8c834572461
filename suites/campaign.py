"""One run against one target: sends cases with their controls, has them judged and keeps the record.

Everything that a suite asks goes through here, so that consent, preflight and the record are the same for all.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from suites import judging
from suites.addressing import path_of, path_values, readdressed
from suites.likeness import Grounds
from suites.outcomes import Case, Finding, Judged, Outcome
from suites.preflight import canary_cases, lacking, speaks_against
from suites.questions import together
from suites.record import THE_RUN, Record
from suites.shaping import body_of, consents, plain, shape_for
from suites.steadiness import is_unsteady, tries, unsteady
from suites.surroundings import aside, surroundings
from targets.exchange import Break, Exchange, Request
from targets.redaction import SHORTEST_SECRET
from targets.resources import strings
from targets.sending import Sending
from targets.wire import NOT_COVERED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future

    from contracts.model import Contract
    from suites.exploring import Depth
    from suites.outcomes import Accepted
    from suites.questions import Question
    from suites.record import Share
    from targets.profile import Target
    from targets.wire import Wire

SILENCES = 40
"""Requests without an answer after which a run has seen enough."""
CONFIRM_EVERY = 100
"""Judged cases after which a preflight has to show again that the target is sound; a run that is killed loses these."""
FRESH = 60.0
"""Seconds after which controls are forgotten: beside a case one may have been answered so long before."""
MANY = 500
"""Controls that are kept; then they are forgotten too, so that a run of any length takes the same memory."""
CONTROL = "control"


class Unreachable(Exception):  # noqa: N818  the name says what happened
    """No connection to the target can be had."""


class Campaign:
    """A run in progress.

    ``stopped`` says why nothing more is asked, empty while the run goes on. ``accepted`` grows with the acceptable
    bodies that the target took, ``identities`` with the names it gave to what they started; both stay empty without
    consent. Add to the former by :meth:`remember`.
    """

    def __init__(self, contract: Contract, target: Target, wire: Wire, depth: Depth, seed: int) -> None:
        self.contract = contract
        self.target = target
        self.depth = depth
        self.seed = seed
        self.record = Record()
        self.stopped = ""
        self._wire = wire
        self._controls: dict[Request, Future[Exchange]] = {}
        self._unseen: set[Future[Exchange]] = set()
        self._stale = 0.0
        self._tried_again_for: set[str] = set()
        self._silences = 0
        self._met = False
        self._grounds = Grounds()
        self._known = frozenset(
            name for resource in target.resources for name in strings(resource) if len(name) >= SHORTEST_SECRET
        )
        self.identities: set[str] = set()

    @property
    def accepted(self) -> list[Accepted]:
        """The acceptable bodies that the target has taken, for later pairs to build on."""
        return self.record.accepted

    @cached_property
    def broken_in_plain_writing(self) -> frozenset[str]:
        """The clauses that had failed when this was looked at first, before any fault was written in another way."""
        return frozenset(clause for clause, entry in self.record.entries.items() if entry.failed)

    # -- what is sent

    def path(self, **values: str) -> str:
        """The operation's path, on the profile's project and naming nothing else that exists, except for ``values``."""
        return readdressed(self.contract, self._own_path, **values) if values else self._own_path

    @cached_property
    def _own_path(self) -> str:
        return path_of(self.contract, path_values(self.contract, self.target))

    def request(self, body: bytes | None, **changes: Any) -> Request:
        """The operation's request with this body, by the operator, on the profile's project."""
        if body is None:
            changes = {"headers": (), **changes}
        return Request(**{"method": self.contract.page.method, "path": self._own_path, "body": body, **changes})

    def known(self, accepted: Accepted, body: bytes | None = None) -> Request:
        """A request that was accepted before, with another body where one is given."""
        written = body_of(accepted.document) if body is None else body
        return self.request(written, resource=accepted.resource, path=accepted.path)

    def elsewhere(self, request: Request, **values: str) -> Request:
        """The same request on a path with other values for some of its parameters."""
        return replace(request, path=readdressed(self.contract, request.path, **values))

    def canary(self, *, optional: bool = True, flag: bool = True, items: int = 2) -> Any:
        """The plain valid document that names nothing that exists: it may be sent to any service.

        None where the operation has no body; its path then names nothing that exists.
        """
        return plain(self.contract, shape_for(self.contract, items=(items, items)), optional=optional, flag=flag)

    def plain(self, resource: Mapping[str, Any]) -> bytes | None:
        """The plain body about a resource of the profile, none where the operation has no body."""
        return body_of(plain(self.contract, shape_for(self.contract, resource), optional=True, flag=True))

    @property
    def consent(self) -> bool:
        """Whether requests may be sent that the target should accept."""
        return consents(self.contract, self.target)

    @property
    def ends(self) -> bool:
        """Whether nothing more is asked, or soon will not be."""
        return bool(self.stopped or self._wire.end.why)

    @property
    def wary(self) -> bool:
        """Whether a request may start something that nobody has consented to: then one is seen before more follow."""
        return self._wire.wary

    def ready(self) -> int:
        """How many requests have left or can leave: all but those that wait for another about their resource."""
        return self._wire.ready()

    # -- sending and judging

    async def refused(self, pairs: Sequence[tuple[Case, Request | Exchange]]) -> list[Judged]:
        """Send cases that must be refused, each beside its control, and judge them.

        A case that is masked is sent once more, since one of several nodes may look at its fault first; one that fails
        is sent a few times more, and told as unsteady where the same bytes are refused for their fault then.
        """
        if not pairs:
            return []
        wanted = list(dict.fromkeys(control for _, control in pairs if isinstance(control, Request)))
        controls = self._control(wanted)
        if self.wary:  # what takes all that is sound and names nothing shows it before a fault is sent
            await controls
        cases = self._start([case for case, _ in pairs])
        await Sending([*controls.futures, *cases.futures])
        beside, exchanges = self._answered(wanted, controls), cases.exchanges()
        judged = []
        for (case, control), exchange in zip(pairs, exchanges):
            judged.append(self._judge(case, exchange, beside[control] if isinstance(control, Request) else control))
        masked = [index for index, each in enumerate(judged) if is_masked(each)]
        again = await self._start([judged[index].case for index in masked])
        for index, exchange in zip(masked, again):
            second = self._judge(judged[index].case, exchange, judged[index].control)
            if second.outcome is Outcome.PASS:
                judged[index] = second
        return await self._tried_again(judged, self._judge)

    async def _tried_again(
        self, judged: list[Judged], judge: Callable[[Case, Exchange, Exchange | None], Judged]
    ) -> list[Judged]:
        """Send a case that fails a few times more, one of each clause in a run, and say so where the answers differ."""
        for index, each in enumerate(judged):
            clause = each.case.clause
            if each.outcome is not Outcome.FAIL or is_unsteady(each) or clause in self._tried_again_for:
                continue
            self._tried_again_for.add(clause)
            exchanges = await self._start([each.case] * tries(each.exchange))
            others = [
                judge(each.case, exchange, each.control)
                for exchange in exchanges
                if exchange.broke is not Break.WITHHELD
            ]
            if any(other.outcome is Outcome.PASS for other in others):
                judged[index] = unsteady(self.contract, each, others)
        return judged

    async def acceptable(self, cases: Sequence[Case]) -> list[Judged]:
        """Send cases that must be accepted and judge their status; see :mod:`suites.response` for the body."""
        exchanges = await self._start(cases)
        control = None
        if any(exchange.status in judging.THROTTLED for exchange in exchanges):
            sound = self.request(body_of(self.canary()))
            sending = self._control([sound])
            await sending
            control = self._answered([sound], sending)[sound]

        def judge(case: Case, exchange: Exchange, _: Exchange | None = None) -> Judged:
            beside = control if exchange.status in judging.THROTTLED else None
            findings = judging.acceptance(self.contract, case, exchange, beside)
            return self._with_surroundings(case, exchange, beside, findings)

        return await self._tried_again([judge(*pair) for pair in zip(cases, exchanges)], judge)

    async def endured(self, cases: Sequence[Case]) -> list[Judged]:
        """Send cases that any answer meets which is not a failure of the service."""
        return self._endured(cases, await self._start(cases))

    def _endured(self, cases: Sequence[Case], exchanges: Sequence[Exchange]) -> list[Judged]:
        return [
            self._with_surroundings(case, exchange, None, judging.endurance(self.contract, case, exchange))
            for case, exchange in zip(cases, exchanges)
        ]

    def provoked(self, case: Case, exchange: Exchange, finding: Finding) -> Judged:
        """The answer to a request that told the target to fail, with what it says beside that."""
        error = judging.error_body(self.contract, exchange)
        return Judged(case, exchange, None, (finding, *error, *aside(self.contract, exchange, self._known)))

    def send(self, cases: Sequence[Case]) -> list[Exchange]:
        """The exchanges of cases, for whoever judges or only observes them."""
        return self._start(cases).exchanges()

    def _start(self, cases: Sequence[Case]) -> Sending:
        return self._wire.start([replace(case.request, case=case.id) for case in cases])

    def _judge(self, case: Case, exchange: Exchange, control: Exchange | None) -> Judged:
        findings = judging.refusal(self.contract, case, exchange, control, self.record.unknown)
        return self._with_surroundings(case, exchange, control, findings)

    def _with_surroundings(
        self, case: Case, exchange: Exchange, control: Exchange | None, findings: tuple[Finding, ...]
    ) -> Judged:
        around = surroundings(self.contract, case, exchange, self._known)
        return Judged(case, exchange, control, (*findings, *around))

    def _control(self, requests: Sequence[Request]) -> Sending:
        """Have controls sent, but none that is kept and has shown what it is, or is on its way."""
        now = time.monotonic()
        if now > self._stale or len(self._controls) > MANY:
            self._controls, self._stale = {}, now + FRESH
        new = [request for request in requests if not _is_fresh(self._controls.get(request))]
        started = self._wire.start([replace(request, case=CONTROL) for request in new])
        self._controls.update(zip(new, started.futures))
        self._unseen.update(started.futures)
        return Sending([self._controls[request] for request in requests])

    def _answered(self, requests: Sequence[Request], controls: Sending) -> dict[Request, Exchange]:
        """The answers to controls; what each says for itself is put on record once."""
        exchanges = controls.exchanges()
        for request, future, exchange in zip(requests, controls.futures, exchanges):
            if future in self._unseen:
                self._unseen.remove(future)
                case = Case(CONTROL, f"{self.contract.operation}.s.500", request, frozenset())
                self.record.add(self._endured([case], [exchange]), THE_RUN)
        return dict(zip(requests, exchanges))

    def remember(self, accepted: Accepted, part: str | None = None) -> None:
        """Keep a body that the target has accepted, of a part of the run."""
        self.record.accept(accepted, part)
        self._grounds.add(accepted)

    def recall(self, share: Share) -> None:
        """Let count what an earlier part of the run has shown."""
        self.record.recall(share)
        for accepted in share.accepted:
            self._grounds.add(accepted)

    def known_ground(self, document: Any, fits: Callable[[Any], bool], turn: int = 0) -> Accepted | None:
        """The accepted body most like this document among those that fit; None where none does."""
        return self._grounds.most_like(document, fits, turn)

    def learn_unknown(self, exchange: Exchange) -> None:
        """Remember how the target said that a name is unknown, the only thing that was wrong with this request."""
        if exchange.answer and exchange.status in judging.UNKNOWN:
            self.record.learn((exchange.answer.status, exchange.answer.code))

    async def together(self, *questions: Question) -> list[list[Judged]]:
        """What several questions come to, in their order; they share their waits unless one has to be seen first."""
        return [await question for question in questions] if self.wary else await together(*questions)

    # -- whether the target is still there

    def _stop(self, why: str) -> None:
        """Ask nothing more; what waits for a connection does not leave."""
        self.stopped = why
        self._wire.stop(why)

    def _count_silences(self, count: int) -> int:
        """How many requests of the run were left without an answer, so many new ones among them."""
        self._silences += count
        return self._silences

    def preflight(self) -> bool:
        """Whether the target still takes a good token for one; if not, the run stops as blocked.

        A sound body and a faulty one are asked with, since either alone may be answered oddly for a reason of its own.
        Neither names anything that exists, so that nothing can start.

        Raises:
            Unreachable: no connection can be had, and never could in this run.
        """
        if self.stopped:
            return False
        sound, *faulty = canary_cases(self)
        lost = self._lost(sound)
        for case in (*faulty, sound):
            lost = lost and self._lost(case)
        self._met = self._met or not lost
        if lost:
            self._stop(lost)
            self.record.void(lost)
        else:
            self.record.confirm()
        return not lost

    def canaries(self) -> tuple[bytes | None, ...]:
        """A sound body and one that lacks a mandatory member, if any is; neither names anything that exists."""
        document, fault = self.canary(), lacking(self.contract)
        return (body_of(document), *([fault.first_mutants(document)[0].after] if fault else []))

    def _lost(self, case: Case) -> str:
        [exchange] = self.send([case])
        if exchange.broke is Break.REFUSED and not self._met:
            raise Unreachable(exchange.why)
        if exchange.why == NOT_COVERED:  # no sign against the target: it took what used the budget up
            self.stopped = self.stopped or exchange.why
            return ""
        if exchange.broke is Break.GARBLED:  # somebody is there, and answers what is no answer
            garbled = replace(case, clause=f"{self.contract.operation}.s.500")
            self.record.add(self._endured([garbled], [exchange]), THE_RUN)
            self.record.confirm()
        meant = case.clause.endswith(f".s.{exchange.status}")
        if exchange.status in judging.SUCCESS and not meant:
            # an accident: the budget may let nothing follow that shows it again
            self.record.add([self._judge(case, exchange, None)], THE_RUN)
        return speaks_against(self.contract, exchange)

    def sleep(self, seconds: float) -> None:
        """Wait, but not past the end of the run."""
        self._wire.end.sleep(seconds)

    def goes_on(self) -> bool:
        """Whether anything more may be asked. A run that is to end has its last cases confirmed and stops."""
        if not self.stopped and self._wire.end.why:
            self.preflight()
            self.stopped = self.stopped or self._wire.end.why
        return not self.stopped

    def finish(self, part: str) -> None:
        """A part of the run is over, and need not be asked again unless the end of the run cut it short."""
        if not self._wire.end.why:
            self.record.end(part)

    def close(self) -> None:
        """Have confirmed what was judged last."""
        if self.record.staged:
            self.preflight()

    def note(self, judged: Sequence[Judged]) -> bool:
        """Put judged cases on record; whether they stand. Failures are only believed while the target is sound.

        Parts of their own end here, and are confirmed at once: asking for them again would cost restorations.
        """
        self.record.add(judged)
        for each in judged:
            if each.part is not None and each.exchange.broke is not Break.WITHHELD:
                self.record.end(each.part)
        silences = self._count_silences(sum(each.exchange.broke is Break.SILENT for each in judged))
        if silences >= SILENCES:
            self.preflight()
            self._stop(self.stopped or f"the target left {silences} requests without an answer")
            return not self.record.staged
        if any(each.failures or each.part for each in judged) or self.record.staged >= CONFIRM_EVERY:
            return self.preflight()
        return True


def _is_fresh(control: Future[Exchange] | None) -> bool:
    """Whether a control is on its way, or has been answered for what it is."""
    if control is None or control.cancelled() or (control.done() and control.exception()):
        return False
    return not control.done() or not judging.shows_nothing(control.result())


def is_masked(judged: Judged) -> bool:
    """Whether a case was refused like its control, so that nothing was shown."""
    return any(finding.why.startswith(judging.MASKED) for finding in judged.findings)
