"""A pytest plugin that has a service on other processors answer: loaded by ``-p``, in every process of a run.

Each request waits for the latency, and costs no processor of this machine but what the service needs to think, which
is little beside what the suite does with its answer. Where there are two processors, a service in a process of its own
would take one of them, and what is measured would be how two share two.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from targets.embedded.service import Call
from targets.transport import Received, Transport
from tests.bench.waiting import SERVERS, world_of
from tests.starting import service

if TYPE_CHECKING:
    from collections.abc import Mapping

LATENCY = 0.002
"""Seconds that each answer takes."""


def pytest_configure(config: pytest.Config) -> None:
    """Answer for whatever target is asked."""
    answering = service(**world_of(SERVERS))

    def ask(_: Transport, method: str, url: str, headers: Mapping[str, str], body: bytes | None, __: float) -> Received:
        time.sleep(LATENCY)
        lower = {name.lower(): value for name, value in headers.items()}
        reply = answering.answer(Call(method, urlsplit(url).path, lower, body or b""))
        return Received(reply.status, tuple(reply.headers.items()), reply.body)

    patch: Any = pytest.MonkeyPatch()
    patch.setattr(Transport, "ask", ask)
    config.add_cleanup(patch.undo)
