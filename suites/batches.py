"""Bodies and fills for faults, drawn in batches: one draw serves all faults of a member, for setting it up costs most.

What a fault gets is the same whichever of its member's faults is asked first.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from contracts.bodies import valid_bodies
from contracts.catalogue import catalogue
from suites.exploring import draw, shrink
from suites.shaping import shape_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.faults import Fault
    from contracts.model import Contract

Batch = tuple[Any, list[Any]]
"""A valid body and the fills that are tried in it, so that they share its control."""
FILLS = 3
"""The fills of a batch."""
Group = tuple["Fault", ...]


class Draws:
    """What is drawn for a fault, beside the others of its member.

    Args:
        contract: whose request has the fault.
        fault: which one it is.
        count: batches at most.
        seed: of the run.
    """

    def __init__(self, contract: Contract, fault: Fault, count: int, seed: int) -> None:
        self.fault = fault
        self._contract = contract
        self._group = _groups(contract)[fault.pointer, fault.position]
        self._index = self._group.index(fault)
        self._count = count
        self._seed = seed

    def batches(self, count: int) -> list[Batch]:
        """So many batches, or fewer where Hypothesis finds no more."""
        if count <= 0:
            return []
        return [self._mine(value) for value in _drawn(self._contract, self._group, self._count, self._seed)[:count]]

    def smallest(self, fails: Callable[[Batch], bool]) -> Batch | None:
        """The smallest batch that fails, sought from those that are drawn; None where none does any more."""
        strategy = _strategy(self._contract, self._group)
        value = shrink(strategy, lambda each: fails(self._mine(each)), self._count, self._group[0].id, self._seed)
        return None if value is None else self._mine(value)

    def _mine(self, value: tuple[Any, tuple[list[Any], ...]]) -> Batch:
        document, fills = value
        return document, fills[self._index]


@cache
def _groups(contract: Contract) -> dict[Any, Group]:
    """The faults by what a body needs to have for them: a member, in an item of some position."""
    groups: dict[Any, Group] = {}
    for fault in catalogue(contract):
        key = fault.pointer, fault.position
        groups[key] = (*groups.get(key, ()), fault)
    return groups


@cache
def _strategy(contract: Contract, group: Group) -> st.SearchStrategy[tuple[Any, tuple[list[Any], ...]]]:
    shape = shape_for(contract, items=(group[0].position.least, 3))
    fills = (st.lists(fault.fills, min_size=FILLS, max_size=FILLS) for fault in group)
    return st.tuples(valid_bodies(contract.request_schema, shape).filter(group[0].fits), st.tuples(*fills))


@lru_cache(maxsize=64)  # more than a contract has members with faults
def _drawn(contract: Contract, group: Group, count: int, seed: int) -> list[tuple[Any, tuple[list[Any], ...]]]:
    return draw(_strategy(contract, group), count, group[0].id, seed)
