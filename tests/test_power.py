"""The suite finds every flaw of the embedded service under a clause that it breaks, and accuses no sound service."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import contracts
from contracts.store import askable
from targets.embedded.changes import FLAWS
from tests.power import failing, run
from tests.power.measuring import ACCUSED, ELSEWHERE, MISSED, Shown, Trial, fleet, measure, measure_deeper
from tests.power.telling import summary, write

if TYPE_CHECKING:
    from pathlib import Path


TENTH = 10
"""One service in so many; ``python -m tests.power`` asks all of them."""


@pytest.mark.parametrize("name", sorted(FLAWS)[::TENTH])
def test_flaw_is_found(name: str) -> None:
    [shown] = measure_deeper([Trial((name,), "smoke", seed=1, operation=FLAWS[name].operation)], workers=1)
    assert shown.good, shown.final


@pytest.mark.parametrize(
    "trial",
    [each for each in fleet(seed=1) if not each.flawed][::TENTH],
    ids=lambda trial: f"{trial.operation}-{trial.changes[0]}",
)
def test_variation_is_not_accused(trial: Trial) -> None:
    [shown] = measure_deeper([trial], workers=1)
    assert shown.good, shown.final


def test_measurement_tells_what_the_suite_gets_wrong() -> None:
    found, sound = (measure(Trial((name,), "smoke", seed=1)) for name in ("power-on-may-be-missing", "gzipped"))
    elsewhere = replace(found, result=ELSEWHERE)
    missed, accused = replace(found, result=MISSED, clauses=()), replace(sound, result=ACCUSED)
    assert Shown((found,)).good
    assert Shown((missed, found)).good
    assert not Shown((missed, elsewhere)).good
    assert Shown((sound, sound)).good
    assert not Shown((sound, accused)).good
    lines = list(summary([Shown((missed,)), Shown((accused,)), Shown((found,))]))
    assert lines[:2] == ["flaws: 1 of 2 found, 1 of them at smoke depth", "sound services: 1 of 1 accused"]
    assert "power-on-may-be-missing (restores, seed 1): missed; nothing fails" in lines[2]


def test_measurement_is_written_down(tmp_path: Path) -> None:
    measured = [Shown((measure(Trial((name,), "smoke", seed=1)),)) for name in ("power-on-may-be-missing", "gzipped")]
    write(measured, tmp_path, seconds=1.5)
    document = json.loads((tmp_path / "power.json").read_text(encoding="utf-8"))
    assert (document["good"], len(document["flaws"]), len(document["sound"])) == (True, 1, 1)
    assert document["flaws"][0]["clauses"] == ["t4.power_on.mandatory"]
    page = (tmp_path / "power.html").read_text(encoding="utf-8")
    assert "Every flaw found, no sound service accused" in page
    assert sorted(path.name for path in tmp_path.iterdir()) == ["power.html", "power.json"]


@pytest.mark.parametrize(("depth", "seed"), [("smoke", 1), ("smoke", 2), ("standard", 3), ("standard", 4)])
@pytest.mark.parametrize("operation", askable())
def test_sound_service_passes_every_clause(depth: str, seed: int, operation: str) -> None:
    verdict = run(depth=depth, seed=seed, operation=operation)
    assert {clause["outcome"] for clause in verdict["clauses"]} == {"pass"}
    assert verdict["verdict"] == "conformant"


@pytest.mark.parametrize("operation", askable())
def test_smoke_asks_little(operation: str) -> None:
    assert run(operation=operation)["requests"]["sent"] <= 400


def test_without_consent_nothing_is_restored_and_the_verdict_is_incomplete() -> None:
    verdict = run(budget=0)
    assert verdict["requests"]["accepted"] == 0
    assert verdict["verdict"] == "incomplete"
    assert failing(verdict) == set()
    assert not [clause["id"] for clause in verdict["clauses"] if clause["outcome"] == "blocked"]


@pytest.mark.parametrize("changes", [[], ["existence-first"]])
def test_budget_is_kept_and_every_response_clause_still_judged(changes: list[str]) -> None:
    verdict = run(changes, depth="standard", budget=5)
    assert verdict["requests"]["accepted"] <= 5
    outcomes = {clause["id"]: clause["outcome"] for clause in verdict["clauses"] if clause["source"]["table"]}
    judged = [outcome for name, outcome in outcomes.items() if name.split(".")[1] in {"t7", "t8", "t9", "t10", "t11"}]
    assert set(judged) == {"pass"}


@pytest.mark.parametrize("operation", contracts.askable())
def test_every_declared_clause_exists(operation: str) -> None:
    known = {clause.id.removeprefix(f"{operation}.") for clause in contracts.load(operation).clauses}
    assert {clause for name in FLAWS.of(operation) for clause in FLAWS[name].breaks} <= known
