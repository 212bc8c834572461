"""Changes of one member of an answer, found by the names on the way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Edit = Callable[[Any, str], None]


def at(place: tuple[str, ...], change: Edit) -> Callable[[Any], None]:
    """Changes the last item's member where the place goes through a list."""

    def apply(parent: Any) -> None:
        for step in place[:-1]:
            parent = parent.get(step) if isinstance(parent, dict) else None
            parent = parent[-1] if isinstance(parent, list) and parent else parent
        if isinstance(parent, dict):
            change(parent, place[-1])

    return apply


def remove(parent: Any, name: str) -> None:
    """Leave a member out."""
    parent.pop(name, None)


def mistype(parent: Any, name: str) -> None:
    """Give a member another JSON type, near to its own."""
    value = parent.get(name)
    parent[name] = {
        bool: str,
        int: str,
        str: lambda text: [text],
        dict: lambda _: "in_progress",
        list: lambda items: items[0] if items else "",
    }.get(type(value), lambda _: 0)(value)  # type: ignore[operator]


def null(parent: Any, name: str) -> None:
    """Give a member null for its value."""
    parent[name] = None


def put(value: Any) -> Edit:
    """Give a member this value."""

    def change(parent: Any, name: str) -> None:
        parent[name] = value

    return change


def only_if_there(change: Edit) -> Edit:
    """Change a member where there is one."""

    def careful(parent: Any, name: str) -> None:
        if name in parent:
            change(parent, name)

    return careful
