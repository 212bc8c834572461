"""Puts a service together with its flaws and variations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from targets.embedded import variations
from targets.embedded.changes import FLAWS, VARIATIONS
from targets.embedded.flaws import (
    answers,
    blanket,
    caller,
    checks,
    crashing,
    disclosing,
    encodings,
    error_bodies,
    fragile,
    leniency,
    lists,
    lookups,
    memories,
    pickiness,
    serializing,
    shapes,
    skipping,
    statuses,
    unsteady,
)
from targets.embedded.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "CATALOGUE",
    "answers",
    "blanket",
    "build",
    "caller",
    "checks",
    "crashing",
    "disclosing",
    "encodings",
    "error_bodies",
    "fragile",
    "leniency",
    "lists",
    "lookups",
    "memories",
    "pickiness",
    "serializing",
    "shapes",
    "skipping",
    "statuses",
    "unsteady",
    "variations",
]

CATALOGUE = {**FLAWS, **VARIATIONS}


def build(changes: Iterable[str] = ()) -> Service:
    """A new service with these changes, in their order.

    Raises:
        KeyError: no flaw or variation has that name.
    """
    service = Service()
    for name in changes:
        CATALOGUE[name].apply(service)
    return service
