"""What the embedded service asks of a body, member by member, written by hand from Tables 2 to 6.

A check says whether an object is as the rule wants it; it is given the object that has, or lacks, the rule's member.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Check = Callable[[dict[str, Any]], bool]

PROVIDER = "fc4d5750-22e7-4798-8a46-f48f62c4c1da"
EACH = "*"
INVALID = "CSBS.0400"
BUSY = "CSBS.6015"


@dataclass(frozen=True)
class Member:
    """A member of the request: where its parents are, its type and the table that has its row."""

    name: str
    table: int
    parents: tuple[str, ...]
    type: type
    mandatory: bool = True


MEMBERS = (
    Member("restore", 2, (), dict),
    Member("checkpoint_id", 3, ("restore",), str),
    Member("provider_id", 3, ("restore",), str),
    Member("restore_target", 3, ("restore",), str, mandatory=False),
    Member("parameters", 3, ("restore",), dict),
    Member("checkpoint_item_id", 4, ("restore", "parameters"), str),
    Member("power_on", 4, ("restore", "parameters"), bool),
    Member("targets", 4, ("restore", "parameters"), dict),
    Member("server_id", 5, ("restore", "parameters", "targets"), str),
    Member("volumes", 5, ("restore", "parameters", "targets"), list),
    Member("backup_id", 6, ("restore", "parameters", "targets", "volumes", EACH), str),
    Member("volume_id", 6, ("restore", "parameters", "targets", "volumes", EACH), str),
)
BY_NAME = {member.name: member for member in MEMBERS}


def parents(document: Any, path: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The objects at a path, as far as the document has them."""
    if not path:
        if isinstance(document, dict):
            yield document
    elif path[0] == EACH:
        for item in document if isinstance(document, list) else ():
            yield from parents(item, path[1:])
    elif isinstance(document, dict) and path[0] in document:
        yield from parents(document[path[0]], path[1:])


def present(name: str) -> Check:
    """The member is there."""
    return lambda parent: name in parent


def typed(name: str, kind: type) -> Check:
    """The member, if it is there, is of this very type: a number is no Boolean and a Boolean no number."""
    return lambda parent: name not in parent or type(parent[name]) is kind


def fixed(name: str, value: str) -> Check:
    """The member, if it is there, has this value."""
    return lambda parent: name not in parent or parent[name] == value


def objects(name: str) -> Check:
    """The member, if it is a list, has objects in it, and at least one."""
    return lambda parent: (
        not isinstance(parent.get(name), list)
        or (bool(parent[name]) and all(type(item) is dict for item in parent[name]))
    )


def rules() -> dict[tuple[str, str], Check]:
    """The rules by member and kind, in the order in which they are looked at."""
    found: dict[tuple[str, str], Check] = {}
    for member in MEMBERS:
        if member.mandatory:
            found[member.name, "mandatory"] = present(member.name)
        found[member.name, "type"] = typed(member.name, member.type)
    found["volumes", "items"] = objects("volumes")
    found["provider_id", "value"] = fixed("provider_id", PROVIDER)
    return found
