"""How what was judged becomes a test's result, asked in this part of the run or in an earlier one."""

from __future__ import annotations

import itertools
from functools import partial
from typing import TYPE_CHECKING

import pytest

from suites.accepting import PARTS, accept_all
from suites.messages import broken_contract
from suites.outcomes import Outcome
from suites.plugin import BEGINNING, CAMPAIGN, SETTING, TOGETHER, clause_of
from suites.questions import Ahead
from suites.record import Entry, tally
from suites.stages import stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from suites.campaign import Campaign
    from suites.outcomes import Judged
    from suites.plugin import Answer, Conclude, Sum, View
    from suites.questions import Question
    from suites.record import Share, Tally
    from suites.setting import Setting

AHEAD = pytest.StashKey[Ahead]()
"""The questions of tests to come that have been begun."""
ASKED = pytest.StashKey[bool]()
"""There once the requests have been asked that several tests share: looking at them asks nothing more."""
SHARED = frozenset({"acceptances", "lived"})


def _recalled(config: pytest.Config) -> Mapping[str, Share]:
    beginning = config.stash.get(BEGINNING, None)
    return beginning.shares if beginning else {}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Ask nothing more once the run has been stopped."""
    campaign = item.config.stash.get(CAMPAIGN, None)
    if campaign is None or item.nodeid in _recalled(item.config):
        return
    campaign.record.part = item.nodeid
    fixtures = getattr(item, "fixturenames", ())
    looks_on = "sum_up" in fixtures or (SHARED & set(fixtures) and ASKED in item.config.stash)
    if looks_on or campaign.goes_on():
        return
    if AHEAD in item.config.stash:
        item.config.stash[AHEAD].drop()
    clause = clause_of(item)
    if clause:
        campaign.record.skip(clause, campaign.stopped, unreached=True)
    pytest.skip(f"blocked: {campaign.stopped}")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Give the result of a test that an earlier part of the run has come to."""
    __tracebackhide__ = True
    share = _recalled(pyfuncitem.config).get(pyfuncitem.nodeid)
    if share is None:
        return None
    _report(pyfuncitem.config.stash[SETTING], share.entries)
    return True


@pytest.fixture(scope="session")
def acceptances(request: pytest.FixtureRequest, campaign: Campaign) -> dict[str, Tally]:
    """What the acceptable requests of the run have shown, judged together, by the id of their variation."""
    if not campaign.consent:
        needed = "consent and [[resources]]" if campaign.contract.starts else "[[resources]]"
        pytest.skip(f"needs {needed} in the profile: no acceptable body is sent")
    known = {
        part.removeprefix(PARTS): share.entries
        for part, share in _recalled(request.config).items()
        if part.startswith(PARTS)
    }
    together = request.config.stash.get(TOGETHER, None)
    judged = together.accept(campaign, _recalled(request.config)) if together else accept_all(campaign, known)
    if not campaign.note(list(judged.values())):
        pytest.skip(f"blocked: {campaign.stopped}")
    if together:
        shown = together.settle()
        if shown is None:
            pytest.skip(f"blocked: {campaign.stopped or 'not all acceptable requests were judged'}")
        request.config.stash[ASKED] = True
        return shown
    request.config.stash[ASKED] = True
    return {**known, **{variation: tally([each]) for variation, each in judged.items()}}


@pytest.fixture(scope="session")
def lived(request: pytest.FixtureRequest, campaign: Campaign) -> Tally:
    """What sequences of restorations, looks and questions have shown."""
    if not campaign.consent:
        pytest.skip("needs consent and [[resources]] in the profile: no acceptable body is sent")
    from suites.living import live  # noqa: PLC0415  state machines take long to import

    judged = live(campaign)
    if not campaign.note(judged):
        pytest.skip(f"blocked: {campaign.stopped}")
    request.config.stash[ASKED] = True
    return tally(judged)


