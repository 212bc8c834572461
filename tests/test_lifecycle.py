"""The life of a restoration: every clause with a flaw that breaks it, and what is not believed too soon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

import contracts
from contracts.lifecycle import LIFECYCLE, lifecycle
from suites.campaign import Campaign
from suites.exploring import DEPTHS
from suites.life import DOUBLES, BrokenError, Lives
from suites.living import live
from suites.outcomes import Outcome
from targets.embedded.changes import VARIATIONS
from tests.fakes import FakeWire
from tests.power import failing, run
from tests.samples import RESOURCE, answered, refused, target

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.exchange import Exchange, Request
    from targets.wire import Wire

OTHER = {**RESOURCE, "checkpoint_item_id": "item-2", "server_id": "server-2", "checkpoint_id": "checkpoint-2"}
OTHER["volumes"] = [{"backup_id": "backup-2", "volume_id": "volume-2"}]
FLAWS_BY_CLAUSE = {
    "c.status.listed": "lifecycle-in-capitals",
    "c.status.settles": "lifecycle-flips-back",
    "c.busy": "lifecycle-busy-is-403-6015",
    "c.capability": "lifecycle-says-no-afterwards",
    "c.backup": "lifecycle-checkpoint-moves",
}


def lives(answer: Callable[[Request], Exchange] = lambda _: refused(404), **changes: Any) -> Lives:
    facts: dict[str, Any] = {"resources": (RESOURCE, OTHER), "budget": 40, **changes}
    contract = contracts.load(LIFECYCLE)
    return Lives(Campaign(contract, target(**facts), cast("Wire", FakeWire(answer)), DEPTHS["smoke"], 1), lifecycle())


def test_lifecycle_is_asked_like_the_operation_that_starts_it() -> None:
    contract = contracts.load(LIFECYCLE)
    assert {clause.id.removeprefix("lifecycle.") for clause in contract.clauses} == set(FLAWS_BY_CLAUSE)
    assert (contract.page.method, contract.page.path) == ("POST", "/v1/{project_id}/restores")
    assert contract.starts
    assert LIFECYCLE in contracts.askable()
    assert LIFECYCLE not in contracts.operations()


@pytest.mark.parametrize("seed", [1, 2])
def test_sound_service_keeps_every_clause(seed: int) -> None:
    verdict = run(operation=LIFECYCLE, seed=seed)
    assert {clause["outcome"] for clause in verdict["clauses"]} == {"pass"}
    assert verdict["verdict"] == "conformant"


@pytest.mark.parametrize("name", VARIATIONS.of(LIFECYCLE))
def test_sound_variation_is_not_accused(name: str) -> None:
    assert failing(run([name], operation=LIFECYCLE)) == set()


@pytest.mark.parametrize("clause", FLAWS_BY_CLAUSE)
def test_flaw_breaks_its_clause(clause: str) -> None:
    assert clause in failing(run([FLAWS_BY_CLAUSE[clause]], operation=LIFECYCLE))


def test_failure_tells_the_steps_that_lead_to_it() -> None:
    verdict = run([FLAWS_BY_CLAUSE["c.busy"]], operation=LIFECYCLE)
    [broken] = [clause for clause in verdict["clauses"] if clause["outcome"] == "fail"]
    [failure] = broken["failures"]
    assert failure["why"].startswith("refused with 403 CSBS.6015 while being restored; expected 400")
    assert "restore resource" in failure["why"]
    assert failure["got"] == 403


def test_without_consent_nothing_is_started() -> None:
    verdict = run(operation=LIFECYCLE, budget=0)
    assert verdict["requests"]["accepted"] == 0
    assert {clause["outcome"] for clause in verdict["clauses"]} == {"skipped"}
    assert verdict["verdict"] == "incomplete"


def test_question_about_capability_is_no_restoration() -> None:
    """It is a POST that is answered 200, and counts for no budget."""
    verdict = run(operation=LIFECYCLE)
    started = verdict["requests"]["accepted"]
    assert 0 < started < verdict["requests"]["by_status"]["200"] / 3
    assert verdict["accidents"] == []


def test_budget_that_is_spent_leaves_open_what_was_not_tried() -> None:
    verdict = run(operation=LIFECYCLE, budget=2)
    assert verdict["requests"]["accepted"] == 2
    assert failing(verdict) == set()
    shown = {clause["id"]: clause["outcome"] for clause in verdict["clauses"]}
    assert shown["lifecycle.c.status.listed"] == "pass"


def test_target_without_the_other_operations_is_not_accused() -> None:
    judged = live(lives(lambda request: answered(200, {}) if "restores" in request.path else refused(404)).campaign)
    assert judged
    assert not [each for each in judged if each.failures]


def test_second_acceptance_is_believed_when_it_cannot_be_a_coincidence() -> None:
    run_of = lives()
    subject, accepted = run_of.subjects()[0], answered(200, {})
    run_of.accepted(subject)
    for _ in range(DOUBLES + 2):
        run_of.twice(subject, accepted)  # nothing is known of how long one lasts
    run_of.doubles.clear()
    run_of.lasted.append(1e-9)
    for _ in range(DOUBLES + 2):
        run_of.twice(subject, accepted)  # the first may have ended
    assert not run_of.judged

    run_of.lasted[:] = [60.0]
    run_of.doubles.clear()
    run_of.accepted(subject)
    for _ in range(DOUBLES - 1):
        run_of.twice(subject, accepted)
    with pytest.raises(BrokenError, match="accepted again"):
        run_of.twice(subject, accepted)


def told(status: str) -> Exchange:
    return answered(
        200, {"checkpoint_item": {"status": status, "id": "item-1", "checkpoint_id": RESOURCE["checkpoint_id"]}}
    )


def test_status_that_lags_behind_is_no_restoration_that_nobody_asked_for() -> None:
    """A restoration of which the status has not told yet may do so after it was waited for."""
    answers = iter([told("available"), told("available"), told("restoring"), told("available")])
    run_of = lives(lambda _: next(answers))
    subject = run_of.subjects()[0]
    run_of.accepted(subject)
    run_of.settle(subject)
    run_of.settle(subject)
    assert not [each for each in run_of.judged if each.failures]


def test_status_that_is_old_for_a_moment_is_none_either() -> None:
    answers = iter([told("restoring"), told("available")])
    run_of = lives(lambda _: next(answers))
    subject = run_of.subjects()[0]
    run_of.look_at(subject, *run_of.watch(subject))
    assert not [each for each in run_of.judged if each.failures]


def test_restoration_that_nobody_asked_for_is() -> None:
    run_of = lives(lambda _: told("restoring"))
    subject = run_of.subjects()[0]
    with pytest.raises(BrokenError, match="no restoration of it was accepted"):
        run_of.look_at(subject, *run_of.watch(subject))


def test_throttled_look_shows_nothing() -> None:
    run_of = lives(lambda _: refused(503))
    subject = run_of.subjects()[0]
    run_of.looked_at.add(subject.name)
    run_of.look_at(subject, *run_of.watch(subject))
    assert {finding.outcome for each in run_of.judged for finding in each.findings} == {Outcome.BLOCKED}


def test_resources_of_one_server_are_one_subject() -> None:
    twin = {**OTHER, "server_id": RESOURCE["server_id"]}
    assert [each.resource for each in lives(resources=(RESOURCE, twin, OTHER)).subjects()][:1] == [RESOURCE]
    assert len(lives(resources=(RESOURCE, twin)).subjects()) == 1
