"""The pytest side of the reports: gathers what a run shows, writes it down, and decides how the run ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from reports import html, publishing, words
from reports.ending import exit_code
from reports.ledger import Ledger, write
from suites.plugin import CAMPAIGN, SETTING, WIRE, clause_of, is_conformance_run

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

VERDICT = "verdict.json"
LEDGER = pytest.StashKey[Ledger]()
OVERRIDDEN = frozenset({pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED})
"""Pytest's own exit codes that the verdict takes the place of."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Take away what an earlier run left, before anything can end this one early."""
    if not is_conformance_run(config) or not publishing.runs_tests(config):
        return
    directory = config.option.report_dir
    publishing.configure(config, directory)
    try:
        (directory / VERDICT).unlink(missing_ok=True)
    except OSError as error:
        raise pytest.UsageError(f"{directory / VERDICT}: cannot be taken away: {error.strerror}") from error


def pytest_sessionstart(session: pytest.Session) -> None:
    """Leave a verdict that says that the run has not ended, until it has."""
    setting = session.config.stash.get(SETTING, None)
    if setting is None or not publishing.runs_tests(session.config):
        return
    session.config.stash[LEDGER] = ledger = Ledger(setting, aborted="the run did not come to its end")
    write(ledger.verdict(), setting.report_dir / VERDICT)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep apart what a test found out and what went wrong in it."""
    report = yield
    ledger, campaign = item.config.stash.get(LEDGER, None), item.config.stash.get(CAMPAIGN, None)
    if ledger is None or campaign is None or call.excinfo is None:
        return report
    if isinstance(call.excinfo.value, pytest.skip.Exception):
        clause = clause_of(item)
        if clause:
            campaign.record.skip(clause, str(call.excinfo.value.msg))
    elif not isinstance(call.excinfo.value, (pytest.fail.Exception, pytest.xfail.Exception)):
        error = f"{item.name}: {type(call.excinfo.value).__name__}: {call.excinfo.value}"
        ledger.errors[clause_of(item) or item.name] = error
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Confirm what was judged last, write the verdict, and let it decide the exit code."""
    config = session.config
    ledger = config.stash.get(LEDGER, None)
    if ledger is None:
        return
    ledger.campaign, ledger.wire = config.stash.get(CAMPAIGN, None), config.stash.get(WIRE, None)
    if exitstatus in OVERRIDDEN and ledger.campaign:
        ledger.aborted = ""
        if ledger.campaign.record.staged:
            ledger.campaign.preflight()
    verdict = ledger.verdict()
    config.stash[html.VERDICT_KEY] = verdict
    write(verdict, ledger.setting.report_dir / VERDICT)
    if exitstatus in OVERRIDDEN:
        session.exitstatus = exit_code(verdict)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Ten lines that say what matters."""
    verdict = config.stash.get(html.VERDICT_KEY, None)
    ledger = config.stash.get(LEDGER, None)
    if verdict is None or ledger is None:
        return
    write_line = terminalreporter.write_line
    requests = verdict["requests"]
    terminalreporter.section(words.headline(verdict), bold=True)
    failing = words.failing(verdict)
    for clause in failing[:TOLD]:
        mark = f"{clause['finding']:<6}" if "finding" in clause else ""
        write_line(f"{mark}{clause['id']:<40} {clause['strength']:<11} {clause['reason']}")
    if len(failing) > TOLD:
        write_line(f"and {len(failing) - TOLD} more")
    for line in _compared(verdict):
        write_line(line)
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


TOLD = 12
"""Clauses that the terminal lists of those that fail, are fixed, or are no longer judged."""
