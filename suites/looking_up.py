"""Identifiers that name nothing: all of a body's at once, which any service may be sent, and one at a time."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from contracts.bodies import canary_id, encode
from contracts.model import Kind, Side
from suites import outcomes
from suites.judging import UNKNOWN
from suites.outcomes import Case, Judged

if TYPE_CHECKING:
    from contracts.model import Contract, Lookup
    from suites.campaign import Campaign


def look_up_nothing(campaign: Campaign) -> list[Judged]:
    """Judge a sound body whose identifiers all exist nowhere, beside an accepted body, or else a faulty one."""
    clause = f"{campaign.contract.operation}.s.404"
    sound, faulty = map(campaign.request, campaign.canaries())
    case = Case(id=f"{clause}-all_unknown", clause=clause, request=sound, expected=UNKNOWN)
    return campaign.refused([(case, campaign.accepted[0].exchange if campaign.accepted else faulty)])


def lookup_clause(contract: Contract, lookup: Lookup) -> str:
    """The clause by which the member has to name something that exists.

    Raises:
        LookupError: no request row of the contract has the lookup's name.
    """
    for clause in contract.clauses:
        if clause.side is Side.REQUEST and clause.kind is Kind.VALUE and clause.pointer[-1] == lookup.name:
            return clause.id
    raise LookupError(f"{contract.operation} has no request row {lookup.name}")


def look_up(campaign: Campaign, lookup: Lookup) -> list[Judged]:
    """Judge accepted bodies in which one identifier is changed for one that exists nowhere, in long lists at both ends.

    Bodies with most places for it come first, each place in turn from the last one on.
    """
    clause = lookup_clause(campaign.contract, lookup)
    ranked = sorted(campaign.accepted, key=lambda each: -len(_places(each.document, lookup.name)))
    chosen = ranked[: campaign.depth.lookups]
    if chosen and len(_places(chosen[0].document, lookup.name)) > 1:
        chosen = [chosen[0], *chosen]
    pairs = []
    for number, accepted in enumerate(chosen):
        document, pointer = _with_unknown(accepted.document, lookup.name, number)
        case = Case(
            id=f"{clause}-unknown.{number}",
            clause=clause,
            request=campaign.request(encode(document), resource=accepted.resource),
            expected=frozenset(lookup.statuses),
            beside=(f"{campaign.contract.operation}.s.404",),
            fault=outcomes.Fault("unknown", pointer, encode(accepted.document)),
        )
        pairs.append((case, accepted.exchange))
    judged = campaign.refused(pairs)
    for each in judged:
        campaign.learn_unknown(each.exchange)
    return judged


def _with_unknown(document: Any, name: str, number: int) -> tuple[Any, str]:
    """The document with one member of this name changed, the last one for 0 and on from there, and where that is."""
    document = copy.deepcopy(document)
    places = _places(document, name)
    parent, pointer = places[(number - 1) % len(places)]
    parent[name] = canary_id(number)
    return document, pointer


def _places(value: Any, name: str, pointer: str = "") -> list[tuple[Any, str]]:
    """The objects that have a member of this name, with the member's place, in the document's order."""
    found = []
    if isinstance(value, dict):
        if name in value:
            found.append((value, f"{pointer}/{name}"))
        for key, each in value.items():
            found += _places(each, name, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, each in enumerate(value):
            found += _places(each, name, f"{pointer}/{index}")
    return found
