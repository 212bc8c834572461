"""Single faults, each a record that is proven on the bytes.

A fault is a label; putting it into a valid document gives a :class:`Mutant`, which carries the bytes before and after
and can prove on them that it differs from a valid body by this fault and nothing else. Hypothesis only ever draws the
body around a fault and the value that fills it.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from contracts.bodies import encode
from contracts.validating import is_valid_request, request_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis import strategies as st

    from contracts.model import Contract, Pointer

Fill = Any
"""What a fault puts in a member's place, or :data:`REMOVED`, :data:`FLATTENED` or a :class:`Renamed`, which move it."""


class FaultNotProven(Exception):  # noqa: N818  the name says what happened, like the standard library's StopIteration
    """A mutant does not differ from its valid body by its fault alone."""


class _Moved(Enum):
    REMOVED = "removed"
    FLATTENED = "flattened"


REMOVED = _Moved.REMOVED
"""The member is gone."""
FLATTENED = _Moved.FLATTENED
"""The member, an object, is gone, and its members stand in its place."""


@dataclass(frozen=True)
class Renamed:
    """The member stays, under another name: whoever looks for its own name misses it."""

    name: str


class Position(Enum):
    """Which item of a list carries the fault; the value is its suffix in a label."""

    FIRST = ""
    MIDDLE = "_in_middle"
    LAST = "_in_last"

    @property
    def least(self) -> int:
        """The fewest items of a list that has such an item, apart from the first one."""
        return {Position.FIRST: 1, Position.MIDDLE: 3, Position.LAST: 2}[self]

    def of(self, items: int) -> int:
        """The index of the item in a list of so many."""
        return {Position.FIRST: 0, Position.MIDDLE: items // 2, Position.LAST: items - 1}[self]


@dataclass(frozen=True)
class Fault:
    """One way to break one clause of the request.

    ``pointer`` is the member's place in the schema, ``label`` a slug. ``position`` says which of a list's items carries
    the fault. ``telling`` gives the fills to try first, most telling first, from the valid value; ``fills`` draws
    more. The first ``least`` of the telling ones differ so much that every run tries them. ``keyword`` is the schema
    keyword that the mutant breaks, at the pointer or, where the member is gone, at its parent.
    """

    clause: str
    pointer: Pointer
    label: str
    keyword: str
    telling: Callable[[Any], tuple[Fill, ...]] = field(repr=False)
    fills: st.SearchStrategy[Fill] = field(repr=False)
    position: Position = Position.FIRST
    least: int = 1

    @property
    def id(self) -> str:
        """Clause and label, ASCII, unique in the catalogue."""
        return f"{self.clause}-{self.label}"

    def place(self, document: Any) -> tuple[str | int, ...]:
        """The pointer in this document, an index for every ``"*"``."""
        place: list[str | int] = []
        for part in self.pointer:
            step: str | int = self.position.of(len(document)) if part == "*" else part
            place.append(step)
            document = document[step]
        return tuple(place)

    def put(self, document: Any, fill: Fill) -> Mutant:
        """The mutant of this valid document with the fault filled in this way."""
        place = self.place(document)
        after, parent = _opened(document, place[:-1])
        if fill is REMOVED:
            del parent[place[-1]]
        elif fill is FLATTENED:
            parent.update(parent.pop(place[-1]))
        elif isinstance(fill, Renamed):
            parent[fill.name] = parent.pop(place[-1])
        else:
            parent[place[-1]] = fill
        return Mutant(self, json_pointer(place), encode(document), encode(after), fill)

    def fits(self, document: Any) -> bool:
        """Whether this valid document has the member that the fault changes, in an item of this position."""
        try:
            place = self.place(document)
            _value_at(document, place)
        except (KeyError, IndexError):
            return False
        return "*" not in self.pointer or len(self._items(document)) >= self.position.least

    def _items(self, document: Any) -> list[Any]:
        items: list[Any] = _value_at(document, self.place(document)[: self.pointer.index("*")])
        return items

    def first_mutants(self, document: Any) -> tuple[Mutant, ...]:
        """The mutants that tell most about this document, most telling first."""
        original = _value_at(document, self.place(document))
        return tuple(self.put(document, fill) for fill in self.telling(original))

    def move(self, mutant: Mutant, document: Any) -> Mutant:
        """The mutant's like in another valid document: a telling fill is made anew from the value that stands there."""
        before = json.loads(mutant.before)
        telling = self.telling(_value_at(before, self.place(before)))
        anew = self.telling(_value_at(document, self.place(document)))
        index = next((index for index, fill in enumerate(telling) if _same(fill, mutant.fill)), None)
        return self.put(document, mutant.fill if index is None else anew[index])


@dataclass(frozen=True)
class Mutant:
    """A valid body and the same body with one fault, as the bytes that are sent."""

    fault: Fault
    pointer: str
    before: bytes
    after: bytes
    fill: Fill = field(default=None, repr=False, compare=False)

    def prove(self, contract: Contract) -> None:
        """Show on the bytes that the body was valid, is broken at the label's place only, and undoing it mends it.

        Raises:
            FaultNotProven: one of the three does not hold.
        """
        before, after = json.loads(self.before), json.loads(self.after)
        if not is_valid_request(contract, self.before):
            raise FaultNotProven(f"{self.fault.id}: the body without the fault is not valid")
        place = self.fault.place(before)
        errors = request_errors(contract, after)
        where = place[:-1] if isinstance(self.fill, (_Moved, Renamed)) else place
        if not errors or any(tuple(error.absolute_path) != where for error in errors):
            raise FaultNotProven(f"{self.fault.id}: the fault is not the only error, or not at {self.pointer}")
        if self.fault.keyword not in {error.validator for error in errors}:
            raise FaultNotProven(f"{self.fault.id}: the body does not break {self.fault.keyword}")
        parent = _value_at(after, place[:-1])
        if isinstance(self.fill, Renamed):
            parent.pop(self.fill.name)
        elif self.fill is FLATTENED:
            for name in _value_at(before, place):
                parent.pop(name)
        parent[place[-1]] = _value_at(before, place)
        if after != before:
            raise FaultNotProven(f"{self.fault.id}: undoing the fault does not give the valid body back")


def json_pointer(place: tuple[str | int, ...]) -> str:
    """A place as an RFC 6901 pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)


def _same(one: Any, other: Any) -> bool:
    """Whether two fills are the same, also by type: 1 is not true."""
    if isinstance(one, (_Moved, Renamed)) or isinstance(other, (_Moved, Renamed)):
        return bool(one == other)
    return encode(one) == encode(other)


def _opened(document: Any, place: tuple[str | int, ...]) -> tuple[Any, Any]:
    """The document with its own copy of all that leads to a place, and the copy that stands there."""
    whole = part = copy.copy(document)
    for step in place:
        own = copy.copy(part[step])
        part[step] = own
        part = own
    return whole, part


def _value_at(document: Any, place: tuple[str | int, ...]) -> Any:
    for step in place:
        document = document[step]
    return document
