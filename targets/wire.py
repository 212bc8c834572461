"""The wire: requests in, exchanges out. Counting, limits, patience and redaction all sit at this one point.

The only module that imports requests. It sends bytes as they are given, follows no redirect, verifies TLS, ignores
the environment's proxies and .netrc, and never lets a secret out.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import requests
from requests import exceptions
from urllib3.exceptions import HTTPError, MaxRetryError, ProtocolError, ReadTimeoutError

from targets.exchange import Answer, Break, Exchange, Request, Role, Sent
from targets.journal import ACCIDENTS, Past, transcript
from targets.pace import Budget, End, Pace, Patience

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from typing_extensions import Self

    from targets.credentials import Token
    from targets.journal import Journal
    from targets.profile import Target

OF_EVERY_REQUEST = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": "restoration-contract-suite",
}
BODY_CAP = 1 << 20
"""Bytes of a response body that are kept; what follows is not read."""
THROTTLED = frozenset({429, 503})
SHORTEST_SECRET = 8
"""Shorter strings are not looked for in answers: they would stand there by chance."""


class Wire:
    """The connections to one target. Close it, or use it as a context manager.

    Args:
        target: whom to ask.
        success: the statuses by which the target says that it has started a restoration.
        busy: the error codes of a 400 that mean *not now*.
        journal: where every exchange is written down; what it holds of the run's earlier parts counts.
    """

    def __init__(
        self, target: Target, success: frozenset[int], busy: frozenset[str], journal: Journal | None = None
    ) -> None:
        past = journal.past if journal else Past()
        self.target = target
        self.end = End()
        self.budget = Budget(target.budget, past.accepted, past.accidents)
        self.by_status: Counter[str] = Counter(past.by_status)
        self.accidents: list[dict[str, Any]] = list(past.accidental)
        self.resets = 0
        self.first_started: float | None = None
        self.last_ended: float | None = None
        self._past = past
        self._journal = journal
        self._success = success
        self._busy = busy
        self._patience = Patience(target.limits.timeout, target.limits.throttle_wait)
        self._pace = Pace(target.limits.requests_per_second)
        self._secrets = _pattern([token.value for token in target.tokens.values()])
        self._local = threading.local()
        self._lock = threading.Lock()
        self._sessions: list[requests.Session] = []
        self._pool = ThreadPoolExecutor(target.limits.connections, thread_name_prefix="wire")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every connection, and the journal."""
        self._pool.shutdown()
        for session in self._sessions:
            session.close()
        if self._journal:
            self._journal.close()

    @property
    def sent(self) -> int:
        """How many requests have left so far, waits and retries and the earlier parts of the run included."""
        return sum(self.by_status.values())

    @property
    def seconds(self) -> float:
        """Wall time from the first request to the last answer, of each part of the run."""
        return self._past.seconds + (self.last_ended or 0.0) - (self.first_started or 0.0)

    def fire(self, batch: Sequence[Request]) -> list[Exchange]:
        """The exchanges of a batch, in its order, over as many connections as the profile allows.

        Without consent the first one goes alone: a target that takes what it has to refuse shows it there, and gets
        nothing more.
        """
        if len(batch) == 1 or self.target.limits.connections == 1:
            return [self.send(request) for request in batch]
        alone = 0 if self.target.consent else 1
        return [*map(self.send, batch[:alone]), *self._pool.map(self.send, batch[alone:])]

    def send(self, request: Request) -> Exchange:
        """The exchange of one request, after the waits that the target asks for."""
        busy_until = time.monotonic() + self.target.limits.busy_wait
        throttled_until = time.monotonic() + self._patience.throttle_wait
        backoff = 0.02
        attempts, throttled = 1, False
        while True:
            exchange = self._once(request, attempts)
            answer = exchange.answer
            if answer is None or not request.patient or self.end.why:
                break
            asked = _asked_to_wait(answer, attempts)
            if asked is not None and time.monotonic() + asked <= throttled_until:
                throttled = True
                self.end.sleep(max(asked, backoff))
            elif answer.code in self._busy and time.monotonic() + backoff <= busy_until:
                self.end.sleep(backoff)
            else:
                break
            backoff = min(2 * backoff, 5)
            attempts += 1
        if throttled:
            self._patience.waited(in_vain=exchange.status in THROTTLED)
        return exchange

    def _once(self, request: Request, attempt: int) -> Exchange:
        token = request.token or (None if request.role is Role.NOBODY else self.target.tokens[request.role])
        with self.budget.slot(request.resource) as slot:
            if slot is None:
                return self._withheld(request, token, _WITHHELD)
            self._pace.wait(self.end.sleep)
            if self.end.why and not request.late:
                return self._withheld(request, token, f"not sent: {self.end.why}")
            number = self._leaves(request, token, attempt)
            slot.accepted = request.resource is not None  # until the answer says otherwise
            exchange = replace(self.attempt(request, token), attempts=attempt)
            if exchange.broke is Break.RESET and request.resource is None:
                # A server may close an idle connection at the very moment of sending; nothing can start twice here.
                self._count(request, exchange)
                with self._lock:
                    self.resets += 1
                exchange = replace(self.attempt(request, token), attempts=attempt)
            unknown = request.resource is not None and exchange.broke not in (None, Break.REFUSED)
            slot.accepted = exchange.status in self._success or unknown
        self._count(request, exchange, accepted=slot.accepted, number=number)
        return exchange

    def _withheld(self, request: Request, token: Token | None, why: str) -> Exchange:
        return Exchange(self.as_sent(request, token), None, time.time(), 0.0, Break.WITHHELD, why)

    def _leaves(self, request: Request, token: Token | None, attempt: int) -> int | None:
        """Have the journal know of a request that may start a restoration before it leaves."""
        if self._journal is None or request.resource is None:
            return None
        with self._lock:
            return self._journal.leaves(request, self.as_sent(request, token), time.time(), attempt)

    def attempt(self, request: Request, token: Token | None) -> Exchange:
        """Send a request once, whatever comes of it."""
        session = self._session()
        if request.resource is not None:
            session.adapters["http://"].close()  # a fresh connection: a restoration cannot be sent twice
            session.adapters["https://"].close()
        headers = {**OF_EVERY_REQUEST, **dict(request.headers)}
        if token is not None:
            headers[request.token_header] = token.value
        prepared = requests.Request(
            request.method, self.target.endpoint + request.path, headers=headers, data=request.body
        ).prepare()
        timeout = self._patience.timeout
        started = time.time()
        clock = time.monotonic()
        answer, broke, why = None, None, ""
        try:
            with session.send(prepared, stream=True, timeout=timeout, allow_redirects=False) as response:
                body, truncated = _read(response, clock + timeout)
                headers_back = response.headers.items()
                answer = self.as_received(response.status_code, headers_back, body, token, truncated=truncated)
        except exceptions.ConnectTimeout as error:
            broke, why = Break.REFUSED, str(error)
        except exceptions.Timeout:
            broke, why = Break.SILENT, f"no complete answer within {timeout:g} s"
        except (exceptions.RequestException, HTTPError) as error:
            broke, why = _how_it_broke(error)
        seconds = time.monotonic() - clock
        if answer is not None:
            self._patience.answered(seconds)
        elif broke is Break.SILENT:
            self._patience.silent()
        return Exchange(self.as_sent(request, token), answer, started, seconds, broke, self._redact(why, token)[0])

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            session.headers.clear()
            with self._lock:
                self._sessions.append(session)
            self._local.session = session
        return session

    def _count(
        self, request: Request, exchange: Exchange, *, accepted: bool = False, number: int | None = None
    ) -> None:
        with self._lock:
            if self._journal:
                self._journal.came(request, exchange, accepted=accepted, number=number)
            if accepted and request.resource is None and len(self.accidents) < ACCIDENTS:
                self.accidents.append({"case": request.case, **transcript(exchange)})
            self.by_status[str(exchange.status or "none")] += 1
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
        truncated: bool = False,
    ) -> Answer:
        """The answer without the secrets that may have stood in it."""
        leaked = False
        clean_headers = []
        for name, value in headers:
            clean, found = self._redact(value, token)
            leaked |= found
            clean_headers.append((name, "***" if name.lower() == "set-cookie" else clean))
        text, found = self._redact(body.decode("latin-1"), token)
        if found:
            body = text.encode("latin-1")
        return Answer(status, tuple(clean_headers), body, truncated, leaked | found)

    def clean(self, text: str) -> str:
        """Any text without the target's secrets."""
        return self._redact(text, None)[0]

    def _redact(self, text: str, token: Token | None) -> tuple[str, bool]:
        """The text without secrets, and whether there were any. The request's own token may be a made-up one."""
        clean, found = self._secrets.subn("***", text) if self._secrets else (text, 0)
        if token and len(token.value) >= SHORTEST_SECRET and token.value in clean:
            clean, found = clean.replace(token.value, "***"), 1
        return clean, bool(found)


