"""A whole run beside the bare replay of the very requests that it sent: what asking and judging add to sending."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from targets.embedded.launch import launch
from tests.bench.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GOAL = 2.0
TIMEOUT = 10


def figures(rounds: Sequence[tuple[Mapping[str, Any], float]]) -> list[Figure]:
    """The ratio, of runs that the stopwatch has measured and the seconds that the replay of each took.

    It is the median one: a machine that is shared may have something else to do in any of them.
    """
    told, seconds = sorted(rounds, key=lambda each: _spent(each[0], "clock") / each[1])[len(rounds) // 2]
    wall, cpu = _spent(told, "clock"), _spent(told, "cpu")
    shares = ", ".join(f"{room} {share:.0%}" for room, share in told["cpu"].items())
    count = told["requests"]
    ratios = ", ".join(f"{_spent(run, 'clock') / bare:.2f}" for run, bare in rounds)
    return [
        Figure(
            "standard run / replay of its requests",
            wall / seconds,
            "x",
            GOAL,
            detail=f"{count} requests: {wall:.2f} s, replayed one by one in {seconds:.2f} s; median of {ratios}",
        ),
        Figure("  CPU of the run's process / its wall time", cpu / wall, "x", detail=shares),
    ]


def _spent(told: Mapping[str, Any], clock: str) -> float:
    """Seconds from the first request to the end, on the clock or of CPU."""
    return float(told["end"][clock] - told["first"][clock])


def replay(kept: Sequence[Sequence[Any]]) -> float:
    """Seconds that the requests of a run take in a bare loop over one connection, to a service that is as new."""
    decoded = [
        (method, urlsplit(url).path, headers, body if body is None else base64.b64decode(body))
        for method, url, headers, body in kept
    ]
    with launch() as endpoint, requests.Session() as session:
        session.trust_env = False
        started = time.monotonic()
        for method, path, headers, body in decoded:
            session.request(method, endpoint + path, headers=headers, data=body, allow_redirects=False, timeout=TIMEOUT)
        return time.monotonic() - started
