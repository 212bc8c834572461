"""Runs as processes of their own, with what they took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import cache
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from tests.starting import BYTECODE, ENVIRONMENT, ROOT, arguments

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SOUND = frozenset({0, 6})
"""How a run ends that accuses nobody."""


class BenchError(Exception):
    """Something cannot be measured, since a process did not do what it should; the message says which."""


@dataclass(frozen=True)
class Spent:
    """What a process took, in seconds; the CPU time is that of its children too. ``said`` is all of its output."""

    wall: float
    cpu: float
    said: str = field(repr=False)


@cache
def environment() -> dict[str, str]:
    """The variables of a process that finds compiled modules, whatever those of this one say."""
    kept = {name: value for name, value in ENVIRONMENT.items() if name not in BYTECODE}
    return {**kept, "PYTHONPYCACHEPREFIX": sys.pycache_prefix or mkdtemp(prefix="bench-pycache-")}


def spent(command: Sequence[str], statuses: frozenset[int] = frozenset({0})) -> Spent:
    """What a command took.

    Raises:
        BenchError: it ended with another status.
    """
    started, before = time.monotonic(), os.times()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    wall, after = time.monotonic() - started, os.times()
    if done.returncode not in statuses:
        raise BenchError(f"{' '.join(command[1:])} ended with {done.returncode}:\n{done.stdout[-2000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Spent(wall, cpu, done.stdout)


def timed_run(directory: Path, *more: str) -> dict[str, Any]:
    """What the stopwatch says of a whole run with these options, its reports in ``directory``.

    Raises:
        BenchError: the run found a fault, or did not come to its end.
    """
    written = directory / "stopwatch.json"
    spent(arguments(directory, "-p", "tests.bench.stopwatch", "--stopwatch", str(written), *more), SOUND)
    told: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
    return told
