"""What is drawn, and what it is about: alike in every order of asking, and spread over the servers of a profile."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from contracts.catalogue import catalogue
from suites.batches import FILLS, Draws
from suites.likeness import Grounds
from suites.outcomes import Accepted
from suites.resources import in_turn
from suites.spelling import COMPACT, spellings_of
from suites.varying import combinations, drawn
from tests.fakes import CONTRACT, UNKNOWN, campaign
from tests.samples import RESOURCE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.faults import Fault
    from suites.varying import Variation

SERVERS = tuple(
    {
        **RESOURCE,
        **{name: f"{name}-{number}" for name in RESOURCE if name != "volumes"},
        "volumes": [{"backup_id": f"backup-{number}", "volume_id": f"volume-{number}"}],
    }
    for number in range(3)
)


def members() -> Iterable[list[Fault]]:
    """The faults of each member, in an item of each position."""
    faults = defaultdict(list)
    for fault in catalogue(CONTRACT):
        faults[fault.pointer, fault.position].append(fault)
    return faults.values()


def varied(count: int) -> tuple[list[Variation], list[Variation]]:
    run, _ = campaign(lambda _: UNKNOWN, budget=1000, resources=SERVERS)
    chosen = list(combinations(CONTRACT, run.target, run.depth))
    return chosen, list(drawn(run, count, chosen))


def test_faults_of_a_member_share_their_bodies_and_have_their_own_fills() -> None:
    first, second, *_ = next(faults for faults in members() if len(faults) > 2)
    one, other = (Draws(CONTRACT, fault, 4, seed=1).batches(4) for fault in (first, second))
    assert [document for document, _ in one] == [document for document, _ in other]
    assert {len(fills) for _, fills in (*one, *other)} == {FILLS}
    for fault, batches in ((first, one), (second, other)):
        for document, fills in batches:
            for fill in fills:
                fault.put(document, fill).prove(CONTRACT)


def test_fewer_batches_are_the_first_of_more_and_others_with_another_seed() -> None:
    fault = catalogue(CONTRACT)[-1]
    four = Draws(CONTRACT, fault, 4, seed=1).batches(4)
    assert Draws(CONTRACT, fault, 4, seed=1).batches(2) == four[:2]
    assert Draws(CONTRACT, fault, 4, seed=2).batches(4) != four
    assert Draws(CONTRACT, fault, 4, seed=1).batches(0) == []


def test_acceptable_requests_are_about_each_server_alike() -> None:
    chosen, more = varied(60)
    asked = Counter(each.resource for each in (*chosen, *more))
    assert len(more) == 60
    assert set(asked) == {"resource 1", "resource 2", "resource 3"}
    assert max(asked.values()) - min(asked.values()) <= 1


def test_each_server_gets_every_way_of_writing() -> None:
    _, more = varied(60)
    ways = {COMPACT.name, *(each.name for each in spellings_of(CONTRACT))}
    for server in {each.resource for each in more}:
        assert {each.spelling.name for each in more if each.resource == server} == ways


def test_drawn_bodies_are_not_one_body_again_and_again() -> None:
    _, more = varied(9)
    assert len({repr(each.document) for each in more}) == 9


def test_known_ground_alike_is_taken_in_turn() -> None:
    grounds, document = Grounds(), {"restore": {"volumes": [1]}}
    for name in "abc":
        grounds.add(Accepted(document, name, UNKNOWN, "/"))
    grounds.add(Accepted({"restore": {}}, "d", UNKNOWN, "/"))
    chosen = [grounds.most_like(document, lambda _: True, turn) for turn in range(4)]
    assert [each.resource for each in chosen if each] == ["a", "b", "c", "a"]
    grounds.add(Accepted({"restore": {"volumes": [1], "flag": False}}, "e", UNKNOWN, "/"))
    between = {"restore": {"volumes": [1], "flag": True}}
    chosen = [grounds.most_like(between, lambda _: True, turn) for turn in range(4)]
    assert [each.resource for each in chosen if each] == ["a", "b", "c", "e"], "as unlike one as the other"
    other = grounds.most_like(document, lambda each: "volumes" not in each["restore"])
    assert other is not None
    assert other.resource == "d", "the next most like, where none of those fits"


def test_one_of_each_comes_before_the_second_of_any() -> None:
    assert in_turn(["a1", "a2", "a3", "b1", "c1", "c2"], lambda each: each[0]) == ["a1", "b1", "c1", "a2", "c2", "a3"]
