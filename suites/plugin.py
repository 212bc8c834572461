"""The pytest side of a run: options, target, order, and how what was judged becomes a test's result."""

from __future__ import annotations

import random
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import contracts
from contracts.model import Strength
from suites import baseline, deviations, earlier
from suites.accepting import accept_all
from suites.campaign import Campaign, Unreachable
from suites.exploring import DEPTHS
from suites.judging import SUCCESS
from suites.messages import broken_contract
from suites.outcomes import Outcome
from suites.setting import Setting
from targets import profile
from targets.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from contracts.model import Contract
    from suites.outcomes import Finding, Judged
    from targets.profile import Target

    Conclude = Callable[..., None]
    Sum = Callable[[str], None]

SETTING = pytest.StashKey[Setting]()
"""What the run was asked to do; there when the suites are run, and only then."""
RUN = pytest.StashKey[ExitStack]()
CAMPAIGN = pytest.StashKey[Campaign]()
"""The run in progress, from the start of the first test on."""
WIRE = pytest.StashKey[Wire]()
BASELINE = pytest.StashKey[bytes]()
"""The verdict to compare with, as it was before this run took away what an earlier one had left."""

SUITES = Path(__file__).parent
ORDER = (
    "test_acceptance",
    "test_response",
    "test_lookup",
    "test_rejection",
    "test_permission",
    "test_service_errors",
    "test_open_points",
    "test_authentication",
    "test_protocol",
)
"""Accepted bodies first, since later pairs build on them, then how names are told to be unknown; bad tokens late, since
they can lock an account."""


def by_clause(clauses: Iterable[str]) -> list[Any]:
    """Parameters of a test that judges one clause each."""
    return [pytest.param(clause, id=clause, marks=pytest.mark.clause(clause)) for clause in clauses]


def clause_of(item: pytest.Item) -> str | None:
    """The clause that a test judges, from its marker; None for a test that judges none of its own."""
    mark, setting = item.get_closest_marker("clause"), item.config.stash.get(SETTING, None)
    if mark is None or setting is None:
        return None
    prefix = f"{setting.contract.operation}."
    clause = str(mark.args[0])
    return clause if clause.startswith(prefix) else prefix + clause


# -- before the run


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a run."""
    group = parser.getgroup("conformance", "conformance runs")
    group.addoption("--target", metavar="FILE", type=Path, help="profile of the target (default: the embedded service)")
    group.addoption("--flaw", metavar="NAME", help="give the embedded service this flaw")
    group.addoption("--depth", choices=list(DEPTHS), default="standard", help="how much is asked (default: standard)")
    group.addoption(
        "--fail-on",
        choices=[strength.value for strength in Strength],
        default=Strength.IMPLIED.value,
        help="weakest strength of a clause that fails the run (default: implied)",
    )
    group.addoption("--deviations", metavar="FILE", type=Path, help="deviations that the vendor has declared")
    group.addoption("--baseline", metavar="FILE", type=Path, help="the verdict.json of a run to compare with")
    group.addoption(
        "--fail-on-new", action="store_true", help="let only what did not fail in the baseline fail the run"
    )
    group.addoption("--report-dir", metavar="DIR", type=Path, default=Path("reports/out"), help="default: reports/out")
    group.addoption("--seed", metavar="N", type=int, help="repeat the draws of a run (default: a new one)")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Read the baseline while it is there: it may be one of the reports that this run is about to take away."""
    with suppress(earlier.EarlierError):  # told in its turn, when the earlier reports are gone
        if config.option.baseline is not None:
            config.stash[BASELINE] = earlier.content(config.option.baseline)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Check the options and, where no profile is given, start the embedded service."""
    config.addinivalue_line("markers", "clause(id): the clause that a test judges")
    if not is_conformance_run(config):
        return
    contract = contracts.load()
    option = config.option
    stack = config.stash[RUN] = ExitStack()
    try:
        declared = deviations.load(option.deviations, contract) if option.deviations else {}
        compared = _baseline(config, contract)
        target = _target(config, stack)
    except (deviations.DeviationError, baseline.BaselineError, earlier.EarlierError, profile.ProfileError) as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[SETTING] = Setting(
        contract=contract,
        target=target,
        depth=DEPTHS[option.depth],
        seed=random.SystemRandom().randrange(1 << 32) if option.seed is None else option.seed,
        fail_on=Strength(option.fail_on),
        deviations=declared,
        report_dir=option.report_dir,
        baseline=compared,
        fail_on_new=option.fail_on_new,
    )


def is_conformance_run(config: pytest.Config) -> bool:
    """Whether the suites are among what pytest was asked to collect, and not only the suite's own tests."""
    places = [(config.invocation_params.dir / arg.partition("::")[0]).resolve() for arg in config.args]
    return any(place == SUITES or SUITES in place.parents or place in SUITES.parents for place in places)


def _baseline(config: pytest.Config, contract: Contract) -> baseline.Baseline | None:
    path = config.option.baseline
    if path is None:
        if config.option.fail_on_new:
            raise baseline.BaselineError("--fail-on-new needs a --baseline: without one there is nothing to be new to")
        return None
    text = config.stash.get(BASELINE, None)
    return baseline.load(path, earlier.content(path) if text is None else text, contract)


