"""What comes of acceptable requests: their status, the body of the answer, and which freedom a refusal is about."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from suites import judging
from suites.addressing import values_in
from suites.outcomes import Accepted, Case, Finding, Judged, Outcome
from suites.questions import finish, together
from suites.response import identity_clause, identity_in, response, response_clauses, twin
from suites.varying import combinations, drawn, share_of_budget

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from contracts.model import Contract
    from suites.campaign import Campaign
    from suites.record import Tally
    from suites.varying import Feature, Variation
    from targets.exchange import Exchange

PARTS = "acceptable body "
"""What the parts of a run are called that each are one acceptable request, before the id of its variation."""


def success_clause(contract: Contract) -> str:
    """The clause of the status that an acceptable request gets."""
    return f"{contract.operation}.s.{contract.page.success[0]}"


def accept_all(campaign: Campaign, known: Mapping[str, Tally] | None = None) -> dict[str, Judged]:
    """Judge the set combinations and the drawn bodies, by the id of their variation.

    What is ``known`` of some of them from an earlier part of the run is not asked again. What is accepted serves later
    pairs.
    """
    known = known or {}
    variations: list[Variation] = []

    def left(those: Iterable[Variation]) -> Iterator[Variation]:
        for each in those:
            variations.append(each)
            if each.id not in known:
                yield each

    chosen = combinations(campaign.contract, campaign.target, campaign.depth)
    share = share_of_budget(campaign.contract, campaign.target, campaign.depth)
    asked = settled(campaign, left(chosen), left(drawn(campaign, share - len(chosen), chosen)))
    before = granted(campaign, variations, known)
    judged = attribute(list(asked.values()), [each for each in variations if each.id in asked], before)
    return dict(zip(asked, judged))


def granted(campaign: Campaign, variations: Iterable[Variation], known: Mapping[str, Tally]) -> set[Feature]:
    """The features with which a request is known to have been accepted."""
    clause = success_clause(campaign.contract)
    accepted = (each for each in variations if each.id in known and known[each.id][clause].outcome is Outcome.PASS)
    return {feature for each in accepted for feature in each.features}


def settled(campaign: Campaign, *groups: Iterable[Variation]) -> dict[str, Judged]:
    """Send acceptable requests and judge each answer by itself, by the id of the variation.

    While a group is on its way, the next one is chosen.
    """
    asked = [pair for group in finish(together(*(_asked(campaign, each) for each in groups))) for pair in group]
    return {variation.id: _settled(campaign, judged, variation) for variation, judged in asked}


async def _asked(campaign: Campaign, variations: Iterable[Variation]) -> list[tuple[Variation, Judged]]:
    contract, clause = campaign.contract, success_clause(campaign.contract)
    chosen = list(variations)
    cases = [
        Case(
            id=f"{clause}-{each.id}",
            clause=clause,
            request=each.spelling.request(campaign, each.document, resource=each.resource, path=each.path),
            expected=frozenset(contract.page.success),
            document=each.document,
        )
        for each in chosen
    ]
    return list(zip(chosen, await campaign.acceptable(cases)))


def _settled(campaign: Campaign, judged: Judged, variation: Variation) -> Judged:
    """The case with what the body of its answer says; kept for later pairs if it was accepted."""
    part = f"{PARTS}{variation.id}"
    judged = replace(judged, part=part)
    accepted = judged.exchange.status in judging.SUCCESS
    if variation.tentative:
        seen = "accepted" if accepted else f"refused with {judged.exchange.status}"
        campaign.record.observe(f"a free string that is {variation.id.removeprefix('text_')}", seen, part)
    if not accepted:
        refused = variation.tentative and judged.exchange.status in judging.UNKNOWN
        return replace(judged, findings=()) if refused else judged
    campaign.remember(Accepted(judged.case.document, variation.resource, judged.exchange, variation.path), part)
    findings = of_body(campaign, judged.case, variation, judged.exchange)
    return replace(judged, findings=(*judged.findings, *findings))


def of_body(campaign: Campaign, case: Case, variation: Variation, exchange: Exchange) -> Iterator[Finding]:
    """What the body of an accepted answer says, held against the request; nothing where it was not accepted."""
    contract, answer = campaign.contract, exchange.answer
    if answer is None or exchange.status not in case.expected:
        return
    yield from judging.media_type(contract, exchange)
    if answer.unread:
        why = judging.unread(exchange)
        yield from (Finding(clause.id, Outcome.BLOCKED, why) for clause in response_clauses(contract))
        return
    yield from response(contract, case.document, values_in(contract, variation.path), answer.document)
    identity = identity_clause(contract)
    name = identity_in(contract, answer.document)
    if identity and name:
        if name in campaign.identities:
            yield twin(identity, name)
        campaign.identities.add(name)
    for feature, _ in variation.features:
        yield Finding(feature, Outcome.PASS)


def attribute(
    judged: Sequence[Judged], variations: Sequence[Variation], granted: Iterable[Feature]
) -> Iterator[Judged]:
    """Let a refusal break the clause of a freedom too, where no request that uses it alike was accepted."""
    accepted: set[Feature] = set(granted)
    for each, variation in zip(judged, variations):
        if each.outcome is Outcome.PASS:
            accepted |= variation.features
    for each, variation in zip(judged, variations):
        if each.outcome is Outcome.FAIL and accepted:
            blamed = sorted(variation.features - accepted)
            why = each.failures[0].why
            more = tuple(Finding(clause, Outcome.FAIL, f"{why} (always with: {use})") for clause, use in blamed)
            yield replace(each, findings=(*each.findings, *more))
        else:
            yield each
