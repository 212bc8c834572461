"""A whole run without pytest: the suites' questions in their order, for measuring the suite itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from contracts.catalogue import catalogue
from contracts.lifecycle import LIFECYCLE
from contracts.malformed import leniencies, malformations, stresses
from contracts.model import Kind
from suites.accepting import accept_all
from suites.in_path import endure_names, looked_up, misname, wrong_paths
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
from suites.questions import finish
from suites.rejecting import reject, reject_malformed, reject_spelt
from suites.spelling import EVERY_SPELLING
from suites.stressing import endure, provoke
from targets.exchange import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from suites.campaign import Campaign
    from suites.outcomes import Judged
    from suites.questions import Question

    Asked = Callable[[], list[Judged]]


def conduct(campaign: Campaign, begin: Callable[[str], None] = lambda _: None) -> None:
    """Ask everything that the profile allows, as the tests do, until the target is lost.

    ``begin`` is told the kind of the requests that follow.

    Raises:
        Unreachable: nobody listens at the endpoint.
    """
    campaign.preflight()
    lifecycle = campaign.contract.operation == LIFECYCLE
    for kind, asked in _about_lives(campaign) if lifecycle else _questions(campaign):
        if campaign.stopped:
            return
        begin(kind)
        campaign.note(asked())
    campaign.preflight()


def _questions(campaign: Campaign) -> Iterator[tuple[str, Asked]]:
    if campaign.consent:
        yield ACCEPTABLE, lambda: list(accept_all(campaign).values())
    for kind, question in _about_refusals(campaign):
        yield kind, partial(_finished, question)


def _finished(question: Callable[[], Question]) -> list[Judged]:
    return finish(question())


def _about_refusals(campaign: Campaign) -> Iterator[tuple[str, Callable[[], Question]]]:
    contract, target = campaign.contract, campaign.target
    yield NAMELESS, partial(look_up_nothing, campaign)
    for lookup in contract.lookups:
        yield NAMELESS, partial(look_up, campaign, lookup)
    for wrong in wrong_paths(contract):
        yield "paths that are no path of the operation", partial(misname, campaign, wrong)
    yield from _about_faults(campaign)
    yield from _about_callers(campaign)
    for stress in stresses(contract):
        yield "bodies hard to digest", partial(endure, campaign, stress)
    for name in looked_up(contract):
        yield "names hard to digest", partial(endure_names, campaign, name)
    for status in (each for each in target.provoke if each in contract.page.failure):
        yield "failures that the target is told to show", partial(provoke, campaign, status)
    yield "open points", partial(ask, campaign)
    for kind in BAD_TOKENS:
        yield "tokens that are not valid", partial(unauthenticated, campaign, kind)
    if Role.EXPIRED in target.tokens:
        yield "tokens that are not valid", partial(expired, campaign)


def _about_lives(campaign: Campaign) -> Iterator[tuple[str, Asked]]:
    from suites.living import live  # noqa: PLC0415  state machines take long to import

    if campaign.consent:
        yield "steps about restorations", partial(live, campaign)


def _about_faults(campaign: Campaign) -> Iterator[tuple[str, Callable[[], Question]]]:
    contract = campaign.contract
    for fault in catalogue(contract):
        yield FAULTY[contract.clause(fault.clause).kind], partial(reject, campaign, fault)
    for malformation in malformations(contract):
        yield "bodies that are no JSON object", partial(reject_malformed, campaign, malformation)
    for leniency in leniencies(contract):
        yield "bodies that are almost JSON", partial(reject_malformed, campaign, leniency)
    for spelling in EVERY_SPELLING if contract.request_schema else ():
        yield "faults in other writing", partial(reject_spelt, campaign, spelling)


def _about_callers(campaign: Campaign) -> Iterator[tuple[str, Callable[[], Question]]]:
    target, forbidden = campaign.target, "callers and projects without permission"
    if Role.READ_ONLY in target.tokens and campaign.contract.starts:
        yield forbidden, partial(read_only, campaign)
    if target.foreign_project_id is not None:
        yield forbidden, partial(foreign_project, campaign)
    yield forbidden, partial(unknown_project, campaign)
    yield forbidden, partial(no_project, campaign)


ACCEPTABLE, NAMELESS = "acceptable bodies", "identifiers that name nothing"
FAULTY = {
    Kind.MANDATORY: "faults: a member missing",
    Kind.TYPE: "faults: a member of another type",
    Kind.VALUE: "faults: another value than the fixed one",
}
"""What the faults of a member are called, by the kind of the clause that they break."""
