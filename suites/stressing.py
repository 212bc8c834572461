"""What is hard on a service: bodies hard to digest, and failures that it is told to show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.bodies import encode
from suites import judging
from suites.outcomes import Case, Fault, Finding, Judged, Outcome
from suites.shaping import body_of

if TYPE_CHECKING:
    from contracts.malformed import Malformation
    from suites.campaign import Campaign
    from targets.exchange import Exchange


async def endure(campaign: Campaign, stress: Malformation) -> list[Judged]:
    """Judge whether the service stands a body that is hard to digest, in each variant."""
    plain = encode(campaign.canary())
    cases = []
    for variant in range(stress.variants):
        body = stress.put(plain, variant).after
        cases.append(
            Case(
                id=f"{stress.id}.{variant}",
                clause=stress.clause,
                request=campaign.request(body),
                expected=frozenset(),
                fault=Fault(stress.label, "", plain),
                ours=False,
            )
        )
    return await campaign.endured(cases)


async def provoke(campaign: Campaign, status: int) -> list[Judged]:
    """Judge the failure that the target's fault injection shows: its status, and its error body."""
    contract = campaign.contract
    clause = f"{contract.operation}.s.{status}"
    request = campaign.request(body_of(campaign.canary()), patient=False)
    request = replace(request, headers=(*request.headers, *campaign.target.provoke[status]))
    case = Case(f"{clause}-provoked", clause, request, frozenset({status}))
    exchange = _provoked(campaign, case, status)
    if exchange.status == status:
        finding = Finding(clause, Outcome.PASS)
    else:
        finding = Finding(clause, Outcome.FAIL, f"told to answer {status}, it answered {exchange.status}")
    return [campaign.provoked(case, exchange, finding)]


def _provoked(campaign: Campaign, case: Case, status: int) -> Exchange:
    """The answer to a request that is told to fail; asked a few times more where throttling comes in its place."""
    for _ in range(TRIES):
        [exchange] = campaign.send([case])
        if exchange.status == status or exchange.status not in judging.THROTTLED:
            break
    return exchange


TRIES = 4
"""Requests at most for one failure that the target is told to show."""
