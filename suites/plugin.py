"""The pytest side of a run: options, target, order, and its start."""

from __future__ import annotations

import difflib
import gc
import random
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import contracts
from contracts.lifecycle import LIFECYCLE
from contracts.model import Strength
from contracts.store import DEFAULT
from suites import baseline, deviations, earlier, progress
from suites.campaign import Campaign, Unreachable
from suites.every import EVERY, run_every
from suites.exploring import DEPTHS
from suites.judging import starting
from suites.progress import PROGRESS, Progress, ResumeError
from suites.setting import Setting, out_of_time, seconds
from suites.stages import place
from targets import profile
from targets.journal import JOURNAL, Journal
from targets.lines import LinesError
from targets.wire import Wire

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from contracts.model import Contract
    from suites.outcomes import Judged
    from suites.parallel.worker import Worker
    from suites.record import Tally
    from targets.profile import Target

    Answer = Callable[..., list[Judged]]
    Conclude = Callable[[Sequence[Judged]], None]
    View = Callable[[Iterable[Tally], str], None]
    Sum = Callable[[str], None]

SETTING = pytest.StashKey[Setting]()
"""What the run was asked to do; there when the suites are run, and only then."""
RUN = pytest.StashKey[ExitStack]()
CAMPAIGN = pytest.StashKey[Campaign]()
"""The run in progress, from the start of the first test on."""
WIRE = pytest.StashKey[Wire]()
BEGINNING = pytest.StashKey[progress.Beginning]()
"""What the earlier parts of a run have left that goes on."""
TOGETHER: pytest.StashKey[Worker] = pytest.StashKey()
"""The others that ask for the same run, where this process is one of several."""
BASELINE = pytest.StashKey[bytes]()
"""The verdict to compare with, as it was before this run took away what an earlier one had left."""

SUITES = Path(__file__).parent
SELDOM = 20_000
"""New objects after which is looked for cycles among them."""
DEPTH = "standard"


def by_clause(clauses: Iterable[str]) -> list[Any]:
    """Parameters of a test that judges one clause each."""
    return [pytest.param(clause, id=clause, marks=pytest.mark.clause(clause)) for clause in clauses]


def each_or_nothing(params: Sequence[Any]) -> Sequence[Any]:
    """Parameters of a test, or the one that keeps it out of the run where the operation gives nothing to ask."""
    return params or [pytest.param(None, id="nothing", marks=pytest.mark.nothing_to_ask)]


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
    group.addoption(
        "--operation",
        metavar="NAME",
        default=DEFAULT,
        help=f"the operation to ask about (default: {DEFAULT}), or {EVERY} for one run after another",
    )
    group.addoption("--flaw", metavar="NAME", help="give the embedded service this flaw")
    group.addoption("--depth", choices=list(DEPTHS), help=f"how much is asked (default: {DEPTH})")
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
    group.addoption("--max-time", metavar="TIME", type=seconds, help="end after so many seconds, or 90s, 15m, 2h")
    group.addoption("--resume", action="store_true", help="go on with the run that was broken off in --report-dir")
    group.addoption("--plan", action="store_true", help="say what would be sent, and send nothing")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Read the baseline while it is there: it may be one of the reports that this run is about to take away.

    Where all operations are asked for, each of them is a run of its own.
    """
    option = config.option
    if option.operation == EVERY and is_conformance_run(config):
        if option.baseline is not None or option.resume:
            raise pytest.UsageError(f"--baseline and --resume are of one operation, not of --operation {EVERY}")
        return run_every(config.invocation_params.args, option.report_dir)
    with suppress(earlier.EarlierError):  # told in its turn, when the earlier reports are gone
        if option.baseline is not None:
            config.stash[BASELINE] = earlier.content(option.baseline)
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Check the options and, where no profile is given, start the embedded service."""
    config.addinivalue_line("markers", "clause(id): the clause that a test judges")
    config.addinivalue_line("markers", "question(ask, lacks): what a test asks, and what says why it cannot be asked")
    config.addinivalue_line("markers", "nothing_to_ask: the operation has nothing that the test could ask about")
    if not is_conformance_run(config):
        return
    option = config.option
    contract = _contract(option.operation)
    stack = config.stash[RUN] = ExitStack()
    if option.plan and option.resume:
        raise pytest.UsageError("--plan is of a whole run: it does not go with --resume")
    try:
        beginning = progress.load(option.report_dir / PROGRESS) if option.resume else None
        declared = deviations.load(option.deviations, contract) if option.deviations else {}
        compared = _baseline(config, contract)
        target = _target(config, stack)
    except (
        deviations.DeviationError,
        baseline.BaselineError,
        earlier.EarlierError,
        profile.ProfileError,
        ResumeError,
    ) as error:
        raise pytest.UsageError(str(error)) from error
    new: Mapping[str, Any] = {"depth": DEPTH, "seed": random.SystemRandom().randrange(1 << 32)}
    before = beginning.asked if beginning else {**new, **_given(config)}
    setting = config.stash[SETTING] = Setting(
        contract=contract,
        target=target,
        depth=DEPTHS[option.depth or before["depth"]],
        seed=before["seed"] if option.seed is None else option.seed,
        fail_on=Strength(option.fail_on),
        deviations=declared,
        report_dir=option.report_dir,
        baseline=compared,
        fail_on_new=option.fail_on_new,
        max_time=option.max_time,
        embedded=option.target is None,
        options=_chosen(option),
        **({"started": beginning.started} if beginning else {}),
    )
    if beginning:
        _go_on(config, setting, beginning)


