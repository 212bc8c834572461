"""The master of a load run: asks in turn first, deals out what is allowed, lets the workers ask, and judges the whole.

What fails in turn already is no finding of the load; the verdict has both.
"""

from __future__ import annotations

import locust  # noqa: F401  # isort: skip  before all else: it replaces the blocking calls of the standard library
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import gevent
from locust.env import Environment

import contracts
from contracts.model import Strength
from suites.campaign import Campaign
from suites.conducting import conduct
from suites.evidence import Evidence
from suites.exploring import DEPTHS
from suites.judging import SUCCESS
from suites.load.racing import Races, Taking, clause_id, races, with_races
from suites.load.sharing import READY, RESULT, TERMS, add, deal
from suites.load.worker import Caller
from suites.messages import curl
from suites.outcomes import Outcome
from suites.record import EVIDENCE, Entry, Share
from suites.response import identity_clause
from suites.setting import Setting
from targets.embedded.launch import ROOT
from targets.journal import recalled
from targets.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from contracts.model import Contract
    from suites.load.options import Load
    from targets.profile import Target

PATIENCE = 120.0
"""Seconds within which all workers have to be there, ready, and through."""
WINK = 0.05
LEAVING = 15.0
"""Seconds that a worker has to end when all is over."""
LOOPBACK = "127.0.0.1"


class LoadError(Exception):
    """The load could not be put on the target; the message says why."""


@dataclass
class Loaded:
    """What a load run leaves.

    ``times`` are how long answers took, by status, and ``load`` is what the verdict says of it. ``broken`` says why the
    run has not come to its end, empty once it has.
    """

    setting: Setting
    campaign: Campaign
    wire: Wire
    times: dict[str, list[float]] = field(default_factory=dict)
    load: dict[str, Any] = field(default_factory=dict)
    broken: str = ""


@contextmanager
def loaded(
    target: Target, options: Load, users: int, depth: str, seed: int, report_dir: Path, whom: tuple[str, ...]
) -> Iterator[Loaded]:
    """Load a target; what it yields is whole.

    Args:
        target: whom to ask.
        options: how.
        users: how many, on all workers.
        depth: how many bodies are drawn.
        seed: of the draws.
        report_dir: where the reports go.
        whom: the options by which a worker asks the same target.

    Raises:
        OptionError: the budget is too small for so many workers.
        Unreachable: no connection to the target can be had.
        LoadError: a worker is not there.
    """
    contract = with_races(contracts.load())
    mine, terms = deal(target, options.workers, depth, seed)
    setting = Setting(contract, target, DEPTHS[depth], seed, Strength.IMPLIED, {}, report_dir)
    with ExitStack() as stack:
        wire = stack.enter_context(Wire(mine, frozenset(SUCCESS), contract.busy))
        campaign = Campaign(contract, mine, wire, DEPTHS["smoke"], seed)
        conduct(campaign)
        done = Loaded(setting, campaign, wire)
        if not campaign.stopped:
            swarm = stack.enter_context(_swarm(options, whom))
            for told in swarm.run([asdict(each) for each in terms], users, options.time, target.limits.timeout):
                _add(done, told)
            _judge_together(contract, done)
            _say_what_is_missing(done, options.workers)
        done.load |= {"users": users, "workers": options.workers, "seconds": options.time, "mix": dict(options.mix)}
        yield done


def _add(done: Loaded, told: Mapping[str, Any]) -> None:
    share, takings = add(told, done.wire)
    done.campaign.recall(share)
    done.load.setdefault("results", []).append(told["stopped"])
    done.load.setdefault("takings", []).extend(takings)
    for status, times in told["times"].items():
        done.times.setdefault(status, []).extend(times)


def _say_what_is_missing(done: Loaded, workers: int) -> None:
    """A run whose workers were lost, or stopped, has not shown what it was to show."""
    stopped = done.load.pop("results", [])
    if len(stopped) < workers:
        done.broken = f"{workers - len(stopped)} of {workers} workers did not tell what they found"
    done.campaign.stopped = next(filter(None, stopped), "")