_WITHHELD = "not sent: consent and budget do not cover another restoration"


def _pattern(secrets: Sequence[str]) -> re.Pattern[str] | None:
    long = sorted({secret for secret in secrets if len(secret) >= SHORTEST_SECRET}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, long))) if long else None


def _read(response: requests.Response, deadline: float) -> tuple[bytes, bool]:
    """The body up to the cap, and whether it went on.

    Raises:
        exceptions.ReadTimeout: the deadline passed before the body's end.
    """
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(1 << 16):
        parts.append(part)
        size += len(part)
        if size > BODY_CAP:
            return b"".join(parts)[:BODY_CAP], True
        if time.monotonic() > deadline:
            raise exceptions.ReadTimeout
    return b"".join(parts), False


def _how_it_broke(error: Exception) -> tuple[Break, str]:
    """What an exchange without a time-out broke off by, and a sentence for it."""
    if isinstance(error, exceptions.SSLError):
        return Break.REFUSED, f"TLS could not be agreed: {error}"
    if isinstance(error, exceptions.ChunkedEncodingError):
        return Break.GARBLED, "the answer ended before its announced length"
    if not isinstance(error, exceptions.ConnectionError):
        return Break.GARBLED, f"the answer is not well-formed HTTP ({type(error).__name__})"
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        return Break.REFUSED, f"no connection: {str(cause.reason).rpartition(': ')[2]}"
    if isinstance(cause, ReadTimeoutError):
        return Break.SILENT, "the answer stopped in its middle"
    broken = cause.args[-1] if isinstance(cause, ProtocolError) and cause.args else cause
    if isinstance(broken, ConnectionError):  # a reset, a broken pipe, or http.client's RemoteDisconnected
        return Break.RESET, "the connection was closed without an answer"
    return Break.GARBLED, f"the answer is not well-formed HTTP ({broken})"


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
    if value.strip().isdigit():
        return float(value)
    try:
        then = parsedate_to_datetime(value)
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=timezone.utc)
    return max(0.0, (then - datetime.now(timezone.utc)).total_seconds())
