"""Known ground: how alike two valid bodies are in what a check may hang on, besides the values that they name."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contracts.model import Pointer
    from suites.outcomes import Accepted

Traits = frozenset[tuple["Pointer", str]]
"""What a body has: members, Booleans, and whether its lists are short or long."""

LENGTHS = ((1, "one"), (2, "two"), (10, "several"))
"""The most items of a list that is called so; a longer one has many."""


def traits(document: Any) -> Traits:
    """The traits of a document, each at its place."""
    return frozenset(_traits(document, ()))


def _traits(value: Any, here: Pointer) -> Iterator[tuple[Pointer, str]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield (*here, name), "there"
            yield from _traits(each, (*here, name))
    elif isinstance(value, list):
        yield here, next((word for most, word in LENGTHS if len(value) <= most), "many")
    elif isinstance(value, bool):
        yield here, str(value)


class Grounds:
    """Bodies that the target has accepted, of the same traits one about each resource."""

    def __init__(self) -> None:
        self._by_traits: defaultdict[Traits, dict[str, Accepted]] = defaultdict(dict)

    def add(self, accepted: Accepted) -> None:
        """Keep a body, unless there is one of its traits about its resource."""
        self._by_traits[traits(accepted.document)].setdefault(accepted.resource, accepted)

    def most_like(self, document: Any, fits: Callable[[Any], bool], turn: int = 0) -> Accepted | None:
        """The body most like a document among those that fit; None where none does.

        Of those alike ``turn`` chooses one, so that not all that is asked is about the same resource.
        """
        wanted = traits(document)
        by_difference: defaultdict[int, list[Accepted]] = defaultdict(list)
        for each, one_a_resource in self._by_traits.items():
            by_difference[len(each ^ wanted)] += one_a_resource.values()
        for _, alike in sorted(by_difference.items()):
            fitting = [accepted for accepted in alike if fits(accepted.document)]
            if fitting:
                return fitting[turn % len(fitting)]
        return None
