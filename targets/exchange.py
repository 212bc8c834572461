"""What goes over the wire and what comes back, as frozen values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from targets.credentials import Token


BODY_CAP = 1 << 20
"""Bytes of a body that an answer keeps; what follows is read to see it end, and forgotten."""
TOKEN_HEADER = "X-Auth-Token"  # noqa: S105  the header's name, not a token


class Role(str, Enum):
    """Whose credentials a request carries; NOBODY sends none unless the request brings a token of its own."""

    OPERATOR = "operator"
    READ_ONLY = "read_only"
    EXPIRED = "expired"
    NOBODY = "nobody"


class Break(str, Enum):
    """How an exchange ended without an answer."""

    REFUSED = "refused"
    RESET = "reset"
    SILENT = "silent"
    GARBLED = "garbled"
    WITHHELD = "withheld"
    """Not sent at all: consent or budget do not cover it, the run is to end, or no token can be had."""


class BrokenError(Exception):
    """There was no sound and whole answer; the message says why."""

    def __init__(self, how: Break, why: str) -> None:
        super().__init__(why)
        self.how = how


@dataclass(frozen=True)
class Request:
    """A request before it is sent.

    ``path`` is absolute and joined to the target's endpoint. ``role`` decides the token; ``token`` overrides it
    (None: the role's own); ``token_header`` is how the header that carries it is spelt. ``resource`` names what a
    restoration that this request may start would overwrite, None where nothing can start; consent and budget have to
    cover it. A success of one that never ``starts`` anything counts for neither. An impatient request takes 429 and 503
    for its answer, whatever Retry-After says. A late one may leave when a run that was bounded or interrupted sends
    nothing else any more. ``case`` is what the journal calls it.
    """

    method: str
    path: str
    body: bytes | None
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    role: Role = Role.OPERATOR
    token: Token | None = None
    token_header: str = TOKEN_HEADER
    resource: str | None = None
    patient: bool = True
    late: bool = False
    starts: bool = True
    case: str = field(default="", compare=False)


@dataclass(frozen=True)
class Sent:
    """A request as it was sent, secrets redacted."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """A response as it was received, secrets redacted.

    ``unread`` goes on after *the body* and says why it, or its end, could not be had, so that nothing can be said of
    it; empty where it is whole. ``leaked``: a secret stood in the answer before it was redacted.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    unread: str = ""
    leaked: bool = False

    def header(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @cached_property
    def document(self) -> Any:
        """The body as one JSON text of RFC 8259; :data:`NOT_JSON` where it is none (NaN and Infinity are none)."""
        try:
            return json.loads(self.body.decode("utf-8"), parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            return NOT_JSON

    @property
    def code(self) -> str | None:
        """The ``error_code`` that the body carries, if it is an error body with a string there."""
        code = self.document.get("error_code") if isinstance(self.document, dict) else None
        return code if isinstance(code, str) else None


class _NotJson:
    def __repr__(self) -> str:
        return "NOT_JSON"


NOT_JSON = _NotJson()
"""Stands for the document of a body that is not JSON."""


def _refuse_constant(name: str) -> None:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


@dataclass(frozen=True)
class Exchange:
    """One request and what came of it: an answer, or how it broke off.

    ``started`` is a POSIX time, ``seconds`` the wall time to the last byte; ``attempts`` counts the waits for a busy
    or throttling target (1: answered at once).
    """

    sent: Sent
    answer: Answer | None
    started: float
    seconds: float
    broke: Break | None = None
    why: str = ""
    attempts: int = field(default=1)

    @property
    def status(self) -> int | None:
        """The status of the answer, None where there was none."""
        return self.answer.status if self.answer else None
