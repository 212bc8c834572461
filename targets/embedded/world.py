"""What exists in the embedded service: projects, tokens, servers with disks, checkpoints with backups."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROJECT = "b942cc8342734d15bcb246babb1953cf"
FOREIGN_PROJECT = "0d2bf04a6e3f4c5e9c1a7e55d1f0a9b8"
OPERATOR_TOKEN = "gEmbedded-Operator-9f3KxQ2vLr7TzWm4"  # noqa: S105  of a service that guards nothing
READ_ONLY_TOKEN = "gEmbedded-ReadOnly-5hYcN8pDs1BuJe6A"  # noqa: S105
EXPIRED_TOKEN = "gEmbedded-Expired-2aRtV7wXk0GqHo3Z"  # noqa: S105
FOREIGN_TOKEN = "gEmbedded-Foreign-8mFiC4lEy6OzPd1U"  # noqa: S105

_DISKS = (1, 2, 3, 60)
AVAILABLE, WAITING, RESTORING = "available", "waiting_restore", "restoring"
WAIT = 0.1
"""The share of a restoration's time that a backup waits for it."""


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
    resources: tuple[Mapping[str, Any], ...] = RESOURCES
    restorations: list[dict[str, Any]] = field(default_factory=list)
    """The audit trail: every accepted request's document, in order."""
    lasting: float = 0
    """How many seconds a restoration keeps its server and its backup busy; 0: it is over at once."""
    clock: Callable[[], float] = time.monotonic
    started: dict[str, float] = field(default_factory=dict)
    """When the last restoration of a server, or of a backup, has begun."""

    def resource(self, backup: str) -> Mapping[str, Any] | None:
        """The resource that a backup is of, in whatever case it is named; None without one."""
        wanted = known(backup)
        return next((each for each in self.resources if known(each["checkpoint_item_id"]) == wanted), None)

    def begin(self, *names: str) -> None:
        """Keep a server and a backup busy from now on."""
        if self.lasting > 0:
            self.started.update(dict.fromkeys(map(known, names), self.clock()))

    def since(self, name: str) -> float | None:
        """For how many seconds a server or backup has been busy; None where it is not."""
        started = self.started.get(known(name))
        seconds = None if started is None else self.clock() - started
        return None if seconds is None or seconds >= self.lasting else seconds

    def busy(self, name: str) -> bool:
        """Whether a server or backup is being restored."""
        return self.since(name) is not None

    def status(self, backup: str) -> str:
        """What state a backup is in."""
        since = self.since(backup)
        if since is None:
            return AVAILABLE
        return WAITING if since < WAIT * self.lasting else RESTORING


def known(name: str) -> str:
    """A name as the world has it, of however it is spelt where that does not matter."""
    return name.strip().lower()
