"""What a profile lists to be restored: the identifiers in it, and what must not be restored at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def strings(value: Any) -> Iterator[str]:
    """Every string in a JSON value, names of members left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def names(resources: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """What each resource is called on the wire, where one of a name is in flight at a time.

    Resources that share an identifier, such as two backups of one server, share a name.
    """
    groups: list[tuple[set[str], list[int]]] = []
    for index, resource in enumerate(resources):
        identifiers, members = set(strings(resource)), [index]
        for group in [group for group in groups if group[0] & identifiers]:
            groups.remove(group)
            identifiers |= group[0]
            members = [*group[1], *members]
        groups.append((identifiers, members))
    named = {member: f"resource {min(members) + 1}" for _, members in groups for member in members}
    return tuple(named[index] for index in range(len(resources)))
