"""A run against a service far away: how much of the waiting its connections share."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

import uvicorn

from targets.embedded.__main__ import listen
from tests.bench.figures import Figure
from tests.bench.processes import timed_run
from tests.starting import consent, profile, service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from targets.embedded.service import Receive, Scope, Send

LATENCY = 0.1
"""Seconds that each answer takes."""
CONNECTIONS = 16
GOAL = 1.3
ENOUGH = 1000
"""Requests at least, for the figure to say something."""
UNLIMITED = 100_000
READY = 0.01


def _server(number: int) -> dict[str, Any]:
    """A server with one disk or two, and their backups."""
    names = iter(f"{kind:08x}-{number:04x}-4000-9abc-{kind:012x}" for kind in count(0xF1))
    resource: dict[str, Any] = {name: next(names) for name in ("checkpoint_id", "checkpoint_item_id", "server_id")}
    disks = range(1 + number % 2)
    return {**resource, "volumes": [{"backup_id": next(names), "volume_id": next(names)} for _ in disks]}


SERVERS = tuple(map(_server, range(CONNECTIONS)))
"""One for each connection: a server has one restoration in flight, and fewer of them would be what is measured."""


def world_of(resources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a world has to know for these to be restored in it."""
    disks = [disk for resource in resources for disk in resource["volumes"]]
    return {
        "checkpoints": {resource["checkpoint_id"]: resource for resource in resources},
        "items": frozenset(resource["checkpoint_item_id"] for resource in resources),
        "servers": frozenset(resource["server_id"] for resource in resources),
        "backups": frozenset(disk["backup_id"] for disk in disks),
        "volumes": frozenset(disk["volume_id"] for disk in disks),
    }


class Far:
    """An application whose answers come later; those of different connections wait at the same time."""

    def __init__(self, app: Any, latency: float) -> None:
        self._app = app
        self._latency = latency

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request (ASGI 3)."""
        await asyncio.sleep(self._latency)
        await self._app(scope, receive, send)


@contextmanager
def far(latency: float) -> Iterator[str]:
    """The endpoint of the embedded service with this latency, in a thread, for the length of a block."""
    listener = listen(0)
    config = uvicorn.Config(
        Far(service(**world_of(SERVERS)), latency),
        log_level="error",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(READY)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def measure(directory: Path, latency: float = LATENCY, depth: str = "standard") -> list[Figure]:
    """Ask a service of this latency and tell what its waiting came to."""
    with far(latency) as endpoint:
        path = profile(directory, endpoint, consent(UNLIMITED, SERVERS), "requests_per_second = 100000", CONNECTIONS)
        told = timed_run(directory, "--target", path, "--depth", depth)
    return figures(told, latency, CONNECTIONS, restorations(directory))


def restorations(directory: Path) -> int:
    """How many requests of a run started a restoration, of which a server has one at a time."""
    verdict = json.loads((directory / "out" / "verdict.json").read_text(encoding="utf-8"))
    return int(verdict["requests"]["accepted"])


def figures(told: Mapping[str, Any], latency: float, connections: int, accepted: int) -> list[Figure]:
    """The ratio to what so many connections need at least, of a run that the stopwatch has measured."""
    wall = told["end"]["clock"] - told["first"]["clock"]
    sent, ideal = told["requests"], told["requests"] * latency / connections
    return [
        Figure(
            f"latency {latency * 1000:.0f} ms, {connections} connections: wall / ideal",
            wall / ideal if sent >= ENOUGH else None,
            "x",
            GOAL,
            detail=f"{sent} requests, {accepted} restorations: {wall:.1f} s, ideal {ideal:.1f} s",
        )
    ]
