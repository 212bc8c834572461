"""The wire: requests in, exchanges out. Counting, limits, patience and redaction all sit at this one point.

Bytes are sent as they are given, and no secret is ever let out.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from targets import tls
from targets.credentials import CredentialError
from targets.exchange import BODY_CAP, Answer, Break, BrokenError, Exchange, Request, Role, Sent
from targets.journal import ACCIDENTS, Past, transcript
from targets.pace import Budget, End, Pace, Patience
from targets.redaction import HIDDEN, Redaction
from targets.sending import Dispatch, Sending

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from typing_extensions import Self

    from targets.credentials import Token
    from targets.journal import Journal
    from targets.pace import Why
    from targets.profile import Target
    from targets.transport import Transport

OF_EVERY_REQUEST = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": "restoration-contract-suite",
}
THROTTLED = frozenset({429, 503})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that start nothing (RFC 9110, 9.2.1), whatever they are answered."""
LINE = 160
"""Characters of a sentence that quotes an answer."""
COOKIES = frozenset({"set-cookie", "set-cookie2"})


class Wire:
    """The connections to one target. Close it, or use it as a context manager.

    ``times`` are how long each answer took so far, in seconds. ``journal`` is where every exchange is written down.

    Args:
        target: whom to ask.
        success: the statuses by which the target says that it has started a restoration; none where no request can.
        busy: the error codes of a 400 that mean *not now*.
        journal: where every exchange is written down; what it holds of the run's earlier parts counts.
        shared: end, rate and budget of a run that several processes ask for.
    """

    def __init__(
        self,
        target: Target,
        success: frozenset[int],
        busy: frozenset[str],
        journal: Journal | None = None,
        shared: tuple[End, Pace, Budget] | None = None,
    ) -> None:
        past = journal.past if journal else Past()
        self.target = target
        self.end, self._pace, self.budget = shared or (
            End(),
            Pace(target.limits.requests_per_second),
            Budget(target.budget, past.accepted, past.accidents),
        )
        self.by_status: Counter[str] = Counter(past.by_status)
        self.accidents: list[dict[str, Any]] = list(past.accidental)
        self.times: list[float] = list(past.times)
        self.resets = 0
        self.first_started: float | None = None
        self.last_ended: float | None = None
        self._past = past
        self.journal = journal
        self._success = success
        self._busy = busy
        self._patience = Patience(target.limits.timeout, target.limits.throttle_wait, target.limits.busy_wait)
        self._redact = Redaction(target.secrets)
        for role in target.tokens:
            with suppress(CredentialError):  # for whoever asks with that role
                self._redact.learn(target.tokens[role].value)
        self._tls = tls.context(target.tls) if target.endpoint.startswith("https://") else None
        self._local = threading.local()
        self._lock = threading.Lock()
        self._transports: list[Transport] = []
        self._stopped = ""
        self._dispatch = Dispatch(target.limits.connections, self.send)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every connection, and the journal."""
        self._dispatch.close()
        for transport in self._transports:
            transport.close()
        if self.journal:
            self.journal.close()

    def stop(self, why: str) -> None:
        """Let nothing leave any more but what is late; whoever waits for a target's patience waits no longer."""
        self._stopped = why

    @property
    def sent(self) -> int:
        """How many requests have left so far, waits and retries and the earlier parts of the run included."""
        return sum(self.by_status.values())

    @property
    def seconds(self) -> float:
        """Wall time from the first request to the last answer, of each part of the run."""
        return self._past.seconds + (self.last_ended or 0.0) - (self.first_started or 0.0)

    @property
    def wary(self) -> bool:
        """Whether a request may start something that nobody has consented to."""
        return bool(self._success) and not self.target.consent

    def ready(self) -> int:
        """How many requests have left or can leave: all but those that wait for another about their resource."""
        return self._dispatch.ready()

    def start(self, batch: Sequence[Request]) -> Sending:
        """Have a batch sent over as many connections as the profile allows.

        Without consent the first one goes alone: a target that takes what it has to refuse shows it there, and gets
        nothing more.
        """
        futures = []
        for request in batch:
            # nothing can start without a status that says so, whatever the request names
            futures.append(self._dispatch.start(request, request.resource if self._success else None))
            if self.wary and len(futures) == 1:
                futures[0].result()
        return Sending(futures)

    def send(self, request: Request) -> Exchange:
        """The exchange of one request, after the waits that the target asks for."""
        if not self._success:  # nothing can start, whatever the request names
            request = replace(request, resource=None)
        started = time.monotonic()
        until = {why: started + self._patience.wait(why) for why in ("throttled", "busy")}
        backoff, attempts = 0.02, 1
        waited: set[Why] = set()
        while True:
            exchange = self._once(request, attempts)
            answer = exchange.answer
            if answer is None or not request.patient or self.end.why or self._stopped:
                break
            asked = _asked_to_wait(answer, attempts)
            why: Why = "busy" if asked is None else "throttled"
            wait = max(asked or 0.0, backoff)
            if (asked is None and answer.code not in self._busy) or time.monotonic() + wait > until[why]:
                break
            waited.add(why)
            self.end.sleep(wait)
            backoff = min(2 * backoff, 5)
            attempts += 1
        for why in waited:
            self._patience.waited(why, in_vain=self._is(why, exchange))
        return exchange

    def _is(self, why: Why, exchange: Exchange) -> bool:
        """Whether the exchange ended with a target that is throttled or busy still."""
        answer = exchange.answer
        return answer is not None and (answer.status in THROTTLED if why == "throttled" else answer.code in self._busy)

    def _once(self, request: Request, attempt: int) -> Exchange:
        try:
            token = self._token(request)
        except CredentialError as error:
            why = self._redact(f"not sent: credentials.{request.role.value}: {error}")
            return self._withheld(request, None, why)
        with self.budget.slot(request.resource) as slot:
            if slot is None:
                return self._withheld(request, token, NOT_COVERED)
            self._pace.wait(self.end.sleep)
            why = self.end.why or self._stopped
            if why and not request.late:
                return self._withheld(request, token, f"not sent: {why}")
            number = self._leaves(request, token, attempt)
            slot.accepted = request.resource is not None  # until the answer says otherwise
            exchange = self._attempted(request, token, attempt)
            if exchange.broke is Break.RESET and request.resource is None:
                # A server may close an idle connection at the very moment of sending; nothing can start twice here.
                self._count(request, exchange)
                with self._lock:
                    self.resets += 1
                exchange = self._attempted(request, token, attempt)
            unknown = request.resource is not None and exchange.broke not in (None, Break.REFUSED)
            taken = request.starts and exchange.status in self._success and request.method not in SAFE
            slot.accepted = taken or unknown
        self._count(request, exchange, accepted=slot.accepted, number=number)
        return exchange

    def _withheld(self, request: Request, token: Token | None, why: str) -> Exchange:
        return Exchange(self.as_sent(request, token), None, time.time(), 0.0, Break.WITHHELD, why)

    def _leaves(self, request: Request, token: Token | None, attempt: int) -> int | None:
        """Have the journal know of a request that may start a restoration before it leaves."""
        if self.journal is None or request.resource is None:
            return None
        with self._lock:
            return self.journal.leaves(request, self.as_sent(request, token), time.time(), attempt)

    def _token(self, request: Request) -> Token | None:
        """The token to send now. A role's may be new since its last request; redaction knows every one from here on.

        Raises:
            CredentialError: the role's token has expired and could not be renewed.
        """
        if request.token or request.role is Role.NOBODY:
            return request.token
        token = self.target.tokens[request.role]
        self._redact.learn(token.value)
        return token

    def _attempted(self, request: Request, token: Token | None, attempt: int) -> Exchange:
        exchange = self.attempt(request, token)
        return exchange if attempt == 1 else replace(exchange, attempts=attempt)

    def attempt(self, request: Request, token: Token | None) -> Exchange:
        """Send a request once, whatever comes of it."""
        transport = self._transport()
        if request.resource is not None:
            transport.renew()  # a fresh connection: a restoration cannot be sent twice
        headers = {**OF_EVERY_REQUEST, **dict(request.headers)}
        if token is not None:
            headers[request.token_header] = token.value
        timeout = self._patience.timeout
        started, clock = time.time(), time.monotonic()
        answer, broke, why = None, None, ""
        try:
            got = transport.ask(request.method, self.target.endpoint + request.path, headers, request.body, timeout)
            answer = self.as_received(got.status, got.headers, got.body, token, unread=got.unread)
        except BrokenError as error:
            broke, why = error.how, _line(self._redact(str(error), *_values(token)))
        seconds = time.monotonic() - clock
        if answer is not None:
            self._patience.answered(seconds)
        elif broke is Break.SILENT:
            self._patience.silent()
        return Exchange(self.as_sent(request, token), answer, started, seconds, broke, why)

    def _transport(self) -> Transport:
        transport: Transport | None = getattr(self._local, "transport", None)
        if transport is None:
            from targets.transport import Transport  # noqa: PLC0415  requests is for runs that send something

            transport = self._local.transport = Transport(self._tls)
            with self._lock:
                self._transports.append(transport)
        return transport

    def _count(
        self, request: Request, exchange: Exchange, *, accepted: bool = False, number: int | None = None
    ) -> None:
        with self._lock:
            if self.journal:
                self.journal.came(request, exchange, accepted=accepted, number=number)
            if accepted and request.resource is None and len(self.accidents) < ACCIDENTS:
                self.accidents.append({"case": request.case, **transcript(exchange)})
            self.by_status[str(exchange.status or "none")] += 1
            if exchange.answer:
                self.times.append(exchange.seconds)
            ended = exchange.started + exchange.seconds
            self.first_started = min(self.first_started or exchange.started, exchange.started)
            self.last_ended = max(self.last_ended or ended, ended)

    def as_sent(self, request: Request, token: Token | None) -> Sent:
        """The request as a report may show it."""
        headers = request.headers
        if token is not None:
            headers = (*headers, (request.token_header, token.shell))
        return Sent(request.method, self.target.endpoint + request.path, headers, request.body or b"")

    def as_received(
        self,
        status: int,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        token: Token | None,
        *,
        unread: str = "",
    ) -> Answer:
        """The answer without the secrets that may have stood in it, its body up to the cap."""
        fields, text, own = list(headers), body.decode("latin-1"), _values(token)
        leaked = self._redact.finds("\n".join([text, unread, *(part for field in fields for part in field)]), *own)
        if leaked:
            fields = [(self._redact(name, *own), self._redact(value, *own)) for name, value in fields]
            text, unread = self._redact(text, *own), self._redact(unread, *own)
        shown = tuple((name, HIDDEN if name.lower() in COOKIES else value) for name, value in fields)
        return Answer(status, shown, text.encode("latin-1")[:BODY_CAP], _line(unread), leaked)

    def clean(self, text: str) -> str:
        """Any text without the target's secrets."""
        return self._redact(text)


