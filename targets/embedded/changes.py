"""How the embedded service is changed: a flaw breaks clauses of the page, a variation uses a freedom that it leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Service

    Apply = Callable[[Service], None]
    Decorated = TypeVar("Decorated", bound=Apply)


@dataclass(frozen=True)
class Change:
    """One change of the service.

    ``breaks`` are the ids of the clauses that a suite may fail for it, without the operation's name, any of them
    being right; a variation has none. ``apply`` changes a service that has not answered anything yet. A ``rare`` flaw
    shows only once in many requests, and under one that leaves the suite ``lost`` nothing can be judged any more.
    """

    name: str
    doc: str
    apply: Apply = field(repr=False)
    breaks: tuple[str, ...] = ()
    rare: bool = False
    lost: bool = False


class Registry(dict[str, Change]):
    """Changes by name."""

    def add(self, name: str, doc: str, apply: Apply, *breaks: str, rare: bool = False, lost: bool = False) -> None:
        """Register a change.

        Raises:
            ValueError: the name is taken.
        """
        if name in self:
            raise ValueError(f"two changes of the embedded service are called {name}")
        self[name] = Change(name, doc, apply, breaks, rare, lost)

    def change(self, *breaks: str, rare: bool = False, lost: bool = False) -> Callable[[Decorated], Decorated]:
        """Register a function as a change: named like it, described by its docstring."""

        def register(apply: Decorated) -> Decorated:
            name, doc = apply.__name__.replace("_", "-"), (apply.__doc__ or "").partition("\n")[0]
            self.add(name, doc, apply, *breaks, rare=rare, lost=lost)
            return apply

        return register


FLAWS = Registry()
VARIATIONS = Registry()
CONCURRENT = Registry()
"""What shows only where requests overlap, sound where nothing is broken; they wait, so that only sockets show them."""
