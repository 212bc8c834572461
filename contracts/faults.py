"""The catalogue of single faults: every (member x fault) pair that the page's tables forbid.

A fault is a label; putting it into a valid document gives a :class:`Mutant`, which carries the bytes before and after
and can prove on them that it differs from a valid body by this fault and nothing else. Hypothesis only ever draws the
body around a fault and the value that fills it.
"""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from contracts.bodies import canary_id, encode
from contracts.model import Kind, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jsonschema import Draft202012Validator

    from contracts.model import Contract, Pointer

Fill = Any
"""What a fault puts in a member's place; :data:`REMOVED` takes the member away and :class:`Renamed` hides it."""


class FaultNotProven(Exception):  # noqa: N818  the name says what happened, like the standard library's StopIteration
    """A mutant does not differ from its valid body by its fault alone."""


class _Removed:
    def __repr__(self) -> str:
        return "REMOVED"


REMOVED = _Removed()


@dataclass(frozen=True)
class Renamed:
    """The member stays, under another name: whoever looks for its own name misses it."""

    name: str


@dataclass(frozen=True)
class Fault:
    """One way to break one clause of the request.

    ``pointer`` is the member's place in the schema, ``label`` a slug. ``last`` says which of a list's items carries
    the fault. ``telling`` gives the fills to try first, most telling first, from the valid value; ``fills`` draws
    more. ``keyword`` is the schema keyword that the mutant breaks, at the pointer or, where the member is gone, at its
    parent.
    """

    clause: str
    pointer: Pointer
    label: str
    keyword: str
    telling: Callable[[Any], tuple[Fill, ...]] = field(repr=False)
    fills: st.SearchStrategy[Fill] = field(repr=False)
    last: bool = False

    @property
    def id(self) -> str:
        """Clause and label, ASCII, unique in the catalogue."""
        return f"{self.clause}-{self.label}"

    def place(self, document: Any) -> tuple[str | int, ...]:
        """The pointer in this document, an index for every ``"*"``."""
        place: list[str | int] = []
        for part in self.pointer:
            step: str | int = (len(document) - 1 if self.last else 0) if part == "*" else part
            place.append(step)
            document = document[step]
        return tuple(place)

    def put(self, document: Any, fill: Fill) -> Mutant:
        """The mutant of this valid document with the fault filled in this way."""
        place = self.place(document)
        after = copy.deepcopy(document)
        parent = _value_at(after, place[:-1])
        if fill is REMOVED:
            del parent[place[-1]]
        elif isinstance(fill, Renamed):
            parent[fill.name] = parent.pop(place[-1])
        else:
            parent[place[-1]] = fill
        return Mutant(self, json_pointer(place), encode(document), encode(after), fill)

    def fits(self, document: Any) -> bool:
        """Whether this valid document has the member that the fault changes, in an item that is not the first if so."""
        try:
            place = self.place(document)
            _value_at(document, place)
        except (KeyError, IndexError):
            return False
        return not self.last or 0 not in place

    def first_mutants(self, document: Any) -> tuple[Mutant, ...]:
        """The mutants that tell most about this document, most telling first."""
        original = _value_at(document, self.place(document))
        return tuple(self.put(document, fill) for fill in self.telling(original))


@dataclass(frozen=True)
class Mutant:
    """A valid body and the same body with one fault, as the bytes that are sent."""

    fault: Fault
    pointer: str
    before: bytes
    after: bytes
    fill: Fill = field(default=None, repr=False, compare=False)

    def prove(self, validator: Draft202012Validator) -> None:
        """Show on the bytes that the body was valid, is broken at the label's place only, and undoing it mends it.

        ``validator`` holds the request schema.

        Raises:
            FaultNotProven: one of the three does not hold.
        """
        before, after = json.loads(self.before), json.loads(self.after)
        if next(validator.iter_errors(before), None):
            raise FaultNotProven(f"{self.fault.id}: the body without the fault is not valid")
        place = self.fault.place(before)
        errors = list(validator.iter_errors(after))
        gone = self.fill is REMOVED or isinstance(self.fill, Renamed)
        where = place[:-1] if gone else place
        if not errors or any(tuple(error.absolute_path) != where for error in errors):
            raise FaultNotProven(f"{self.fault.id}: the fault is not the only error, or not at {self.pointer}")
        if self.fault.keyword not in {error.validator for error in errors}:
            raise FaultNotProven(f"{self.fault.id}: the body does not break {self.fault.keyword}")
        parent = _value_at(after, place[:-1])
        if isinstance(self.fill, Renamed):
            parent.pop(self.fill.name)
        parent[place[-1]] = _value_at(before, place)
        if after != before:
            raise FaultNotProven(f"{self.fault.id}: undoing the fault does not give the valid body back")


def catalogue(contract: Contract) -> tuple[Fault, ...]:
    """Every fault of the request's members, in the order of the tables."""
    return tuple(_walk(contract, contract.request_schema, ()))


