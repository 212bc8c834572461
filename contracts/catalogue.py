"""The catalogue of single faults: every (member x fault) pair that the page's tables forbid."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from contracts.bodies import canary_id, encode
from contracts.faults import FLATTENED, REMOVED, Fault, Position, Renamed
from contracts.model import Kind, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from contracts.faults import Fill
    from contracts.model import Clause, Contract, Pointer


@cache
def catalogue(contract: Contract) -> tuple[Fault, ...]:
    """Every fault of the request's members, in the order of the tables; none where there is no body."""
    return tuple(_walk(contract, contract.request_schema, ())) if contract.request_schema else ()


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
            turn = _turn(contract, clause)
            yield from _types(clause.id, here, schema["items"]["type"], turn, prefix="item_as_", nullable=False)
        yield from _walk(contract, schema["items"], here)


def _emptied(contract: Contract, schema: Mapping[str, Any], here: Pointer) -> Iterator[Fault]:
    """The object without any member: what a service that reaches into it unasked falls over."""
    required = schema.get("required", ())
    clause = contract.at(Side.REQUEST, (*here, required[0]), Kind.MANDATORY) if required else None
    if clause and here:
        for end in _ends(here):
            yield Fault(clause.id, here, f"emptied{end.value}", "required", lambda _: ({},), st.just({}), end)


def _of_member(contract: Contract, node: Mapping[str, Any], here: Pointer, *, mandatory: bool) -> Iterator[Fault]:
    clause = contract.at(Side.REQUEST, here, Kind.MANDATORY)
    if clause and mandatory:
        for place in (*_ends(here), Position.MIDDLE) if "*" in here else _ends(here):
            label = f"missing{place.value}"
            yield Fault(clause.id, here, label, "required", lambda _: (REMOVED,), st.just(REMOVED), place)
        names = tuple(map(Renamed, _misspellings(here[-1])))
        yield Fault(clause.id, here, "misspelt", "required", lambda _: names, st.sampled_from(names), least=2)
        if "properties" in node:
            yield Fault(clause.id, here, "flattened", "required", lambda _: (FLATTENED,), st.just(FLATTENED))
    clause = contract.at(Side.REQUEST, here, Kind.TYPE)
    if clause:
        turn = _turn(contract, clause)
        yield from _types(clause.id, here, node["type"], turn, prefix="as_", nullable=not mandatory)
    clause = contract.at(Side.REQUEST, here, Kind.VALUE)
    if clause and "const" in node:
        yield from _values(clause.id, here, node["const"])


def _misspellings(name: str) -> tuple[str, ...]:
    """Other names for a member, as services come to take them: by case, as in other languages, by white space."""
    first, *others = name.split("_")
    spellings = (name.upper(), first + "".join(map(str.title, others)), name.replace("_", "-"), f" {name} ")
    return tuple(dict.fromkeys(each for each in spellings if each != name))


def _ends(here: Pointer) -> tuple[Position, ...]:
    """Where there is a list, its first item and its last one."""
    return (Position.FIRST, Position.LAST) if "*" in here else (Position.FIRST,)


_FRACTIONS = st.builds(lambda whole, eighths: whole + eighths / 8, st.integers(-(10**9), 10**9), st.integers(1, 7))
_SCALARS = st.one_of(st.booleans(), st.integers(-9, 9), st.text("abc", max_size=4))
_JSON_TYPES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=24),
    "integer": st.one_of(st.integers(-(1 << 40), 1 << 40), st.sampled_from([1 << 31, 1 << 63, 1 << 70, -(1 << 64)])),
    "fraction": _FRACTIONS,
    "boolean": st.booleans(),
    "null": st.none(),
    "array": st.lists(_SCALARS, max_size=3),
    "object": st.dictionaries(st.text("abcdefgh", min_size=1, max_size=8), _SCALARS, max_size=3),
}


def _turn(contract: Contract, clause: Clause) -> int:
    """Which integer comes first for a member: another one for each."""
    types = [each for each in contract.clauses if each.side is Side.REQUEST and each.kind is Kind.TYPE]
    return types.index(clause) % len(_INTEGERS)


def _types(clause: str, here: Pointer, expected: str, turn: int, *, prefix: str, nullable: bool) -> Iterator[Fault]:
    """The member as each other JSON type, numbers with and without a fraction apart.

    Null in an optional member's place is an open point, not a fault.
    """
    for name, fills in _JSON_TYPES.items():
        if name == expected or (name == "null" and nullable):
            continue
        least = LEAST.get((expected, name), 1)
        for end in _ends(here):
            label = f"{prefix}{name}{end.value}"
            yield Fault(clause, here, label, "type", _telling(name, expected, turn), fills, end, least)


LEAST = {("boolean", "string"): 5, ("object", "array"): 2, ("array", "object"): 3}
"""How many telling fills each run tries where services take other types for the right one in more than one way."""
_YES = {True: "yes", False: "no"}
_INTEGERS = (7, 1 << 63, -1, 1 << 31)


def _telling(name: str, expected: str, turn: int) -> Callable[[Any], tuple[Fill, ...]]:
    """What a lenient service most likely takes for the right thing, from the value that stood there.

    ``turn`` says which of the integers comes first, so that even one a member shows a service that falls over some.
    """
    if name == "string":
        if expected == "boolean":
            return lambda original: (str(original).lower(), str(original), str(int(original)), _YES[original], "")
        return lambda original: (encode(original).decode("ascii"), "")
    if name == "integer":
        if expected == "boolean":
            return lambda original: (int(original), 2, -1)
        return lambda _: (*_INTEGERS[turn:], *_INTEGERS[:turn], 0)
    if name == "fraction":
        return lambda original: (float(original), 0.5) if isinstance(original, bool) else (1.5, -0.5)
    if name == "boolean":
        return lambda _: (True, False)
    if name == "array":
        return lambda original: ([original], [])
    if name == "object":
        if expected == "array":
            return lambda original: (original[0] if original else {}, {str(k): v for k, v in enumerate(original)}, {})
        return lambda original: ({"id": original}, {})
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
        ("other_end", other_end, st.sampled_from([const[:-k] + "0" * k for k in range(2, 12)])),
        ("other_start", other_start, st.sampled_from(["0" * k + const[k:] for k in range(2, 8)])),
        ("other_middle", other_middle, st.just(other_middle)),
        ("padded", f"{const} ", st.sampled_from([f" {const}", f"\t{const}", f"{const}\r\n"])),
        ("newline", f"{const}\n", st.just(f"{const}\n")),
        ("nul", f"{const}\0x", st.just(f"{const}\0")),
        ("bare", bare, st.sampled_from([bare, f"{{{const}}}", f"urn:uuid:{const}"])),
        ("listed", f"{canary_id(1)},{const}", ids.map(lambda other: f"{const},{other}")),
        ("cut", const[:-1], st.integers(1, len(const) - 1).map(lambda k: const[:k])),
        ("extended", const + "0", st.text("0123456789abcdef-", min_size=1, max_size=8).map(lambda tail: const + tail)),
        ("empty", "", st.just("")),
    ):
        if telling != const:
            yield Fault(clause, here, label, "const", lambda _, fill=telling: (fill,), fills)  # type: ignore[misc]
