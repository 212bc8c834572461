"""The journal: every exchange, appended to a file as it happens, one JSON object a line.

What is written is an :class:`~targets.exchange.Exchange`, and those are made without secrets.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from targets.exchange import Answer, Exchange, Sent
from targets.lines import Lines, LinesError, read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from targets.exchange import Request

JOURNAL = "exchanges.jsonl"
"""The journal's name in the directory of reports."""
SHOWN = 4096
"""Bytes of a body that are kept; where there is more, its size is told behind them."""
ACCIDENTS = 20
"""Accepted requests that were not meant to be and are kept whole; the others are counted."""


@dataclass
class Past:
    """What the journal of a run says of its earlier parts.

    ``times`` are how long each answer took, in seconds. ``accepted`` counts the restorations, those included of which
    only is known that the request has left, and ``accidents`` those that were not meant. ``seconds`` leaves out the
    time between the parts.
    """

    number: int = 0
    part: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    accidents: int = 0
    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    accidental: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Turn:
    """Which numbers a journal gives where others write to the same file: one in ``step``, all above ``number``."""

    part: int
    number: int
    step: int


class Journal:
    """A journal that is open for the next part of a run. To be used by one thread at a time.

    With a ``turn`` it is one of several that go on with the same part, and leaves the past to whoever began it.

    Raises:
        LinesError: what stands in the file is no journal.
        OSError: the file cannot be read or written.
    """

    def __init__(self, path: Path, turn: Turn | None = None) -> None:
        self.past = Past() if turn else past(path)
        self.part = turn.part if turn else self.past.part + 1
        self.number = turn.number if turn else self.past.number
        self._step = turn.step if turn else 1
        self._lines = Lines(path, alone=turn is None)

    def close(self) -> None:
        """End the writing."""
        self._lines.close()

    def leaves(self, request: Request, sent: Sent, started: float, attempt: int) -> int:
        """Write down that a request leaves which may start a restoration; its number."""
        self.number += self._step
        self._write(self.number, request, started, None, attempt, {"request": _sent(sent), "response": None})
        return self.number

    def came(self, request: Request, exchange: Exchange, *, accepted: bool, number: int | None = None) -> None:
        """Write down an exchange, under the number with which its request left if it has one."""
        if number is None:
            self.number += self._step
        self._write(
            number or self.number,
            request,
            exchange.started,
            exchange.seconds,
            exchange.attempts,
            transcript(exchange),
            broke=exchange.broke.value if exchange.broke else None,
            why=exchange.why or _unread(exchange),
            accepted=accepted,
        )

    def _write(
        self,
        number: int,
        request: Request,
        started: float,
        seconds: float | None,
        attempt: int,
        said: dict[str, Any],
        *,
        broke: str | None = None,
        why: str = "",
        accepted: bool = False,
    ) -> None:
        self._lines.append(
            {
                "number": number,
                "part": self.part,
                "started": datetime.fromtimestamp(started, timezone.utc).isoformat(timespec="milliseconds"),
                "seconds": seconds if seconds is None else round(seconds, 6),
                "attempt": attempt,
                "case": request.case,
                "resource": request.resource,
                "accepted": accepted,
                **said,
                "broke": broke,
                "why": why,
            }
        )


def _unread(exchange: Exchange) -> str:
    """Why the body of the answer, or its end, is not there; empty where it is."""
    unread = exchange.answer.unread if exchange.answer else ""
    return unread and f"the body {unread}"


def transcript(exchange: Exchange) -> dict[str, Any]:
    """An exchange as reports show it: ``request``, and ``response`` or None."""
    answer = exchange.answer
    return {
        "request": _sent(exchange.sent),
        "response": answer
        and {
            "status": answer.status,
            "headers": [list(header) for header in answer.headers],
            "body": text(answer.body),
        },
    }


def recalled(transcript: Mapping[str, Any]) -> Exchange:
    """The exchange that a transcript tells of, as far as it was kept. Raises KeyError or TypeError for what is none."""
    asked, came = transcript["request"], transcript["response"]
    return Exchange(
        sent=Sent(asked["method"], asked["url"], _headers(asked), asked["body"].encode()),
        answer=came and Answer(came["status"], _headers(came), came["body"].encode()),
        started=0.0,
        seconds=0.0,
    )


def _headers(message: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in message["headers"])


def text(body: bytes) -> str:
    """A body as text: UTF-8, other bytes escaped as in Python, cut at :data:`SHOWN` bytes with its size behind it."""
    shown = body[:SHOWN].decode("utf-8", "backslashreplace")
    return shown if len(body) <= SHOWN else f"{shown}... ({len(body)} bytes)"


def _sent(sent: Sent) -> dict[str, Any]:
    return {
        "method": sent.method,
        "url": sent.url,
        "headers": [list(header) for header in sent.headers],
        "body": text(sent.body),
    }


def past(path: Path) -> Past:
    """What the earlier parts of a run have sent.

    Raises:
        LinesError: a line is not as :class:`Journal` writes it.
        OSError: the file cannot be read.
    """
    told = Past()
    unanswered: set[int] = set()
    spans: dict[int, tuple[float, float]] = {}
    try:
        for entry in read(path):
            number, part, seconds = entry["number"], entry["part"], entry["seconds"]
            told.number, told.part = max(told.number, number), max(told.part, part)
            if seconds is None:
                unanswered.add(number)
                continue
            unanswered.discard(number)
            started = datetime.fromisoformat(entry["started"]).timestamp()
            first, last = spans.get(part, (started, started))
            spans[part] = min(first, started), max(last, started + seconds)
            told.by_status[str(entry["response"]["status"]) if entry["response"] else "none"] += 1
            if entry["response"]:
                told.times.append(seconds)
            if entry["accepted"]:
                told.accepted += 1
                _add_accident(told, entry)
    except (KeyError, TypeError, ValueError) as error:
        raise LinesError(f"{path}: an entry is not as a run writes it ({type(error).__name__}: {error})") from error
    told.accepted += len(unanswered)
    told.by_status.update(["none"] * len(unanswered))
    told.seconds = sum(last - first for first, last in spans.values())
    return told


def _add_accident(told: Past, entry: dict[str, Any]) -> None:
    if entry["resource"] is None:
        told.accidents += 1
        if len(told.accidental) < ACCIDENTS:
            told.accidental.append({key: entry[key] for key in ("case", "request", "response")})
