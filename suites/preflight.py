"""What a run asks to see that its target is still there, and what the answers say against going on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.catalogue import catalogue
from suites.addressing import path_of, path_values
from suites.judging import unknown_to
from suites.outcomes import Case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.faults import Fault
    from contracts.model import Contract
    from suites.campaign import Campaign
    from targets.exchange import Exchange

PREFLIGHT = "preflight"
BLOCKING = frozenset({401, 403, 429, 503})
"""What a good token with a sound body must not get; a run that meets it has shown nothing."""


def lacking(contract: Contract) -> Fault | None:
    """The fault of a canary that has one: a mandatory member missing. None where nothing can be."""
    return next((fault for fault in catalogue(contract) if fault.keyword == "required"), None)


def canary_cases(campaign: Campaign) -> tuple[Case, ...]:
    """The canaries, a sound and perhaps a faulty one, with what they must get: neither may ever be accepted.

    Where none can be faulty, what exists is asked for in its place, as far as a success starts nothing.
    """
    sound, *faulty = (campaign.request(body, late=True) for body in campaign.canaries())
    unknown, fault = f"{campaign.contract.operation}.s.404", lacking(campaign.contract)
    return (
        Case(f"{unknown}-{PREFLIGHT}", unknown, sound, unknown_to(campaign.contract)),
        *(
            Case(f"{fault.id}.{PREFLIGHT}", fault.clause, request, frozenset({400}))
            for request in faulty
            if fault is not None
        ),
        *([] if faulty else _known(campaign)),
    )


def _known(campaign: Campaign) -> Iterator[Case]:
    contract, target = campaign.contract, campaign.target
    if contract.starts or not target.resources:
        return
    resource, [success, *_] = target.resources[0], contract.page.success
    document = campaign.plain(resource)
    path = path_of(contract, path_values(contract, target, resource))
    clause = f"{contract.operation}.s.{success}"
    request = campaign.request(document, path=path, late=True)
    yield Case(f"{clause}-{PREFLIGHT}", clause, request, frozenset(contract.page.success))


def speaks_against(contract: Contract, exchange: Exchange) -> str:
    """Why nothing can be shown while canaries are answered so; empty where nothing speaks against it."""
    answer = exchange.answer
    if answer is None:
        return f"preflight: a sound body with a good token got no answer ({exchange.why})"
    if answer.status in BLOCKING or answer.code in contract.retired:
        code = f" {answer.code}" if answer.code else ""
        return f"preflight: a sound body with the operator's token got {answer.status}{code}"
    return ""
