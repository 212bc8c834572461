"""The plan of a run: what it says is what is sent, and nothing is sent for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from suites.exploring import DEPTHS
from suites.planning import plan
from targets.embedded import world
from targets.embedded.target import embedded_target
from targets.exchange import Role
from tests.fakes import CONTRACT
from tests.power import run as run_in_process
from tests.raw import raw_server
from tests.starting import CONSENT, Served, journal, profile, run, service, verdict

if TYPE_CHECKING:
    from pathlib import Path

    from suites.planning import Plan

USELESS = 4


def planned(depth: str = "smoke", seed: int = 1, **facts: object) -> Plan:
    """The plan of a run against the embedded service."""
    target = replace(embedded_target("http://127.0.0.1:9"), **facts)  # type: ignore[arg-type]
    return plan(CONTRACT, target, DEPTHS[depth], seed)


def test_plan_is_what_a_run_sends(tmp_path: Path) -> None:
    done = run(tmp_path, "--depth", "smoke", "--seed", "7")
    assert done.returncode == 0, done.stdout
    told, sent = planned(seed=7), journal(tmp_path)
    assert told.sent == verdict(tmp_path)["requests"]["sent"] == len({entry["number"] for entry in sent})
    assert told.accepted == verdict(tmp_path)["requests"]["accepted"]
    assert set(told.paths) == {urlsplit(entry["request"]["url"]).path for entry in sent}
    came = [entry for entry in sent if entry["seconds"] is not None]
    assert all(entry["case"] for entry in sent)
    assert told.kinds["preflights"] == sum(entry["case"].endswith("preflight") for entry in came)
    assert told.kinds["controls: the same without the fault"] == sum(entry["case"] == "control" for entry in came)
    assert told.kinds["acceptable bodies"] == sum(entry["case"].startswith("restores.s.200-") for entry in came)
    assert told.kinds["tokens that are not valid"] == sum(entry["case"].startswith("restores.s.401-") for entry in came)
    assert told.naming == sum(entry["resource"] is not None for entry in came)


@pytest.mark.parametrize(("depth", "budget"), [("smoke", 0), ("smoke", 5), ("smoke", 40), ("standard", 40)])
def test_plan_keeps_to_consent_and_budget_as_a_run_does(depth: str, budget: int) -> None:
    told = planned(depth, budget=budget)
    asked = run_in_process(depth=depth, budget=budget)["requests"]
    assert (told.sent, told.accepted) == (asked["sent"], asked["accepted"])
    assert told.accepted <= budget
    assert bool(told.naming) is bool(budget)


def test_plan_leaves_out_what_the_profile_lacks() -> None:
    whole = planned()
    operator = {Role.OPERATOR: embedded_target("").tokens[Role.OPERATOR]}
    bare = planned(budget=0, tokens=operator, foreign_project_id=None, provoke={})
    assert set(whole.kinds) - set(bare.kinds) == {"acceptable bodies", "failures that the target is told to show"}
    for kind in ("callers and projects without permission", "tokens that are not valid"):
        assert bare.kinds[kind] < whole.kinds[kind]


def test_planning_sends_nothing_and_touches_no_report(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "verdict.json").write_text("yesterday's", encoding="utf-8")
    with raw_server(Served(service())) as server:
        asked = ("--target", profile(tmp_path, server.endpoint, CONSENT), "--depth", "smoke", "--seed", "1")
        there = run(tmp_path, "--plan", *asked)
        assert (server.connections, server.requests) == (0, [])
    gone = run(tmp_path, "--plan", *asked)
    assert (there.returncode, gone.returncode) == (0, 0), there.stderr + gone.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["verdict.json"]
    assert there.stdout.rpartition("no tests ran")[0] == gone.stdout.rpartition("no tests ran")[0]
    with raw_server(Served(service())) as server:
        profile(tmp_path, server.endpoint, CONSENT)
        assert run(tmp_path, *asked).returncode == 0
    assert f"{verdict(tmp_path)['requests']['sent']:>6}  in all" in there.stdout
    for line in (
        f"{int(40 * 0.6)} meant to start, of ",
        "never more than 40",
        f"  /v1/{world.FOREIGN_PROJECT}/restores",
        "  00c0ffee..., which name nothing",
        "server_id 000000c3-0001-4000-9abc-00000002fa1c, 1 volumes",
        "s at 10000 a second",
    ):
        assert line in there.stdout


def test_plan_without_consent_says_that_nothing_is_meant_to_start(tmp_path: Path) -> None:
    done = run(tmp_path, "--plan", "--target", profile(tmp_path, "http://127.0.0.1:1"), "--depth", "smoke")
    assert done.returncode == 0
    assert "0 meant to start, since the profile gives no consent" in done.stdout
    assert "ends the sending (up to 2 are in flight at once)" in done.stdout
    assert "000000c3" not in done.stdout
    assert "acceptable bodies" not in done.stdout


def test_embedded_service_is_not_started_to_plan_and_a_plan_is_of_a_whole_run(tmp_path: Path) -> None:
    done = run(tmp_path, "--plan", "--depth", "smoke")
    assert done.returncode == 0
    assert "plan: embedded service at http://127.0.0.1, depth smoke" in done.stdout
    assert run(tmp_path, "--plan", "--resume").returncode == USELESS
