"""What is asked beyond the catalogue: other spellings, lists at both ends, projects and callers that may not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from contracts.bodies import plain_body
from suites import accepting
from suites.campaign import Campaign
from suites.exploring import DEPTHS
from suites.logging_in import foreign_project, read_only, unauthenticated, unknown_project
from suites.looking_up import look_up
from suites.outcomes import Accepted, Outcome
from suites.questions import finish
from suites.rejecting import reject_spelt
from suites.shaping import shape_for
from suites.spelling import BULKY, COMPACT, EVERY_SPELLING, PADDED, SPELLINGS
from targets.embedded.build import build
from targets.embedded.in_process import InProcessWire
from targets.embedded.target import embedded_target
from tests.fakes import CONTRACT, UNKNOWN, campaign
from tests.samples import RESOURCE, answered, refused

if TYPE_CHECKING:
    from suites.spelling import Spelling
    from targets.exchange import Exchange, Request

SPELLING_IDS = [each.name for each in EVERY_SPELLING]


def embedded(changes: list[str], depth: str = "smoke", **facts: Any) -> Campaign:
    """A campaign against the embedded service, without a socket."""
    target = replace(embedded_target("http://127.0.0.1:9", changes), **facts)
    wire = InProcessWire(target, frozenset({200}), CONTRACT.busy, build(changes))
    return Campaign(CONTRACT, target, wire, DEPTHS[depth], seed=1)


@pytest.mark.parametrize("spelling", SPELLINGS, ids=lambda each: each.name)
def test_spelling_is_the_same_document(spelling: Spelling) -> None:
    document = plain_body(CONTRACT.request_schema, shape_for(CONTRACT), optional=True, flag=False)
    assert json.loads(spelling.write(document)) == document
    request = spelling.request(campaign(lambda _: UNKNOWN)[0], document)
    plain = COMPACT.request(campaign(lambda _: UNKNOWN)[0], document)
    assert (request.body, request.headers, request.token_header) != (plain.body, plain.headers, plain.token_header)
    assert {name.lower() for name, _ in plain.headers} <= {name.lower() for name, _ in request.headers}


@pytest.mark.parametrize("spelling", EVERY_SPELLING, ids=SPELLING_IDS)
def test_fault_in_another_spelling_is_judged(spelling: Spelling) -> None:
    judged = finish(reject_spelt(embedded([]), spelling))
    assert {each.outcome for each in judged} == {Outcome.PASS}
    keywords = 2 if spelling in BULKY else 3
    assert len({each.case.clause for each in judged}) == keywords, "one fault of each, with a fixed value in no list"

    blind, _ = campaign(lambda _: UNKNOWN)
    assert finish(reject_spelt(blind, spelling)) == [], "masked by what the body names, and nothing else is at hand"
    taken, _ = campaign(lambda request: answered(200, {}) if request.body in faulty else UNKNOWN)
    faulty = {each.case.request.body for each in judged}
    assert {each.outcome for each in finish(reject_spelt(taken, spelling))} == {Outcome.FAIL}


@pytest.mark.parametrize("spelling", [*BULKY, *PADDED], ids=lambda each: each.name)
@pytest.mark.parametrize("answer", [answered(413), refused(400, "TooLarge")], ids=["413", "400"])
def test_target_need_not_take_a_body_of_any_size(spelling: Spelling, answer: Exchange) -> None:
    run, _ = campaign(lambda request: answer if len(request.body or b"") > 5_000 else refused(400))
    assert finish(reject_spelt(run, spelling)) == []


def test_text_that_a_service_may_refuse_is_tentative() -> None:
    def answer(request: Request) -> Exchange:
        return refused(400) if not (request.body or b"").isascii() else answered(200, {})

    run, wire = campaign(answer, resources=(RESOURCE,), budget=40)
    judged = accepting.accept_all(run)["text_foreign"]
    assert judged.findings == ()
    assert any(not (request.body or b"").isascii() for request in wire.asked)
    [observed] = [seen for point, seen in run.record.observations.items() if "foreign" in point]
    assert list(observed) == ["refused with 400"]


@pytest.mark.parametrize("name", ["backup_id", "volume_id"])
def test_identifier_of_a_list_is_looked_up_in_every_part(name: str) -> None:
    run = embedded([])
    accepting.accept_all(run)
    [lookup] = [each for each in CONTRACT.lookups if each.name == name]
    places = [each.case.fault.pointer for each in finish(look_up(run, lookup))[:3] if each.case.fault]
    longest = max(len(each.document["restore"]["parameters"]["targets"]["volumes"]) for each in run.accepted)
    assert places == [f"/restore/parameters/targets/volumes/{index}/{name}" for index in (longest - 1, 0, longest // 2)]


def accepted() -> Accepted:
    """A body that the target has accepted."""
    document = plain_body(CONTRACT.request_schema, shape_for(CONTRACT, RESOURCE), optional=True, flag=True)
    return Accepted(document, "resource 1", answered(200, {}), campaign(lambda _: UNKNOWN)[0].path())


def test_projects_that_do_not_exist_are_asked_about() -> None:
    run, wire = campaign(lambda request: UNKNOWN if f"/{run.target.project_id}/" in request.path else refused(403))
    assert {each.outcome for each in finish(unknown_project(run))} == {Outcome.PASS}
    assert f"/v1/{run.target.project_id}0/restores" in {request.path for request in wire.asked}
    lax, _ = campaign(lambda request: answered(200, {}) if b"checkpoint-1" in (request.body or b"") else UNKNOWN)
    lax.remember(accepted())
    assert {each.outcome for each in finish(unknown_project(lax))} == {Outcome.FAIL}


@pytest.mark.parametrize("depth", ["smoke", "standard"])
def test_callers_who_may_not_are_asked_about_as_often_as_the_depth_says(depth: str) -> None:
    run = embedded([], depth)
    assert len(finish(read_only(run))) == len(finish(foreign_project(run))) == run.depth.callers


def test_profile_bounds_the_bad_tokens() -> None:
    run = embedded([], "standard")
    assert len(finish(unauthenticated(run, "unknown"))) == run.depth.logins
    few = embedded([], "standard", limits=replace(run.target.limits, bad_tokens=39))
    assert len(finish(unauthenticated(few, "unknown"))) == 3
