"""Whole runs that log in to a real Keystone, started here on the loopback: ``tox run -e identity``."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if importlib.util.find_spec("keystone") is None:
    pytest.skip("needs the dependency group identity: tox run -e identity", allow_module_level=True)

from targets import profile
from targets.embedded import world
from targets.exchange import Request, Role
from targets.wire import Wire
from tests.certificates import write_authority, write_host
from tests.identity.cloud import DOMAIN, PASSWORDS, PROJECT, Cloud, cloud, login, short_lived
from tests.identity.guarded import GuardedService, serve
from tests.starting import BYTECODE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Run = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parents[2]
REGION = "eu-test"
LIFE = 4
"""Seconds that the tokens of the second Keystone live."""
TABLE = """
[credentials.{role}.password]
auth_url = "{url}"
username = "{user}"
user_domain_name = "{domain}"
project_name = "{project}"
password_env = "SUITE_{role}_PASSWORD"
"""
CLOUDS = """
clouds:
  staging:
    region_name: {region}
    auth:
      auth_url: {url}
      username: operator
      password: {password}
      user_domain_name: {domain}
      project_name: {project}
      project_domain_name: {domain}
"""
EVERYTHING = """
[credentials.expired]
token_env = "SUITE_EXPIRED"
[consent]
restore = true
accepted_restores = 1000
[provoke.500]
X-Fault-Inject = "500"
[provoke.503]
X-Fault-Inject = "503"
"""


@pytest.fixture(scope="module")
def keystone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with cloud(tmp_path_factory.mktemp("keystone")) as made:
        yield made


@pytest.fixture(scope="module")
def short(keystone: Cloud) -> Iterator[str]:
    with short_lived(keystone, LIFE) as url:
        yield url


@pytest.fixture(scope="module")
def expired(keystone: Cloud, short: str) -> str:
    """A token that was good once."""
    access = login(short, "operator", PASSWORDS["operator"], DOMAIN, PROJECT).get_auth_ref(keystone.admin)
    time.sleep(LIFE)
    return str(access.auth_token)


@pytest.fixture(scope="module")
def endpoint(service: GuardedService, keystone: Cloud) -> Iterator[str]:
    with serve(service) as address:
        keystone.offer(address)
        yield address


@pytest.fixture(scope="module")
def service(keystone: Cloud) -> GuardedService:
    return GuardedService(keystone)


@pytest.fixture
def environment(keystone: Cloud, tmp_path: Path) -> dict[str, str]:
    """The environment of a run: passwords, and a clouds.yaml whose password stands in a file of its own."""
    text = CLOUDS.format(url=keystone.url, password="unused", domain=DOMAIN, project=PROJECT, region=REGION)
    (tmp_path / "clouds.yaml").write_text(text, encoding="utf-8")
    secret = {"clouds": {"staging": {"auth": {"password": PASSWORDS["operator"]}}}}
    (tmp_path / "secure.json").write_text(json.dumps(secret), encoding="utf-8")
    return {
        "PATH": "/usr/bin:/bin",
        **BYTECODE,
        "OS_CLIENT_CONFIG_FILE": str(tmp_path / "clouds.yaml"),
        "OS_CLIENT_SECURE_FILE": str(tmp_path / "secure.json"),
        "SUITE_operator_PASSWORD": PASSWORDS["operator"],
        "SUITE_read_only_PASSWORD": PASSWORDS["reader"],
    }


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    """Starts ``pytest suites`` at smoke depth against a profile, with its reports in ``tmp_path/out``."""

    def start(text: str, **more: str) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "staging.toml"
        path.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "suites", "-q", "-p", "no:cacheprovider", "--depth", "smoke"]
        command += ["--target", str(path), "--report-dir", str(tmp_path / "out"), "--log-level", "DEBUG"]
        return subprocess.run(
            command, cwd=ROOT, env={**environment, **more}, capture_output=True, text=True, check=False, timeout=120
        )

    return start


def target(*lines: str, rate: int = 10_000) -> str:
    limits = f"[limits]\nrequests_per_second = {rate}\nconnections = 2\n"
    return "\n".join([limits, "[target]", 'name = "staging"', *lines, ""])


def table(role: str, url: str, **changes: str) -> str:
    facts = {"user": "operator" if role == "operator" else "reader", "domain": DOMAIN, "project": PROJECT}
    return TABLE.format(**{"role": role, "url": url, **facts, **changes})


def resources() -> str:
    """The embedded service's resources, as a profile lists them."""
    blocks = []
    for resource in world.RESOURCES:
        volumes = ", ".join(
            f'{{ backup_id = "{each["backup_id"]}", volume_id = "{each["volume_id"]}" }}'
            for each in resource["volumes"]
        )
        names = ("checkpoint_id", "checkpoint_item_id", "server_id")
        blocks += ["[[resources]]", *(f'{name} = "{resource[name]}"' for name in names), f"volumes = [{volumes}]"]
    return "\n".join(blocks)


def told(done: subprocess.CompletedProcess[str], tmp_path: Path) -> str:
    """Everything that a run has said and left."""
    left = [path.read_text(encoding="utf-8") for path in (tmp_path / "out").glob("**/*") if path.is_file()]
    return "".join([done.stdout, done.stderr, *left])


