"""While a run goes on: one line that is kept up to date on a terminal, a plain one now and then elsewhere.

With ``-v`` pytest's own lines are shown, one a test, and none of these.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from reports import publishing
from reports.words import number
from suites.plugin import CAMPAIGN, SETTING, WIRE
from suites.varying import share_of_budget

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from suites.campaign import Campaign
    from suites.exploring import Depth
    from suites.setting import Setting
    from targets.wire import Wire

REFRESH = 0.5
"""Seconds between two looks of the line on a terminal."""
FIRST, LONGEST = 10.0, 60.0
"""Seconds until the first plain line; each further pause is twice as long as the one before, up to the longest."""
ACCEPTED = "acceptances"
"""The fixture for which all acceptable requests are sent at once."""


@dataclass(frozen=True)
class Standing:
    """How far a run has come. ``seconds`` have gone by in this part of it, in which ``sent`` requests have left.

    About so many are ``left``; None where other processes ask.
    """

    judged: int
    clauses: int
    failing: int
    requests: int
    sent: int
    seconds: float
    left: float | None


def told(standing: Standing) -> str:
    """The standing in one line."""
    rate = standing.sent / standing.seconds if standing.seconds else 0.0
    parts = [
        f"{standing.judged} of {number(standing.clauses, 'clause')} judged",
        number(standing.requests, "request"),
        f"{rate:.0f}/s",
        f"{standing.failing} failing" if standing.failing else "none failing",
    ]
    if rate and standing.left is not None:
        parts.append(_left(standing.left / rate))
    return ", ".join(parts)


def _left(seconds: float) -> str:
    return f"about {seconds / 60:.0f} min left" if seconds >= 90 else f"about {seconds:.0f} s left"  # noqa: PLR2004


def expected(tests: Sequence[tuple[str, bool]], depth: Depth, acceptable: int) -> list[float]:
    """About how many requests each test sends, by its module and whether it is one that asks what is acceptable.

    The first of these sends them for all.
    """
    each = {
        "test_lookup": depth.lookups,
        "test_rejection": depth.bodies,
        "test_permission": depth.callers / 2,
        "test_authentication": depth.logins,
        "test_open_points": 20,
        "test_service_errors": 2,
    }
    first = next((index for index, (_, asks) in enumerate(tests) if asks), None)
    return [
        float(acceptable) if index == first else 0.0 if asks else float(each.get(module, 0))
        for index, (module, asks) in enumerate(tests)
    ]


class Watch:
    """Follows a run; to be told when a test begins."""

    def __init__(self, setting: Setting, campaign: Callable[[], Campaign | None], items: Sequence[pytest.Item]) -> None:
        self._setting = setting
        self._campaign = campaign
        tests = [(item.path.stem, ACCEPTED in getattr(item, "fixturenames", ())) for item in items]
        acceptable = share_of_budget(setting.contract, setting.target, setting.depth)
        weights = expected(tests, setting.depth, acceptable)
        self._after = {item.nodeid: sum(weights[index:]) for index, item in enumerate(items)}
        self._ahead = sum(weights)
        self._since = 0
        self._started = time.monotonic()
        self._first: int | None = None

    def begins(self, test: str, wire: Wire) -> None:
        """A test begins."""
        self._ahead, self._since = self._after.get(test, 0.0), wire.sent

    def standing(self, wire: Wire) -> Standing | None:
        """How far the run has come; None before it has begun."""
        campaign = self._campaign()
        if campaign is None:
            return None
        if self._first is None:
            self._first = wire.sent
        entries = list(campaign.record.entries.values())
        return Standing(
            judged=sum(bool(entry.passed or entry.failed) for entry in entries),
            clauses=len(self._setting.contract.clauses),
            failing=sum(bool(entry.failed) for entry in entries),
            requests=wire.sent,
            sent=wire.sent - self._first,
            seconds=time.monotonic() - self._started,
            left=max(0.0, self._ahead - (wire.sent - self._since)) if self._after else None,
        )


class Ticker:
    """Calls a function at intervals, from a thread of its own, for the length of a block; each interval is given."""

    def __init__(self, call: Callable[[], None], pauses: Iterator[float]) -> None:
        self._call = call
        self._pauses = pauses
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        for pause in self._pauses:
            if self._over.wait(pause):
                return
            self._call()


class Output:
    """Standard output as it is at the start of the tests: later pytest takes what is written there for a test's own."""

    def __init__(self, *, terminal: bool) -> None:
        self.terminal = terminal
        self._file = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")

    def say(self, line: str) -> None:
        """Show a line: over the one before on a terminal, below it elsewhere."""
        if self.terminal:
            width = shutil.get_terminal_size().columns - 1
            self._file.write(f"\r{line[:width]:<{width}}")
        else:
            self._file.write(f"{line}\n")
        self._file.flush()

    def close(self) -> None:
        """Take away the line on a terminal."""
        if self.terminal:
            self.say("")
            self._file.write("\r")
        self._file.close()


def pauses(*, terminal: bool) -> Iterator[float]:
    """The seconds to wait before each line."""
    pause = REFRESH if terminal else FIRST
    while True:
        yield pause
        if not terminal:
            pause = min(2 * pause, LONGEST)


WATCH = pytest.StashKey[Watch]()
"""There while a run is told of by lines of ours in place of pytest's."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Tell of the run while its tests go on."""
    config = session.config
    setting, reporter = config.stash.get(SETTING, None), config.pluginmanager.get_plugin("terminalreporter")
    if setting is None or reporter is None or config.option.verbose > 0 or not publishing.runs_tests(config):
        return (yield)
    try:
        output = Output(terminal=bool(reporter.isatty))
    except OSError:  # standard output is no file of the system's
        return (yield)
    watch = config.stash[WATCH] = Watch(setting, lambda: config.stash.get(CAMPAIGN, None), session.items)
    reporter.showfspath = False

    def say() -> None:
        standing = watch.standing(config.stash[WIRE]) if WIRE in config.stash else None
        if standing:
            output.say(told(standing))

    try:
        with Ticker(say, pauses(terminal=output.terminal)):
            return (yield)
    finally:
        del config.stash[WATCH]
        output.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Take note of the test that begins."""
    watch = item.config.stash.get(WATCH, None)
    if watch and WIRE in item.config.stash:
        watch.begins(item.nodeid, item.config.stash[WIRE])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_report_teststatus(
    config: pytest.Config,
) -> Generator[None, tuple[str, object, object], tuple[str, object, object]]:
    """Have pytest count a test, and show neither letter nor word for it, where our lines stand for them."""
    category, letter, word = yield
    return (category, "", "") if WATCH in config.stash else (category, letter, word)
