"""A run's own conduct: controls, preflight, what is masked, unsteady or void, and what is never sent."""

from __future__ import annotations

import json
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contracts.catalogue import catalogue
from suites.accepting import accept_all
from suites.campaign import CONFIRM_EVERY, SILENCES, Campaign, Unreachable
from suites.logging_in import unauthenticated
from suites.looking_up import look_up_nothing
from suites.outcomes import Case, Judged, Outcome
from suites.questions import finish
from suites.rejecting import reject
from suites.response import response_clauses
from targets.exchange import Break, Exchange, Request, Role
from targets.sending import Sending
from tests.fakes import CONTRACT, UNKNOWN, campaign, strict
from tests.samples import READER, RESOURCE, answered, broke, refused

FAULTS = {fault.id: fault for fault in catalogue(CONTRACT)}

if TYPE_CHECKING:
    from collections.abc import Sequence

MISSING = FAULTS["restores.t4.power_on.mandatory-missing"]


def lenient(_: Request) -> Exchange:
    return UNKNOWN


def test_fault_is_sent_beside_the_same_body_without_it() -> None:
    run, wire = campaign(strict)
    [judged] = finish(reject(run, MISSING))
    control, mutant = wire.asked
    assert judged.outcome is Outcome.PASS
    before = json.loads(control.body or b"")
    assert isinstance(before["restore"]["parameters"].pop("power_on"), bool)
    assert json.loads(mutant.body or b"") == before
    assert (control.role, control.path) == (mutant.role, mutant.path)


