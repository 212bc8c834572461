"""Examples that are not quite JSON, read as far as it is plain what they mean.

A bare word in a value's place is read as a string, and a comma before a closing bracket is left out; each such repair
is told. The rest of the example is then held against the tables like any other.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

UNREADABLE = object()
"""In a document's place: nothing could be made of the text."""

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_STRING = r'"(?:[^"\\]|\\.)*"'
_CONSTANT = re.compile(_STRING + r"|(?P<constant>-?Infinity|NaN)")
"""What Python's parser takes for a number though JSON has no such value; strings are passed over."""
_TRAILING = re.compile(_STRING + r"|(?P<comma>,)(?=\s*[\]}])")


@dataclass(frozen=True)
class Repair:
    """A place of an example, line and column from 1, where it is not JSON, and what was made of it."""

    line: int
    column: int
    detail: str


@dataclass(frozen=True)
class Parsed:
    """The document of an example, :data:`UNREADABLE` if none could be made of it, and what kept a parser from it."""

    document: Any
    repairs: tuple[Repair, ...]


def parse_leniently(text: str) -> Parsed:
    """Read an example.

    As long as a parser stops at a bare word, the word is put in quotes and the parser started again.
    """
    repairs: list[Repair] = []
    repaired = list(text)
    for token in _TRAILING.finditer(text):
        if token["comma"]:
            repairs.append(_repair(text, token.start(), "a comma before the closing bracket; it is left out"))
            repaired[token.start()] = " "
    document = _without_bare_words(text, "".join(repaired), repairs)
    if document is not UNREADABLE:
        for token in _CONSTANT.finditer(text):
            if token["constant"]:
                detail = f"{token['constant']} is no JSON value; it is read as a string"
                repairs.append(_repair(text, token.start(), detail))
        repairs.extend(_repeated(text, document))
    return Parsed(document, tuple(sorted(repairs, key=lambda each: (each.line, each.column))))


def _without_bare_words(text: str, repaired: str, repairs: list[Repair]) -> Any:
    """The document, all bare words in quotes; tells of each, and of the place where that is not enough."""
    quotes = 0
    while (error := _error(repaired)) is not None:
        # Each word so far lies before this place and put two quotes there.
        position = error.pos - quotes
        word = _BARE.match(repaired, error.pos) if error.msg == "Expecting value" else None
        outcome = f"the bare word {word[0]} is read as a string" if word else "not looked into any further"
        repairs.append(_repair(text, position, f"a JSON parser says {error.msg!r}; {outcome}"))
        if not word:
            return UNREADABLE
        repaired = f'{repaired[: error.pos]}"{word[0]}"{repaired[word.end() :]}'
        quotes += 2
    return json.loads(repaired, parse_constant=str, object_pairs_hook=_Members)


class _Members(dict[str, Any]):
    """An object that remembers which of its members were given more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.repeated = sorted({name for name in names if names.count(name) > 1})


def _repeated(text: str, document: Any) -> Iterator[Repair]:
    if isinstance(document, _Members):
        for name in document.repeated:
            detail = f"the member {name} is given twice; the last one counts"
            yield _repair(text, max(text.rfind(f'"{name}"'), 0), detail)
    for inner in document.values() if isinstance(document, dict) else document if isinstance(document, list) else ():
        yield from _repeated(text, inner)


def _error(text: str) -> json.JSONDecodeError | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error
    return None


def _repair(text: str, position: int, detail: str) -> Repair:
    line = text.count("\n", 0, position) + 1
    return Repair(line, position - text.rfind("\n", 0, position), detail)
