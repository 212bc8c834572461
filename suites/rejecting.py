"""Faulty bodies, drawn around the catalogue's faults and sent on canary identifiers.

A service may look up what a body names before it looks at the rest. Such a fault is masked on a canary, and is put
into a body that the target has accepted in this run instead, if there is one.
"""

from __future__ import annotations

import itertools
import json
import zlib
from collections import defaultdict
from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from contracts.bodies import encode
from contracts.catalogue import catalogue
from contracts.faults import Position
from suites import outcomes
from suites.batches import FILLS, Batch, Draws
from suites.campaign import is_masked
from suites.exploring import SHRINKING, seed_of
from suites.judging import UNKNOWN
from suites.outcomes import Case, Judged, Outcome
from suites.questions import finish
from suites.shaping import plain, shape_for
from suites.spelling import BULKY, COMPACT, EVERY_SPELLING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from contracts.faults import Fault, Mutant
    from contracts.malformed import Malformation, Malformed
    from contracts.model import Contract
    from suites.campaign import Campaign
    from suites.outcomes import Accepted
    from suites.spelling import Spelling
    from targets.exchange import Exchange

Body = TypeVar("Body", "Mutant", "Malformed")

REFUSED_AS_INVALID = frozenset({400})
MANY = 250
"""Items of the lists in a bulky body."""
SURROUNDINGS = ((True, True, 2), (False, False, 1), (True, False, 3), (False, True, 2))
"""Plain bodies to put a fault in: with or without optional members, with all Booleans so, with so many items."""


