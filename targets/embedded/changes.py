"""How the embedded service is changed: a flaw breaks clauses of the page, a variation uses a freedom that it leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Service

    Apply = Callable[[Service], None]
    Decorated = TypeVar("Decorated", bound=Apply)


RESTORES = "restores"
LIFECYCLE = "lifecycle"


@dataclass(frozen=True)
class Change:
    """One change of the service.

    ``breaks`` are the ids of the clauses that a suite may fail for it, without the operation's name, any of them
    being right; a variation has none. ``apply`` changes a service that has not answered anything yet. A ``rare`` flaw
    shows only once in many requests, and under one that leaves the suite ``lost`` nothing can be judged any more.
    ``operation`` is the contract that the clauses are of, or ``lifecycle`` where it takes several operations to see it.
    What changes a stage that all operations share is told under ``restores``.
    """

    name: str
    doc: str
    apply: Apply = field(repr=False)
    breaks: tuple[str, ...] = ()
    rare: bool = False
    lost: bool = False
    operation: str = RESTORES


class Registry(dict[str, Change]):
    """Changes by name."""

    def add(
        self,
        name: str,
        doc: str,
        apply: Apply,
        *breaks: str,
        rare: bool = False,
        lost: bool = False,
        operation: str = RESTORES,
    ) -> None:
        """Register a change.

        Raises:
            ValueError: the name is taken.
        """
        if name in self:
            raise ValueError(f"two changes of the embedded service are called {name}")
        self[name] = Change(name, doc, apply, breaks, rare, lost, operation)

    def change(
        self, *breaks: str, rare: bool = False, lost: bool = False, operation: str = RESTORES
    ) -> Callable[[Decorated], Decorated]:
        """Register a function as a change: named like it, described by its docstring."""

        def register(apply: Decorated) -> Decorated:
            name, doc = apply.__name__.replace("_", "-"), (apply.__doc__ or "").partition("\n")[0]
            self.add(name, doc, apply, *breaks, rare=rare, lost=lost, operation=operation)
            return apply

        return register

    def of(self, operation: str) -> list[str]:
        """The names of the changes that concern an operation, in their order."""
        return [name for name, change in self.items() if change.operation == operation]


FLAWS = Registry()
VARIATIONS = Registry()
CONCURRENT = Registry()
"""What shows only where requests overlap, sound where nothing is broken; they wait, so that only sockets show them."""