def _given(config: pytest.Config) -> Mapping[str, Any]:
    """What whoever started this process has settled for all of them: nothing where nobody did."""
    given: Mapping[str, Any] = getattr(config, "workerinput", {}).get("settled", {})
    return given


def _contract(operation: str) -> Contract:
    """The contract of an operation that a target can be asked."""
    known = contracts.askable()
    if operation not in known:
        close = difflib.get_close_matches(operation, [*known, EVERY], n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)} and {EVERY}"
        if operation in contracts.operations():
            hint = f"its readings.toml has no [asking] table, which CONTRIBUTING.md tells of; {hint}"
        raise pytest.UsageError(f"--operation {operation}: no target can be asked about it ({hint})")
    return contracts.load(operation)


def _chosen(option: argparse.Namespace) -> tuple[str, ...]:
    """The options that say whom to ask."""
    if option.target:
        return ("--target", str(option.target))
    return ("--flaw", option.flaw) if option.flaw else ()


def _go_on(config: pytest.Config, setting: Setting, beginning: progress.Beginning) -> None:
    try:
        progress.check(setting.report_dir / PROGRESS, beginning, progress.asked(setting))
    except ResumeError as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[BEGINNING] = beginning


def is_conformance_run(config: pytest.Config) -> bool:
    """Whether the suites are among what pytest was asked to collect, and not only the suite's own tests."""
    places = [(config.invocation_params.dir / arg.partition("::")[0]).resolve() for arg in config.args]
    return any(place == SUITES or SUITES in place.parents or place in SUITES.parents for place in places)


def _baseline(config: pytest.Config, contract: Contract) -> baseline.Baseline | None:
    path = config.option.baseline
    if _given(config):  # whoever started this process compares
        return None
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
    from targets.embedded.target import LASTING, embedded_target, serve  # noqa: PLC0415

    # where nothing is asked no service is needed, but one with a flaw knows whether there is such a flaw
    needless = (option.plan or option.collectonly) and not option.flaw
    endpoint = "http://127.0.0.1" if needless else _given(config).get("endpoint")
    if endpoint:
        return embedded_target(endpoint, [option.flaw] if option.flaw else [])
    try:
        lasting = LASTING if option.operation == LIFECYCLE else 0
        return stack.enter_context(serve([option.flaw] if option.flaw else [], lasting=lasting))
    except LaunchError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close the wire and end the embedded service."""
    if RUN in config.stash:
        config.stash[RUN].close()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the lifecycle to a run of its own."""
    setting = config.stash.get(SETTING, None)
    if setting is None or collection_path.parent != SUITES or not collection_path.name.startswith("test_"):
        return None
    alone = collection_path.stem == "test_lifecycle"
    return True if alone != (setting.contract.operation == LIFECYCLE) else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the suites in their order, without what the operation gives nothing to ask about."""
    items[:] = [item for item in items if item.get_closest_marker("nothing_to_ask") is None]
    items.sort(key=lambda item: place(item.nodeid))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Meet the target before the first test, or only say what would be sent to it."""
    config = session.config
    setting = config.stash.get(SETTING, None)
    if setting is None or config.option.collectonly or not session.items or session.testsfailed:
        return None
    if config.option.plan:
        from suites import planning  # noqa: PLC0415  for --plan alone

        return planning.tell(config, setting)
    if TOGETHER not in config.stash:  # else whoever started this process does so for all of them
        meet(config)
    return None


def meet(config: pytest.Config) -> Campaign:
    """Begin the run, and see that the target is there."""
    setting = config.stash[SETTING]
    campaign = begin(config, setting)
    try:
        campaign.preflight()
    except Unreachable as error:
        target = setting.target
        raise pytest.UsageError(f"target {target.name} cannot be asked at {target.endpoint}: {error}") from error
    return campaign


def begin(config: pytest.Config, setting: Setting) -> Campaign:
    """A new run, or one that goes on from what its earlier parts have left."""
    stack, beginning = config.stash[RUN], config.stash.get(BEGINNING, None)
    together = config.stash.get(TOGETHER, None)
    try:
        journal = Journal(setting.report_dir / JOURNAL, together.turn if together else None)
        kept = Progress(setting.report_dir / PROGRESS, alone=together is None)
    except (OSError, LinesError) as error:
        raise pytest.UsageError(f"no record of the run can be kept: {error}") from error
    stack.callback(kept.close)
    contract = setting.contract
    if together:
        wire = stack.enter_context(together.wire(setting, starting(contract), journal))
        campaign: Campaign = together.campaign(setting, wire)
    else:
        wire = stack.enter_context(Wire(setting.target, starting(contract), contract.busy, journal))
        campaign = Campaign(contract, setting.target, wire, setting.depth, setting.seed)
    config.stash[WIRE], config.stash[CAMPAIGN] = wire, campaign
    campaign.record.keep = kept.keep
    if beginning:
        for share in beginning.shares.values():
            campaign.recall(share)
    elif not together:
        kept.begin(progress.asked(setting), setting.started)
    if setting.max_time is not None and not together:
        wire.end.come(out_of_time(setting.max_time), setting.max_time)
    # all that is there stays to the end, and little of what comes lies in cycles: a tenth of the run went into looking
    stack.callback(gc.set_threshold, *gc.get_threshold())
    stack.callback(gc.unfreeze)
    gc.freeze()
    gc.set_threshold(SELDOM)
    return campaign


@pytest.fixture(scope="session")
def campaign(request: pytest.FixtureRequest) -> Campaign:
    """The run in progress."""
    return request.config.stash[CAMPAIGN]
