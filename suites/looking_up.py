"""Identifiers that name nothing: all of a body's at once, which any service may be sent, and one at a time."""

from __future__ import annotations

import copy
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from contracts.bodies import canary_id, encode
from contracts.model import Kind, Side
from suites import outcomes
from suites.addressing import values_in
from suites.judging import unknown_to
from suites.outcomes import Case, Judged
from suites.resources import in_turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.model import Contract, Lookup
    from suites.campaign import Campaign
    from suites.outcomes import Accepted
    from targets.exchange import Exchange, Request


async def look_up_nothing(campaign: Campaign) -> list[Judged]:
    """Judge a sound body whose identifiers all exist nowhere, beside an accepted body, or else a faulty one."""
    clause = f"{campaign.contract.operation}.s.404"
    sound, *faulty = map(campaign.request, campaign.canaries())
    case = Case(id=f"{clause}-all_unknown", clause=clause, request=sound, expected=unknown_to(campaign.contract))
    controls = [campaign.accepted[0].exchange] if campaign.accepted else faulty
    if not controls:
        return await campaign.endured([replace(case, clause=f"{campaign.contract.operation}.s.500")])
    return await campaign.refused([(case, control) for control in controls])


def lookup_clause(contract: Contract, lookup: Lookup) -> str:
    """The clause by which the member has to name something that exists.

    Raises:
        LookupError: no request row of the contract has the lookup's name.
    """
    for clause in contract.clauses:
        named = clause.side in (Side.REQUEST, Side.PATH) and clause.pointer[-1] == lookup.name
        if named and clause.kind is Kind.VALUE:
            return clause.id
    raise LookupError(f"{contract.operation} has no request row {lookup.name}")


async def look_up(campaign: Campaign, lookup: Lookup) -> list[Judged]:
    """Judge accepted requests in which one identifier is changed for one that exists nowhere.

    Bodies with most places for it come first, and each time another place has it: the last, the first, the middle.
    What is no identifier at all may be refused as invalid too.
    """
    ranked = sorted(campaign.accepted, key=lambda each: -len(_places(each.document, lookup.name)))
    if not ranked:
        return []
    places = len(_places(ranked[0].document, lookup.name))
    in_path = lookup.name in campaign.contract.in_path
    # nothing else of a request without a body can be invalid
    no_body = () if campaign.contract.request_schema else ("s.400",)
    spread = in_turn(ranked, lambda each: each.resource)
    chosen = [*ranked[:1] * (min(places, 3) - 1), *spread[: campaign.depth.lookups]]
    cases = [
        _case(campaign, lookup, accepted, ("unknown", number), canary_id(number), lookup.statuses)
        for number, accepted in enumerate(chosen)
    ]
    few = len(NO_IDENTIFIERS) if campaign.depth.bodies > 1 else FEW
    turn = campaign.contract.lookups.index(lookup)
    cases += [
        _case(campaign, lookup, accepted, (label, 0), change, (*lookup.statuses, 400), *no_body)
        for accepted, (label, change) in zip(
            itertools.cycle(reversed(spread)),
            itertools.islice(itertools.cycle(NO_IDENTIFIERS.items()), turn, turn + few),
        )
        if not (in_path and label == "empty")  # a path that ends before it names another thing
    ]
    judged = await campaign.refused(cases)
    for each in judged[: len(chosen)]:
        campaign.learn_unknown(each.exchange)
    return judged


FEW = 5
"""How many of these are tried for each identifier at smoke depth, others for another."""
NO_IDENTIFIERS: dict[str, Callable[[str], str]] = {
    "halved": lambda known: known[: len(known) // 2],
    "prolonged": lambda known: f"{known}-x",
    "wildcard": lambda _: "%",
    "nothing": lambda _: "null",
    "quoted": lambda _: "o'id\"",
    "empty": lambda _: "",
    "other_start": lambda known: ("f" if known[:1] != "f" else "0") + known[1:],
}
"""What a careless look-up takes for an identifier, made from a known one; none of them can be one itself."""


def _case(
    campaign: Campaign,
    lookup: Lookup,
    accepted: Accepted,
    named: tuple[str, int],
    change: Callable[[str], str] | str,
    statuses: tuple[int, ...],
    *shows: str,
) -> tuple[Case, Exchange]:
    label, number = named
    clause = lookup_clause(campaign.contract, lookup)
    request, pointer = _renamed(campaign, lookup, accepted, number, change)
    case = Case(
        id=f"{clause}-{label}.{number}",
        clause=clause,
        request=request,
        expected=frozenset(statuses),
        beside=(f"{campaign.contract.operation}.s.404",),
        shows=tuple(f"{campaign.contract.operation}.{tail}" for tail in shows),
        fault=outcomes.Fault(label, pointer, accepted.exchange.sent.body) if pointer else None,
    )
    return case, accepted.exchange


def _renamed(
    campaign: Campaign, lookup: Lookup, accepted: Accepted, number: int, change: Callable[[str], str] | str
) -> tuple[Request, str]:
    """An accepted request with another identifier in one place, and where in the body that is, empty for the path."""

    def changed(known: str) -> str:
        return change if isinstance(change, str) else change(known)

    if lookup.name in campaign.contract.in_path:
        known = values_in(campaign.contract, accepted.path)[lookup.name]
        return campaign.elsewhere(campaign.known(accepted), **{lookup.name: changed(known)}), ""
    document = copy.deepcopy(accepted.document)
    places = _places(document, lookup.name)
    parent, pointer = places[(-1, 0, len(places) // 2)[number % 3]]
    parent[lookup.name] = changed(parent[lookup.name])
    return campaign.known(accepted, encode(document)), pointer


def _places(value: Any, name: str, pointer: str = "") -> list[tuple[Any, str]]:
    """The objects that have a member of this name, with the member's place, in the document's order."""
    found = [(value, f"{pointer}/{name}")] if isinstance(value, dict) and name in value else []
    inside = value.items() if isinstance(value, dict) else enumerate(value or ())
    for step, each in inside:
        if isinstance(each, (dict, list)):
            found += _places(each, name, f"{pointer}/{step}")
    return found
