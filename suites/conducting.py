"""A whole run without pytest: the suites' questions in their order, for measuring the suite itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.catalogue import catalogue
from contracts.malformed import leniencies, malformations, stresses
from suites.accepting import accept_all
from suites.logging_in import (
    BAD_TOKENS,
    expired,
    foreign_project,
    no_project,
    read_only,
    unauthenticated,
    unknown_project,
)
from suites.looking_up import look_up, look_up_nothing
from suites.open_points import ask
from suites.rejecting import reject, reject_malformed, reject_spelt
from suites.spelling import EVERY_SPELLING
from suites.stressing import endure, provoke
from targets.exchange import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from suites.campaign import Campaign
    from suites.outcomes import Judged


def conduct(campaign: Campaign) -> None:
    """Ask everything that the profile allows, as the tests do, until the target is lost.

    Raises:
        Unreachable: nobody listens at the endpoint.
    """
    campaign.preflight()
    for question in _questions(campaign):
        if campaign.stopped:
            return
        campaign.note(question())
    campaign.preflight()


def _questions(campaign: Campaign) -> Iterator[Callable[[], list[Judged]]]:
    contract, target = campaign.contract, campaign.target
    if target.consent:
        yield lambda: list(accept_all(campaign).values())
    yield lambda: look_up_nothing(campaign)
    for lookup in contract.lookups:
        yield lambda lookup=lookup: look_up(campaign, lookup)  # type: ignore[misc]
    for fault in catalogue(contract):
        yield lambda fault=fault: reject(campaign, fault)  # type: ignore[misc]
    for spelling in EVERY_SPELLING:
        yield lambda spelling=spelling: reject_spelt(campaign, spelling)  # type: ignore[misc]
    for malformation in (*malformations(contract), *leniencies(contract)):
        yield lambda malformation=malformation: reject_malformed(campaign, malformation)  # type: ignore[misc]
    yield from _about_callers(campaign)
    for stress in stresses(contract):
        yield lambda stress=stress: endure(campaign, stress)  # type: ignore[misc]
    for status in target.provoke:
        yield lambda status=status: provoke(campaign, status)  # type: ignore[misc]
    yield lambda: ask(campaign)
    for kind in BAD_TOKENS:
        yield lambda kind=kind: unauthenticated(campaign, kind)  # type: ignore[misc]
    if Role.EXPIRED in target.tokens:
        yield lambda: expired(campaign)


def _about_callers(campaign: Campaign) -> Iterator[Callable[[], list[Judged]]]:
    target = campaign.target
    if Role.READ_ONLY in target.tokens:
        yield lambda: read_only(campaign)
    project = target.foreign_project_id
    if project is not None:
        yield lambda: foreign_project(campaign, project)
    yield lambda: unknown_project(campaign)
    yield lambda: no_project(campaign)
