"""A profile that logs in gives tokens, and where it leaves them out, endpoint and project; its mistakes are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from targets import profile
from targets.exchange import Role
from tests.keystone import PASSWORD, FakeKeystone, fake_keystone, find_only

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TARGET = """
[target]
name = "staging"
endpoint = "https://csbs.example"
project_id = "p1"
"""
LOOKED_UP = '[target]\nname = "staging"\n'
LOGIN = """
[credentials.{role}.password]
auth_url = "{url}"
username = "{role}"
user_domain_name = "Default"
project_name = "demo"
password_env = "SUITE_PASSWORD"
"""
CLOUD = '[credentials.operator]\nos_cloud = "staging"\n'
PASTED = "marked-secret-value!"


@pytest.fixture
def keystone() -> Iterator[FakeKeystone]:
    with fake_keystone() as fake:
        fake.tokens["read_only"] = ["marked-token-reader-0123456789"]
        yield fake


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, keystone: FakeKeystone) -> None:
    monkeypatch.setenv("SUITE_PASSWORD", PASSWORD)
    monkeypatch.setenv("SUITE_TOKEN", "marked-token-given-0123456789")
    find_only(tmp_path / "clouds.yaml", monkeypatch)
    auth = f"auth_url: '{keystone.url}', username: operator, password: {PASSWORD}, user_domain_name: Default"
    text = (
        f"clouds: {{staging: {{region_name: r2, auth: {{{auth}, project_name: demo, project_domain_name: Default}}}}}}"
    )
    (tmp_path / "clouds.yaml").write_text(text, encoding="utf-8")


def login(keystone: FakeKeystone, role: str = "operator") -> str:
    return LOGIN.format(role=role, url=keystone.url)


def load(tmp_path: Path, text: str) -> profile.Target:
    path = tmp_path / "staging.toml"
    path.write_text(text, encoding="utf-8")
    return profile.load(path)


def complaint(tmp_path: Path, text: str) -> str:
    with pytest.raises(profile.ProfileError) as caught:
        load(tmp_path, text)
    message = str(caught.value)
    assert message.startswith(str(tmp_path / "staging.toml"))
    assert "marked-" not in message
    assert "\n" not in message
    return message


def test_every_role_may_log_in_its_own_way(tmp_path: Path, keystone: FakeKeystone) -> None:
    expired = '[credentials.expired]\ntoken_env = "SUITE_TOKEN"\n'
    target = load(tmp_path, TARGET + CLOUD + login(keystone, "read_only") + expired)
    assert {role.value: token.shell for role, token in target.tokens.items()} == {
        "operator": "$(openstack --os-cloud staging token issue -f value -c id)",
        "read_only": "$CSBS_READ_ONLY_TOKEN",
        "expired": "$SUITE_TOKEN",
    }
    assert target.tokens[Role.READ_ONLY].value == "marked-token-reader-0123456789"
    assert target.secrets == (PASSWORD, PASSWORD)
    assert "marked-" not in repr(target)


def test_profile_without_a_password_has_no_secrets(tmp_path: Path) -> None:
    assert load(tmp_path, TARGET + '[credentials.operator]\ntoken_env = "SUITE_TOKEN"\n').secrets == ()


def test_login_gives_the_endpoint_and_the_project(tmp_path: Path, keystone: FakeKeystone) -> None:
    keystone.offer("csbs", "https://one.example/v1/p1", "r1")
    keystone.offer("csbs", "https://two.example/v1/p1", "r2")
    keystone.offer("backup", "https://inside.example/v1/$(project_id)s", "r1", "internal")
    target = load(tmp_path, LOOKED_UP + 'region = "r1"\n' + login(keystone))
    assert (target.endpoint, target.project_id) == ("https://one.example", "p1")
    assert load(tmp_path, LOOKED_UP + CLOUD).endpoint == "https://two.example"
    other = 'service_type = "backup"\nregion = "r1"\ninterface = "internal"\n'
    assert load(tmp_path, LOOKED_UP + other + login(keystone)).endpoint == "https://inside.example"
    message = complaint(tmp_path, LOOKED_UP + login(keystone))
    assert "several addresses for 'csbs', in r1, r2: set target.region" in message


def test_service_that_is_not_in_the_catalogue_is_told(tmp_path: Path, keystone: FakeKeystone) -> None:
    assert "has no service of type 'csbs' (it has none)" in complaint(tmp_path, LOOKED_UP + login(keystone))


def test_login_for_no_project_is_told(tmp_path: Path, keystone: FakeKeystone) -> None:
    keystone.project_id = None
    assert load(tmp_path, TARGET + login(keystone)).project_id == "p1"
    assert "target.project_id is missing" in complaint(tmp_path, LOOKED_UP + login(keystone))


@pytest.mark.parametrize("role", ["operator", "read_only"])
def test_login_for_another_project_is_told(tmp_path: Path, keystone: FakeKeystone, role: str) -> None:
    keystone.project_id = "p2"
    given = "" if role == "operator" else '[credentials.operator]\ntoken_env = "SUITE_TOKEN"\n'
    message = complaint(tmp_path, TARGET + given + login(keystone, role))
    assert f"credentials.{role} logs in to project p2, but target.project_id is p1" in message


def test_failing_login_names_file_and_key(tmp_path: Path, keystone: FakeKeystone) -> None:
    message = complaint(tmp_path, TARGET + login(keystone).replace('username = "operator"', 'username = "nobody"'))
    assert "staging.toml: credentials.operator.password: the identity service at " in message
    message = complaint(tmp_path, TARGET + CLOUD.replace("staging", "stagin"))
    assert "credentials.operator.os_cloud: " in message
    assert "has no cloud 'stagin' (did you mean staging?)" in message
    message = complaint(tmp_path, TARGET + login(keystone).replace("SUITE_PASSWORD", "SUITE_ABSENT"))
    assert "credentials.operator.password: environment variable SUITE_ABSENT is not set: export the password" in message


OPERATOR = '[credentials.operator]\ntoken_env = "SUITE_TOKEN"\n'
TABLE = LOGIN.format(role="operator", url="http://127.0.0.1:9/v3")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[credentials.operator]\n", "credentials.operator must have exactly one of token_env, os_cloud, password"),
        (OPERATOR + 'os_cloud = "staging"\n', "credentials.operator must have exactly one of token_env, os_cloud,"),
        (OPERATOR.replace("token_env", "token_evn"), "token_evn is an unknown key (did you mean token_env?)"),
        (TABLE.replace("project_name", "project"), "password must have exactly one of project_name, project_id"),
        (TABLE + 'project_id = "p1"\n', "password must have exactly one of project_name, project_id"),
        (TABLE.replace("username", "user"), "credentials.operator.password.username is missing"),
        (TABLE.replace("auth_url", "url"), "credentials.operator.password.auth_url is missing"),
        (TABLE.replace("http://", ""), "credentials.operator.password.auth_url: must be http:// or https://"),
        (TABLE.replace("http://", f"http://me:{PASTED}@"), "password.auth_url: must be http:// or https://"),
        (TABLE.replace("SUITE_PASSWORD", PASTED), "password_env: must be the name of an environment variable, never"),
        (TABLE + f'password = "{PASTED}"\n', "password is an unknown key (did you mean password_env?)"),
        (f'[credentials.operator]\npassword = "{PASTED}"\n', "credentials.operator.password must be of type object"),
        (f'[credentials]\noperator = "{PASTED}"\n', "credentials.operator must be of type object"),
        (f'[credentials.operator]\ntoken_env = ["{PASTED}"]\n', "token_env must be of type string"),
        (OPERATOR + '[credentials.expired]\nos_cloud = "staging"\n', "expired.os_cloud is an unknown key (known here"),
        (OPERATOR + OPERATOR.replace("operator", "read_only"), "read_only is the same as credentials.operator: name"),
    ],
)
def test_mistakes_in_credentials_are_named_and_no_secret_repeated(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in complaint(tmp_path, TARGET + text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LOOKED_UP + OPERATOR, "target.endpoint is missing; target.project_id is missing"),
        (LOOKED_UP + 'interface = "outside"\n' + CLOUD, "target.interface: must be public, internal or admin, not"),
        (TARGET + 'service_type = "csbs"\n' + CLOUD, "target.service_type has no use beside target.endpoint"),
        (TARGET.replace("https://", "https://me:marked-secret@") + CLOUD, "not 'https://***@csbs.example'"),
    ],
)
def test_mistakes_in_the_target_are_named(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in complaint(tmp_path, text)
