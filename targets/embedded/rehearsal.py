"""A sound service in this process that knows what a profile names, for trying a run without sending anything."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from targets.embedded.in_process import InProcessWire
from targets.embedded.service import Service
from targets.embedded.world import World
from targets.exchange import Role

if TYPE_CHECKING:
    from targets.profile import Target


class Rehearsal(InProcessWire):
    """The wire to such a service: whatever is asked of it stays here."""

    def __init__(self, target: Target, success: frozenset[int], busy: frozenset[str]) -> None:
        limits = replace(target.limits, connections=1, requests_per_second=None)
        super().__init__(replace(target, limits=limits), success, busy, Service(_world(target)))


def _world(target: Target) -> World:
    """What exists for a target, as far as its profile says."""
    tokens = {role: target.tokens[role].value for role in target.tokens}
    callers = {role: token for role, token in tokens.items() if role is not Role.EXPIRED}
    volumes = [volume for resource in target.resources for volume in resource["volumes"]]
    return World(
        projects=frozenset({target.project_id} | ({target.foreign_project_id} if target.foreign_project_id else set())),
        owners=dict.fromkeys(callers.values(), target.project_id),
        expired=frozenset(token for role, token in tokens.items() if role is Role.EXPIRED),
        read_only=frozenset(token for role, token in tokens.items() if role is Role.READ_ONLY),
        checkpoints={resource["checkpoint_id"]: dict(resource) for resource in target.resources},
        items=frozenset(resource["checkpoint_item_id"] for resource in target.resources),
        servers=frozenset(resource["server_id"] for resource in target.resources),
        backups=frozenset(volume["backup_id"] for volume in volumes),
        volumes=frozenset(volume["volume_id"] for volume in volumes),
        resources=tuple(target.resources),
    )
