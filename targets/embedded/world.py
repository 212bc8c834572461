"""What exists in the embedded service: projects, tokens, servers with disks, checkpoints with backups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PROJECT = "b942cc8342734d15bcb246babb1953cf"
FOREIGN_PROJECT = "0d2bf04a6e3f4c5e9c1a7e55d1f0a9b8"
OPERATOR_TOKEN = "gEmbedded-Operator-9f3KxQ2vLr7TzWm4"  # noqa: S105  of a service that guards nothing
READ_ONLY_TOKEN = "gEmbedded-ReadOnly-5hYcN8pDs1BuJe6A"  # noqa: S105
EXPIRED_TOKEN = "gEmbedded-Expired-2aRtV7wXk0GqHo3Z"  # noqa: S105
FOREIGN_TOKEN = "gEmbedded-Foreign-8mFiC4lEy6OzPd1U"  # noqa: S105

_DISKS = (1, 2, 3, 60)


def _id(kind: int, server: int, disk: int = 0) -> str:
    return f"{kind:08x}-{server:04x}-4{disk:03x}-9abc-{kind * 1000 + server * 100 + disk:012x}"


def _resource(server: int, disks: int) -> dict[str, Any]:
    return {
        "checkpoint_id": _id(0xC1, server),
        "checkpoint_item_id": _id(0xC2, server),
        "server_id": _id(0xC3, server),
        "volumes": [
            {"backup_id": _id(0xC4, server, disk), "volume_id": _id(0xC5, server, disk)} for disk in range(1, disks + 1)
        ],
    }


RESOURCES: tuple[dict[str, Any], ...] = tuple(_resource(number, disks) for number, disks in enumerate(_DISKS, start=1))
"""What may be restored: for each server its checkpoint, its backup, and the backups of all its disks."""


@dataclass
class World:
    """What one running service knows, and the restorations that it has accepted."""

    projects: frozenset[str] = frozenset({PROJECT, FOREIGN_PROJECT})
    owners: dict[str, str] = field(
        default_factory=lambda: {OPERATOR_TOKEN: PROJECT, READ_ONLY_TOKEN: PROJECT, FOREIGN_TOKEN: FOREIGN_PROJECT}
    )
    expired: frozenset[str] = frozenset({EXPIRED_TOKEN})
    read_only: frozenset[str] = frozenset({READ_ONLY_TOKEN})
    checkpoints: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {resource["checkpoint_id"]: resource for resource in RESOURCES}
    )
    items: frozenset[str] = frozenset(resource["checkpoint_item_id"] for resource in RESOURCES)
    servers: frozenset[str] = frozenset(resource["server_id"] for resource in RESOURCES)
    backups: frozenset[str] = frozenset(volume["backup_id"] for resource in RESOURCES for volume in resource["volumes"])
    volumes: frozenset[str] = frozenset(volume["volume_id"] for resource in RESOURCES for volume in resource["volumes"])
    restorations: list[dict[str, Any]] = field(default_factory=list)
    """The audit trail: every accepted request's document, in order."""
