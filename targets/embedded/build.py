"""Puts a service together with its flaws and variations."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

from targets.embedded import flaws, variations
from targets.embedded.changes import CONCURRENT, FLAWS, VARIATIONS
from targets.embedded.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterable

    from targets.embedded.world import World

for _family in (flaws, variations):
    for _module in pkgutil.iter_modules(_family.__path__):
        import_module(f"{_family.__name__}.{_module.name}")

CATALOGUE = {**FLAWS, **VARIATIONS, **CONCURRENT}


def build(changes: Iterable[str] = (), world: World | None = None) -> Service:
    """A new service with these changes, in their order; in a world of its own without one.

    Raises:
        KeyError: no flaw or variation has that name.
    """
    service = Service(world)
    for name in changes:
        CATALOGUE[name].apply(service)
    return service
