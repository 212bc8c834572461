"""The verdict's schema takes what a run writes and refuses every single corruption of it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from tests.samples import compared

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
SCHEMA = json.loads((HERE.parent / "reports" / "verdict.schema.json").read_text(encoding="utf-8"))
SAMPLE = json.loads((HERE / "data" / "verdict.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
Place = tuple["str | int", ...]


def places(node: Any, here: Place = ()) -> Iterator[tuple[Place, Any]]:
    yield here, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from places(child, (*here, key))


def at(document: Any, place: Place) -> Any:
    for step in place:
        document = document[step]
    return document


def name(place: Place) -> str:
    return ".".join(map(str, place)) or "root"


OBJECTS = [place for place, node in places(SAMPLE) if isinstance(node, dict) and place[-1:] != ("by_status",)]
LEAVES = [place for place, node in places(SAMPLE) if not isinstance(node, (dict, list))]
LISTS = [place for place, node in places(SAMPLE) if isinstance(node, list)]
GAINED: frozenset[Place] = frozenset(
    {
        *[
            ("accidents",),
            ("requests", "accidents"),
            ("requests", "latency"),
            ("contract", "tables"),
            ("target", "served"),
        ],
        *[place for place, _ in places(SAMPLE) if place[-1:] == ("pytest",)],
    }
)
"""What of the sample a verdict of an older checkout does not have."""


def corrupted(place: Place, value: Any) -> Any:
    document = copy.deepcopy(SAMPLE)
    at(document, place[:-1])[place[-1]] = value
    return document


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_sample_is_accepted() -> None:
    assert list(VALIDATOR.iter_errors(SAMPLE)) == []


def test_the_sample_has_every_outcome() -> None:
    assert {clause["outcome"] for clause in SAMPLE["clauses"]} == set(SCHEMA["$defs"]["outcome"]["enum"])


@pytest.mark.parametrize("place", OBJECTS, ids=name)
def test_no_member_may_be_missing_but_what_version_1_has_gained(place: Place) -> None:
    for key in at(SAMPLE, place):
        document = copy.deepcopy(SAMPLE)
        del at(document, place)[key]
        assert VALIDATOR.is_valid(document) is ((*place, key) in GAINED), key


@pytest.mark.parametrize("place", OBJECTS, ids=name)
def test_no_member_may_be_added(place: Place) -> None:
    assert not VALIDATOR.is_valid(corrupted((*place, "unheard_of"), 1))


@pytest.mark.parametrize("place", LEAVES, ids=name)
def test_no_value_may_become_an_object(place: Place) -> None:
    assert not VALIDATOR.is_valid(corrupted(place, {}))


@pytest.mark.parametrize("place", LISTS, ids=name)
def test_no_list_may_become_text(place: Place) -> None:
    assert not VALIDATOR.is_valid(corrupted(place, "text"))


CLAUSE: Place = ("clauses", 1)
FAILURE: Place = (*CLAUSE, "failures", 0)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("schema_version",), 2),
        (("verdict",), "fine"),
        (("reason",), ""),
        (("operation",), "restores\n"),
        (("contract", "digest"), "ab" * 31),
        (("target", "budget"), -1),
        (("target", "consent"), 1),
        (("depth",), "deep"),
        (("seed",), 1.5),
        (("fail_on",), "nothing"),
        (("started",), "2026-11-24 02:10:00"),
        (("finished",), "2026-11-24T02:10:00+01:00"),
        ((*CLAUSE, "id"), "Restores.T3"),
        ((*CLAUSE, "id"), "restores.t3.x\n"),
        ((*CLAUSE, "kind"), "mood"),
        ((*CLAUSE, "strength"), "strong"),
        ((*CLAUSE, "outcome"), "passed"),
        ((*CLAUSE, "source", "table"), 0),
        ((*CLAUSE, "cases"), -1),
        ((*FAILURE, "case"), "not ascii: \u00e9"),
        ((*FAILURE, "expected"), [400, 400]),
        ((*FAILURE, "got"), 99),
        ((*FAILURE, "fault", "pointer"), "restore/provider_id"),
        ((*FAILURE, "request", "headers", 0), ["one"]),
        ((*FAILURE, "curl"), ""),
        (("deviations", 0, "expires"), "31.1.2027"),
        (("deviations", 0, "state"), "ignored"),
        (("requests", "by_status"), {"20": 1}),
        (("requests", "by_status"), {"200": -1}),
        (("requests", "seconds"), -0.1),
    ],
    ids=lambda value: name(value) if isinstance(value, tuple) else None,
)
def test_no_value_may_leave_its_range(place: Place, value: Any) -> None:
    assert not VALIDATOR.is_valid(corrupted(place, value))


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": "pass"},
        {"outcome": "pass", "failures": [], "failed": 0, "cases": 0},
        {"failures": []},
        {"failed": 0},
        {"outcome": "blocked", "reason": ""},
        {"outcome": "deviation", "reason": ""},
    ],
    ids=["pass-with-failures", "pass-without-cases", "fail-without-evidence", "fail-of-none", "blocked", "deviation"],
)
def test_outcome_and_evidence_agree(changes: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(corrupted(CLAUSE, SAMPLE["clauses"][1] | changes))


@pytest.mark.parametrize(
    "changes",
    [{"got": None}, {"broke": "reset"}, {"response": None}, {"got": None, "response": None}],
    ids=["got-nothing", "got-and-broke", "got-no-response", "nothing-and-no-break"],
)
def test_answer_and_break_agree(changes: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(corrupted(FAILURE, SAMPLE["clauses"][1]["failures"][0] | changes))


def conformant() -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(SAMPLE)
    document["verdict"] = "conformant"
    document["clauses"] = [each for each in document["clauses"] if each["outcome"] in ("pass", "deviation", "blocked")]
    return document


def test_a_conformant_verdict_is_accepted() -> None:
    assert VALIDATOR.is_valid(conformant())


@pytest.mark.parametrize(
    "index", [i for i, each in enumerate(SAMPLE["clauses"]) if each["outcome"] in ("fail", "skipped", "error")]
)
def test_nothing_is_conformant_with_an_open_clause(index: int) -> None:
    document = conformant()
    document["clauses"].append(SAMPLE["clauses"][index])
    assert not VALIDATOR.is_valid(document)


def test_nothing_is_conformant_that_was_not_asked() -> None:
    assert not VALIDATOR.is_valid(conformant() | {"clauses": []})


def test_nothing_is_conformant_that_passes_what_it_declared_not_to() -> None:
    document = conformant()
    document["deviations"][0]["state"] = "passes"
    assert not VALIDATOR.is_valid(document)


def test_nobody_is_accused_of_nothing() -> None:
    document = conformant() | {"verdict": "non-conformant"}
    assert not VALIDATOR.is_valid(document)
    document["deviations"][0]["state"] = "passes"
    assert VALIDATOR.is_valid(document)


NEW, FIXED, LOST = "restores.t4.power_on.type", "restores.t1.project_id.mandatory", "restores.s.403"
COMPARED = compared(SAMPLE, NEW, fixed=[FIXED], lost=[LOST])


def announced(days_left: int, state: str = "applied") -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(SAMPLE)
    document["deviations"][0].update(days_left=days_left, state=state)
    return document


def test_what_version_1_has_gained_may_be_missing() -> None:
    assert VALIDATOR.is_valid(COMPARED)
    assert VALIDATOR.is_valid(announced(9))
    assert VALIDATOR.is_valid(SAMPLE)


@pytest.mark.parametrize("key", COMPARED["baseline"])
def test_a_baseline_is_told_whole(key: str) -> None:
    document = copy.deepcopy(COMPARED)
    del document["baseline"][key]
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize(
    "changes",
    [
        {"unheard_of": 1},
        {"verdict": "error"},
        {"target": None},
        {"depth": "deep"},
        {"started": "yesterday"},
        {"fail_on_new": 1},
        {"fixed": "restores.s.403"},
        {"fixed": ["Restores"]},
        {"lost": ["restores.s.403", "restores.s.403"]},
    ],
)
def test_no_value_of_a_baseline_may_leave_its_range(changes: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(COMPARED | {"baseline": COMPARED["baseline"] | changes})


def test_every_failing_clause_is_new_or_known_and_no_other() -> None:
    for index, finding in ((1, None), (1, "old"), (0, "new"), (0, "known"), (4, "known")):
        document = copy.deepcopy(COMPARED)
        document["clauses"][index].pop("finding", None)
        document["clauses"][index].update({} if finding is None else {"finding": finding})
        assert not VALIDATOR.is_valid(document), (index, finding)


def test_without_a_baseline_nothing_is_new_or_known() -> None:
    document = copy.deepcopy(COMPARED)
    del document["baseline"]
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize(
    ("days_left", "state", "valid"),
    [
        (0, "applied", True),
        (0, "unused", True),
        (0, "passes", True),
        (-1, "expired", True),
        (-1, "applied", False),
        (0, "expired", False),
        (1.5, "applied", False),
    ],
)
def test_what_has_expired_has_no_days_left(days_left: int, state: str, valid: bool) -> None:
    assert VALIDATOR.is_valid(announced(days_left, state)) is valid
