"""Where in a body its fault is: the difference to the body without it, as pieces to be marked."""

from __future__ import annotations

import json
import os.path
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_AROUND = 400
"""Characters shown on either side of a fault in a body too long to be shown whole."""
_WORD = 80
"""Characters by which a mark is moved or widened at most, to begin and end where a word does."""
_PUNCTUATION = frozenset(' \t\r\n{}[]:,"')


@dataclass(frozen=True)
class Piece:
    """A stretch of a body. ``role`` is ``same``, ``gone`` (only without the fault) or ``came`` (only with it)."""

    role: str
    text: str


def pieces(body: str, fault: Mapping[str, Any] | None, limit: int) -> tuple[Piece, ...]:
    """The body with its fault set apart, at most about ``limit`` characters of it.

    ``before`` and ``after`` of the fault are either whole bodies or the part that was changed; a part that cannot be
    found exactly once leaves the body unmarked.
    """
    if fault is None or fault["before"] == fault["after"]:
        return _whole(body, limit)
    before, after = fault["before"], fault["after"]
    if after != body:
        if not after or body.count(after) != 1:
            return _whole(body, limit)
        head, tail = body.split(after)
        before, after = head + before + tail, body
    start, end = _changed(before, after)
    return tuple(
        piece
        for piece in (
            Piece("same", _head(after[:start], limit)),
            Piece("gone", _short(before[start : len(before) - end], limit)),
            Piece("came", _short(after[start : len(after) - end], limit)),
            Piece("same", _tail(after[len(after) - end :], limit)),
        )
        if piece.text
    )


def members(body: str, name: str | None, limit: int) -> tuple[Piece, ...]:
    """The body, with each member of this name in a JSON text set apart as what ``came``; at most ``limit`` characters.

    Without a name, or where none can be found, the body comes as one piece.
    """
    if name is None or len(body) > limit:
        return _whole(body, limit)
    found, end = [], 0
    for match in re.finditer(rf"{re.escape(json.dumps(name))}\s*:\s*", body):
        if match.start() < end:
            continue
        try:
            _, stop = json.JSONDecoder().raw_decode(body, match.end())
        except ValueError:
            continue
        found += [Piece("same", body[end : match.start()]), Piece("came", body[match.start() : stop])]
        end = stop
    return tuple(piece for piece in (*found, Piece("same", body[end:])) if piece.text)


def _changed(before: str, after: str) -> tuple[int, int]:
    """How many characters at the start and at the end are the same, drawn back to the bounds of words."""
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    if start + end == min(len(before), len(after)):
        start, end = _slid(max(before, after, key=len), start, end)
    for _ in range(_WORD):
        start -= bool(start) and after[start - 1] not in _PUNCTUATION
        end -= bool(end) and after[len(after) - end] not in _PUNCTUATION
    return start, end


def _alike(one: str, other: str) -> int:
    """How many characters both begin with."""
    return len(os.path.commonprefix([one, other]))  # noqa: RUF071  these are texts, to be compared by character


def _slid(longer: str, start: int, end: int) -> tuple[int, int]:
    """The same stretch added or removed, begun at a quote if it can be: one member rather than two halves."""
    for shift in range(min(start, _WORD)):
        first, last = start - shift, len(longer) - end - shift
        if first < last and longer[first] == '"':
            return first, end + shift
        if longer[first - 1] != longer[last - 1]:
            break
    return start, end


def _whole(body: str, limit: int) -> tuple[Piece, ...]:
    return (Piece("same", _short(body, limit)),) if body else ()


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]} [... {len(text) - limit} more characters]"


def _head(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"[{len(text) - _AROUND} characters ...] {text[-_AROUND:]}"


def _tail(text: str, limit: int) -> str:
    return text if len(text) <= limit else _short(text, _AROUND)
