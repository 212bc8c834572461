"""The life of a restoration: what the pages of three operations promise together, and none of them alone.

*Creating a Restoration Task* starts it, *Querying a Single Backup* tells how it goes, and *Querying the Restoration
Capability of a Resource* says beforehand whether it can start. No table joins them, so that what is said of the three
is implied: by the list of a backup's statuses (Table 3 of the second), and by CSBS.6015 of the error codes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contracts import store
from contracts.model import Clause, Contract, Kind, Pointer, Strength

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LIFECYCLE = "lifecycle"
_STATUS = ("checkpoint_item", "status")
_CLAUSES = (
    ("status.listed", Strength.DOCUMENTED, "the status of a backup is one that the page lists, whatever is going on"),
    (
        "status.settles",
        Strength.IMPLIED,
        "a restoration takes its backup through waiting_restore or restoring, and back to available or to error",
    ),
    ("busy", Strength.IMPLIED, "a server that is being restored is not restored again: the request is told so by 400"),
    ("capability", Strength.IMPLIED, "what is said of a resource's capability is what a restoration then meets"),
    (
        "backup",
        Strength.IMPLIED,
        "a backup that is restored stays there, in the record that the request named",
    ),
)


@dataclass(frozen=True)
class Lifecycle:
    """The three operations, and what joins them.

    ``status`` is the place of a backup's status in the answer, of which some say that a restoration is ``going_on``
    and some that it is ``over``. ``belonging`` maps places in that answer to what a profile calls the same.
    """

    starting: Contract
    watching: Contract
    foretelling: Contract
    status: Pointer
    going_on: frozenset[str]
    over: frozenset[str]
    belonging: Mapping[Pointer, str]

    @property
    def listed(self) -> frozenset[str]:
        """The statuses that the page lists."""
        schema = self.watching.response_schema
        for name in self.status:
            schema = schema["properties"][name]
        return frozenset(schema["enum"])


def lifecycle() -> Lifecycle:
    """The committed contracts, joined.

    Raises:
        ContractError: one of them is not whole, or lists other statuses than those that are read here.
    """
    life = Lifecycle(
        starting=store.load("restores"),
        watching=store.load("querying_a_single_backup"),
        foretelling=store.load("querying_the_restoration_capability_of_a_resource"),
        status=_STATUS,
        going_on=frozenset({"waiting_restore", "restoring"}),
        over=frozenset({"available", "error"}),
        belonging={
            ("checkpoint_item", "checkpoint_id"): "checkpoint_id",
            ("checkpoint_item", "id"): "checkpoint_item_id",
        },
    )
    strangers = (life.going_on | life.over) - life.listed
    if strangers:
        raise store.ContractError(f"{life.watching.operation}: {', '.join(sorted(strangers))} is no listed status")
    return life


def load(operation: str = store.DEFAULT, root: Path = store.ROOT) -> Contract:
    """The contract of an operation, or of the :data:`LIFECYCLE`, which is asked like the operation that starts it.

    Raises:
        ContractError: there is none of this name, or it is not whole.
    """
    if operation != LIFECYCLE:
        return store.load(operation, root)
    starting = lifecycle().starting
    clauses = (Clause(f"{LIFECYCLE}.c.{tail}", Kind.PROTOCOL, strength, text) for tail, strength, text in _CLAUSES)
    page = replace(starting.page, title="The life of a restoration", tables=())
    return replace(starting, operation=LIFECYCLE, page=page, clauses=tuple(clauses), readings=(), defects=())


def askable() -> tuple[str, ...]:
    """What a target can be asked about: operations, and the lifecycle."""
    return (*store.askable(), LIFECYCLE)