def _target(config: pytest.Config, stack: ExitStack) -> Target:
    option = config.option
    if option.target and option.flaw:
        raise pytest.UsageError("--flaw is for the embedded service: it does not go with --target")
    if option.target:
        return profile.load(option.target)
    from targets.embedded.launch import LaunchError  # noqa: PLC0415  a real target needs no server's packages
    from targets.embedded.target import serve  # noqa: PLC0415

    try:
        return stack.enter_context(serve([option.flaw] if option.flaw else []))
    except LaunchError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close the wire and end the embedded service."""
    if RUN in config.stash:
        config.stash[RUN].close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the suites in their order."""
    places = {name: number for number, name in enumerate(ORDER)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Meet the target before the first test."""
    setting = session.config.stash.get(SETTING, None)
    if setting is None or session.config.option.collectonly or not session.items or session.testsfailed:
        return
    success = frozenset(SUCCESS)
    wire = session.config.stash[RUN].enter_context(Wire(setting.target, success, setting.contract.busy))
    campaign = Campaign(setting.contract, setting.target, wire, setting.depth, setting.seed)
    session.config.stash[WIRE] = wire
    session.config.stash[CAMPAIGN] = campaign
    try:
        campaign.preflight()
    except Unreachable as error:
        target = setting.target
        raise pytest.UsageError(f"target {target.name} cannot be asked at {target.endpoint}: {error}") from error


# -- during the run


@pytest.fixture(scope="session")
def campaign(request: pytest.FixtureRequest) -> Campaign:
    """The run in progress."""
    return request.config.stash[CAMPAIGN]


@pytest.fixture(autouse=True)
def _while_the_target_stands(request: pytest.FixtureRequest) -> None:
    """Ask nothing more once the run has been stopped."""
    running = request.config.stash.get(CAMPAIGN, None)
    if running and running.stopped:
        pytest.skip(f"blocked: {running.stopped}")


@pytest.fixture(scope="session")
def acceptances(campaign: Campaign) -> dict[str, Judged]:
    """The acceptable requests of the run, judged together, by the id of their variation."""
    if not campaign.target.consent:
        pytest.skip("needs consent and [[resources]] in the profile: no acceptable body is sent")
    judged = accept_all(campaign)
    campaign.note(list(judged.values()))
    return judged


@pytest.fixture
def conclude(request: pytest.FixtureRequest, campaign: Campaign) -> Conclude:
    """Turn judged cases into the test's result, by the clause given or the one that each case serves."""
    setting = request.config.stash[SETTING]

    def conclude(judged: Sequence[Judged], clause: str | None = None) -> None:
        __tracebackhide__ = True
        on_record = "acceptances" in request.fixturenames
        if not (not campaign.stopped if on_record else campaign.note(judged)):
            pytest.skip(f"blocked: {campaign.stopped}")
        findings = [
            (each, finding)
            for each in judged
            for finding in each.findings
            if finding.clause == (clause or each.case.clause)
        ]
        _report(setting, findings)

    return conclude


@pytest.fixture
def sum_up(request: pytest.FixtureRequest, campaign: Campaign) -> Sum:
    """Turn what all exchanges so far have shown of a clause into the test's result."""
    setting = request.config.stash[SETTING]

    def sum_up(clause: str) -> None:
        __tracebackhide__ = True
        if campaign.record.staged and not campaign.preflight():
            pytest.skip(f"blocked: {campaign.stopped}")
        entry = campaign.record.entries[clause]
        if entry.outcome is Outcome.FAIL:
            _fail(setting, *entry.failures[0], entry.failed, entry.passed + entry.failed)
        if entry.outcome is not Outcome.PASS:
            pytest.skip("; ".join(entry.reasons) or "no exchange of this run speaks of it")

    return sum_up


def _report(setting: Setting, findings: Sequence[tuple[Judged, Finding]]) -> None:
    __tracebackhide__ = True
    failures = [each for each in findings if each[1].outcome is Outcome.FAIL]
    if failures:
        judged, finding = min(failures, key=lambda each: len(each[0].exchange.sent.body))
        _fail(setting, judged, finding, len(failures), len(findings))
    if not any(finding.outcome is Outcome.PASS for _, finding in findings):
        reasons = dict.fromkeys(finding.why for _, finding in findings)
        pytest.skip(f"blocked: {'; '.join(reasons) or 'nothing could be asked'}")


def _fail(setting: Setting, judged: Judged, finding: Finding, failed: int, cases: int) -> None:
    """Fail the test, or only tell where the clause is declared or too weak to fail the run."""
    __tracebackhide__ = True
    clause = setting.contract.clause(finding.clause)
    message = broken_contract(clause, judged, finding, failed, cases)
    if clause.id in setting.applied_deviations:
        pytest.xfail(f"declared deviation: {setting.deviations[clause.id].reason}")
    if not clause.strength.reaches(setting.fail_on):
        pytest.xfail(f"advisory: {finding.why}")
    pytest.fail(message, pytrace=False)
