"""Logging in gives a token, a project and a catalogue, or one sentence that says what to check, without a secret."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from targets import identity
from targets.credentials import CredentialError, LoginRefusedError
from tests.keystone import PASSWORD, FakeKeystone, fake_keystone, find_only
from tests.raw import answer, close, raw_server, send, silence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from targets.credentials import RenewedToken

TOKEN = "marked-token-one-0123456789"


@pytest.fixture
def keystone() -> Iterator[FakeKeystone]:
    with fake_keystone() as fake:
        yield fake


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUITE_PASSWORD", PASSWORD)


def by_password(url: str, folder: Path, **changes: str) -> RenewedToken:
    table = {
        "auth_url": url,
        "username": "operator",
        "user_domain_name": "Default",
        "project_name": "demo",
        "password_env": "SUITE_PASSWORD",
    }
    return identity.by_password({**table, **changes}, "$CSBS_OPERATOR_TOKEN", folder)


@pytest.fixture
def clouds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that OpenStack's tools find by their variable, and no other."""
    path = tmp_path / "clouds.yaml"
    find_only(path, monkeypatch)
    return path


def cloud(url: str, more: str = "", password: str = PASSWORD) -> str:
    return f"""
clouds:
  staging:
    auth:
      auth_url: {url}
      username: operator
      password: {password}
      project_name: demo
      user_domain_name: Default
      project_domain_name: Default
{more}
"""


# -- by password


def test_password_gives_token_project_and_catalogue(keystone: FakeKeystone, tmp_path: Path) -> None:
    keystone.offer("csbs", "https://csbs.example/v1/p1")
    source = by_password(keystone.url, tmp_path)
    token = source.token()
    assert (token.value, token.shell) == (TOKEN, "$CSBS_OPERATOR_TOKEN")
    assert (source.first.project_id, round(source.first.life)) == ("p1", 3600)
    assert source.first.catalogue.endpoint("p1", {}) == "https://csbs.example"
    assert source.secrets == (PASSWORD,)
    assert PASSWORD not in repr(source)
    assert len(keystone.logins) == 1


@pytest.mark.parametrize(
    ("changes", "scope"),
    [
        ({}, {"name": "demo", "domain": {"name": "Default"}}),
        ({"project_domain_name": "Other"}, {"name": "demo", "domain": {"name": "Other"}}),
    ],
)
def test_project_is_of_the_users_domain_unless_told(
    keystone: FakeKeystone, tmp_path: Path, changes: dict[str, str], scope: Any
) -> None:
    by_password(keystone.url, tmp_path, **changes)
    assert keystone.logins[0]["auth"]["scope"] == {"project": scope}


def test_project_may_be_named_by_id(keystone: FakeKeystone, tmp_path: Path) -> None:
    table = {"auth_url": keystone.url, "username": "operator", "user_domain_name": "Default", "project_id": "p1"}
    identity.by_password({**table, "password_env": "SUITE_PASSWORD"}, "$T", tmp_path)
    assert keystone.logins[0]["auth"]["scope"] == {"project": {"id": "p1"}}


def test_clock_of_the_service_does_not_matter(keystone: FakeKeystone, tmp_path: Path) -> None:
    keystone.skew = -7200
    source = by_password(keystone.url, tmp_path)
    source.token()
    assert len(keystone.logins) == 1


def test_renewal_logs_in_again(keystone: FakeKeystone, tmp_path: Path) -> None:
    keystone.tokens["operator"] = ["first-token", "second-token"]
    keystone.life = 1
    source = by_password(keystone.url, tmp_path)
    assert source.token().value == "second-token"
    assert len(keystone.logins) == 2