def verdict(tmp_path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((tmp_path / "out" / "verdict.json").read_text(encoding="utf-8"))
    return document


def test_cloud_and_password_make_a_complete_run(
    run: Run, keystone: Cloud, expired: str, service: GuardedService, endpoint: str, tmp_path: Path
) -> None:
    service.forget()
    operator = '[credentials.operator]\nos_cloud = "staging"\n'
    text = target(f'foreign_project_id = "{keystone.foreign_project_id}"') + operator + EVERYTHING + resources()
    done = run(text + table("read_only", keystone.url), SUITE_EXPIRED=expired)
    assert done.returncode == 0, done.stdout + done.stderr
    seen = verdict(tmp_path)
    assert (seen["verdict"], seen["target"]["endpoint"]) == ("conformant", endpoint)
    assert seen["target"]["project_id"] == keystone.project_id
    assert len(service.good) == 2
    assert service.outlived == []
    shown = told(done, tmp_path)
    for secret in (*service.good, *PASSWORDS.values(), expired):
        assert secret not in shown


def test_staging_behind_a_private_authority_makes_a_complete_run(
    run: Run, keystone: Cloud, service: GuardedService, expired: str, tmp_path: Path
) -> None:
    service.forget()
    authority = write_authority(tmp_path)
    with serve(service, write_host(tmp_path)) as address:
        text = target(f'endpoint = "{address}"', f'foreign_project_id = "{keystone.foreign_project_id}"')
        text += table("operator", keystone.url) + table("read_only", keystone.url) + EVERYTHING + resources()
        unknown = run(text, SUITE_EXPIRED=expired)
        done = run(f'{text}\n[target.tls]\nca_file = "{authority.name}"\n', SUITE_EXPIRED=expired)
    assert unknown.returncode == 4
    assert "certificate" in unknown.stdout + unknown.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    seen = verdict(tmp_path)
    assert (seen["verdict"], seen["target"]["endpoint"]) == ("conformant", address)


def test_token_is_renewed_between_cases(
    run: Run, short: str, service: GuardedService, endpoint: str, tmp_path: Path
) -> None:
    service.forget()
    done = run(target(f'endpoint = "{endpoint}"', rate=150) + table("operator", short))
    assert done.returncode == 6, done.stdout + done.stderr
    seen = verdict(tmp_path)
    assert seen["requests"]["seconds"] > LIFE
    assert len(service.good) > seen["requests"]["seconds"] / LIFE
    assert service.outlived == []
    shown = told(done, tmp_path)
    assert [secret for secret in (*service.good, *PASSWORDS.values()) if secret in shown] == []
    outcomes = {clause["id"]: clause["outcome"] for clause in seen["clauses"]}
    assert {"fail", "error"}.isdisjoint(outcomes.values())
    assert [outcomes[f"restores.s.{status}"] for status in (400, 401)] == ["pass"] * 2


def test_revoked_token_is_refused_and_not_replaced(
    environment: dict[str, str],
    keystone: Cloud,
    service: GuardedService,
    endpoint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SUITE_operator_PASSWORD", environment["SUITE_operator_PASSWORD"])
    path = tmp_path / "staging.toml"
    path.write_text(target(f'endpoint = "{endpoint}"') + table("operator", keystone.url), encoding="utf-8")
    loaded = profile.load(path)
    token = loaded.tokens[Role.OPERATOR].value
    ask = Request("POST", f"/v1/{loaded.project_id}/restores", b"{}")
    with Wire(loaded, frozenset({200}), frozenset()) as wire:
        assert wire.send(ask).status == 400
        keystone.admin.delete(f"{keystone.url}/auth/tokens", headers={"X-Subject-Token": token})
        service.forget()
        assert [wire.send(ask).status for _ in range(3)] == [401] * 3
    assert loaded.tokens[Role.OPERATOR].value == token


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"user": "nobody"}, "refused the login (401): check user, domains, project and password in this table"),
        ({"domain": "nowhere"}, "refused the login (401): check user, domains, project and password in this table"),
        ({"project": "nothing"}, "refused the login (401): check user, domains, project and password in this table"),
        ({"url": "http://127.0.0.1:9/v3"}, "cannot be reached (Connection refused): check auth_url in this table"),
        ({"url": "HTTPS"}, "cannot be trusted, TLS failed"),
        ({"url": "WRONG"}, "answered 404, as if it were none: check auth_url, which usually ends in /v3"),
    ],
    ids=["user", "domain", "project", "nobody", "no-tls", "wrong-path"],
)
def test_login_that_fails_says_what_to_check(
    keystone: Cloud,
    environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, str],
    complaint: str,
) -> None:
    monkeypatch.setenv("SUITE_operator_PASSWORD", environment["SUITE_operator_PASSWORD"])
    url = changes.get("url", keystone.url)
    url = {"HTTPS": keystone.url.replace("http:", "https:"), "WRONG": keystone.url.replace("/v3", "/v5")}.get(url, url)
    path = tmp_path / "staging.toml"
    text = target('endpoint = "http://127.0.0.1:9"') + table("operator", **{**changes, "url": url})
    path.write_text(text, encoding="utf-8")
    with pytest.raises(profile.ProfileError) as caught:
        profile.load(path)
    assert complaint in str(caught.value)
    assert str(caught.value).startswith(f"{path}: credentials.operator.password: ")
    assert "marked-" not in str(caught.value)


def test_wrong_password_and_missing_service_end_a_run_with_4(run: Run, keystone: Cloud, tmp_path: Path) -> None:
    wrong = {"SUITE_operator_PASSWORD": "marked-wrong-password"}
    absent = 'service_type = "cbs"'
    for lines, more, complaint in (
        ([], wrong, "staging.toml: credentials.operator.password: the identity service at"),
        ([absent], {}, "staging.toml: the service catalogue has no service of type 'cbs' (it has"),
    ):
        done = run(target(*lines) + table("operator", keystone.url), **more)
        assert done.returncode == 4, done.stdout + done.stderr
        assert complaint in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
        assert "marked-" not in told(done, tmp_path)
        assert "Traceback" not in told(done, tmp_path)