@pytest.mark.parametrize(("fresh", "many", "asked"), [(3600, 500, 3), (-1, 500, 4), (3600, 0, 4)])
def test_control_is_sent_once_while_it_is_kept(
    fresh: float, many: int, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("suites.campaign.FRESH", fresh)
    monkeypatch.setattr("suites.campaign.MANY", many)
    run, wire = campaign(strict)
    finish(reject(run, MISSING))
    finish(reject(run, MISSING))
    assert len(wire.asked) == asked


def test_masked_fault_without_consent_is_blocked() -> None:
    run, _ = campaign(lenient)
    assert [each.outcome for each in finish(reject(run, MISSING))] == [Outcome.BLOCKED]


@pytest.mark.parametrize(("wary", "left"), [(True, ["control"]), (False, ["control", "case"])])
def test_no_fault_leaves_before_its_control_is_back_where_nobody_has_consented(
    wary: bool, left: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, wire = campaign(strict)
    sent: list[str] = []

    def start(batch: Sequence[Request]) -> Sending:
        sent.extend(request.case for request in batch)
        return Sending([Future() for _ in batch])

    monkeypatch.setattr(wire, "wary", wary)
    monkeypatch.setattr(wire, "start", start)
    case = Case("case", "restores.s.400", run.request(b"{"), frozenset({400}))
    question = run.refused([(case, run.request(b"{}"))])
    question.send(None)
    question.close()
    assert sent == left


@pytest.mark.parametrize("control", [refused(503), refused(429), broke(Break.SILENT)], ids=["503", "429", "silence"])
def test_control_that_was_not_answered_for_what_it_is_shows_nothing_and_is_sent_anew(control: Exchange) -> None:
    answers = iter([control, UNKNOWN, UNKNOWN, UNKNOWN, refused(400)])
    run, wire = campaign(lambda _: next(answers))
    assert [each.outcome for each in finish(reject(run, MISSING))] == [Outcome.BLOCKED]
    assert [each.outcome for each in finish(reject(run, MISSING))] == [Outcome.PASS]
    assert [request.case == "control" for request in wire.asked] == [True, False, False, True, False]


@pytest.mark.parametrize("control", [refused(503), broke(Break.SILENT)], ids=["503", "silence"])
def test_fault_that_is_taken_is_found_whatever_its_control_got(control: Exchange) -> None:
    run, _ = campaign(lambda request: control if b'"power_on"' in (request.body or b"") else answered(200))
    assert [each.outcome for each in finish(reject(run, MISSING))] == [Outcome.FAIL]


def test_one_node_of_several_may_look_at_the_fault_first() -> None:
    answers = iter([UNKNOWN, UNKNOWN, refused(400)])
    run, _ = campaign(lambda _: next(answers))
    assert [each.outcome for each in finish(reject(run, MISSING))] == [Outcome.PASS]


def test_what_a_target_says_of_unknown_names_shows_no_fault() -> None:
    def by_server(request: Request) -> Exchange:
        return refused(400, "Unknown.Server") if b"power_on" not in (request.body or b"") else UNKNOWN

    run, _ = campaign(by_server)
    assert [each.outcome for each in finish(reject(run, MISSING))] == [Outcome.PASS]
    run.learn_unknown(refused(400, "Unknown.Server"))
    assert [each.outcome for each in finish(reject(run, MISSING))] == [Outcome.BLOCKED]


def test_failure_is_tried_again_once_a_clause_and_told_as_unsteady_where_it_passes_then() -> None:
    answers = iter([UNKNOWN, answered(200), refused(400), refused(400)])
    run, wire = campaign(lambda _: next(answers))
    [judged] = finish(reject(run, MISSING))
    assert "unsteady: the same bytes got 200 in 1 of 3 tries, 400 in 2 of 3 tries" in judged.failures[0].why
    assert {finding.clause for finding in judged.failures} == {"restores.t4.power_on.mandatory", "restores.s.400"}
    always, wire = campaign(lambda request: UNKNOWN if b'"power_on"' in (request.body or b"") else answered(422))
    first, second = (finish(reject(always, MISSING))[0] for _ in range(2))
    assert "unsteady" not in first.failures[0].why
    assert len(wire.asked) == len([*["control", "mutant"], *["again"] * 4, "mutant"])
    assert second.outcome is Outcome.FAIL


def test_target_that_leaves_too_many_requests_without_an_answer_is_left_alone() -> None:
    run, wire = campaign(strict)
    assert run.note([judged_as(run, Outcome.PASS)])
    case = Case("silent", MISSING.clause, run.request(b"{}"), frozenset({400}))
    silent = run._judge(case, broke(Break.SILENT), UNKNOWN)  # noqa: SLF001  one judged case without the traffic
    assert run.note([silent] * SILENCES)
    assert run.stopped
    assert run.record.entries[MISSING.clause].failed == SILENCES, "what was shown before stands"
    sent = len(wire.asked)
    assert not run.preflight()
    assert len(wire.asked) == sent


def test_unreachable_target_is_an_error() -> None:
    run, _ = campaign(lambda _: broke(Break.REFUSED, "no connection"))
    with pytest.raises(Unreachable, match="no connection"):
        run.preflight()


@pytest.mark.parametrize(
    "lost",
    [
        refused(401),
        refused(403),
        answered(503),
        answered(429),
        refused(400, "BackupService.4008"),
        broke(Break.SILENT),
        broke(Break.REFUSED),
    ],
    ids=["401", "403", "503", "429", "retired", "silent", "gone"],
)
def test_lost_target_stops_the_run_and_voids_what_was_not_confirmed(lost: Exchange) -> None:
    state = {"lost": False}
    run, wire = campaign(lambda request: lost if state["lost"] else strict(request))
    assert run.preflight()
    assert run.note(finish(reject(run, MISSING)))
    state["lost"] = True
    failing = judged_as(run, Outcome.FAIL)
    assert not run.note([failing])
    assert run.stopped
    entry = run.record.entries["restores.t4.power_on.mandatory"]
    assert (entry.outcome, entry.failed, entry.passed) == (Outcome.BLOCKED, 0, 0)
    sent = len(wire.asked)
    assert not run.preflight()
    assert len(wire.asked) == sent, "a stopped run asks nothing more"


@pytest.mark.parametrize(
    "sound", [UNKNOWN, refused(400), answered(200), answered(500)], ids=["404", "400", "200", "500"]
)
def test_other_answers_let_the_run_go_on(sound: Exchange) -> None:
    run, _ = campaign(lambda _: sound)
    assert run.preflight()


def test_one_odd_answer_does_not_stop_the_run() -> None:
    answers = iter([refused(401), UNKNOWN])
    run, _ = campaign(lambda _: next(answers))
    assert run.preflight()


def test_accepted_request_whose_answer_cannot_be_read_is_accepted_and_no_more_is_said() -> None:
    whole = answered(200)
    assert whole.answer is not None
    unread = replace(whole, answer=replace(whole.answer, unread="goes on past 1 MiB"))
    run, _ = campaign(lambda _: unread, budget=40, resources=(RESOURCE,))
    [first, *_] = accept_all(run).values()
    said = {finding.clause: (finding.outcome, finding.why) for finding in first.findings}
    assert said["restores.s.200"][0] is Outcome.PASS
    blocked = (Outcome.BLOCKED, "the body of the 200 goes on past 1 MiB")
    assert said["restores.p.json"] == blocked
    assert all(said[clause.id] == blocked for clause in response_clauses(CONTRACT))


def judged_as(run: Campaign, outcome: Outcome) -> Judged:
    """A case of MISSING, judged as told."""
    answer = answered(200) if outcome is Outcome.FAIL else refused(400)
    case = Case("case", MISSING.clause, run.request(b"{}"), frozenset({400}))
    return run._judge(case, answer, UNKNOWN)  # noqa: SLF001  one judged case without the traffic


def test_failures_are_confirmed_at_once_and_passes_now_and_then() -> None:
    run, wire = campaign(strict)
    assert run.note([judged_as(run, Outcome.PASS)])
    assert not wire.asked
    assert run.note([judged_as(run, Outcome.FAIL)])
    assert len(wire.asked) == 1
    assert run.note([judged_as(run, Outcome.PASS)] * CONFIRM_EVERY)
    assert len(wire.asked) == 2


def test_every_request_of_a_run_without_consent_is_a_canary() -> None:
    run, wire = campaign(lenient, depth="standard")
    for fault in FAULTS.values():
        finish(reject(run, fault))
    finish(look_up_nothing(run))
    assert all(request.resource is None for request in wire.asked)


@pytest.mark.parametrize(
    "kind", ["missing", "empty", "unknown", "cut", "halved", "extended", "other_end", "other_case"]
)
def test_bad_tokens_are_judged(kind: str) -> None:
    sound, wire = campaign(strict)
    assert {each.outcome for each in finish(unauthenticated(sound, kind))} == {Outcome.PASS}
    assert wire.asked[1].token is None or wire.asked[1].token.value != "Operator-Token-0123456789"
    blind, _ = campaign(lambda request: UNKNOWN if request.token is None else refused(400))
    open_, _ = campaign(lambda request: refused(403) if request.token or request.role is Role.NOBODY else UNKNOWN)
    assert {each.outcome for each in finish(unauthenticated(open_, kind))} == {Outcome.FAIL}
    if kind != "missing":
        assert {each.outcome for each in finish(unauthenticated(blind, kind))} == {Outcome.FAIL}


def test_token_without_letters_has_no_other_case() -> None:
    digits = type(READER)("0123456789", "$DIGITS")
    run, wire = campaign(strict, tokens={Role.OPERATOR: digits})
    assert finish(unauthenticated(run, "other_case")) == []
    assert not wire.asked
