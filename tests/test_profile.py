"""A profile that is right gives a target; one that is wrong says what, where, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from targets import profile
from targets.exchange import Role

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = """
[target]
name = "staging"
endpoint = "https://csbs.example/prefix/"
project_id = "p1"
[credentials.operator]
token_env = "SUITE_TOKEN"
"""
FULL = (
    PLAIN.replace('project_id = "p1"', 'project_id = "p1"\nforeign_project_id = "p2"')
    + """
[credentials.read_only]
token_env = "SUITE_READER"
[consent]
restore = true
accepted_restores = 7
[[resources]]
checkpoint_id = "c"
checkpoint_item_id = "i"
server_id = "s"
volumes = [{ backup_id = "b", volume_id = "v" }]
[limits]
connections = 3
requests_per_second = 2.5
timeout = 1
[provoke.503]
X-Fault = "503"
"""
)


@pytest.fixture(autouse=True)
def _tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUITE_TOKEN", "the-operators-token")
    monkeypatch.setenv("SUITE_READER", "the-readers-token")


def load(tmp_path: Path, text: str) -> profile.Target:
    path = tmp_path / "staging.toml"
    path.write_text(text, encoding="utf-8")
    return profile.load(path)


def test_plain_profile_consents_to_nothing(tmp_path: Path) -> None:
    target = load(tmp_path, PLAIN)
    assert target.endpoint == "https://csbs.example/prefix"
    assert (target.budget, target.consent, target.resources) == (0, False, ())
    assert target.tokens[Role.OPERATOR].value == "the-operators-token"
    assert target.tokens[Role.OPERATOR].shell == "$SUITE_TOKEN"
    assert target.limits == profile.Limits()


def test_full_profile(tmp_path: Path) -> None:
    target = load(tmp_path, FULL)
    assert (target.budget, target.consent, target.foreign_project_id) == (7, True, "p2")
    assert target.tokens[Role.READ_ONLY].value == "the-readers-token"
    assert target.resources[0]["volumes"] == [{"backup_id": "b", "volume_id": "v"}]
    assert (target.limits.connections, target.limits.requests_per_second, target.limits.timeout) == (3, 2.5, 1)
    assert target.provoke == {503: (("X-Fault", "503"),)}


def test_budget_counts_only_with_consent(tmp_path: Path) -> None:
    assert load(tmp_path, FULL.replace("restore = true", "restore = false")).budget == 0
    assert load(tmp_path, FULL.replace("accepted_restores = 7\n", "")).budget == profile.DEFAULT_BUDGET


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (PLAIN + "[limits]\nconections = 3\n", "limits.conections is an unknown key (did you mean connections?)"),
        (PLAIN + "[weather]\n", "weather is an unknown key (known here: target, credentials"),
        (PLAIN.replace('name = "staging"\n', ""), "target.name is missing"),
        ("[target]\n", "credentials is missing"),
        (PLAIN + '[limits]\ntimeout = "10"\n', "limits.timeout must be of type number, not '10'"),
        (PLAIN.replace("https://csbs.example/prefix/", "csbs.example"), "target.endpoint: must be http:// or https://"),
        (PLAIN.replace("https://", "https://me:secret@"), "target.endpoint: must be http:// or https://"),
        (FULL.replace('server_id = "s"\n', ""), "resources.0.server_id is missing"),
        (FULL.partition("[[resources]]")[0], "consent.restore is true, but no [[resources]]"),
        (FULL.replace("SUITE_READER", "SUITE_ABSENT"), "environment variable SUITE_ABSENT is not set: export a token"),
        ("target = {", "is not TOML"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(profile.ProfileError) as caught:
        load(tmp_path, text)
    message = str(caught.value)
    assert complaint in message
    assert message.startswith(str(tmp_path / "staging.toml"))
    assert "\n" not in message


def test_missing_and_binary_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(profile.ProfileError, match=r"absent\.toml: cannot be read"):
        profile.load(tmp_path / "absent.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(profile.ProfileError, match="is not UTF-8"):
        profile.load(tmp_path / "binary.toml")


@pytest.mark.parametrize("value", ["", " padded ", "two\nlines", "t\u00f6ken"])
def test_what_is_no_token_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SUITE_TOKEN", value)
    with pytest.raises(profile.ProfileError, match="SUITE_TOKEN") as caught:
        load(tmp_path, PLAIN)
    assert not value.strip() or value.strip() not in str(caught.value)


def test_pasted_token_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(profile.ProfileError, match="never the token itself") as caught:
        load(tmp_path, PLAIN.replace("SUITE_TOKEN", "gAAAA-secret=="))
    assert "gAAAA" not in str(caught.value)
