"""The workers of a load run, by Locust's runner: they come, draw their bodies, ask, and tell what they found."""

from __future__ import annotations

import locust  # noqa: F401  # isort: skip  before all else: it replaces the blocking calls of the standard library
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gevent
from locust import runners
from locust.env import Environment

from suites.load.sharing import HERE, PROGRESS, READY, RESULT, TERMS
from suites.load.watching import LOST, TIME
from suites.load.worker import Caller
from targets.embedded.launch import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from suites.load.options import Load
    from suites.load.watching import Watch

PATIENCE = 120.0
"""Seconds within which all workers have to be there, ready, and through."""
WINK = 0.05
LEAVING = 15.0
"""Seconds that a worker has to end when all is over."""
SILENCE = 30
"""Heartbeats, one a second, without which a worker is lost. It sends none while it draws on a busy machine."""
LOOPBACK = "127.0.0.1"


class LoadError(Exception):
    """The load could not be put on the target; the message says why."""


@dataclass(frozen=True)
class Asked:
    """What has come of the load: the results of the workers that told any, how long it took, and why it ended."""

    results: Sequence[Mapping[str, Any]]
    seconds: float
    why: str


class Swarm:
    """The workers; ``alive`` says how many of them there are still, where the master has started them."""

    def __init__(self, environment: Environment, expected: int, alive: Callable[[], int] | None, watch: Watch) -> None:
        self._runner = environment.runner
        self._expected = expected
        self._alive = alive
        self._watch = watch
        self._here: set[str] = set()
        self._ready: list[Mapping[str, Any]] = []
        self._results: list[Mapping[str, Any]] = []
        self._runner.register_message(HERE, lambda msg, **_: self._here.add(msg.node_id))
        self._runner.register_message(READY, lambda msg, **_: self._ready.append(msg.data))
        self._runner.register_message(PROGRESS, lambda msg, **_: watch.hear(msg.data))
        self._runner.register_message(RESULT, lambda msg, **_: self._results.append(msg.data))

    def run(self, terms: Sequence[Mapping[str, Any]], users: int, seconds: float, timeout: float) -> Asked:
        """Load the target until it is enough, for so many seconds at most.

        Raises:
            LoadError: the workers did not come in time.
        """
        self._wait(lambda: len(self._here) >= self._expected, "come")
        for client, term in zip(sorted(self._here), terms):
            self._runner.send_message(TERMS, term, client)
        self._wait(lambda: len(self._ready) >= self._expected, "draw their bodies")
        self._runner.environment.stop_timeout = timeout  # an answer that is on its way is waited for
        self._runner.start(users, spawn_rate=users)
        began = time.monotonic()
        why = self._ask(began + seconds)
        lasted = seconds if why == TIME else time.monotonic() - began
        # beside what follows: Locust looks whether the users have ended once a second
        gevent.spawn(self._runner.stop)
        with suppress(LoadError):
            self._wait(lambda: len(self._results) >= self._present(), "tell what they found")
        return Asked(self._results, lasted, why)

    def _ask(self, until: float) -> str:
        """Let the users ask; why they are to end."""
        while time.monotonic() < until:
            why = self._watch.enough() or ("" if self._present() else LOST)
            if why:
                return why
            gevent.sleep(WINK)
        return TIME

    def _present(self) -> int:
        """How many workers are still heard of."""
        if self._alive:
            return self._alive()
        clients = self._runner.clients
        return len(clients.all) - len(clients.missing)

    def _wait(self, there: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + PATIENCE
        while not there():
            if time.monotonic() > until:
                raise LoadError(f"the {self._expected} workers did not {what} within {PATIENCE:.0f} s")
            gevent.sleep(WINK)


@contextmanager
def swarm_of(options: Load, whom: Sequence[str], watch: Watch) -> Iterator[Swarm]:
    """A master with its workers, which end with the block."""
    runners.HEARTBEAT_LIVENESS = SILENCE  # Locust has no option for it
    environment = Environment(user_classes=[Caller])
    runner = environment.create_master_runner("*" if options.remote else LOOPBACK, options.port or _free_port())
    mix = ",".join(f"{kind}={weight}" for kind, weight in options.mix.items())
    command = [sys.executable, "-m", "suites.load.worker", "--port", str(runner.master_bind_port), "--mix", mix, *whom]
    workers = [] if options.remote else [subprocess.Popen(command, cwd=ROOT) for _ in range(options.workers)]  # noqa: S603  our own module
    alive = None if options.remote else lambda: sum(worker.poll() is None for worker in workers)
    try:
        yield Swarm(environment, options.workers, alive, watch)
    finally:
        runner.quit()
        for worker in workers:
            _see_off(worker)


def _see_off(worker: subprocess.Popen[bytes]) -> None:
    try:
        worker.wait(LEAVING)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


def _free_port() -> int:
    """A port that nobody uses now; Locust binds by number."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