def test_wrong_password_is_tried_once(keystone: FakeKeystone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUITE_PASSWORD", "marked-wrong-password")
    with pytest.raises(LoginRefusedError) as caught:
        by_password(keystone.url, tmp_path)
    assert str(caught.value) == (
        f"the identity service at {keystone.url} refused the login (401): "
        "check user, domains, project and password in this table, whose password is in SUITE_PASSWORD"
    )
    assert len(keystone.logins) == 1


@pytest.mark.parametrize(
    ("status", "complaint", "final"),
    [
        (400, "answered 400: check auth_url, user and project", True),
        (403, "answered 403", True),
        (404, "answered 404, as if it were none: check auth_url, which usually ends in /v3", True),
        (429, "answered 429", False),
        (500, "answered 500", False),
        (503, "answered 503", False),
        (200, "gave no token that can be used", False),
    ],
)
def test_other_answers_are_told_without_their_words(
    keystone: FakeKeystone, tmp_path: Path, status: int, complaint: str, final: bool
) -> None:
    keystone.status = status
    with pytest.raises(CredentialError) as caught:
        by_password(keystone.url, tmp_path)
    assert complaint in str(caught.value)
    assert isinstance(caught.value, LoginRefusedError) == final
    assert "marked-" not in str(caught.value)


def test_second_factor_is_told(tmp_path: Path) -> None:
    receipt = {"methods": ["password"], "expires_at": "2999-01-01T00:00:00Z"}
    body = json.dumps({"receipt": receipt, "required_auth_methods": [["password", "totp"]]}).encode()
    script = answer("401 Unauthorized", body, "Content-Type: application/json", "Openstack-Auth-Receipt: receipt")
    with raw_server(script) as server, pytest.raises(LoginRefusedError, match="asks for a second factor"):
        by_password(f"{server.endpoint}/v3", tmp_path)


@pytest.mark.parametrize("token", ["", "two words are none ", "t\u00f6ken"], ids=["empty", "spaces", "not-ascii"])
def test_what_is_no_token_is_not_sent(keystone: FakeKeystone, tmp_path: Path, token: str) -> None:
    keystone.tokens["operator"] = [token]
    with pytest.raises(CredentialError, match="gave no token that can be used"):
        by_password(keystone.url, tmp_path)


def test_token_that_has_expired_already_is_told(keystone: FakeKeystone, tmp_path: Path) -> None:
    keystone.life = 0
    with pytest.raises(CredentialError, match="gave no token that can be used"):
        by_password(keystone.url, tmp_path)


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        (close, "cannot be reached: check auth_url"),
        (send(b"SSH-2.0-OpenSSH_9.2\r\n"), "cannot be reached: check auth_url"),
        (answer("201 Created", b"[]", "Content-Type: application/json"), "gave no token that can be used"),
        (answer("201 Created", b'{"token": 3}', "X-Subject-Token: t"), "gave no token that can be used"),
        (answer("201 Created", b'{"token": {}}', "X-Subject-Token: t"), "gave no token that can be used"),
        (answer("201 Created", b'{"token": {}}'), "gave no token that can be used"),
        (answer("401 Unauthorized", b"<html>no</html>", "Content-Type: text/html"), "refused the login (401)"),
    ],
    ids=["closed", "not-http", "list", "number", "no-times", "no-token", "html"],
)
def test_strange_services_end_as_a_sentence(tmp_path: Path, script: Any, complaint: str) -> None:
    with raw_server(script) as server, pytest.raises(CredentialError) as caught:
        by_password(f"{server.endpoint}/v3", tmp_path)
    assert complaint in str(caught.value)


def test_nobody_and_no_tls_are_told_apart(keystone: FakeKeystone, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(CredentialError, match=r"cannot be reached \(Connection refused\): check auth_url"):
        by_password(f"http://127.0.0.1:{port}/v3", tmp_path)
    with pytest.raises(CredentialError, match=r"cannot be trusted, TLS failed \(.+\): check auth_url, and cacert"):
        by_password(keystone.url.replace("http://", "https://"), tmp_path)


def test_silent_service_is_not_waited_for_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "TIMEOUT", 0.2)
    with (
        raw_server(silence) as server,
        pytest.raises(CredentialError, match="did not answer in time: check auth_url"),
    ):
        by_password(f"{server.endpoint}/v3", tmp_path)