NOT_COVERED = "not sent: consent and budget do not cover another restoration"
"""Why what could go past the budget was withheld."""


def _line(text: str) -> str:
    """A sentence that quotes what came, cut to be read at a glance: after redaction, which needs to see all of it."""
    return text if len(text) <= LINE else f"{text[:LINE]}..."


def _values(token: Token | None) -> tuple[str, ...]:
    """What to hide of a request's own token, which may be a made-up one."""
    return (token.value,) if token else ()


def _asked_to_wait(answer: Answer, attempts: int) -> float | None:
    """Seconds to wait before a throttling target is asked again, None where it is not to be.

    One that does not say how long is asked again a few times: it may only be a moment's overload.
    """
    if answer.status not in THROTTLED:
        return None
    asked = _retry_after(answer)
    return 0.0 if asked is None and attempts <= UNTOLD else asked


UNTOLD = 3
"""Attempts after which a 429 or 503 without Retry-After is taken for the answer."""


def _retry_after(answer: Answer) -> float | None:
    """Seconds that an answer asks to wait (RFC 9110, 10.2.3: a number or a date), None if it does not ask."""
    value = answer.header("Retry-After")
    if value is None:
        return None
    if value.isascii() and value.strip().isdigit():
        return float(value)
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=timezone.utc)
    return max(0.0, (then - datetime.now(timezone.utc)).total_seconds())
