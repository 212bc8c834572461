"""Hypothesis strategies of valid bodies, driven by a request schema.

A body is drawn with few and cheap draws: one integer gives every identifier, one the order of all members, and only
the lengths of lists, the optional members and the Booleans are drawn one by one. All of it shrinks to the plainest
body: no optional member, shortest lists, members in the page's order.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CANARY = "00c0ffee"
"""Identifiers that are drawn begin with this, so that an operator knows them in a log; none of them exists."""

PLAIN_TEXT = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=24).map(
    lambda name: f"https://restore.example/{name}/"
)
"""Strings that no service has a reason to refuse: addresses, like the page's only example of a free string."""

ANY_TEXT = st.one_of(PLAIN_TEXT, st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=24))
"""Strings of any kind, looking like nothing in particular."""


SHORT = 3
"""Items at most of a list inside a list."""


def canary_id(number: int) -> str:
    """An identifier in the page's notation (RFC 9562) that exists nowhere; ``number`` has up to 88 bits."""
    digits = f"{number % (1 << 88):022x}"
    return f"{CANARY}-{digits[:4]}-4{digits[4:7]}-8{digits[7:10]}-{digits[10:]}"


@dataclass(frozen=True)
class Shape:
    """How bodies are drawn.

    ``given`` maps member names to values that stand as they are, wherever the schema has such a member; ``others`` take
    its place in the second item of a list and on, in turn. ``items`` are the least and most items of a list. ``texts``
    draws the strings that are not ``identifiers``; where the latter is None every string is an identifier.
    ``plain_text`` stands for all of them in :func:`plain_body`.
    """

    given: Mapping[str, Any]
    items: tuple[int, int] = (0, 3)
    identifiers: frozenset[str] | None = None
    texts: st.SearchStrategy[str] = ANY_TEXT
    plain_text: str = "https://restore.example/v2.0/"
    others: tuple[Mapping[str, Any], ...] = ()

    def of_item(self, index: int) -> Shape:
        """How the item of a list is drawn; lists inside it are short, or else they would multiply."""
        turn = index % (1 + len(self.others))
        given = self.others[turn - 1] if turn else self.given
        least, most = self.items
        return replace(self, given=given, items=(min(least, SHORT), min(most, SHORT)))


def valid_bodies(schema: Mapping[str, Any], shape: Shape | None = None) -> st.SearchStrategy[Any]:
    """Documents that the schema accepts: any member order, optional members there or not, lists of any length.

    Without a shape, half of the bodies carry identifiers like the page's, and half strings of any kind.
    """
    if shape is not None:
        return _bodies(schema, shape)
    names = frozenset[str]()
    return st.one_of(_bodies(schema, Shape({})), _bodies(schema, Shape({}, identifiers=names)))


def plain_body(schema: Mapping[str, Any], shape: Shape, *, optional: bool, flag: bool) -> Any:
    """The one body without a draw: page's order, longest lists, ``optional`` members or none, Booleans all ``flag``."""
    return _value(schema, shape, _Plain(shape, optional, flag), "")


@st.composite
def _bodies(draw: st.DrawFn, schema: Mapping[str, Any], shape: Shape) -> Any:
    return _value(schema, shape, _Drawn(shape, draw), "")


class _Drawn:
    """Makes the choices that a body leaves open by drawing them."""

    def __init__(self, shape: Shape, draw: st.DrawFn) -> None:
        self._draw = draw
        self._shape = shape
        self._entropy = random.Random(draw(_ENTROPY))  # noqa: S311  test data, not secrets
        order = draw(_ORDER)
        self._shuffle = random.Random(order).shuffle if order else None  # noqa: S311

    def order(self, names: list[str]) -> None:
        if self._shuffle:
            self._shuffle(names)

    def flag(self) -> bool:
        return self._draw(_FLAG)

    keep = flag

    def count(self, least: int, most: int) -> int:
        return self._draw(st.integers(least, most))

    def integer(self, least: int, most: int) -> int:
        return self._draw(st.integers(least, most))

    def one(self, values: Sequence[Any]) -> Any:
        return self._draw(st.sampled_from(values))

    def identifier(self) -> str:
        return canary_id(self._entropy.getrandbits(88))

    def text(self) -> str:
        return self._draw(self._shape.texts)


class _Plain:
    """Makes the same choices without a draw."""

    def __init__(self, shape: Shape, optional: bool, flag: bool) -> None:
        self._shape = shape
        self._optional = optional
        self._flag = flag
        self._entropy = random.Random(0)  # noqa: S311

    def order(self, names: list[str]) -> None:
        pass

    def flag(self) -> bool:
        return self._flag

    def keep(self) -> bool:
        return self._optional

    def count(self, _: int, most: int) -> int:
        return most

    def integer(self, least: int, most: int) -> int:
        return min(max(1, least), most)

    def one(self, values: Sequence[Any]) -> Any:
        return values[0]

    def identifier(self) -> str:
        return canary_id(self._entropy.getrandbits(88))

    def text(self) -> str:
        return self._shape.plain_text


_ENTROPY = st.integers(0, (1 << 64) - 1)
_ORDER = st.integers(0, (1 << 16) - 1)
_FLAG = st.booleans()


def _value(schema: Mapping[str, Any], shape: Shape, choose: _Drawn | _Plain, name: str) -> Any:
    if name in shape.given:
        return shape.given[name]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return choose.one(schema["enum"])
    kind = schema["type"]
    if kind == "object":
        names = list(schema.get("properties", ()))
        choose.order(names)
        required = schema.get("required", ())
        return {
            each: _value(schema["properties"][each], shape, choose, each)
            for each in names
            if each in required or choose.keep()
        }
    if kind == "array":
        return [
            _value(schema["items"], shape.of_item(index), choose, "") for index in range(choose.count(*shape.items))
        ]
    if kind == "boolean":
        return choose.flag()
    if kind == "integer":
        return choose.integer(schema.get("minimum", -(1 << 31)), schema.get("maximum", (1 << 31) - 1))
    if shape.identifiers is None or name in shape.identifiers:
        return choose.identifier()
    return choose.text()


_ENCODER = json.JSONEncoder(separators=(",", ":"))
"""Made once: json.dumps makes one for each document."""


def encode(document: Any) -> bytes:
    """The document as compact JSON, ASCII only."""
    return _ENCODER.encode(document).encode("ascii")
