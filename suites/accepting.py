"""Acceptable bodies on the profile's resources: every freedom of the request, most telling combinations first.

The freedoms are read off the contract: which resource, each Boolean, each optional member, the order of members and
the spelling of the JSON text. A pairwise set covers them; what the budget and the depth leave is drawn.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from contracts.bodies import valid_bodies
from contracts.model import Kind, Side
from suites import judging, resources
from suites.addressing import path_of, path_values, values_in
from suites.campaign import consents, plain, shape_for
from suites.exploring import draw
from suites.outcomes import Accepted, Case, Finding, Judged, Outcome
from suites.pointing import value_at
from suites.response import identity_clause, identity_in, response, response_clauses, twin
from suites.spelling import COMPACT, UTF8, Spelling, spellings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from contracts.bodies import Shape
    from contracts.model import Contract, Pointer
    from suites.campaign import Campaign
    from suites.exploring import Depth
    from suites.record import Tally
    from targets.exchange import Exchange
    from targets.profile import Target

Feature = tuple[str, str]
"""A clause and how a request uses the freedom that it gives."""

Core = tuple[int, Any, str]
"""The index of a resource, a document that names it, and a slug of the freedoms that it uses."""

SHARE = 0.6
"""Of the budget, what acceptable bodies may use; the rest is for faults that only show on known ground."""

TEXTS = {
    "foreign": "https://restore.example/z\u00fcrich/\u6771\u4eac/\U0001f6df",
    "marked": "https://restore.example/Zone-A/a  b%2F%s{0}<b>&amp;\"'\\",
    "long": f"https://restore.example/{'0123456789' * 30}",
    "digits": "20261124",
    "broken": "https://restore.example/a\nb",
    "empty": "",
}
"""Strings by the page's letter that a service may have its reasons to refuse; taken, they have to come back as sent."""


@dataclass(frozen=True)
class Variation:
    """One acceptable request. ``features`` are the freedoms it uses, for telling which one a target refuses.

    A ``tentative`` one may be refused, since the page's word for it is thin; taken, it is judged like the others.
    """

    id: str
    document: Any
    spelling: Spelling
    resource: str
    path: str
    features: frozenset[Feature]
    tentative: bool = False


def success_clause(contract: Contract) -> str:
    """The clause of the status that an acceptable request gets."""
    return f"{contract.operation}.s.{contract.page.success[0]}"


def freedom_clauses(contract: Contract) -> tuple[str, ...]:
    """The clauses of the request's optional members: each may be sent, and may be left out."""
    found = (
        contract.at(Side.REQUEST, pointer, kind) for pointer, kind in _freedoms(contract) if kind is Kind.MANDATORY
    )
    return tuple(clause.id for clause in found if clause)


def share_of_budget(contract: Contract, target: Target, depth: Depth) -> int:
    """How many acceptable requests a run sends."""
    if not consents(contract, target):
        return 0
    if not contract.starts:
        return depth.acceptances
    return min(depth.acceptances, max(1, int(target.budget * SHARE)))


def combinations(contract: Contract, target: Target, depth: Depth) -> tuple[Variation, ...]:
    """The set combinations: pairwise over resources, Booleans and optional members, then one spelling after another."""
    cores = list(_cores(contract, target))
    variations = [_variation(contract, target, index, document, COMPACT, slug) for index, document, slug in cores]
    for (index, document, _), spelling in zip(itertools.cycle(_fullest(contract, cores)), spellings_of(contract)):
        variations.append(_variation(contract, target, index, document, spelling, spelling.name))
    if target.resources:
        variations += _tentative(contract, target)
    return tuple(variations[: share_of_budget(contract, target, depth)])


def _tentative(contract: Contract, target: Target) -> Iterator[Variation]:
    shape = shape_for(contract, target.resources[0])
    usual = plain(contract, shape, optional=True, flag=True)
    for name, text in TEXTS.items():
        document = plain(contract, replace(shape, plain_text=text), optional=True, flag=True)
        if document == usual:  # there is no such string
            return
        yield replace(_variation(contract, target, 0, document, UTF8, f"text_{name}"), tentative=True)


