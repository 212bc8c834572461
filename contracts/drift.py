"""What changed from one version of an operation to another, and whom each change breaks.

A change breaks *clients* if a caller that keeps to the old version may be refused, or may miss what it relies on, at a
service that keeps to the new one. It breaks *servers* if a service that keeps to the old version may fail the new one.
So whatever is demanded of a request newly, or not any more, breaks servers; a response may promise less only to the
harm of clients, and more only to that of servers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from contracts.model import Idiom, Side
from contracts.places import places_of
from contracts.resolving import constraint_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contracts.model import Page, Pointer
    from contracts.places import Place
    from contracts.resolving import Resolution


class Direction(str, Enum):
    """Which way something changed; ``CHANGED`` is neither narrower nor wider than it was."""

    ADDED = "added"
    REMOVED = "removed"
    TIGHTENED = "tightened"
    LOOSENED = "loosened"
    CHANGED = "changed"


@dataclass(frozen=True)
class Change:
    """One change: where, what it was and is, and whom it breaks."""

    direction: Direction
    place: str
    detail: str
    clients: bool = False
    servers: bool = False

    @property
    def breaks(self) -> str:
        """Whom it breaks, in words."""
        return " and ".join(who for who, broken in (("clients", self.clients), ("servers", self.servers)) if broken)

    def __str__(self) -> str:
        return f"{self.direction.value}: {self.place}: {self.detail} (breaking for {self.breaks or 'neither'})"


@dataclass(frozen=True)
class Version:
    """One version of an operation: its facts, and its types resolved with nothing left refused."""

    page: Page
    resolution: Resolution


@dataclass(frozen=True)
class _Element:
    """What is demanded or promised at one place. ``allowed`` and ``bounds`` are None where all values are."""

    side: Side
    pointer: Pointer
    type: str
    described: bool
    mandatory: bool
    allowed: frozenset[str | int] | None
    bounds: tuple[int, int] | None
    table: int

    @property
    def place(self) -> str:
        path = "".join("[]" if part == "*" else f".{part}" for part in self.pointer).lstrip(".")
        return f"{self.side.value} {path}"

    @property
    def is_answer(self) -> bool:
        return self.side is Side.RESPONSE

    @property
    def needed(self) -> str:
        if self.is_answer:
            return "in every response" if self.mandatory else "in some responses"
        return "mandatory" if self.mandatory else "optional"


def drift(old: Version, new: Version) -> tuple[Change, ...]:
    """All changes from the old version to the new one, in the order of the page; its examples do not count."""
    return tuple(_changes(old, new))


def _changes(old: Version, new: Version) -> Iterator[Change]:
    yield from _of_request_line(old.page, new.page)
    was, now = _elements(old.resolution), _elements(new.resolution)
    retyped = {key for key in was.keys() & now.keys() if was[key].type != now[key].type}
    described = {key for key in was.keys() & now.keys() if was[key].described != now[key].described}
    for key in was | now:
        if _is_below(key, retyped | described) or _is_below(key, was.keys() ^ now.keys()):
            continue
        if key not in now:
            yield _removed(was[key])
        elif key not in was:
            yield _added(now[key])
        else:
            yield from _of_element(was[key], now[key])
    yield from _of_statuses(old.page, new.page)
    yield from _of_names(old.page, new.page, was, now)


_Key = tuple[Side, "Pointer"]


def _is_below(key: _Key, others: set[_Key]) -> bool:
    """Whether the place is inside one of the others, whose change says all."""
    side, pointer = key
    return any((side, pointer[:length]) in others for length in range(1, len(pointer)))


def _elements(resolution: Resolution) -> dict[_Key, _Element]:
    places = {side: places_of(tables) for side, tables in resolution.sides.items()}
    optional = {place.pointer for place in places[Side.REQUEST] if not place.row.mandatory}
    return {(side, place.pointer): _element(side, place, optional) for side, found in places.items() for place in found}


def _element(side: Side, place: Place, optional: set[Pointer]) -> _Element:
    stated = place.row.mandatory
    fixed, enum = constraint_of(place.row, Idiom.FIXED), constraint_of(place.row, Idiom.ENUM)
    limits = constraint_of(place.row, Idiom.RANGE)
    values = fixed or enum
    word = place.resolved.items
    for wrap in reversed(place.resolved.wraps):
        word = f"{wrap.value} of {word}"
    return _Element(
        side=side,
        pointer=place.pointer,
        type=word,
        described=place.resolved.table is not None,
        mandatory=(place.pointer not in optional if stated is None else stated),
        allowed=frozenset(values.values) if values else None,
        bounds=(int(limits.values[0]), int(limits.values[1])) if limits else None,
        table=place.table.number,
    )


def _of_request_line(old: Page, new: Page) -> Iterator[Change]:
    for name, was, now in (("method", old.method, new.method), ("path", old.path, new.path)):
        if was != now:
            yield Change(Direction.CHANGED, name, f"was {was}, is {now}", clients=True, servers=True)


def _added(element: _Element) -> Change:
    detail = f"{element.type}, {element.needed}"
    if element.is_answer:
        return Change(Direction.ADDED, element.place, detail, servers=element.mandatory)
    return Change(Direction.ADDED, element.place, detail, clients=element.mandatory, servers=True)


def _removed(element: _Element) -> Change:
    demanded = element.mandatory and not element.is_answer
    return Change(Direction.REMOVED, element.place, f"was {element.type}", clients=True, servers=demanded)


def _of_element(was: _Element, now: _Element) -> Iterator[Change]:
    if was.type != now.type:
        detail = f"type was {was.type}, is {now.type}"
        yield Change(Direction.CHANGED, now.place, detail, clients=True, servers=True)
        return
    if was.mandatory != now.mandatory:
        yield _moved(now, f"was {was.needed}, is {now.needed}", tighter=now.mandatory)
    if was.described != now.described:
        words = ("any members", "members of its own") if now.described else ("members of its own", "any members")
        yield _moved(now, f"had {words[0]}, has {words[1]}", tighter=now.described)
    if was.allowed != now.allowed:
        tighter = _narrower(was.allowed, now.allowed)
        yield _moved(now, f"was {_values(was.allowed)}, is {_values(now.allowed)}", tighter=tighter)
    if was.bounds != now.bounds:
        inside, outside = _within(now.bounds, was.bounds), _within(was.bounds, now.bounds)
        tighter = True if inside else False if outside else None
        yield _moved(now, f"was {_bounds(was.bounds)}, is {_bounds(now.bounds)}", tighter=tighter)


def _moved(element: _Element, detail: str, *, tighter: bool | None) -> Change:
    """A change of what is there before and after; ``tighter`` is None if it is neither tighter nor looser."""
    if tighter is None:
        return Change(Direction.CHANGED, element.place, detail, clients=True, servers=True)
    direction = Direction.TIGHTENED if tighter else Direction.LOOSENED
    if element.is_answer:
        return Change(direction, element.place, detail, clients=not tighter, servers=tighter)
    return Change(direction, element.place, detail, clients=tighter, servers=True)


def _narrower(was: frozenset[str | int] | None, now: frozenset[str | int] | None) -> bool | None:
    if was is None or (now is not None and now < was):
        return True
    return False if now is None or was < now else None


def _within(inner: tuple[int, int] | None, outer: tuple[int, int] | None) -> bool:
    if inner is None or outer is None:
        return outer is None
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _values(values: frozenset[str | int] | None) -> str:
    return "any value" if values is None else " or ".join(map(str, sorted(values, key=str)))


def _bounds(bounds: tuple[int, int] | None) -> str:
    return "any number" if bounds is None else f"from {bounds[0]} to {bounds[1]}"


def _of_statuses(old: Page, new: Page) -> Iterator[Change]:
    for status in sorted({*old.success} ^ {*new.success}):
        added = status in new.success
        direction = Direction.ADDED if added else Direction.REMOVED
        yield Change(direction, f"status {status}", "of success", clients=added, servers=not added)
    for status in sorted({*old.failure} ^ {*new.failure}):
        direction = Direction.ADDED if status in new.failure else Direction.REMOVED
        yield Change(direction, f"status {status}", "of failure", servers=True)


def _of_names(old: Page, new: Page, was: Mapping[_Key, _Element], now: Mapping[_Key, _Element]) -> Iterator[Change]:
    """What changes nothing but names: the title, and the tables that the ids of clauses tell."""
    if old.title != new.title:
        yield Change(Direction.CHANGED, "title", f"was {old.title}, is {new.title}")
    moved = {(was[key].table, now[key].table) for key in was.keys() & now.keys() if was[key].table != now[key].table}
    for before, after in sorted(moved):
        yield Change(Direction.CHANGED, f"Table {before}", f"is Table {after}, and so are the ids of its clauses")
