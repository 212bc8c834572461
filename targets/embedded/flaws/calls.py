"""What flaws look at in a call, and the clauses of the request's rows that they break."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from targets.embedded.rules import BY_NAME, MEMBERS, parents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from targets.embedded.rules import Member
    from targets.embedded.service import Call

    Applies = Callable[[Call], bool]


def always(*_: object) -> bool:
    """Every call."""
    return True


def document(call: Call) -> Any:
    """What the body says to any JSON parser; None where it says nothing."""
    try:
        return json.loads(call.body.decode())
    except (ValueError, RecursionError):
        return None


def asked(call: Call, *path: str) -> Any:
    """The value at a path below the restore member, None where the request has none."""
    value = document(call)
    for name in ("restore", *path):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def members(call: Call) -> Iterator[tuple[str, Any]]:
    """Every member of the tables that the body has, with its value."""
    body = document(call)
    for member in MEMBERS:
        for parent in parents(body, member.parents):
            if member.name in parent:
                yield member.name, parent[member.name]


def volumes(call: Call) -> list[Any]:
    """The volumes of the request, none where it has no list of them."""
    found = asked(call, "parameters", "targets", "volumes")
    return found if isinstance(found, list) else []


def with_target(call: Call) -> bool:
    """The optional member was sent."""
    return asked(call, "restore_target") is not None


def without_target(call: Call) -> bool:
    """The optional member was not sent."""
    return not with_target(call)


def powered_off(call: Call) -> bool:
    """power_on is false."""
    return asked(call, "parameters", "power_on") is False


def more_volumes_than(count: int) -> Applies:
    """There are more volumes than that."""
    return lambda call: len(volumes(call)) > count


def longer_than(size: int) -> Applies:
    """The body has more bytes than that."""
    return lambda call: len(call.body) > size


def media_type(call: Call) -> str:
    """The content type as it was sent, empty where there was none."""
    return call.headers.get("content-type", "")


def row(member: Member) -> str:
    """The row of a member in the request's tables."""
    return f"t{member.table}.{member.name}"


def rows(kind: str, *names: str) -> tuple[str, ...]:
    """The clauses of this kind of these members, in the page's order of tables."""
    return tuple(f"{row(BY_NAME[name])}.{kind}" for name in names)


MANDATORY = tuple(f"{row(member)}.mandatory" for member in MEMBERS if member.mandatory)
TYPES = tuple(f"{row(member)}.type" for member in MEMBERS)
WHOLE_REQUEST = (*MANDATORY, *TYPES, "t3.provider_id.value", "s.400")
"""What is broken where a body is not looked at."""


def dashed(name: str) -> str:
    """A member's name in the name of a flaw."""
    return name.replace("_", "-")