def _judge_together(contract: Contract, done: Loaded) -> None:
    """What only the workers together show."""
    takings: list[Taking] = done.load.pop("takings", [])
    raced = races(takings)
    share = Share()
    if contract.busy:
        share.entries[clause_id(contract)] = _of_races(contract, raced)
    identity = identity_clause(contract)
    if identity:
        share.entries[identity.id] = _of_names(identity.id, takings)
    if raced.both:
        seen = "both were accepted"
        share.observations["two requests for one server at one time"][seen] = raced.both
    done.campaign.recall(share)
    if contract.busy and not raced.proven and not raced.one:
        done.campaign.record.skip(clause_id(contract), raced.why)


def _of_races(contract: Contract, raced: Races) -> Entry:
    entry = Entry(passed=raced.one, failed=len(raced.proven))
    name = clause_id(contract)
    if raced.one:
        entry.by_case[name][Outcome.PASS] = raced.one
    for first, second in raced.proven:
        apart = abs(second.started - first.started)
        why = f"two restorations of {first.server} were accepted, asked {apart:.3f} s apart and both in progress"
        entry.failures += _evidence(f"{name}-both", why, second, first)
    del entry.failures[EVIDENCE:]
    return entry


def _of_names(name: str, takings: Iterable[Taking]) -> Entry:
    """Names that two workers were given; one that a worker was given twice it has found itself."""
    entry, seen = Entry(), dict[str, Taking]()
    for taking in takings:
        if taking.identity and seen.setdefault(taking.identity, taking) is not taking:
            entry.failed += 1
            entry.failures += _evidence(f"{name}-load", f"{taking.identity!r} was given twice", taking, None)
    del entry.failures[EVIDENCE:]
    return entry


def _evidence(case: str, why: str, taking: Taking, beside: Taking | None) -> Iterator[Evidence]:
    """A taking as a report shows what fails, beside another one."""
    if taking.shown is None:
        return
    yield Evidence(
        case=case,
        expected=(),
        why=why,
        **taking.shown,
        broke=None,
        fault=None,
        control=beside.shown if beside else None,
        curl=curl(recalled(taking.shown).sent),
    )


class _Swarm:
    """The workers, by Locust's runner."""

    def __init__(self, environment: Environment, expected: int) -> None:
        self._runner = environment.runner
        self._expected = expected
        self._ready: list[Mapping[str, Any]] = []
        self._results: list[Mapping[str, Any]] = []
        self._runner.register_message(READY, lambda msg, **_: self._ready.append(msg.data))
        self._runner.register_message(RESULT, lambda msg, **_: self._results.append(msg.data))

    def run(
        self, terms: Sequence[Mapping[str, Any]], users: int, seconds: float, timeout: float
    ) -> list[Mapping[str, Any]]:
        """Load the target for so long; the results of the workers that told any.

        Raises:
            LoadError: they did not come in time.
        """
        self._wait(lambda: len(self._runner.clients.ready) >= self._expected, "come")
        for client, term in zip(sorted(self._runner.clients), terms):
            self._runner.send_message(TERMS, term, client)
        self._wait(lambda: len(self._ready) >= self._expected, "draw their bodies")
        self._runner.environment.stop_timeout = timeout  # an answer that is on its way is waited for
        self._runner.start(users, spawn_rate=users)
        gevent.sleep(seconds)
        self._runner.stop()
        with suppress(LoadError):
            self._wait(lambda: len(self._results) >= self._present(), "tell what they found")
        return self._results

    def _present(self) -> int:
        """How many workers are still heard of."""
        clients = self._runner.clients
        return len(clients.all) - len(clients.missing)

    def _wait(self, there: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + PATIENCE
        while not there():
            if time.monotonic() > until:
                raise LoadError(f"the {self._expected} workers did not {what} within {PATIENCE:.0f} s")
            gevent.sleep(WINK)


@contextmanager
def _swarm(options: Load, whom: Sequence[str]) -> Iterator[_Swarm]:
    """A master with its workers, which end with the block."""
    environment = Environment(user_classes=[Caller])
    runner = environment.create_master_runner("*" if options.remote else LOOPBACK, options.port or _free_port())
    mix = ",".join(f"{kind}={weight}" for kind, weight in options.mix.items())
    command = [sys.executable, "-m", "suites.load.worker", "--port", str(runner.master_bind_port), "--mix", mix, *whom]
    workers = [] if options.remote else [subprocess.Popen(command, cwd=ROOT) for _ in range(options.workers)]  # noqa: S603  our own module
    try:
        yield _Swarm(environment, options.workers)
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
