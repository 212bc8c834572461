"""What stands at a place of a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.model import Pointer


def value_at(document: Any, pointer: Pointer) -> Any:
    """The member at a pointer without lists, None where there is none."""
    return next(values_at(document, pointer), None)


def values_at(document: Any, pointer: Pointer) -> Iterator[Any]:
    """The values at a pointer, in every item of its lists."""
    if not pointer:
        yield document
    elif pointer[0] == "*":
        for item in document if isinstance(document, list) else ():
            yield from values_at(item, pointer[1:])
    elif isinstance(document, dict) and pointer[0] in document:
        yield from values_at(document[pointer[0]], pointer[1:])