def json_pointer(place: tuple[str | int, ...]) -> str:
    """A place as an RFC 6901 pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)


def _walk(contract: Contract, schema: Mapping[str, Any], pointer: Pointer) -> Iterator[Fault]:
    if schema["type"] == "object":
        yield from _emptied(contract, schema, pointer)
        for name, node in schema.get("properties", {}).items():
            here = (*pointer, name)
            yield from _of_member(contract, node, here, mandatory=name in schema.get("required", ()))
            yield from _walk(contract, node, here)
    elif schema["type"] == "array":
        here = (*pointer, "*")
        clause = contract.at(Side.REQUEST, pointer, Kind.TYPE)
        if clause:
            yield from _types(clause.id, here, schema["items"]["type"], prefix="item_as_", nullable=False)
        yield from _walk(contract, schema["items"], here)


def _emptied(contract: Contract, schema: Mapping[str, Any], here: Pointer) -> Iterator[Fault]:
    """The object without any member: what a service that reaches into it unasked falls over."""
    required = schema.get("required", ())
    clause = contract.at(Side.REQUEST, (*here, required[0]), Kind.MANDATORY) if required else None
    if clause and here:
        for last in _ends(here):
            yield Fault(clause.id, here, _label("emptied", last), "required", lambda _: ({},), st.just({}), last)


def _of_member(contract: Contract, node: Mapping[str, Any], here: Pointer, *, mandatory: bool) -> Iterator[Fault]:
    clause = contract.at(Side.REQUEST, here, Kind.MANDATORY)
    if clause and mandatory:
        for last in _ends(here):
            label = _label("missing", last)
            yield Fault(clause.id, here, label, "required", lambda _: (REMOVED,), st.just(REMOVED), last)
        names = tuple(map(Renamed, _misspellings(here[-1])))
        yield Fault(clause.id, here, "misspelt", "required", lambda _: names, st.sampled_from(names))
    clause = contract.at(Side.REQUEST, here, Kind.TYPE)
    if clause:
        yield from _types(clause.id, here, node["type"], prefix="as_", nullable=not mandatory)
    clause = contract.at(Side.REQUEST, here, Kind.VALUE)
    if clause and "const" in node:
        yield from _values(clause.id, here, node["const"])


def _misspellings(name: str) -> tuple[str, ...]:
    """Other names for a member, as services come to take them: by case, as in other languages, by white space."""
    first, *others = name.split("_")
    spellings = (name.upper(), first + "".join(map(str.title, others)), name.title(), name.replace("_", "-"))
    return tuple(dict.fromkeys(each for each in (*spellings, f"{name} ") if each != name))


def _ends(here: Pointer) -> tuple[bool, ...]:
    """Whether the last of a list's items is to carry the fault: where there is a list, once the first and once it."""
    return (False, True) if "*" in here else (False,)


def _label(name: str, last: bool) -> str:
    return f"{name}_in_last" if last else name


_FRACTIONS = st.floats(-1e9, 1e9, width=32).filter(lambda number: not number.is_integer())
_SCALARS = st.one_of(st.booleans(), st.integers(-9, 9), st.text("abc", max_size=4))
_JSON_TYPES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=24),
    "integer": st.integers(-(1 << 40), 1 << 40),
    "fraction": _FRACTIONS,
    "boolean": st.booleans(),
    "null": st.none(),
    "array": st.lists(_SCALARS, max_size=3),
    "object": st.dictionaries(st.text("abcdefgh", min_size=1, max_size=8), _SCALARS, max_size=3),
}


def _types(clause: str, here: Pointer, expected: str, *, prefix: str, nullable: bool) -> Iterator[Fault]:
    """The member as each other JSON type, numbers with and without a fraction apart.

    Null in an optional member's place is an open point, not a fault.
    """
    for name, fills in _JSON_TYPES.items():
        if name == expected or (name == "null" and nullable):
            continue
        for last in _ends(here):
            yield Fault(clause, here, _label(prefix + name, last), "type", _telling(name, expected), fills, last)


def _telling(name: str, expected: str) -> Callable[[Any], tuple[Fill, ...]]:
    """What a lenient service most likely takes for the right thing, from the value that stood there."""
    if name == "string":
        if expected == "boolean":
            return lambda original: (str(original).lower(), str(original), "")
        return lambda original: (encode(original).decode("ascii"), "")
    if name == "integer":
        return lambda original: (int(original), 2, -1) if isinstance(original, bool) else (7, 0)
    if name == "fraction":
        return lambda original: (float(original) + 0.5, 0.5) if isinstance(original, bool) else (1.5, -0.5)
    if name == "boolean":
        return lambda _: (True, False)
    if name == "array":
        return lambda original: ([original], [])
    if name == "object":
        if expected == "array":
            return lambda original: (original[0] if original else {}, {})
        return lambda original: ({}, {"id": original})
    return lambda _: (None,)


def _values(clause: str, here: Pointer, const: str) -> Iterator[Fault]:
    """Other strings than the fixed one, near enough to pass a careless comparison."""
    other_end = const[:-1] + ("0" if const[-1] != "0" else "1")
    other_start = ("0" if const[0] != "0" else "1") + const[1:]
    half = len(const) // 2
    other_middle = const[:half] + ("0" if const[half] != "0" else "1") + const[half + 1 :]
    bare = re.sub("[^0-9A-Za-z]", "", const)
    ids = st.integers(0, (1 << 88) - 1).map(canary_id)
    for label, telling, fills in (
        ("another", canary_id(1), ids),
        ("other_end", other_end, st.sampled_from([const[:-k] + "0" * k for k in range(2, 12)])),
        ("other_start", other_start, st.sampled_from(["0" * k + const[k:] for k in range(2, 8)])),
        ("cut", const[:-1], st.integers(1, len(const) - 1).map(lambda k: const[:k])),
        ("other_middle", other_middle, st.just(other_middle)),
        ("padded", const + " ", st.sampled_from([" " + const, const + "\n", "\t" + const, "{" + const + "}"])),
        ("bare", bare, st.just(bare)),
        ("extended", const + "0", st.text("0123456789abcdef-", min_size=1, max_size=8).map(lambda tail: const + tail)),
        ("empty", "", st.just("")),
    ):
        if telling != const:
            yield Fault(clause, here, label, "const", lambda _, fill=telling: (fill,), fills)  # type: ignore[misc]


def _value_at(document: Any, place: tuple[str | int, ...]) -> Any:
    for step in place:
        document = document[step]
    return document