def test_password_does_not_follow_a_redirect(keystone: FakeKeystone, tmp_path: Path) -> None:
    moved = answer("307 Temporary Redirect", b"", f"Location: {keystone.url}/auth/tokens")
    with raw_server(moved) as server, pytest.raises(CredentialError, match="gave no token"):
        by_password(f"{server.endpoint}/v3", tmp_path)
    assert keystone.logins == []


def test_proxies_of_the_environment_are_ignored(
    keystone: FakeKeystone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert by_password(keystone.url, tmp_path).token().value == TOKEN


def test_ca_file_is_looked_for_beside_the_profile(keystone: FakeKeystone, tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match=r"cacert names .*/ca\.pem, which is no file"):
        by_password(keystone.url, tmp_path, cacert="ca.pem")
    (tmp_path / "ca.pem").write_text("unused without TLS", encoding="utf-8")
    assert by_password(keystone.url, tmp_path, cacert="ca.pem").token().value == TOKEN


def test_unset_password_is_told(keystone: FakeKeystone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUITE_PASSWORD")
    with pytest.raises(CredentialError, match="SUITE_PASSWORD is not set: export the password in it"):
        by_password(keystone.url, tmp_path)
    assert keystone.logins == []


# -- by a cloud of clouds.yaml


def test_cloud_gives_token_project_and_catalogue(keystone: FakeKeystone, clouds: Path) -> None:
    keystone.offer("csbs", "https://one.example/v1/p1", "r1")
    keystone.offer("csbs", "https://two.example/v1/p1", "r2")
    clouds.write_text(cloud(keystone.url, "    regions: [r2, r1]"), encoding="utf-8")
    source = identity.by_cloud("staging", None)
    assert source.token().value == TOKEN
    assert source.token().shell == "$(openstack --os-cloud staging token issue -f value -c id)"
    assert source.secrets == (PASSWORD,)
    assert source.first.catalogue.endpoint("p1", {}) == "https://two.example"
    assert identity.by_cloud("staging", "r1").first.catalogue.endpoint("p1", {}) == "https://one.example"


def test_password_may_stand_in_secure_yaml(
    keystone: FakeKeystone, clouds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secure = tmp_path / "secure.yaml"
    secure.write_text(f"clouds: {{staging: {{auth: {{password: {PASSWORD}}}}}}}", encoding="utf-8")
    monkeypatch.setenv("OS_CLIENT_SECURE_FILE", str(secure))
    clouds.write_text(cloud(keystone.url).replace(f"      password: {PASSWORD}\n", ""), encoding="utf-8")
    source = identity.by_cloud("staging", None)
    assert (source.token().value, source.secrets) == (TOKEN, (PASSWORD,))


def test_cloud_may_override_interface_and_address(keystone: FakeKeystone, clouds: Path) -> None:
    keystone.offer("csbs", "https://public.example/v1/p1")
    keystone.offer("csbs", "https://internal.example/v1/p1", interface="internal")
    clouds.write_text(cloud(keystone.url, "    interface: internal"), encoding="utf-8")
    assert identity.by_cloud("staging", None).first.catalogue.endpoint("p1", {}) == "https://internal.example"
    override = "    csbs_endpoint_override: https://override.example/v1/$(project_id)s"
    clouds.write_text(cloud(keystone.url, override), encoding="utf-8")
    assert identity.by_cloud("staging", None).first.catalogue.endpoint("p1", {}) == "https://override.example"


def test_name_of_a_cloud_is_quoted_for_the_shell(keystone: FakeKeystone, clouds: Path) -> None:
    clouds.write_text(cloud(keystone.url).replace("staging:", "'it''s $HOME':"), encoding="utf-8")
    shell = identity.by_cloud("it's $HOME", None).token().shell
    assert shell == """$(openstack --os-cloud 'it'"'"'s $HOME' token issue -f value -c id)"""


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("clouds: {stage: {}}", "has no cloud 'staging' (did you mean stage?)"),
        ("clouds: {production: {}}", "has no cloud 'staging' (known there: production)"),
        ("clouds: {staging: {auth_type: none}}", "has an auth_type that fetches no token: use token_env"),
        ("clouds: {staging: {auth_type: nothing}}", "cannot be used: The plugin nothing could not be found"),
        ("clouds: {staging: {auth: {username: me}}}", "were not given: auth_url"),
        ("clouds: {staging: 3}", "cannot be read ("),
        ("clouds: {staging: {auth: 3}}", "cannot be read ("),
        ("- 3", "is empty or not a valid mapping"),
        (cloud("http://127.0.0.1:9", "    verify: false"), "switches off TLS verification: name its CA by cacert"),
        (cloud("http://127.0.0.1:9", "    cacert: /absent.pem"), "cannot be reached (Connection refused)"),
        (cloud("https://127.0.0.1:9/v3", "    cacert: /absent.pem"), "gave no token that can be used (OSError)"),
        (
            cloud("http://me:marked-secret@127.0.0.1:9/v3"),
            "the identity service at http://***@127.0.0.1:9/v3 cannot be",
        ),
        (cloud("http://127.0.0.1:9"), "cannot be reached (Connection refused): check auth_url of cloud 'staging' in /"),
    ],
)
def test_clouds_that_cannot_be_used_are_told(clouds: Path, text: str, complaint: str) -> None:
    clouds.write_text(text, encoding="utf-8")
    with pytest.raises(CredentialError) as caught:
        identity.by_cloud("staging", None)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "marked-" not in str(caught.value)


def test_wrong_region_and_wrong_password_are_told(keystone: FakeKeystone, clouds: Path) -> None:
    clouds.write_text(cloud(keystone.url, "    regions: [r1, r2]"), encoding="utf-8")
    with pytest.raises(CredentialError, match="Region r3 is not a valid region name for cloud staging"):
        identity.by_cloud("staging", "r3")
    clouds.write_text(cloud(keystone.url, password="marked-wrong-password"), encoding="utf-8")
    with pytest.raises(LoginRefusedError, match=r"\(401\).* of cloud 'staging' in .*clouds\.yaml") as caught:
        identity.by_cloud("staging", None)
    assert "marked-" not in str(caught.value)
    assert len(keystone.logins) == 1


@pytest.mark.parametrize("text", [None, "password: *marked-secret", "password: !marked-secret x"])
def test_absent_and_broken_files_are_told(clouds: Path, text: str | None, caplog: pytest.LogCaptureFixture) -> None:
    if text is not None:
        clouds.write_text(text, encoding="utf-8")
    with pytest.raises(
        CredentialError, match=r"no clouds\.yaml that can be read|clouds\.yaml cannot be read \("
    ) as caught:
        identity.by_cloud("staging", None)
    assert "marked-" not in str(caught.value) + caplog.text


# -- both


def test_libraries_log_nothing(
    keystone: FakeKeystone, clouds: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clouds.write_text(cloud(keystone.url), encoding="utf-8")
    with caplog.at_level(logging.DEBUG):
        identity.by_cloud("staging", None).token()
        by_password(keystone.url, tmp_path).token()
        keystone.status = 503
        with pytest.raises(CredentialError):
            by_password(keystone.url, tmp_path)
    assert "marked-" not in caplog.text
    assert not [record for record in caplog.records if record.name.startswith(("keystoneauth", "openstack"))]


def test_absent_packages_are_asked_for(clouds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in {"keystoneauth1", "openstack"}]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "openstack", None)
    clouds.write_text(cloud("http://127.0.0.1:9"), encoding="utf-8")
    with pytest.raises(CredentialError, match="dependency group openstack"):
        identity.by_cloud("staging", None)
    for name in [name for name in sys.modules if name.partition(".")[0] == "keystoneauth1"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "keystoneauth1", None)
    with pytest.raises(CredentialError, match="tox run -e conformance-openstack"):
        by_password("http://127.0.0.1:9", tmp_path)


def test_packages_are_loaded_only_for_a_login() -> None:
    code = "import sys, targets.profile; print({'keystoneauth1', 'openstack'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
