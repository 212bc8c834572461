"""The pytest side of the reports: gathers what a run shows, writes it down, and decides how the run ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from reports import html, publishing, words
from reports.ending import exit_code
from reports.ledger import Ledger, write
from reports.secrecy import clean
from suites.parallel.plugin import CONTROLLER
from suites.plugin import CAMPAIGN, SETTING, TOGETHER, WIRE, clause_of, is_conformance_run
from suites.progress import PROGRESS
from targets.journal import JOURNAL

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

VERDICT = "verdict.json"
LEDGER = pytest.StashKey[Ledger]()
WRITTEN = pytest.StashKey[float]()
"""When the verdict was written last, on the monotonic clock."""
REFRESH = 10.0
"""Seconds after which the verdict of a run that goes on is written again."""
OVERRIDDEN = frozenset({pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED})
"""Pytest's own exit codes that the verdict takes the place of."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Take away what an earlier run left, before anything can end this one early; not if this one goes on with it."""
    if not is_conformance_run(config) or not publishing.runs_tests(config):
        return
    directory = config.option.report_dir
    publishing.configure(config, directory)
    if not config.option.resume:
        publishing.clear(config, *(directory / name for name in (VERDICT, JOURNAL, PROGRESS)))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Leave a verdict that says that the run has not ended, until it has."""
    setting = session.config.stash.get(SETTING, None)
    if TOGETHER in session.config.stash:  # whoever started this process writes for all
        session.config.stash[LEDGER] = Ledger(session.config.stash[SETTING])
    if setting is None or not publishing.runs_tests(session.config):
        return
    if session.config.option.resume:
        publishing.clear(session.config)
    session.config.stash[LEDGER] = Ledger(setting, aborted="the run did not come to its end: --resume goes on with it")
    _write(session.config)


def _write(config: pytest.Config) -> dict[str, Any]:
    """Write the verdict with what is confirmed so far."""
    ledger = config.stash[LEDGER]
    ledger.campaign, ledger.wire = config.stash.get(CAMPAIGN, None), config.stash.get(WIRE, None)
    verdict = ledger.verdict()
    write(verdict, ledger.setting.report_dir / VERDICT)
    config.stash[WRITTEN] = time.monotonic()
    return verdict


def _write_again(config: pytest.Config) -> None:
    if WRITTEN in config.stash and time.monotonic() - config.stash[WRITTEN] > REFRESH:
        _write(config)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Take in what other processes have found, where these ask."""
    config = report.node.config if hasattr(report, "node") else None
    controller = config.stash.get(CONTROLLER, None) if config else None
    if config and controller:
        controller.look(lambda: _write_again(config))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep apart what a test found out and what went wrong in it."""
    report = yield
    ledger, campaign = item.config.stash.get(LEDGER, None), item.config.stash.get(CAMPAIGN, None)
    if ledger is None or campaign is None:
        return report
    _write_again(item.config)
    if call.excinfo is None:
        return report
    if isinstance(call.excinfo.value, pytest.skip.Exception):
        clause = clause_of(item)
        if clause:
            campaign.record.skip(clause, str(call.excinfo.value.msg).removeprefix("blocked: "))
    elif isinstance(call.excinfo.value, (pytest.fail.Exception, pytest.xfail.Exception)):
        clause = clause_of(item)
        if clause and "acceptances" in getattr(item, "fixturenames", ()):
            ledger.shown.setdefault(clause, item.nodeid)
    else:
        error = f"{item.name}: {type(call.excinfo.value).__name__}: {call.excinfo.value}"
        ledger.errors[clause_of(item) or item.name] = clean(item.config, error)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Confirm what was judged last, write the verdict, and let it decide the exit code."""
    config = session.config
    ledger, campaign = config.stash.get(LEDGER, None), config.stash.get(CAMPAIGN, None)
    if ledger is None:
        return
    if TOGETHER in config.stash:
        config.stash[TOGETHER].finish(ledger.errors, ledger.shown, exitstatus)
        return
    if campaign:
        campaign.close()
    lost = _take_in(config, interrupted=exitstatus == pytest.ExitCode.INTERRUPTED)
    if exitstatus in OVERRIDDEN and campaign:
        ledger.aborted = ""
    elif exitstatus == pytest.ExitCode.INTERRUPTED and session.shouldstop:
        ledger.aborted = f"{session.shouldstop}: --resume goes on with it"
    elif exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        ledger.aborted = "no test was selected"
    elif exitstatus == pytest.ExitCode.INTERNAL_ERROR:
        ledger.errors.setdefault("the run", "pytest ended by an internal error")
    verdict = config.stash[html.VERDICT_KEY] = _write(config)
    if exitstatus in OVERRIDDEN or lost:
        session.exitstatus = exit_code(verdict)
        if campaign and not campaign.stopped and not session.shouldfail:
            (ledger.setting.report_dir / PROGRESS).unlink(missing_ok=True)


def _take_in(config: pytest.Config, *, interrupted: bool) -> bool:
    """Take in the rest of what other processes have found, where these asked; whether one of them was lost."""
    controller = config.stash.get(CONTROLLER, None)
    if controller is None:
        return False
    controller.close(interrupted=interrupted)
    config.stash[LEDGER].errors.update(controller.errors)
    config.stash[LEDGER].shown.update(controller.shown)
    return controller.incomplete


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    """Ten lines that say what matters, after all that pytest and others say."""
    yield
    _sum_up(terminalreporter, config)


def _sum_up(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    verdict = config.stash.get(html.VERDICT_KEY, None)
    ledger = config.stash.get(LEDGER, None)
    if verdict is None or ledger is None:
        return
    write_line = terminalreporter.write_line
    requests = verdict["requests"]
    if verdict["accidents"]:
        terminalreporter.section(words.accidents(verdict), red=True, bold=True)
        for accident in verdict["accidents"][:TOLD]:
            write_line(words.accident(accident))
    terminalreporter.section(words.headline(verdict), bold=True)
    failing = words.failing(verdict)
    for clause in failing[:TOLD]:
        mark = f"{clause['finding']:<6}" if "finding" in clause else ""
        write_line(f"{mark}{clause['id']:<40} {clause['strength']:<11} {clause['reason']}")
    if len(failing) > TOLD:
        write_line(f"and {len(failing) - TOLD} more")
    for line in _compared(verdict):
        write_line(line)
    write_line(f"next: {words.next_step(verdict).text}")
    write_line(
        f"target {verdict['target']['name']}, depth {verdict['depth']}, seed {verdict['seed']}: "
        f"{requests['sent']} requests in {requests['seconds']:.1f} s, {requests['accepted']} restorations accepted"
    )
    write_line(f"report: {ledger.setting.report_dir / 'report.html'}")


def _compared(verdict: Mapping[str, Any]) -> Iterator[str]:
    """What the baseline and the declared deviations have to do with the result."""
    for title, key in (("fixed since the baseline", "fixed"), ("judged in the baseline, not now", "lost")):
        clauses = verdict.get("baseline", {}).get(key, [])
        if clauses:
            more = f" and {len(clauses) - TOLD} more" if len(clauses) > TOLD else ""
            yield f"{title}: {', '.join(clauses[:TOLD])}{more}"
    yield from words.declared(verdict)
    yield from filter(None, (words.since(verdict), words.forgiveness(verdict)))


TOLD = 5
"""What the terminal lists at most: clauses that fail, are fixed, or are no longer judged; accidents."""
