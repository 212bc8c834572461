"""Takes secrets out of what is shown, in the spellings in which a target may give them back."""

from __future__ import annotations

import re
import threading
from array import array
from base64 import b64encode
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SHORTEST_SECRET = 8
"""Shorter strings are not looked for in answers: they would stand there by chance."""
HIDDEN = "***"


class Redaction:
    """Knows secrets and hides them: as they are, in base64, alone or within a longer text, and escaped.

    Escaped means percent-encoded, or as a JSON string or HTML may spell them, in each character or only some.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = frozenset(secrets)
        self._lock = threading.Lock()

    def learn(self, secret: str) -> None:
        """Hide this one too from now on."""
        if secret not in self._secrets:
            with self._lock:
                self._secrets |= {secret}

    def finds(self, text: str, *more: str) -> bool:
        """Whether a secret, or one of ``more``, stands in a text."""
        texts = [text, _Unescaped(text).text] if _ESCAPE.search(text) else [text]
        return any(
            spelling in each
            for secret in (*self._secrets, *more)
            for spelling, _ in _spellings(secret)
            for each in texts
        )

    def __call__(self, text: str, *more: str) -> str:
        """The text without secrets and without ``more`` of them."""
        if not self.finds(text, *more):
            return text
        pattern = _pattern(self._secrets.union(more))
        plain = _Unescaped(pattern.sub(HIDDEN, text))
        return plain.hidden([match.span() for match in pattern.finditer(plain.text)])


@lru_cache(maxsize=8)
def _pattern(secrets: frozenset[str]) -> re.Pattern[str]:
    spellings = {spelling for secret in secrets for spelling in _spellings(secret)}
    longest_first = sorted(spellings, key=lambda each: len(each[0]), reverse=True)
    return re.compile("|".join(re.escape(spelling) + rest for spelling, rest in longest_first))


@lru_cache(maxsize=512)
def _spellings(secret: str) -> tuple[tuple[str, str], ...]:
    """How a secret looks as it is and in base64, and for each a pattern of what goes with it.

    In base64 it looks different by where in a longer text it stands, and what is beside it has a share in its first and
    last characters, so that these are left out.
    """
    if len(secret) < SHORTEST_SECRET:
        return ()
    spellings = [(secret, "")]
    data = secret.encode()
    for before in range(3):
        encoded = b64encode(b"\0" * before + data).decode("ascii").rstrip("=")
        shared = (before + len(data)) % 3 != 0
        inner = encoded[before + (before > 0) : len(encoded) - shared]
        rest = "[A-Za-z0-9+/_-]?={0,2}" if shared else ""
        spellings += [(inner, rest), (inner.translate(_URL_SAFE), rest)]
    return tuple(dict.fromkeys(spellings))


_URL_SAFE = str.maketrans("+/", "-_")
_ESCAPE = re.compile(
    r"%(?:25)*([0-9A-Fa-f]{2})"
    r"|\\u00([0-9A-Fa-f]{2})"
    r"|&#[xX]0*([0-9A-Fa-f]{2});"
    r"|&#0*([0-9]{2,3});"
    r"|\\([/\"'\\])"
    r"|&(amp|lt|gt|quot|apos);"
)
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class _Unescaped:
    """A text with its escapes undone, and where in the original each place of it was."""

    def __init__(self, original: str) -> None:
        self._original = original
        parts: list[str] = []
        self._places, self._ahead = array("q", [0]), array("q", [0])
        length = end = 0
        for match in _ESCAPE.finditer(original):
            parts += (original[end : match.start()], _character(match))
            length += match.start() - end + 1
            end = match.end()
            self._places.append(length)
            self._ahead.append(end - length)
        self.text = "".join([*parts, original[end:]])

    def hidden(self, spans: Sequence[tuple[int, int]]) -> str:
        """The original without what these stretches of the text were in it."""
        parts: list[str] = []
        end = 0
        for first, last in spans:
            parts += (self._original[end : self._place(first)], HIDDEN)
            end = self._place(last)
        return "".join([*parts, self._original[end:]])

    def _place(self, here: int) -> int:
        return here + self._ahead[bisect_right(self._places, here) - 1]


def _character(escape: re.Match[str]) -> str:
    percent, unicode, hexadecimal, decimal, quoted, named = escape.groups()
    if quoted:
        return str(quoted)
    if named:
        return _NAMED[named]
    return chr(int(decimal) if decimal else int(percent or unicode or hexadecimal, 16))