def drawn(campaign: Campaign, count: int) -> list[Variation]:
    """Acceptable requests whose bodies Hypothesis draws, written in each way in turn."""
    contract, target = campaign.contract, campaign.target
    choices = st.one_of(
        *(st.tuples(st.just(index), _bodies(contract, target, index)) for index in range(len(target.resources)))
    )
    values = draw(choices, count, "acceptances", campaign.seed)
    spellings = itertools.cycle((COMPACT, *spellings_of(contract)))
    return [
        _variation(contract, target, index, document, spelling, f"drawn_{number}")
        for number, ((index, document), spelling) in enumerate(
            itertools.islice(zip(itertools.cycle(values), spellings), max(count, 0))
        )
    ]


def _bodies(contract: Contract, target: Target, index: int) -> st.SearchStrategy[Any]:
    if not contract.request_schema:
        return st.none()
    return valid_bodies(contract.request_schema, _shape(contract, target, index))


def _shape(contract: Contract, target: Target, index: int) -> Shape:
    """How bodies about a resource are drawn; in lists of such, the next ones follow."""
    first, *others = (*target.resources[index:], *target.resources[:index])
    return shape_for(contract, first, others=others)


def accept_all(campaign: Campaign, known: Mapping[str, Tally] | None = None) -> dict[str, Judged]:
    """Judge the set combinations and the drawn bodies, by the id of their variation.

    What is ``known`` of some of them from an earlier part of the run is not asked again.
    """
    variations, known = every_variation(campaign), known or {}
    left = [each for each in variations if each.id not in known]
    return {each.id: judged for each, judged in zip(left, accept(campaign, left, granted(campaign, variations, known)))}


def every_variation(campaign: Campaign) -> list[Variation]:
    """The set combinations and the drawn bodies of a run, in the order in which they are sent."""
    variations = list(combinations(campaign.contract, campaign.target, campaign.depth))
    share = share_of_budget(campaign.contract, campaign.target, campaign.depth)
    return variations + drawn(campaign, share - len(variations))


def granted(campaign: Campaign, variations: Iterable[Variation], known: Mapping[str, Tally]) -> set[Feature]:
    """The features with which a request is known to have been accepted."""
    clause = success_clause(campaign.contract)
    accepted = (each for each in variations if each.id in known and known[each.id][clause].outcome is Outcome.PASS)
    return {feature for each in accepted for feature in each.features}


PARTS = "acceptable body "
"""What the parts of a run are called that each are one acceptable request, before the id of its variation."""


def accept(campaign: Campaign, variations: Sequence[Variation], granted: Iterable[Feature] = ()) -> list[Judged]:
    """Send acceptable requests and judge status and body of the answers; what is accepted serves later pairs.

    ``granted`` are features with which a request has been accepted before.
    """
    return [*attribute(settled(campaign, variations), variations, granted)]


def settled(campaign: Campaign, variations: Sequence[Variation]) -> list[Judged]:
    """Send acceptable requests and judge each answer by itself."""
    contract = campaign.contract
    clause = success_clause(contract)
    cases = [
        Case(
            id=f"{clause}-{each.id}",
            clause=clause,
            request=each.spelling.request(campaign, each.document, resource=each.resource, path=each.path),
            expected=frozenset(contract.page.success),
            document=each.document,
        )
        for each in variations
    ]
    return [_settled(campaign, *pair) for pair in zip(campaign.acceptable(cases), variations)]


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


