"""Load runs as processes of their own, master and two workers: what they find, and whom they leave in peace."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

import targets.embedded.build  # noqa: F401  registers them
from reports.ledger import read
from targets.embedded import world
from targets.embedded.changes import CONCURRENT
from targets.embedded.launch import launch
from tests.certificates import server_side, write_authority
from tests.raw import raw_server
from tests.starting import ENVIRONMENT, PATIENCE, ROOT, Served, consent, profile, service

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.skipif(find_spec("locust") is None, reason="needs Locust: tox run -e load-tests")

FLAWED = sorted(name for name, change in CONCURRENT.items() if change.breaks)
SOUND = sorted(name for name, change in CONCURRENT.items() if not change.breaks)
REAL = [value for resource in world.RESOURCES for value in resource.values() if isinstance(value, str)]


LONG = "180s"
"""A bound for loads that are ended by what has come: no machine should be so slow."""
ASKED = 600
"""Answers under load that a service is judged by in which nothing is to be found."""


def load(directory: Path, *more: str, environment: Mapping[str, str] = ENVIRONMENT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "suites.load", "--time", LONG, "--workers", "2", "--seed", "1", *more]
    command += ["--report-dir", str(directory / "out")]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=2 * PATIENCE
    )


def verdict(directory: Path, ended: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    path = directory / "out" / "verdict.json"
    assert path.exists(), ended.stderr
    return read(path)


def failing(told: dict[str, Any]) -> set[str]:
    return {clause["id"].removeprefix("restores.") for clause in told["clauses"] if clause["outcome"] == "fail"}


def answers(told: dict[str, Any]) -> int:
    latencies = told["requests"]["latency_by_status"].values()
    return sum(each["answers"] for latency in latencies for each in latency["histogram"])


@pytest.mark.parametrize("name", FLAWED)
def test_what_shows_only_under_load_is_found(name: str, tmp_path: Path) -> None:
    """The load ends by it, so that the requests in turn before the load have not shown it."""
    # races are told between workers; for the others one is enough, and starts sooner
    workers = "2" if "s.busy" in CONCURRENT[name].breaks else "1"
    ended = load(tmp_path, "--users", "12", "--workers", workers, "--until-failure", "--flaw", name)
    told = verdict(tmp_path, ended)
    assert (ended.returncode, told["verdict"]) == (1, "non-conformant"), ended.stderr
    assert told["load"]["ended"] == "failure", ended.stdout
    assert failing(told) & set(CONCURRENT[name].breaks)


def test_one_request_after_the_other_does_not_show_it(tmp_path: Path) -> None:
    """A service with all of these flaws at once."""
    tokens = {"SUITE_TOKEN": world.OPERATOR_TOKEN, "SUITE_READER": world.READ_ONLY_TOKEN}
    environment = {**ENVIRONMENT, **tokens, "SUITE_EXPIRED": world.EXPIRED_TOKEN}
    with launch(FLAWED) as endpoint:
        target = profile(tmp_path, endpoint, consent(100_000, world.RESOURCES))
        alone = ("--users", "1", "--workers", "1", "--until-failure", "--requests", str(ASKED))
        ended = load(tmp_path, "--target", target, *alone, environment=environment)
    told = verdict(tmp_path, ended)
    assert (told["load"]["ended"], failing(told)) == ("requests", set()), ended.stderr
    assert answers(told) >= ASKED
    assert set(told["requests"]["latency_by_status"]) == {"200", "400", "401", "403", "404"}


@pytest.mark.parametrize("more", [[], *(["--flaw", name] for name in SOUND)], ids=["plain", *SOUND])
def test_a_sound_service_is_not_accused(more: list[str], tmp_path: Path) -> None:
    ended = load(tmp_path, "--users", "12", "--until-failure", "--requests", str(ASKED), *more)
    told = verdict(tmp_path, ended)
    assert (ended.returncode, told["verdict"], failing(told)) == (0, "conformant", set()), ended.stderr
    assert told["load"].pop("seconds") > 0
    assert told["load"] == {
        "users": 12,
        "workers": 2,
        "mix": {"valid": 4, "faulty": 4, "unknown": 1, "callers": 1},
        "ended": "requests",
    }
    assert set(told["requests"]["latency_by_status"]) == {"200", "400", "401", "403", "404"}
    assert ASKED <= answers(told) < told["requests"]["sent"]
    assert "so many requests were answered as were asked for" in ended.stdout
    cases = ET.parse(tmp_path / "out" / "junit.xml").getroot().iter("testcase")  # noqa: S314  our own file
    assert len(list(cases)) == len(told["clauses"]) + 1
    assert "verdict-report" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_load_ends_with_its_time(tmp_path: Path) -> None:
    """Without consent, so that only canaries are sent; behind TLS."""
    served = service()
    authority = f'[target.tls]\nca_file = "{write_authority(tmp_path)}"'
    with raw_server(Served(served), tls=server_side()) as server:
        ended = load(tmp_path, "--target", profile(tmp_path, server.endpoint, authority), "--time", "1s")
    told = verdict(tmp_path, ended)
    assert (ended.returncode, told["verdict"], failing(told)) == (6, "incomplete", set()), ended.stderr
    assert (told["load"]["ended"], told["load"]["seconds"]) == ("time", 1)
    assert (served.world.restorations, told["requests"]["accepted"]) == ([], 0)
    assert len(server.requests) == told["requests"]["sent"]
    assert not [request for request in server.requests if any(name.encode() in request for name in REAL)]
    assert "200" not in told["requests"]["latency_by_status"]


@pytest.mark.parametrize("budget", [4, 41])
def test_the_budget_holds_over_all_workers(budget: int, tmp_path: Path) -> None:
    served = service()
    with raw_server(Served(served)) as server:
        ended = load(tmp_path, "--target", profile(tmp_path, server.endpoint, consent(budget)))
    told = verdict(tmp_path, ended)
    assert (told["load"]["ended"], failing(told)) == ("stopped", set()), ended.stderr
    assert budget / 2 < len(served.world.restorations) == told["requests"]["accepted"] <= budget
    assert json.dumps(told).count(ENVIRONMENT["SUITE_TOKEN"]) == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--users", "3"], "limits.connections allows 2"),
        (["--flaw", "accepts-twice"], "--flaw is for the embedded service"),
    ],
)
def test_what_cannot_be_used_is_told(more: list[str], said: str, tmp_path: Path) -> None:
    ended = load(tmp_path, "--target", profile(tmp_path, "http://127.0.0.1:9"), *more)
    assert ended.returncode == 4
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_target_that_is_not_there_is_told(tmp_path: Path) -> None:
    ended = load(tmp_path, "--target", profile(tmp_path, "http://127.0.0.1:9"))
    assert ended.returncode == 4
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "out" / "verdict.json").exists()


def test_these_tests_themselves_run_without_what_locust_replaces() -> None:
    assert "gevent" not in sys.modules
