"""Acceptable requests on the profile's resources: every freedom of the request, most telling combinations first.

The freedoms are read off the contract: which resource, each Boolean, each optional member, the order of members and
the spelling of the JSON text. A pairwise set covers them; what the budget and the depth leave is drawn.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from contracts.bodies import valid_bodies
from contracts.model import Kind, Side
from suites.addressing import path_of, path_values
from suites.exploring import draw
from suites.pointing import value_at
from suites.resources import in_turn
from suites.shaping import consents, plain, shape_for
from suites.spelling import COMPACT, UTF8, Spelling, spellings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from contracts.bodies import Shape
    from contracts.model import Contract, Pointer
    from suites.campaign import Campaign
    from suites.exploring import Depth
    from targets.profile import Target

Feature = tuple[str, str]
"""A clause and how a request uses the freedom that it gives."""

AT_A_TIME = 8
"""Bodies that are drawn together."""

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


def drawn(campaign: Campaign, count: int, beside: Iterable[Variation] = ()) -> Iterator[Variation]:
    """Acceptable requests whose bodies Hypothesis draws, written in each way in turn.

    With those ``beside`` them they are about each resource alike, so that none is waited for at the end.
    """
    contract, target = campaign.contract, campaign.target
    names = target.names
    asked = Counter(each.resource for each in beside)
    shares: Counter[int] = Counter()
    for _ in range(count if names else 0):
        index = min(range(len(names)), key=lambda index: asked[names[index]] + shares[index])
        shares[index] += 1
    values = in_turn(
        ((index, document) for index, share in shares.items() for document in _documents(campaign, index, share)),
        lambda value: value[0],
    )
    spellings = (COMPACT, *spellings_of(contract))
    for number, (index, document) in enumerate(itertools.islice(itertools.cycle(values), max(count, 0))):
        turn = number + number // len(names)  # or else a resource could get the same spellings again and again
        yield _variation(contract, target, index, document, spellings[turn % len(spellings)], f"drawn_{number}")


def _documents(campaign: Campaign, index: int, count: int) -> list[Any]:
    """So many bodies about a resource, drawn several at a time; None for an operation without a body."""
    contract = campaign.contract
    if not contract.request_schema:
        return [None]
    bodies = valid_bodies(contract.request_schema, _shape(contract, campaign.target, index))
    size = min(count, AT_A_TIME)
    batches = st.lists(bodies, min_size=size, max_size=size)
    first, *more = draw(batches, 1 - (-count // size), f"acceptances {index}", campaign.seed)
    # the first is the simplest, the same body again and again, and left out unless there is no other
    return list(itertools.chain.from_iterable(more or [first]))[:count]


def _shape(contract: Contract, target: Target, index: int) -> Shape:
    """How bodies about a resource are drawn; in lists of such, the next ones follow."""
    first, *others = (*target.resources[index:], *target.resources[:index])
    return shape_for(contract, first, others=others)


def every_variation(campaign: Campaign) -> list[Variation]:
    """The set combinations and the drawn bodies of a run, in the order in which they are sent."""
    variations = list(combinations(campaign.contract, campaign.target, campaign.depth))
    share = share_of_budget(campaign.contract, campaign.target, campaign.depth)
    return [*variations, *drawn(campaign, share - len(variations), variations)]


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
        resource=target.names[index],
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