async def reject(campaign: Campaign, fault: Fault) -> list[Judged]:
    """Judge a member's fault: its most telling mutants first, then drawn ones, then what was masked on known ground.

    A third of the drawn fills goes into bodies that the target has accepted: there nothing else can refuse a mutant, so
    that a check which is left out now and then shows.
    """
    contract, depth = campaign.contract, campaign.depth
    telling = _telling_mutants(contract, fault, max(depth.bodies, fault.least))
    left = depth.bodies - len(telling)
    draws = Draws(contract, fault, -(-depth.bodies // FILLS), campaign.seed)
    values = draws.batches(-(-left // FILLS))
    known = {mutant.after: mutant for mutant in telling}
    known.update((mutant.after, mutant) for batch in values for mutant in _mutants(campaign, fault, batch))
    judged = await _judge(campaign, list(known.values()))
    if any(each.outcome is Outcome.FAIL for each in judged[len(telling) :]) and not _failing(judged[: len(telling)]):
        judged += _smallest(campaign, draws, judged)
    judged = await _unmask(
        campaign, judged, known, lambda accepted, mutant: fault.move(mutant, accepted.document), _fits
    )
    if fault.position is not Position.FIRST:  # the profile's resources need not have lists that long
        judged = [each for each in judged if not is_masked(each)]
    return judged if _failing(judged) else [*judged, *await _on_known_ground(campaign, fault, values)]


async def _on_known_ground(campaign: Campaign, fault: Fault, values: Sequence[Batch]) -> list[Judged]:
    """Judge one fill of each drawn batch in a body that was accepted, another body each time."""
    pairs: list[tuple[Case, Exchange]] = []
    for turn, (document, fills) in enumerate(values, start=seed_of(fault.id, campaign.seed)):
        accepted = campaign.known_ground(document, fault.fits, turn)
        if accepted is None:
            break
        mutant = _proven(campaign.contract, fault.put(accepted.document, fills[0]))
        case = case_of(campaign, mutant, len(pairs), ground=accepted)
        pairs.append((replace(case, id=f"{case.id}.known"), accepted.exchange))
    return await campaign.refused(pairs)


async def reject_malformed(campaign: Campaign, malformation: Malformation) -> list[Judged]:
    """Judge one way in which a body is no JSON object, in as many variants as the depth asks for."""
    count = min(malformation.variants, campaign.depth.bodies)
    sound = encode(campaign.canary())
    mutants = [_proven(campaign.contract, malformation.put(sound, variant)) for variant in range(count)]
    known = {mutant.after: mutant for mutant in mutants}
    judged = await _judge(campaign, list(known.values()))
    return await _unmask(
        campaign, judged, known, lambda accepted, mutant: malformation.put(encode(accepted.document), mutant.variant)
    )


async def reject_spelt(campaign: Campaign, spelling: Spelling) -> list[Judged]:
    """Judge a few faults in requests of another spelling: a check may hang on how a body is written.

    What is masked or gets no answer with and without the fault is left out: a target need not take a body of any size.
    """
    mutants = [_spelt_mutant(campaign.contract, fault, spelling) for fault in _spelt_faults(campaign, spelling)]
    judged = [
        each
        for each in await _judge(campaign, mutants, spelling)
        # masked not for what it names: a body written so is not taken at all
        if not is_masked(each) or each.exchange.status in UNKNOWN
    ]
    judged = await _unmask(
        campaign,
        judged,
        {mutant.after: mutant for mutant in mutants},
        lambda accepted, mutant: _respelt(mutant.fault.move(mutant, accepted.document), spelling),
        _fits,
        spelling,
    )
    return [each for each in judged if not is_masked(each) and _heard(each)]


def _spelt_faults(campaign: Campaign, spelling: Spelling) -> list[Fault]:
    """One fault of each keyword, another member's for each spelling; none that is taken in plain writing already.

    In a bulky body it is the last of all items that carries the fault.
    """
    turn = EVERY_SPELLING.index(spelling)
    by_keyword = defaultdict(list)
    for fault in catalogue(campaign.contract):
        far_back = fault.position is Position.LAST or spelling not in BULKY
        if far_back and fault.clause not in campaign.broken_in_plain_writing:
            by_keyword[fault.keyword].append(fault)
    return [faults[7 * turn % len(faults)] for faults in by_keyword.values()]


@lru_cache(maxsize=1024)
def _spelt_mutant(contract: Contract, fault: Fault, spelling: Spelling) -> Mutant:
    many = MANY if spelling in BULKY else 2
    document = plain(contract, shape_for(contract, items=(many, many)), optional=True, flag=True)
    return _proven(contract, _respelt(fault.first_mutants(document)[0], spelling))


def _respelt(mutant: Mutant, spelling: Spelling) -> Mutant:
    before, after = (spelling.write(json.loads(body)) for body in (mutant.before, mutant.after))
    return replace(mutant, before=before, after=after)


def _heard(judged: Judged) -> bool:
    return judged.control is None or judged.control.answer is not None


def case_of(
    campaign: Campaign,
    mutant: Mutant | Malformed,
    index: int,
    spelling: Spelling = COMPACT,
    ground: Accepted | None = None,
) -> Case:
    """The case that a mutant makes, its bytes sent under the headers of a spelling, and on known ground if any."""
    where = {"resource": ground.resource, "path": ground.path} if ground else {}
    return Case(
        id=f"{mutant.fault.id}.{index}" if spelling is COMPACT else f"{mutant.fault.id}.{spelling.name}",
        clause=mutant.fault.clause,
        request=spelling.around(campaign, mutant.after, **where),
        expected=REFUSED_AS_INVALID,
        fault=outcomes.Fault(mutant.fault.label, mutant.pointer, mutant.before),
    )


@lru_cache(maxsize=1024)  # the same in each run of a process
def _telling_mutants(contract: Contract, fault: Fault, count: int) -> tuple[Mutant, ...]:
    """The most telling fills, in surroundings that change from fault to fault: a check may hang on what is around."""
    turn = zlib.crc32(fault.id.encode()) % len(SURROUNDINGS)
    documents = (
        plain(
            contract, shape_for(contract, items=(max(items, fault.position.least),) * 2), optional=optional, flag=flag
        )
        for optional, flag, items in (*SURROUNDINGS[turn:], *SURROUNDINGS[:turn])
    )
    fitting = itertools.islice(filter(fault.fits, documents), 2)
    unique = {mutant.after: mutant for document in fitting for mutant in fault.first_mutants(document)}
    return tuple(_proven(contract, mutant) for mutant in itertools.islice(unique.values(), count))


def _mutants(campaign: Campaign, fault: Fault, batch: Batch) -> list[Mutant]:
    document, fills = batch
    return [_proven(campaign.contract, fault.put(document, fill)) for fill in fills]


def _proven(contract: Contract, mutant: Body) -> Body:
    mutant.prove(contract)
    return mutant


async def _judge(
    campaign: Campaign, mutants: Sequence[Mutant | Malformed], spelling: Spelling = COMPACT
) -> list[Judged]:
    pairs = []
    for index, mutant in enumerate(mutants):
        pairs.append((case_of(campaign, mutant, index, spelling), spelling.around(campaign, mutant.before)))
    return await campaign.refused(pairs)


def _smallest(campaign: Campaign, draws: Draws, judged: Sequence[Judged]) -> list[Judged]:
    """The smallest failing mutant that Hypothesis finds from the drawn ones; nothing is sent twice."""
    fault, seen = draws.fault, {each.case.request.body: each for each in judged}
    most = len(seen) + SHRINKING

    def fails(batch: Batch) -> bool:
        mutants = _mutants(campaign, fault, batch)
        new = [mutant for mutant in mutants if mutant.after not in seen]
        if len(seen) + len(new) > most:
            return False
        for each in finish(_judge(campaign, new)):
            seen[each.case.request.body] = each
        return any(seen[mutant.after].outcome is Outcome.FAIL for mutant in mutants)

    batch = draws.smallest(fails)
    mutants = _mutants(campaign, fault, batch) if batch else []
    failing = [seen[mutant.after] for mutant in mutants if seen[mutant.after].outcome is Outcome.FAIL]
    return failing[:1]


async def _unmask(
    campaign: Campaign,
    judged: list[Judged],
    known: dict[bytes, Any],
    move: Callable[[Accepted, Any], Any],
    fits: Callable[[Any, Any], bool] = lambda _mutant, _document: True,
    spelling: Spelling = COMPACT,
) -> list[Judged]:
    """Put what was masked on canaries into accepted bodies most like them, and leave blocked what fits into none.

    One mutant of a fault goes first: a target that takes it has shown enough.
    """
    settled: list[Judged] = []
    faults: set[str] = set()
    pairs: list[tuple[Case, Exchange]] = []
    for turn, each in enumerate(judged, start=seed_of(judged[0].case.id, campaign.seed) if judged else 0):
        mutant = known.get(each.case.request.body or b"") if is_masked(each) else None
        accepted = mutant and campaign.known_ground(json.loads(mutant.before), partial(fits, mutant), turn)
        if mutant is None or accepted is None:
            settled.append(each)
            continue
        moved = _proven(campaign.contract, move(accepted, mutant))
        faults.add(mutant.fault.id)
        pairs.append((case_of(campaign, moved, len(pairs), spelling, accepted), accepted.exchange))
    first = len(faults)
    settled += await campaign.refused(pairs[:first])
    return settled if _failing(settled) else settled + await campaign.refused(pairs[first:])


def _fits(mutant: Mutant, document: Any) -> bool:
    return mutant.fault.fits(document)


def _failing(judged: Iterable[Judged]) -> bool:
    return any(each.outcome is Outcome.FAIL for each in judged)
