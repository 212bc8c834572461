"""Text of any origin, made fit to be shown: what cannot be seen is spelt out, what is too long is cut."""

from __future__ import annotations

import re

from markupsafe import Markup

SHOWN = 3000
"""Characters of a body that a page shows; verdict.json holds what the run kept."""
SHORT = 300
"""Characters of a text that is shown in one line."""

# Controls but tab and newline, soft hyphen, marks that reorder or join text, line separators, surrogates,
# non-characters and tags: each of them can hide something from the reader or make the file no UTF-8.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_MARKS = re.compile(r"([\\`*_\[\]<>#|~&$])")


def printable(text: str) -> str:
    r"""The text with every unseen character spelt out as in Python (``\x00``, ``\ud800``); the rest as it is.

    What comes back can always be written as UTF-8. Markup stays markup.
    """
    spelt = _UNSEEN.sub(_spell, text)
    return Markup(spelt) if isinstance(text, Markup) else spelt  # noqa: S704  markup before, and only escapes added


def _spell(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def clip(text: str, limit: int = SHOWN) -> str:
    """The first ``limit`` characters of the text, with a word on how many more there are."""
    return text if len(text) <= limit else f"{text[:limit]} [... {len(text) - limit} more characters]"


def one_line(text: str, limit: int = SHORT) -> str:
    """The text in one line, cut, with every unseen character spelt out."""
    return clip(" ".join(printable(text).split()), limit)


def in_markdown(text: str, limit: int = SHORT) -> str:
    """The text in one line, cut, with all that Markdown would take for a mark inside of one escaped."""
    return _MARKS.sub(r"\\\1", one_line(text, limit))
