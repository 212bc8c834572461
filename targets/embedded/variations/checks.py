"""Requests that the page neither allows nor forbids: refused where the plain service takes them, or taken."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import VARIATIONS
from targets.embedded.rules import BY_NAME, MEMBERS, parents
from targets.embedded.service import LOOKUPS, Refusal, Reply
from targets.embedded.variations.shaping import after, before

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from targets.embedded.rules import Check
    from targets.embedded.service import Call, Service

LONGEST_BODY = 256 * 1024
LONGEST_STRING = 255
DEEPEST = 16
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


# -- members


@VARIATIONS.change()
def unknown_members_are_refused(service: Service) -> None:
    """Refuses members that no table has."""
    for member in MEMBERS:
        siblings = frozenset(other.name for other in MEMBERS if other.parents == member.parents)
        service.rules[member.name, "neighbours"] = lambda parent, known=siblings: known.issuperset(parent)  # type: ignore[misc]


def _of_string(name: str, holds: Callable[[str], bool]) -> Check:
    """The member, if it is a string, is one for which this holds."""
    return lambda parent: not isinstance(parent.get(name), str) or holds(parent[name])


@VARIATIONS.change()
def ids_must_be_uuids(service: Service) -> None:
    """Refuses identifiers that do not look like a UUID, and looks none of them up."""
    for name in LOOKUPS:
        service.rules[name, "form"] = _of_string(name, lambda value: bool(UUID.fullmatch(value)))


@VARIATIONS.change()
def long_strings_are_refused(service: Service) -> None:
    """Refuses strings that its database has no room for."""
    for member in MEMBERS:
        service.rules[member.name, "length"] = _of_string(member.name, lambda value: len(value) <= LONGEST_STRING)


@VARIATIONS.change()
def ids_in_any_case(service: Service) -> None:
    """Knows identifiers in capitals too, as RFC 9562 has it."""
    service.around("find", lambda find: lambda call, name, value: find(call, name, value.lower()))


@VARIATIONS.change()
def blanks_around_ids_are_ignored(service: Service) -> None:
    """Looks identifiers up without the white space around them."""
    service.around("find", lambda find: lambda call, name, value: find(call, name, value.strip()))


@VARIATIONS.change()
def provider_in_any_case(service: Service) -> None:
    """Takes the fixed provider in capitals too."""
    check = service.rules["provider_id", "value"]

    def relaxed(parent: dict[str, Any]) -> bool:
        value = parent.get("provider_id")
        return check({"provider_id": value.lower()} if isinstance(value, str) else parent)

    service.rules["provider_id", "value"] = relaxed


def _forget_null(call: Call) -> None:
    for restore in parents(call.document, BY_NAME["restore_target"].parents):
        if restore.get("restore_target", "") is None:
            del restore["restore_target"]


VARIATIONS.add("null-is-absent", "Takes a restore_target of null for none.", after("read", _forget_null))


@VARIATIONS.change()
def empty_volumes_are_taken(service: Service) -> None:
    """Takes a restoration of no volume."""
    check = service.rules["volumes", "items"]
    service.rules["volumes", "items"] = lambda parent: parent.get("volumes") == [] or check(parent)


# -- syntax


def _parsing(check: Callable[[bytes, Any], Any]) -> Callable[[Service], None]:
    """Has another look at bodies that have been parsed; what it returns is the document."""

    def wrap(parse: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
        return lambda body: check(body, parse(body))

    return lambda service: service.around("parse", wrap)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a member is given twice")
    return dict(pairs)


def _refuse_twins(body: bytes, document: Any) -> Any:
    json.loads(body, object_pairs_hook=_without_twins)
    return document


VARIATIONS.add("duplicates-are-refused", "Refuses members that are given twice.", _parsing(_refuse_twins))
VARIATIONS.add(
    "first-duplicate-counts",
    "Takes the first of members that are given twice.",
    _parsing(lambda body, _: json.loads(body, object_pairs_hook=lambda pairs: dict(reversed(pairs)))),
)


def _refuse_depth(_: bytes, document: Any) -> Any:
    level: list[Any] = [document]
    for _depth in range(DEEPEST):
        level = [child for value in level for child in _children(value)]
    if level:
        raise ValueError("the body is nested too deep")
    return document


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


VARIATIONS.add("deep-bodies-are-refused", "Refuses bodies that are nested deep.", _parsing(_refuse_depth))


@VARIATIONS.change()
def byte_order_mark_is_taken(service: Service) -> None:
    """Takes a body that begins with a byte order mark."""
    service.around("parse", lambda parse: lambda body: parse(body.removeprefix(b"\xef\xbb\xbf")))


# -- headers, length and path


def _refuse_type(call: Call) -> None:
    if call.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refusal(415, "APIGW.0106", "the body is not declared as application/json")


def _refuse_accept(call: Call) -> None:
    if not re.search(r"application/(json|\*)|\*/\*", call.headers.get("accept", "*/*"), re.IGNORECASE):
        raise Refusal(406, "APIGW.0107", "there are answers in application/json only")


def _refuse_length(call: Call) -> None:
    if len(call.body) > LONGEST_BODY:
        raise Refusal(413, "APIGW.0108", "the body is too long")


def _merge_slashes(call: Call) -> None:
    call.path = re.sub("/+", "/", call.path).rstrip("/")


VARIATIONS.add("other-types-get-415", "Refuses bodies not declared as JSON.", before("read", _refuse_type))
VARIATIONS.add("other-accepts-get-406", "Refuses callers who take no JSON.", before("route", _refuse_accept))
VARIATIONS.add("long-bodies-get-413", "Refuses bodies above 256 KiB.", before("route", _refuse_length))
VARIATIONS.add(
    "slashes-are-merged", "Ignores slashes at the path's end, and doubled ones.", before("route", _merge_slashes)
)


@VARIATIONS.change()
def get_lists_restorations(service: Service) -> None:
    """Has another operation on the same path, which lists what was restored."""

    def wrap(answer: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
        def also_listing(call: Call) -> Reply:
            if call.method == "GET" and call.path == f"/v1/{service.world.owners.get(call.token or '')}/restores":
                return Reply(200, service.render({"restores": []}))
            return answer(call)

        return also_listing

    service.around("answer", wrap)
