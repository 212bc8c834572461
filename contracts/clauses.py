"""The clauses of an operation: one for each thing that its tables, statuses and error body promise.

Ids are a fixed interface: ``OPERATION.tN.ROW.KIND`` for a row, ``OPERATION.s.STATUS``, ``OPERATION.e.MEMBER.KIND`` for
the error body, ``OPERATION.p.NAME`` for the protocol and ``OPERATION.a.NAME`` for good practice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.model import Clause, Kind, Source, Strength

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.model import Decisions, Lookup, Page, Pointer
    from contracts.places import Place

DOCUMENTED, IMPLIED, ADVISORY = Strength.DOCUMENTED, Strength.IMPLIED, Strength.ADVISORY

_REFUSALS = {
    400: "an invalid request is answered 400",
    401: "a request without a valid token is answered 401",
    403: "a request that the caller has no permission for is answered 403",
    404: "a request that names an unknown object is answered 404",
    500: "no request of a caller is met by an internal error, by silence or by a broken connection",
    503: "unavailability is told by 503, and passes",
}

_PROTOCOL = (
    ("p.json", IMPLIED, "every body that the service answers with is one JSON text"),
    ("p.content_type", IMPLIED, "every answer with a body declares application/json"),
    ("a.strict_json", ADVISORY, "a body that only a lenient JSON parser takes is answered 400"),
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

Places = tuple[tuple["Place", ...], tuple["Place", ...], tuple["Place", ...]]
"""The rows of URI, request and response at their places."""


def clauses_of(operation: str, page: Page, decisions: Decisions, places: Places) -> tuple[Clause, ...]:
    """All clauses, in the order of the tables, then statuses, error body and protocol.

    Raises:
        ValueError: a status that says nothing known, a lookup that no row of the request answers to, or two clauses
            of one id.
    """
    path, request, _ = places
    names = {place.row.name for place in (*path, *request)}
    for lookup in decisions.lookups:
        if lookup.name not in names:
            raise ValueError(f"lookup {lookup.name}: no row of the request has this name")
    lookups = {lookup.name: lookup for lookup in decisions.lookups}
    clauses = (
        *_by_table(_of_path(operation, path, lookups)),
        *_by_table(_of_request(operation, request, lookups)),
        *_by_table(_of_response(operation, page, places)),
        *_of_statuses(operation, page),
        *_of_errors(operation),
        *(Clause(f"{operation}.{tail}", Kind.PROTOCOL, strength, text) for tail, strength, text in _PROTOCOL),
    )
    seen = set[str]()
    for clause in clauses:
        if clause.id in seen:
            raise ValueError(f"clause {clause.id}: stated twice")
        seen.add(clause.id)
    return clauses


def _by_table(clauses: Iterator[Clause]) -> list[Clause]:
    """In the order of the tables' numbers; within a table as on the page."""
    return sorted(clauses, key=lambda clause: clause.source.table or 0)


def _of_path(operation: str, places: tuple[Place, ...], lookups: dict[str, Lookup]) -> Iterator[Clause]:
    """Clauses of the URI. There is none of type: whatever stands in a URI is a string."""
    for place in places:
        name = place.row.name
        yield _clause(operation, place, Kind.MANDATORY, DOCUMENTED, f"{name} must be present in every URI")
        if name == "project_id":
            text = f"{name} names a project that the caller's token is for"
            yield _clause(operation, place, Kind.VALUE, DOCUMENTED, text)
        elif name in lookups:
            text = f"{name} must name something that exists"
            yield _clause(operation, place, Kind.VALUE, lookups[name].strength, text)


def _of_request(operation: str, places: tuple[Place, ...], lookups: dict[str, Lookup]) -> Iterator[Clause]:
    for place in places:
        name = place.row.name
        if place.row.mandatory:
            text = f"{name} must be present in {_where(place.pointer, 'every request')}"
        else:
            text = f"{name} may be left out of {_where(place.pointer, 'a request')}"
        yield _clause(operation, place, Kind.MANDATORY, DOCUMENTED, text)
        yield _clause(operation, place, Kind.TYPE, DOCUMENTED, f"{name} must be {_type(place)}")
        if place.row.fixed is not None:
            yield _clause(operation, place, Kind.VALUE, DOCUMENTED, f"{name} must be {place.row.fixed}")
        if name in lookups:
            text = f"{name} must name something that exists"
            yield _clause(operation, place, Kind.VALUE, lookups[name].strength, text)


def _of_response(operation: str, page: Page, places: Places) -> Iterator[Clause]:
    path, request, response = places
    sent = {place.pointer: place for place in request}
    root = root_object(response)
    in_path = {(*root, place.row.name): place for place in path}
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
        if origin and origin.type == place.type and pointer != root:
            text = f"{name} in the response is what the {'request' if given else 'URI'} said"
            yield _clause(operation, place, Kind.ECHO, IMPLIED, text)
        if place.row.fixed is not None:
            yield _clause(operation, place, Kind.VALUE, DOCUMENTED, f"{name} is {place.row.fixed} in the response")
        elif name == "id" and given is None and page.method == "POST":
            text = f"{name} in the response is never empty, and never given twice"
            yield _clause(operation, place, Kind.VALUE, IMPLIED, text)


def root_object(places: tuple[Place, ...]) -> Pointer:
    """The place of the object that wraps all others; the document itself where there is no such wrapper."""
    top = [place for place in places if len(place.pointer) == 1]
    return top[0].pointer if len(top) == 1 and top[0].described and not top[0].lists else ()


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
    if not place.lists:
        return _TYPES[place.type]
    items = "array" if place.lists > 1 else place.items
    return f"{_TYPES['array']} whose items are each {_TYPES[items]}"
