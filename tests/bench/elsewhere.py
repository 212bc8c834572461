"""A pytest plugin that has a service on other processors answer: loaded by ``-p``, in every process of a run.

Each request waits for the latency, and costs no processor of this machine but what the service needs to think, which
is little beside what the suite does with its answer. Where there are two processors, a service in a process of its own
would take one of them, and what is measured would be how two share two.
"""

from __future__ import annotations

import io
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from targets.embedded.service import Call
from tests.bench.waiting import SERVERS, world_of
from tests.starting import service

LATENCY = 0.002
"""Seconds that each answer takes."""


def pytest_configure(config: pytest.Config) -> None:
    """Answer for whatever target is asked."""
    answering = service(**world_of(SERVERS))

    def send(_: HTTPAdapter, request: requests.PreparedRequest, **__: Any) -> requests.Response:
        time.sleep(LATENCY)
        headers = {name.lower(): str(value) for name, value in request.headers.items()}
        body = request.body if isinstance(request.body, bytes) else b""
        path = urlsplit(request.url or "").path
        reply = answering.answer(Call(str(request.method), str(path), headers, body))
        response = requests.Response()
        response.raw = HTTPResponse(
            io.BytesIO(reply.body), headers=reply.headers, status=reply.status, preload_content=False
        )
        return response

    patch = pytest.MonkeyPatch()
    patch.setattr(HTTPAdapter, "send", send)
    config.add_cleanup(patch.undo)
