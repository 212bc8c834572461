"""The suite finds every flaw of the embedded service under a clause that it breaks, and accuses no sound service."""

from __future__ import annotations

import pytest

from targets.embedded.changes import FLAWS, VARIATIONS
from tests.power import CONTRACT, failing, run


@pytest.mark.parametrize("name", sorted(name for name, flaw in FLAWS.items() if not flaw.lost))
def test_flaw_is_found_for_a_clause_that_it_breaks(name: str) -> None:
    verdict = run([name], depth="standard" if FLAWS[name].rare else "smoke")
    assert failing(verdict) & set(FLAWS[name].breaks), verdict["reason"]


@pytest.mark.parametrize("name", sorted(name for name, flaw in FLAWS.items() if flaw.lost))
def test_service_that_shows_nothing_is_never_conformant(name: str) -> None:
    assert run([name])["verdict"] in {"incomplete", "non-conformant"}


@pytest.mark.parametrize("name", sorted(VARIATIONS))
def test_variation_is_not_accused(name: str) -> None:
    verdict = run([name])
    assert failing(verdict) == set()
    assert verdict["verdict"] == "conformant", verdict["reason"]


@pytest.mark.parametrize(("depth", "seed"), [("smoke", 1), ("smoke", 2), ("standard", 3), ("standard", 4)])
def test_sound_service_passes_every_clause(depth: str, seed: int) -> None:
    verdict = run(depth=depth, seed=seed)
    assert {clause["outcome"] for clause in verdict["clauses"]} == {"pass"}
    assert verdict["verdict"] == "conformant"


def test_smoke_asks_little() -> None:
    assert run()["requests"]["sent"] <= 400


def test_without_consent_nothing_is_restored_and_the_verdict_is_incomplete() -> None:
    verdict = run(budget=0)
    assert verdict["requests"]["accepted"] == 0
    assert verdict["verdict"] == "incomplete"
    assert failing(verdict) == set()


@pytest.mark.parametrize("changes", [[], ["existence-first"]])
def test_budget_is_kept_and_every_response_clause_still_judged(changes: list[str]) -> None:
    verdict = run(changes, depth="standard", budget=5)
    assert verdict["requests"]["accepted"] <= 5
    outcomes = {clause["id"]: clause["outcome"] for clause in verdict["clauses"] if clause["source"]["table"]}
    judged = [outcome for name, outcome in outcomes.items() if name.split(".")[1] in {"t7", "t8", "t9", "t10", "t11"}]
    assert set(judged) == {"pass"}


def test_every_declared_clause_exists() -> None:
    known = {clause.id.removeprefix("restores.") for clause in CONTRACT.clauses}
    assert {clause for flaw in FLAWS.values() for clause in flaw.breaks} <= known
