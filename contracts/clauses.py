"""The clauses of an operation: one for each thing that its tables, statuses and error body promise.

Ids are a fixed interface: ``OPERATION.tN.ROW.KIND`` for a row, ``OPERATION.s.STATUS``, ``OPERATION.e.MEMBER.KIND`` for
the error body, ``OPERATION.p.NAME`` for the protocol and ``OPERATION.a.NAME`` for good practice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.grammar import Wrap
from contracts.model import Clause, Idiom, Kind, Side, Source, Strength
from contracts.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contracts.model import Decisions, Lookup, Page, Pointer

DOCUMENTED, IMPLIED, ADVISORY = Strength.DOCUMENTED, Strength.IMPLIED, Strength.ADVISORY

_REFUSALS = {
    400: "an invalid request is answered 400",
    401: "a request without a valid token is answered 401",
    403: "a request that the caller has no permission for is answered 403",
    404: "a request that names an unknown object is answered 404",
    500: "no request of a caller is met by an internal error, by silence or by a broken connection",
    503: "unavailability is told by 503, and passes",
}

_OF_BODIES = "a.strict_json"
_PROTOCOL = (
    ("p.json", IMPLIED, "every body that the service answers with is one JSON text"),
    ("p.content_type", IMPLIED, "every answer with a body declares application/json"),
    (_OF_BODIES, ADVISORY, "a body that only a lenient JSON parser takes is answered 400"),
    ("a.error_code.status", ADVISORY, "an error code comes with a status that the appendix lists it under"),
    ("a.secrets", ADVISORY, "an answer never repeats the caller's token"),
    ("a.disclosure", ADVISORY, "a refusal never names an existing object that the request did not name"),
    ("a.internals", ADVISORY, "an error never shows a stack trace or file paths of the service"),
)

_TYPES = {
    "string": "a JSON string",
    "boolean": "true or false",
    "integer": "a whole number",
    "object": "a JSON object",
    "array": "a JSON array",
}

Places = Mapping[Side, tuple[Place, ...]]
"""The rows of each side at their places."""


def clauses_of(operation: str, page: Page, decisions: Decisions, places: Places) -> tuple[Clause, ...]:
    """All clauses, in the order of the tables, then statuses, error body and protocol.

    Raises:
        ValueError: a status that says nothing known, a lookup that no row of the request answers to, an echo of or
            from a place that is none, or two clauses of one id.
    """
    parameters = [place for side in (Side.PATH, Side.QUERY, Side.HEADER) for place in places[side]]
    names = {place.row.name for place in (*parameters, *places[Side.REQUEST])}
    for lookup in decisions.lookups:
        if lookup.name not in names:
            raise ValueError(f"lookup {lookup.name}: no row of the request has this name")
    lookups = {lookup.name: lookup for lookup in decisions.lookups}
    rows = (
        *_of_path(operation, places[Side.PATH], lookups),
        *(each for side in (Side.QUERY, Side.HEADER) for each in _of_parameters(operation, places[side], lookups)),
        *_of_request(operation, places[Side.REQUEST], lookups),
        *_of_response(operation, page, places, decisions.asking.echoes if decisions.asking else {}),
    )
    clauses = (
        # In the order of the tables' numbers; within a table as on the page.
        *sorted(_merged(rows), key=lambda clause: clause.source.table or 0),
        *_of_statuses(operation, page),
        *_of_errors(operation),
        *(
            Clause(f"{operation}.{tail}", Kind.PROTOCOL, strength, text)
            for tail, strength, text in _PROTOCOL
            if tail != _OF_BODIES or places[Side.REQUEST]
        ),
    )
    seen = set[str]()
    for clause in clauses:
        if clause.id in seen:
            raise ValueError(f"clause {clause.id}: stated twice")
        seen.add(clause.id)
    return clauses


def _merged(clauses: Iterable[Clause]) -> tuple[Clause, ...]:
    """One clause for a row whose table is the type of several: of the weakest strength, about all of its places."""
    merged: dict[tuple[str, Source], list[Clause]] = {}
    for clause in clauses:
        same = merged.setdefault((clause.id, clause.source), [])
        if clause.pointer in {other.pointer for other in same}:
            raise ValueError(f"clause {clause.id}: stated twice")
        same.append(clause)
    order = list(Strength)
    return tuple(
        replace(
            same[0],
            strength=max((each.strength for each in same), key=order.index),
            statement=" and ".join(dict.fromkeys(each.statement for each in same)),
            also=tuple(each.pointer for each in same[1:]),
        )
        for same in merged.values()
    )


def _of_path(operation: str, places: tuple[Place, ...], lookups: dict[str, Lookup]) -> Iterator[Clause]:
    """Clauses of the URI. There is none of type: whatever stands in a URI is a string."""
    for place in places:
        name = place.row.name
        yield _clause(operation, place, Kind.MANDATORY, DOCUMENTED, f"{name} must be present in every URI")
        if name == "project_id":
            text = f"{name} names a project that the caller's token is for"
            yield _clause(operation, place, Kind.VALUE, DOCUMENTED, text)
        else:
            yield from _of_value(operation, place, lookups, "must be")


def _of_parameters(operation: str, places: tuple[Place, ...], lookups: dict[str, Lookup]) -> Iterator[Clause]:
    """Clauses of query and header. They are sent as text, so that a type says what the text has to spell."""
    for place in places:
        name = place.row.name
        whole = "query" if place.table.side is Side.QUERY else "header"
        told = f"must be in the {whole} of every request"
        text = told if place.row.mandatory else f"may be left out of the {whole}"
        yield _clause(operation, place, Kind.MANDATORY, DOCUMENTED, f"{name} {text}")
        if place.resolved.items != "string" or place.resolved.wraps:
            spelt = "a list" if place.resolved.wraps else _TYPES[place.resolved.items]
            yield _clause(operation, place, Kind.TYPE, DOCUMENTED, f"{name} must spell {spelt}")
        yield from _of_value(operation, place, lookups, "must be")


def _of_request(operation: str, places: tuple[Place, ...], lookups: dict[str, Lookup]) -> Iterator[Clause]:
    for place in places:
        name = place.row.name
        if place.row.mandatory:
            text = f"{name} must be present in {_where(place.pointer, 'every request')}"
        else:
            text = f"{name} may be left out of {_where(place.pointer, 'a request')}"
        yield _clause(operation, place, Kind.MANDATORY, DOCUMENTED, text)
        yield _clause(operation, place, Kind.TYPE, DOCUMENTED, f"{name} must be {_type(place)}")
        yield from _of_value(operation, place, lookups, "must be")


def _of_value(operation: str, place: Place, lookups: dict[str, Lookup], verb: str) -> Iterator[Clause]:
    """What a row says of its values, and that what it names has to exist."""
    limits = _limits(place)
    name = place.row.name
    if limits:
        text = f"{name} {verb} {limits}"
        yield _clause(operation, place, Kind.VALUE, DOCUMENTED, text)
    if name in lookups:
        text = f"{name} must name something that exists"
        yield _clause(operation, place, Kind.VALUE, lookups[name].strength, text)


def _limits(place: Place) -> str:
    """The constraints of a row in words, empty if it has none beyond its type."""
    words = []
    for constraint in place.row.constraints:
        values = [str(value) for value in constraint.values]
        if constraint.idiom is Idiom.FIXED:
            words.append(values[0])
        elif constraint.idiom is Idiom.ENUM:
            words.append(f"one of {', '.join(values)}")
        elif constraint.idiom is Idiom.RANGE:
            words.append(f"from {values[0]} to {values[1]}")
    return " and ".join(words)


def _of_response(operation: str, page: Page, places: Places, echoes: Mapping[Pointer, Pointer]) -> Iterator[Clause]:
    sent = {place.pointer: place for place in places[Side.REQUEST]}
    response = places[Side.RESPONSE]
    _known(echoes, response, (*places[Side.REQUEST], *places[Side.PATH]))
    root = root_object(response)
    in_path = {(*root, place.row.name): place for place in places[Side.PATH]}
    for place in response:
        name, pointer = place.row.name, place.pointer
        given = sent.get(pointer)
        if given and not given.row.mandatory and place.row.mandatory is None:
            text = f"{name} is in the response when the request had it"
            yield _clause(operation, place, Kind.PRESENT, IMPLIED, text)
        elif place.row.mandatory is False:
            yield _clause(operation, place, Kind.PRESENT, DOCUMENTED, f"{name} may be missing from the response")
        else:
            where = _where(pointer, "the response")
            yield _clause(operation, place, Kind.PRESENT, DOCUMENTED, f"{name} is in {where}")
        yield _clause(operation, place, Kind.TYPE, DOCUMENTED, f"{name} is {_type(place)} in the response")
        origin = given or in_path.get(pointer)
        if origin and origin.resolved.type == place.resolved.type and pointer != root:
            text = f"{name} in the response is what the {'request' if given else 'URI'} said"
            yield _clause(operation, place, Kind.ECHO, IMPLIED, text)
        elif pointer in echoes:
            origin_name = echoes[pointer][-1]
            text = f"{name} in the response is the {origin_name} that was asked for"
            if place.resolved.wraps:
                text = f"{name} in the response has one item for each of {origin_name}"
            yield _clause(operation, place, Kind.ECHO, IMPLIED, text)
        limits = _limits(place)
        if limits:
            yield _clause(operation, place, Kind.VALUE, DOCUMENTED, f"{name} is {limits} in the response")
        elif name == "id" and given is None and page.method == "POST" and pointer[:-1] == root:
            # Only the object that the request creates has a new name: those inside it may be old.
            text = f"{name} in the response is never empty, and never given twice"
            yield _clause(operation, place, Kind.VALUE, IMPLIED, text)


def _known(echoes: Mapping[Pointer, Pointer], told: tuple[Place, ...], said: tuple[Place, ...]) -> None:
    for pair in echoes.items():
        for pointer, places in zip(pair, (told, said), strict=True):
            if pointer not in {place.pointer for place in places}:
                raise ValueError(f"echo {'.'.join(pair[0])}: there is no {'.'.join(pointer)}")


def root_object(places: tuple[Place, ...]) -> Pointer:
    """The place of the object that wraps all others; the document itself where there is no such wrapper."""
    top = [place for place in places if len(place.pointer) == 1]
    wrapped = len(top) == 1 and top[0].resolved.table is not None and not top[0].resolved.wraps
    return top[0].pointer if wrapped else ()


def _of_statuses(operation: str, page: Page) -> Iterator[Clause]:
    for status in (*page.success, *page.failure):
        text = f"an acceptable request is answered {status}" if status in page.success else _REFUSALS.get(status)
        if text is None:
            raise ValueError(f"status {status}: not known what it promises")
        yield Clause(f"{operation}.s.{status}", Kind.STATUS, DOCUMENTED, text)


def _of_errors(operation: str) -> Iterator[Clause]:
    for name in ("error_code", "error_msg"):
        for kind, text in (
            (Kind.PRESENT, f"{name} is in the body of every error"),
            (Kind.TYPE, f"{name} is a JSON string in the body of every error"),
        ):
            yield Clause(f"{operation}.e.{name}.{kind.value}", kind, IMPLIED, text, pointer=(name,))


def _clause(operation: str, place: Place, kind: Kind, strength: Strength, statement: str) -> Clause:
    table, name = place.table, place.row.name
    return Clause(
        id=f"{operation}.t{table.number}.{name.lower()}.{kind.value}",
        kind=kind,
        strength=strength,
        statement=statement,
        source=Source(table.number, name),
        side=table.side,
        pointer=place.pointer,
    )


def _where(pointer: Pointer, whole: str) -> str:
    """Which object a member belongs to: the items of the innermost list around it, or else the whole."""
    if "*" not in pointer:
        return whole
    last = len(pointer) - 1 - pointer[::-1].index("*")
    name = next(part for part in reversed(pointer[:last]) if part != "*")
    return f"every item of {name}"


def _type(place: Place) -> str:
    """The type in words: what the value is, and what is in it if that is a list or an object of anything."""
    inside = [wrap.value for wrap in place.resolved.wraps[1:]] + [place.resolved.items]
    match place.resolved.wraps:
        case (Wrap.LIST, *_):
            return f"{_TYPES['array']} whose items are each {_TYPES[inside[0]]}"
        case (Wrap.MAP, *_):
            return f"{_TYPES['object']} whose values are each {_TYPES[inside[0]]}"
    return _TYPES[place.resolved.items]