def _cores(contract: Contract, target: Target) -> Iterator[Core]:
    """Resource, document and slug of the pairwise set over resources, Booleans and optional members."""
    freedoms = list(_freedoms(contract))
    axes = [range(len(target.resources)), *([(True, False)] * len(freedoms))]
    for index, *flags in _pairwise(axes):
        chosen = dict(zip((pointer for pointer, _ in freedoms), flags))
        document = plain(contract, _shape(contract, target, index), optional=True, flag=True)
        document = _set(document, chosen, freedoms)
        names = [f"{pointer[-1]}_{_USES[kind is Kind.TYPE][flag]}" for (pointer, kind), flag in zip(freedoms, flags)]
        yield index, document, "-".join([f"resource_{index + 1}", *names])


def _fullest(contract: Contract, cores: Sequence[Core]) -> list[Core]:
    """Those with most optional members: what a spelling changes is in them as well."""

    def sent(core: Core) -> int:
        optional = (pointer for pointer, kind in _freedoms(contract) if kind is Kind.MANDATORY)
        return sum(value_at(core[1], pointer) is not None for pointer in optional)

    most = max(map(sent, cores), default=0)
    return [core for core in cores if sent(core) == most]


_USES = {True: {True: "true", False: "false"}, False: {True: "sent", False: "left_out"}}


def _freedoms(contract: Contract) -> Iterator[tuple[Pointer, Kind]]:
    """Booleans (by their type clause) and optional members (by their mandatory clause), outside of lists."""

    def walk(schema: Mapping[str, Any], pointer: Pointer) -> Iterator[tuple[Pointer, Kind]]:
        for name, node in schema.get("properties", {}).items():
            here = (*pointer, name)
            if name not in schema.get("required", ()):
                yield here, Kind.MANDATORY
            if node["type"] == "boolean":
                yield here, Kind.TYPE
            yield from walk(node, here)

    yield from walk(contract.request_schema, ())


def _set(document: Any, chosen: Mapping[Pointer, bool], freedoms: Iterable[tuple[Pointer, Kind]]) -> Any:
    for pointer, kind in freedoms:
        parent = value_at(document, pointer[:-1])
        if kind is Kind.TYPE:
            parent[pointer[-1]] = chosen[pointer]
        elif not chosen[pointer]:
            del parent[pointer[-1]]
    return document


def _pairwise(axes: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Few combinations in which every two values of two axes meet; the plainest first."""
    combos = list(itertools.product(*axes))
    if len(axes) == 1:
        yield from combos
    open_pairs = {pair for combo in combos for pair in _pairs(combo)}
    while open_pairs:
        best = max(combos, key=lambda combo: len(open_pairs & _pairs(combo)))
        open_pairs -= _pairs(best)
        yield best


def _pairs(combo: tuple[Any, ...]) -> set[tuple[tuple[int, Any], tuple[int, Any]]]:
    return set(itertools.combinations(enumerate(combo), 2))


def _variation(
    contract: Contract, target: Target, index: int, document: Any, spelling: Spelling, slug: str
) -> Variation:
    return Variation(
        id=slug,
        document=document,
        spelling=spelling,
        resource=resources.names(target.resources)[index],
        path=path_of(contract, path_values(contract, target, target.resources[index])),
        features=frozenset(_features(contract, document)),
    )


def _features(contract: Contract, document: Any) -> Iterator[Feature]:
    for pointer, kind in _freedoms(contract):
        clause = contract.at(Side.REQUEST, pointer, kind)
        parent = value_at(document, pointer[:-1])
        if clause is None or not isinstance(parent, dict):
            continue
        flag = parent.get(pointer[-1]) if kind is Kind.TYPE else pointer[-1] in parent
        yield clause.id, f"{pointer[-1]} {_USES[kind is Kind.TYPE][bool(flag)].replace('_', ' ')}"
    for clause in contract.clauses:
        if clause.side is Side.REQUEST and clause.kind is Kind.TYPE and "*" not in clause.pointer:
            value = value_at(document, clause.pointer)
            if isinstance(value, list):
                yield clause.id, f"{clause.pointer[-1]} with {'several items' if len(value) > 1 else 'one item'}"
