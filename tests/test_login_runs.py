"""Whole runs that log in: they end as any other, or with a sentence; and a login that is lost in between ends them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from targets.embedded import world
from targets.embedded.target import serve
from tests.keystone import PASSWORD, FakeKeystone, fake_keystone
from tests.starting import BYTECODE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Run = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parent.parent
CREDENTIALS = """
[credentials.operator]
os_cloud = "staging"
[credentials.read_only.password]
auth_url = "{url}"
username = "reader"
user_domain_name = "Default"
project_name = "demo"
password_env = "SUITE_PASSWORD"
"""
CLOUDS = """
clouds:
  staging:
    auth: {{auth_url: "{url}", username: operator, password: "{password}", project_name: demo,
            user_domain_name: Default, project_domain_name: Default}}
"""


@pytest.fixture
def keystone() -> Iterator[FakeKeystone]:
    """An identity service that issues the embedded service's tokens, and knows where it is."""
    with fake_keystone() as fake, serve() as target:
        fake.tokens = {"operator": [world.OPERATOR_TOKEN], "reader": [world.READ_ONLY_TOKEN]}
        fake.project_id = world.PROJECT
        fake.offer("csbs", f"{target.endpoint}/v1/$(project_id)s")
        yield fake


@pytest.fixture
def run(tmp_path: Path, keystone: FakeKeystone) -> Run:
    """Starts ``pytest suites`` at smoke depth, logged in, with its reports in ``tmp_path/out``."""
    clouds = CLOUDS.format(url=keystone.url, password=PASSWORD)
    (tmp_path / "clouds.yaml").write_text(clouds, encoding="utf-8")

    def start(more: str = "", password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
        text = f'[target]\nname = "staging"\n{CREDENTIALS.format(url=keystone.url)}\n{more}'
        (tmp_path / "staging.toml").write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "suites", "-q", "-p", "no:cacheprovider", "--depth", "smoke"]
        command += ["--target", str(tmp_path / "staging.toml"), "--report-dir", str(tmp_path / "out"), "-rA", "-l"]
        environment = {
            "PATH": "/usr/bin:/bin",
            **BYTECODE,
            "OS_CLIENT_CONFIG_FILE": str(tmp_path / "clouds.yaml"),
            "SUITE_PASSWORD": password,
        }
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    return start


def told(done: subprocess.CompletedProcess[str], tmp_path: Path) -> str:
    """Everything that a run has said and left."""
    left = [path.read_text(encoding="utf-8") for path in (tmp_path / "out").glob("**/*") if path.is_file()]
    return "".join([done.stdout, done.stderr, *left])


def verdict(tmp_path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((tmp_path / "out" / "verdict.json").read_text(encoding="utf-8"))
    return document


def test_logged_in_run_ends_as_any_other(run: Run, keystone: FakeKeystone, tmp_path: Path) -> None:
    done = run("[limits]\nrequests_per_second = 10000\n")
    assert done.returncode == 6, done.stdout + done.stderr
    outcomes = {clause["id"]: clause["outcome"] for clause in verdict(tmp_path)["clauses"]}
    assert {"fail", "error"}.isdisjoint(outcomes.values())
    assert [outcomes[f"restores.s.{status}"] for status in (400, 401, 403)] == ["pass"] * 3
    assert verdict(tmp_path)["target"]["project_id"] == world.PROJECT
    assert len(keystone.logins) == 2, "one for each role, whatever came back"
    shown = told(done, tmp_path)
    assert [secret for secret in (PASSWORD, world.OPERATOR_TOKEN, world.READ_ONLY_TOKEN) if secret in shown] == []


def test_login_lost_on_the_way_blocks_the_rest_and_is_not_repeated(
    run: Run, keystone: FakeKeystone, tmp_path: Path
) -> None:
    keystone.life = 5
    keystone.patience = 2
    done = run("[limits]\nrequests_per_second = 50\n")
    assert done.returncode == 6, done.stdout + done.stderr
    assert len([asked for asked in keystone.logins if "operator" in json.dumps(asked)]) == 2
    blocked = [clause for clause in verdict(tmp_path)["clauses"] if clause["outcome"] == "blocked"]
    assert any(
        "not sent: credentials.operator: the token has expired and could not be renewed: the identity service at"
        in clause["reason"]
        for clause in blocked
    )
    shown = told(done, tmp_path)
    assert [secret for secret in (PASSWORD, world.OPERATOR_TOKEN, world.READ_ONLY_TOKEN) if secret in shown] == []
    assert "Traceback" not in shown


def test_failing_login_ends_the_run_with_4_and_one_sentence(run: Run, keystone: FakeKeystone, tmp_path: Path) -> None:
    done = run(password="marked-wrong-password")
    assert done.returncode == 4, done.stdout + done.stderr
    assert done.stderr.strip() == (
        f"ERROR: {tmp_path}/staging.toml: credentials.read_only.password: the identity service at {keystone.url} "
        "refused the login (401): check user, domains, project and password in this table, "
        "whose password is in SUITE_PASSWORD"
    )
    assert "marked-" not in told(done, tmp_path)
