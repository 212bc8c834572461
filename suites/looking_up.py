"""Identifiers that name nothing: all of a body's at once, which any service may be sent, and one at a time."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from contracts.bodies import canary_id, encode
from contracts.model import Kind, Side
from suites import outcomes
from suites.campaign import UNKNOWN
from suites.outcomes import Case, Judged

if TYPE_CHECKING:
    from contracts.model import Contract, Lookup
    from suites.campaign import Accepted, Campaign


def look_up_nothing(campaign: Campaign) -> list[Judged]:
    """Judge a sound body whose identifiers all exist nowhere, beside one that is refused for a fault of its own."""
    clause = f"{campaign.contract.operation}.s.404"
    sound, faulty = campaign.canaries()
    case = Case(
        id=f"{clause}-all_unknown",
        clause=clause,
        request=campaign.request(sound),
        expected=UNKNOWN,
    )
    return campaign.refused([(case, campaign.request(faulty))])


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
    """Judge accepted bodies in which one identifier is changed for one that exists nowhere."""
    clause = lookup_clause(campaign.contract, lookup)
    pairs = []
    for number, accepted in enumerate(campaign.accepted[: campaign.depth.bodies]):
        document, pointer = _with_unknown(accepted, lookup.name, number)
        case = Case(
            id=f"{clause}-unknown.{number}",
            clause=clause,
            request=campaign.request(encode(document), resource=accepted.resource),
            expected=frozenset(lookup.statuses),
            beside=(f"{campaign.contract.operation}.s.404",),
            fault=outcomes.Fault("unknown", pointer, encode(accepted.document)),
        )
        pairs.append((case, accepted.exchange))
    return campaign.refused(pairs)


def _with_unknown(accepted: Accepted, name: str, number: int) -> tuple[Any, str]:
    """The accepted document with the last member of this name changed, and where that is."""
    document = copy.deepcopy(accepted.document)
    places: list[tuple[Any, str]] = []

    def walk(value: Any, pointer: str) -> None:
        if isinstance(value, dict):
            if name in value:
                places.append((value, f"{pointer}/{name}"))
            for key, each in value.items():
                walk(each, f"{pointer}/{key}")
        elif isinstance(value, list):
            for index, each in enumerate(value):
                walk(each, f"{pointer}/{index}")

    walk(document, "")
    parent, pointer = places[-1 if number % 2 == 0 else 0]
    parent[name] = canary_id(number)
    return document, pointer
