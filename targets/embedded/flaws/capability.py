"""Questions of what can be restored that are taken though they are not in order, or refused in another way."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from targets.embedded.capability import MEMBERS, NAME
from targets.embedded.changes import FLAWS
from targets.embedded.flaws.calls import dashed, row
from targets.embedded.flaws.hooks import letting_in
from targets.embedded.messages import Refusal
from targets.embedded.rules import PROVIDER
from targets.embedded.world import EXPIRED_TOKEN, PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.messages import Call
    from targets.embedded.rules import Check, Member
    from targets.embedded.service import Service

    Apply = Callable[[Service], None]

_JSON_TYPES: dict[str, type] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "null": type(None),
    "array": list,
    "object": dict,
}
_MANDATORY = tuple(f"{row(member)}.mandatory" for member in MEMBERS)
_TYPES = tuple(f"{row(member)}.type" for member in MEMBERS)
_PROVIDER = "t1.provider_id.value"
_add = partial(FLAWS.add, operation=NAME)
_flaw = partial(FLAWS.change, operation=NAME)


# -- the body


def _without(name: str, kind: str) -> Apply:
    def apply(service: Service) -> None:
        del service.capability.rules[name, kind]

    return apply


def _also(member: Member, kind: type) -> Apply:
    def apply(service: Service) -> None:
        check = service.capability.rules[member.name, "type"]
        service.capability.rules[member.name, "type"] = _or_of(member.name, kind, check)

    return apply


def _or_of(name: str, kind: type, check: Check) -> Check:
    return lambda parent: (name in parent and type(parent[name]) is kind) or check(parent)


def _holding(name: str, kind: type) -> Apply:
    """Takes items of this type in a list, as well as objects."""

    def check(parent: dict[str, Any]) -> bool:
        items = parent.get(name)
        return not isinstance(items, list) or all(type(item) in (dict, kind) for item in items)

    return lambda service: service.capability.rules.update({(name, "items"): check})


for _member in MEMBERS:
    _slug, _row = dashed(_member.name), row(_member)
    _add(
        f"capability-{_slug}-may-be-missing",
        f"Answers a question without {_member.name}.",
        _without(_member.name, "mandatory"),
        f"{_row}.mandatory",
    )
    for _name, _type in _JSON_TYPES.items():
        if _type is not _member.type:
            _add(
                f"capability-{_slug}-may-be-{_name}",
                f"Takes a JSON {_name} for {_member.name}.",
                _also(_member, _type),
                f"{_row}.type",
            )
        if _member.type is list and _type is not dict:
            _add(
                f"capability-{_slug}-may-hold-{_name}",
                f"Takes a JSON {_name} among {_member.name}.",
                _holding(_member.name, _type),
                f"{_row}.type",
            )


@_flaw(*_MANDATORY, *_TYPES, "s.400")
def capability_body_unchecked(service: Service) -> None:
    """Answers whatever is in the body."""
    service.capability.rules.clear()


@_flaw(*_MANDATORY[1:], *_TYPES[1:])
def capability_checks_the_first_item(service: Service) -> None:
    """Looks at the first of the items that it is asked about, and trusts the others."""
    _checking(service, lambda items: items[:1])


@_flaw(*_MANDATORY[1:], *_TYPES[1:])
def capability_trusts_what_comes_alone(service: Service) -> None:
    """Looks at items only where it is asked about several."""
    _checking(service, lambda items: items if len(items) > 1 else [])


def _checking(service: Service, choose: Callable[[list[Any]], list[Any]]) -> None:
    """Holds only some of the items against the rules."""

    def wrap(validate: Callable[[Call], None]) -> Callable[[Call], None]:
        def lax(call: Call) -> None:
            document = call.document
            items = document.get("check_restorable") if isinstance(document, dict) else None
            if not isinstance(items, list) or not items:
                validate(call)
            elif choose(items):
                call.document = {**document, "check_restorable": choose(items)}
                validate(call)
                call.document = document

        return lax

    service.capability.around("validate", wrap)


@_flaw("s.400", "t2.check_restorable.mandatory")
def capability_of_nothing(service: Service) -> None:
    """Answers an empty body with an empty list."""

    def unless_empty(inner: Callable[[Call], None]) -> Callable[[Call], None]:
        return lambda call: inner(call) if call.body.strip() else None

    service.capability.around("read", unless_empty)
    service.capability.around("validate", unless_empty)


@_flaw("s.400", *_TYPES, *_MANDATORY)
def capability_root_may_be_a_list(service: Service) -> None:
    """Takes the list without the object around it."""

    def wrap(validate: Callable[[Call], None]) -> Callable[[Call], None]:
        def lax(call: Call) -> None:
            if isinstance(call.document, list):
                call.document = {"check_restorable": [each for each in call.document if isinstance(each, dict)]}
                return
            validate(call)

        return lax

    service.capability.around("validate", wrap)


# -- how it refuses


def _refusing(stage: str, code: int, error: str) -> Apply:
    """Refuses by another status what a stage refuses."""

    def wrap(inner: Callable[..., None]) -> Callable[..., None]:
        def other(*arguments: Any) -> None:
            try:
                inner(*arguments)
            except Refusal as refusal:
                raise Refusal(code, error, refusal.message) from None

        return other

    return lambda service: service.capability.around(stage, wrap)


for _code in (401, 403, 404, 409, 422, 500):
    _internal = ("s.500",) if _code == 500 else ()
    _add(
        f"capability-invalid-gets-{_code}",
        f"Answers {_code} to a question that breaks the tables.",
        _refusing("reject", _code, "CSBS.9998"),
        *_MANDATORY,
        *_TYPES,
        "s.400",
        *_internal,
    )
for _code in (200, 401, 409, 500):
    _add(
        f"capability-other-provider-gets-{_code}",
        f"Answers {_code} where another provider is in the path.",
        _refusing("check_provider", _code, "CSBS.9998"),
        _PROVIDER,
        *(["s.500"] if _code == 500 else []),
    )


# -- the path


def _provider(holds: Callable[[str], bool]) -> Apply:
    """Takes further providers."""

    def wrap(check: Callable[[Call, str], None]) -> Callable[[Call, str], None]:
        return lambda call, provider: None if holds(provider) else check(call, provider)

    return lambda service: service.capability.around("check_provider", wrap)


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
for _name, _doc, _holds in (
    ("provider-unchecked", "Takes any provider in the path.", lambda _: True),
    (
        "provider-prefix-compared",
        "Compares the first eight characters of the provider in the path.",
        lambda value: value[:8] == PROVIDER[:8],
    ),
    (
        "provider-end-compared",
        "Compares the last twelve characters of the provider in the path.",
        lambda value: value[-12:] == PROVIDER[-12:],
    ),
    ("provider-may-go-on", "Takes a longer provider in the path.", lambda value: value.startswith(PROVIDER)),
    ("provider-may-be-cut", "Takes the beginning of the provider in the path.", PROVIDER.startswith),
    (
        "provider-may-be-any-uuid",
        "Takes any UUID for the provider in the path.",
        lambda value: bool(_UUID.fullmatch(value)),
    ),
    (
        "provider-may-be-any-of-its-length",
        "Takes any provider of the right length in the path.",
        lambda value: len(value) == len(PROVIDER),
    ),
    (
        "providers-last-digit-ignored",
        "Compares all but the last character of the provider in the path.",
        lambda value: len(value) == len(PROVIDER) and value[:-1] == PROVIDER[:-1],
    ),
):
    _add(f"capability-{_name}", _doc, _provider(_holds), _PROVIDER)


# -- the caller


for _name, _doc, _stage, _applies, _breaks in (
    (
        "needs-no-token",
        "Tells everyone what can be restored.",
        "authenticate",
        lambda service, call: not service.knows(call.token),
        ("s.401",),
    ),
    (
        "takes-an-expired-token",
        "Tells callers past their time what can be restored.",
        "authenticate",
        lambda _, call: call.token == EXPIRED_TOKEN,
        ("s.401",),
    ),
    (
        "of-any-project",
        "Tells callers what can be restored in projects that are not theirs.",
        "authorize_project",
        lambda _, __: True,
        ("t1.project_id.value", "s.403"),
    ),
    (
        "of-projects-that-begin-alike",
        "Compares the first eight characters of the project that it is asked about.",
        "authorize_project",
        lambda _, call: call.project[:8] == PROJECT[:8],
        ("t1.project_id.value",),
    ),
):
    _add(f"capability-{_name}", _doc, letting_in("capability", _stage, _applies), *_breaks)
