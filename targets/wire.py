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
from targets.pace import Budget, Pace, Patience

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from typing_extensions import Self

    from targets.credentials import Token
    from targets.pace import Why
    from targets.profile import Target

OF_EVERY_REQUEST = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": "restoration-contract-suite",
}
BODY_CAP = 1 << 20
"""Bytes of a response body that are kept; what follows is not read."""
THROTTLED = frozenset({429, 503})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that start nothing (RFC 9110, 9.2.1), whatever they are answered."""
SHORTEST_SECRET = 8
"""Shorter strings are not looked for in answers: they would stand there by chance."""


class Wire:
    """The connections to one target. Close it, or use it as a context manager.

    Args:
        target: whom to ask.
        success: the statuses by which the target says that it has started a restoration.
        busy: the error codes of a 400 that mean *not now*.
    """

    def __init__(self, target: Target, success: frozenset[int], busy: frozenset[str]) -> None:
        self.target = target
        self.budget = Budget(target.budget)
        self.by_status: Counter[str] = Counter()
        self.resets = 0
        self.first_started: float | None = None
        self.last_ended: float | None = None
        self._success = success
        self._busy = busy
        self._patience = Patience(target.limits.timeout, target.limits.throttle_wait, target.limits.busy_wait)
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
        """End every connection."""
        self._pool.shutdown()
        for session in self._sessions:
            session.close()

    @property
    def sent(self) -> int:
        """How many requests have left so far, waits and retries included."""
        return sum(self.by_status.values())

    @property
    def seconds(self) -> float:
        """Wall time from the first request to the last answer."""
        return (self.last_ended or 0.0) - (self.first_started or 0.0)

    def fire(self, batch: Sequence[Request]) -> list[Exchange]:
        """The exchanges of a batch, in its order, over as many connections as the profile allows."""
        if len(batch) == 1 or self.target.limits.connections == 1:
            return [self.send(request) for request in batch]
        return list(self._pool.map(self.send, batch))

    def send(self, request: Request) -> Exchange:
        """The exchange of one request, after the waits that the target asks for."""
        started = time.monotonic()
        until = {why: started + self._patience.wait(why) for why in ("throttled", "busy")}
        backoff, attempts = 0.02, 1
        waited: set[Why] = set()
        while True:
            exchange = self._once(request)
            answer = exchange.answer
            if answer is None or not request.patient:
                break
            asked = _asked_to_wait(answer, attempts)
            why: Why = "busy" if asked is None else "throttled"
            wait = max(asked or 0.0, backoff)
            if (asked is None and answer.code not in self._busy) or time.monotonic() + wait > until[why]:
                break
            waited.add(why)
            time.sleep(wait)
            backoff = min(2 * backoff, 5)
            attempts += 1
        for why in waited:
            self._patience.waited(why, in_vain=self._is(why, exchange))
        return replace(exchange, attempts=attempts)

    def _is(self, why: Why, exchange: Exchange) -> bool:
        """Whether the exchange ended with a target that is throttled or busy still."""
        answer = exchange.answer
        return answer is not None and (answer.status in THROTTLED if why == "throttled" else answer.code in self._busy)

    def _once(self, request: Request) -> Exchange:
        token = request.token or (None if request.role is Role.NOBODY else self.target.tokens[request.role])
        with self.budget.slot(request.resource) as slot:
            if slot is None:
                return Exchange(self.as_sent(request, token), None, time.time(), 0.0, Break.WITHHELD, _WITHHELD)
            self._pace.wait()
            exchange = self.attempt(request, token)
            if exchange.broke is Break.RESET and request.resource is None:
                # A server may close an idle connection at the very moment of sending; nothing can start twice here.
                self._count(exchange)
                with self._lock:
                    self.resets += 1
                exchange = self.attempt(request, token)
            unknown = request.resource is not None and exchange.broke not in (None, Break.REFUSED)
            taken = exchange.status in self._success and request.method not in SAFE
            slot.accepted = taken or unknown
        self._count(exchange)
        return exchange

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

    def _count(self, exchange: Exchange) -> None:
        with self._lock:
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