@pytest.fixture
def answer(request: pytest.FixtureRequest, campaign: Campaign) -> Answer:
    """Put the question that a test is marked with, about a subject if there is one.

    Those of the tests after it in its stage have begun meanwhile.
    """
    ahead = request.config.stash.setdefault(AHEAD, Ahead(campaign.target.limits.connections, campaign.ready))
    coming = iter(()) if campaign.wary else following(request.node, campaign)

    def answer(*subject: object) -> list[Judged]:
        ask, lacks = _marked(request.node.get_closest_marker("question"))
        reason = lacks(campaign)
        if reason:
            pytest.skip(reason)
        begun = itertools.takewhile(lambda _: not campaign.ends, coming)
        return ahead.answer(request.node.nodeid, partial(ask, campaign, *subject), begun)

    return answer


def following(item: pytest.Item, campaign: Campaign) -> Iterator[tuple[str, Callable[[], Question]]]:
    """The questions of the tests that come next in the stage, as far as they have to be put still, with their ids."""
    items, recalled = item.session.items, _recalled(item.config)
    together = item.config.stash.get(TOGETHER, None)
    for each in itertools.islice(items, items.index(item) + 1, None):
        marker = each.get_closest_marker("question")
        if marker is None or stage(each.nodeid) != stage(item.nodeid):
            return
        ask, lacks = _marked(marker)
        if each.nodeid in recalled or (together and not together.mine(each)) or lacks(campaign):
            continue
        parameters = getattr(each, "callspec", None)
        yield each.nodeid, partial(ask, campaign, *(parameters.params.values() if parameters else ()))


def _marked(marker: pytest.Mark) -> tuple[Callable[..., Question], Callable[[Campaign], str]]:
    """What a test asks, and what says why it cannot be asked."""
    return marker.kwargs["ask"], marker.kwargs.get("lacks", lambda _: "")


@pytest.fixture
def conclude(request: pytest.FixtureRequest, campaign: Campaign) -> Conclude:
    """Turn judged cases into the test's result, by the clause that each of them serves."""
    setting = request.config.stash[SETTING]

    def conclude(judged: Sequence[Judged]) -> None:
        __tracebackhide__ = True
        if not campaign.note(judged):
            pytest.skip(f"blocked: {campaign.stopped}")
        campaign.finish(request.node.nodeid)
        _report(setting, tally(judged))

    return conclude


@pytest.fixture
def view(request: pytest.FixtureRequest) -> View:
    """Turn what acceptable requests have shown of a clause into the test's result."""
    setting = request.config.stash[SETTING]

    def view(shown: Iterable[Tally], clause: str) -> None:
        __tracebackhide__ = True
        entry = Entry()
        for each in shown:
            if clause in each:
                entry.add(each[clause])
        _conclude(setting, {clause: entry})

    return view


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
            _fail(setting, clause, entry)
        if entry.outcome is not Outcome.PASS:
            pytest.skip("; ".join(entry.reasons) or "no exchange of this run speaks of it")

    return sum_up


def _report(setting: Setting, entries: Tally) -> None:
    """Give a test's result by the clauses that its own cases serve."""
    __tracebackhide__ = True
    _conclude(setting, {clause: entry for clause, entry in entries.items() if entry.by_case})


def _conclude(setting: Setting, entries: Mapping[str, Entry]) -> None:
    __tracebackhide__ = True
    failing = {clause: entry for clause, entry in entries.items() if entry.failed}
    if failing:
        clause = min(failing, key=lambda clause: failing[clause].failures[0].size)
        _fail(setting, clause, failing[clause])
    if not any(entry.passed for entry in entries.values()):
        reasons = dict.fromkeys(reason for entry in entries.values() for reason in entry.reasons)
        pytest.skip(f"blocked: {'; '.join(reasons) or 'nothing could be asked'}")


def _fail(setting: Setting, clause_id: str, entry: Entry) -> None:
    """Fail the test, or only tell where the clause is declared or too weak to fail the run."""
    __tracebackhide__ = True
    clause, shown = setting.contract.clause(clause_id), entry.failures[0]
    if clause.id in setting.applied_deviations:
        pytest.xfail(f"declared deviation: {setting.deviations[clause.id].reason}")
    if not clause.strength.reaches(setting.fail_on):
        pytest.xfail(f"advisory: {shown.why}")
    pytest.fail(broken_contract(clause, shown, entry.failed, entry.cases), pytrace=False)
