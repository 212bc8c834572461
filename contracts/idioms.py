"""The closed idioms in which a description limits the values of its row.

Nothing else that a description says becomes a constraint: a word that an idiom does not know leaves the whole phrase
to the reader. ``**`` marks bold, as in :mod:`contracts.doctree`.

    fixed     "... a fixed value. ... the value is **a**"       "The value is fixed at **a**"
    enum      "Possible values are **a**, **b**, and **c**."    "Enum: [a, b]"    "Value range: a, b, and c"
    range     "The value is an integer ranging from **0** to **100**."    "The value ranges from 1 to 10."
    integer   "The value is an integer ..."
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contracts.model import Constraint, Idiom

if TYPE_CHECKING:
    from collections.abc import Iterator

_START = r"(?:^|(?<=[.;] ))"
_FIXED = (re.compile(r"\bvalue is \*\*([^*]+)\*\*"), re.compile(_START + r"The value is fixed at \*\*([^*]+)\*\*"))
_BOLD = r"\*\*[^*]+\*\*"
_POSSIBLE = re.compile(
    _START + rf"Possible values are (?P<all>{_BOLD}(?:, {_BOLD})*(?:,? (?:and|or) {_BOLD})?)(?:\.|$)"
)
_ENUM = re.compile(r"^Enum: ?\[(?P<all>[^\[\]]+)\]\.?$")
_WORD = r"[A-Za-z0-9_-]+"
_VALUE_RANGE = re.compile(rf"^Value range: (?P<all>{_WORD}(?:, {_WORD})*(?:,? (?:and|or) {_WORD})?)\.?$")
_NUMBER = r"\**(-?\d+)\**"
_RANGE = re.compile(_START + rf"The value (?:is an integer )?(?:ranges|ranging) from {_NUMBER} to {_NUMBER}(?=[.;]|$)")
_INTEGER = re.compile(_START + r"The value is an integer\b")
_SEPARATOR = re.compile(r",? (?:and|or) |, ?")


class AmbiguousFixedValueError(Exception):
    """A description that speaks of a fixed value and does not name exactly one; says how many."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


def constraints_of(paragraphs: tuple[tuple[str, int], ...]) -> tuple[Constraint, ...]:
    """The constraints that a description states, each once, with the line of its paragraph.

    Args:
        paragraphs: The description, paragraph by paragraph: text and line in the page.

    Raises:
        AmbiguousFixedValueError: it speaks of a fixed value and names none, or several.
    """
    found: dict[tuple[Idiom, tuple[str | int, ...]], Constraint] = {}
    for constraint in (*_fixed(paragraphs), *_others(paragraphs)):
        found.setdefault((constraint.idiom, constraint.values), constraint)
    return tuple(found.values())


def _fixed(paragraphs: tuple[tuple[str, int], ...]) -> Iterator[Constraint]:
    announced = any("fixed value" in text.lower() for text, _ in paragraphs)
    plain, own = _FIXED
    patterns = (plain, own) if announced else (own,)
    values = [(value, line) for text, line in paragraphs for pattern in patterns for value in pattern.findall(text)]
    if len(values) != 1 and (announced or values):
        raise AmbiguousFixedValueError(len(values))
    yield from (Constraint(Idiom.FIXED, (value,), line) for value, line in values)


def _others(paragraphs: tuple[tuple[str, int], ...]) -> Iterator[Constraint]:
    for text, line in paragraphs:
        for pattern in (_POSSIBLE, _ENUM, _VALUE_RANGE):
            for match in pattern.finditer(text):
                yield Constraint(Idiom.ENUM, _tokens(match["all"]), line)
        for low, high in _RANGE.findall(text):
            yield Constraint(Idiom.RANGE, (int(low), int(high)), line)
        if _INTEGER.search(text):
            yield Constraint(Idiom.INTEGER, (), line)


def _tokens(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(token.strip().strip("*") for token in _SEPARATOR.split(text)))
