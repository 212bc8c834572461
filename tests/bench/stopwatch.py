"""A pytest plugin that measures the run in its process from within; loaded by ``-p`` with ``--stopwatch FILE``.

Written down are wall and CPU time at the first request and at the end, the peak of memory as requests go on, which
room of the house the processor was busy for, and, with ``--keep-requests``, every request as it left.
"""

from __future__ import annotations

import base64
import json
import resource
import signal
import sys
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from suites.exploring import DEPTHS
from targets.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from types import FrameType

ROOT = Path(__file__).parents[2]
TICK = 0.004
"""Seconds of CPU time from one sample to the next."""
STEP = 500
"""Requests after which memory is looked at."""
ROOMS = (
    ("contracts/faults", "proving"),
    ("contracts/malformed", "proving"),
    ("contracts/validating", "proving"),
    ("contracts/", "drawing"),
    ("suites/exploring", "drawing"),
    ("targets/", "sending"),
    ("suites/", "judging"),
    ("reports/", "reporting"),
)
"""What the modules of this path are about; the first one that fits counts."""
REST = "pytest"


def room_of(path: str, root: Path = ROOT) -> str | None:
    """What the code of a file is about, None where it is a library's."""
    if not path.startswith(f"{root}/"):
        return None
    inside = path[len(str(root)) + 1 :]
    return next((room for beginning, room in ROOMS if inside.startswith(beginning)), None)


class Stopwatch:
    """What is measured of one run."""

    def __init__(self, *, keep: bool) -> None:
        self.told: dict[str, Any] = {}
        self.requests: list[Any] = []
        self._keep = keep
        self._count = 0
        self._memory: list[tuple[int, int]] = []
        self._spent: defaultdict[str, float] = defaultdict(float)
        self._looked = 0.0
        self._rooms: dict[str, str | None] = {}

    def leaves(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> None:
        """Take note of a request."""
        self._count += 1
        if self._count == 1:
            self.mark("first")
        if self._count % STEP == 0:
            self._memory.append((self._count, peak()))
        if self._keep:
            self.requests.append((method, url, dict(headers), body))

    def start(self) -> None:
        """Look what the processor is busy with, from here on; call it in the main thread."""
        self._looked = time.thread_time()
        signal.signal(signal.SIGPROF, self.sample)
        signal.setitimer(signal.ITIMER_PROF, TICK, TICK)

    def mark(self, name: str) -> None:
        """Take the times of this moment, in seconds: on the clock, and of this process's CPU."""
        self.told[name] = {"clock": time.monotonic(), "cpu": time.process_time()}

    def sample(self, _: int, frame: FrameType | None) -> None:
        """Put the CPU time of the main thread since the last look down to the innermost room that it is in."""
        room, now = None, time.thread_time()
        while frame is not None and room is None:
            path = frame.f_code.co_filename
            if path not in self._rooms:
                self._rooms[path] = room_of(path)
            room = self._rooms[path]
            frame = frame.f_back
        self._spent[room or REST] += now - self._looked
        self._looked = now

    def write(self, path: Path) -> None:
        """Write down what was measured."""
        self._memory.append((self._count, peak()))
        total = self.told["end"]["cpu"] - self.told["first"]["cpu"]
        self._spent["sending"] += max(0.0, total - sum(self._spent.values()))  # what other threads are for
        told = {
            **self.told,
            "requests": self._count,
            "memory": self._memory,
            "cpu": {room: seconds / total for room, seconds in sorted(self._spent.items(), key=lambda each: -each[1])},
            "kept": [
                [method, url, headers, body if body is None else base64.b64encode(body).decode("ascii")]
                for method, url, headers, body in self.requests
            ],
        }
        path.write_text(json.dumps(told), encoding="utf-8")


def peak() -> int:
    """The most memory that this process has had so far, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


STOPWATCH = pytest.StashKey[Stopwatch]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The plugin's own options."""
    group = parser.getgroup("bench", "measuring a run")
    group.addoption("--stopwatch", metavar="FILE", type=Path, required=True, help="where to write what was measured")
    group.addoption("--keep-requests", action="store_true", help="keep every request as it left")
    group.addoption("--bodies", metavar="N", type=int, help="draw so many bodies for each fault, whatever the depth")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Have the depth say how many bodies, before the run looks it up."""
    patch = pytest.MonkeyPatch()
    if config.option.bodies:
        depth = config.option.depth
        patch.setitem(DEPTHS, depth, replace(DEPTHS[depth], bodies=config.option.bodies))
    config.add_cleanup(patch.undo)


def pytest_configure(config: pytest.Config) -> None:
    """Watch what leaves."""
    stopwatch = config.stash[STOPWATCH] = Stopwatch(keep=config.option.keep_requests)
    ask = Transport.ask

    def asked(self: Transport, *request: Any) -> Any:
        stopwatch.leaves(*request[:4])
        return ask(self, *request)

    patch = pytest.MonkeyPatch()
    patch.setattr(Transport, "ask", asked)
    config.add_cleanup(patch.undo)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, Any, Any]:
    """Look what the processor is busy with from here to the end."""
    stopwatch = session.config.stash[STOPWATCH]
    stopwatch.start()
    try:
        return (yield)
    finally:
        stopwatch.mark("asked")


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """The reports are written: the run is over, but for the service that it may have started."""
    stopwatch = config.stash[STOPWATCH]
    signal.setitimer(signal.ITIMER_PROF, 0)
    stopwatch.mark("end")
    stopwatch.write(config.option.stopwatch)
