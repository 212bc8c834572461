"""The order in which resources are asked about."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

Value = TypeVar("Value")
_NOTHING: Any = object()


def in_turn(items: Iterable[Value], about: Callable[[Value], Hashable]) -> list[Value]:
    """The items in another order: the first about each resource, then the second about each, to the last.

    So that not many that follow one another have to wait for the same resource.
    """
    groups = defaultdict(list)
    for item in items:
        groups[about(item)].append(item)
    rounds = itertools.zip_longest(*groups.values(), fillvalue=_NOTHING)
    return [item for each in rounds for item in each if item is not _NOTHING]
