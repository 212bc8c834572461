"""Whole runs against targets that do their worst: each ends by itself, with a verdict or a sentence."""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from targets.embedded import world
from tests.certificates import expired, self_signed, server_side, write_authority
from tests.raw import answer, close, drip, pour, raw_server, reset
from tests.starting import BYTECODE

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable

    from tests.raw import RawServer, Script

ROOT = Path(__file__).parent.parent
TOKEN = "marked-secret-token/0123456789+"
HEAD = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n"
SOUND = answer("404 Not Found", b'{"error_code": "CSBS.3001", "error_msg": "no"}', "Content-Type: application/json")


def run(tmp_path: Path, endpoint: str, *arguments: str, tls: str = "") -> subprocess.CompletedProcess[str]:
    """A run at smoke depth against an endpoint that has a second for each answer."""
    path = tmp_path / "target.toml"
    path.write_text(
        f"""
[target]
name = "hostile"
endpoint = "{endpoint}"
project_id = "{world.PROJECT}"
{tls}
[credentials.operator]
token_env = "SUITE_TOKEN"
[limits]
requests_per_second = 10000
timeout = 1
throttle_wait = 0
""",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", "suites", "-q", "-p", "no:cacheprovider", "--depth", "smoke"]
    command += ["--report-dir", str(tmp_path / "out"), "--target", str(path), *arguments]
    environment = {"PATH": "/usr/bin:/bin", **BYTECODE, "SUITE_TOKEN": TOKEN}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stdout + done.stderr
    assert "INTERNALERROR" not in done.stdout + done.stderr
    return done


@pytest.fixture
def ca_file(tmp_path: Path) -> Path:
    return write_authority(tmp_path)


def verdict(tmp_path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((tmp_path / "out" / "verdict.json").read_text(encoding="utf-8"))
    return document


def after_the_first(script: Script) -> Script:
    """A script that answers the first request's body as a sound service does, and plays another for all else."""
    first: list[bytes] = []

    def play(connection: socket.socket, request: bytes) -> None:
        body = request.partition(b"\r\n\r\n")[2]
        first.append(body)
        (SOUND if body == first[0] else script)(connection, request)

    return play


FAULTS: dict[str, tuple[Script, str]] = {
    "drip": (drip(HEAD, b"x"), "no complete answer within 1 s: "),
    "endless-body": (pour(HEAD + b"\r\n", b"x" * 65536), "the answer had not ended after 16 MiB"),
    "reset-in-the-middle": (reset(HEAD), "the connection was reset in the middle of the answer"),
    "headers-of-1-MB": (
        answer("404 Not Found", b"{}", "X-Long: " + "y" * (1 << 20)),
        "the answer has a head of more than 60 KiB",
    ),
    "gzip-bomb": (
        answer("404 Not Found", gzip.compress(bytes(64 << 20)), "Content-Encoding: gzip"),
        "the answer had not ended after 16 MiB",
    ),
}


@pytest.mark.parametrize(("script", "sentence"), FAULTS.values(), ids=list(FAULTS))
def test_target_that_breaks_off_where_it_should_refuse_is_not_conformant(
    script: Script, sentence: str, tmp_path: Path
) -> None:
    with raw_server(after_the_first(script)) as server:
        done = run(tmp_path, server.endpoint, "-k", "t4.power_on.mandatory")
    assert done.returncode == 1, done.stdout
    failing = {clause["id"]: clause for clause in verdict(tmp_path)["clauses"] if clause["outcome"] == "fail"}
    assert {"restores.t4.power_on.mandatory", "restores.s.500"} <= set(failing)
    assert failing["restores.t4.power_on.mandatory"]["reason"].startswith(sentence)
    assert sentence in done.stdout


@pytest.mark.parametrize(("name", "exit_code"), [("reset-in-the-middle", 1), ("drip", 6)])
def test_target_that_never_gives_a_sound_answer_is_asked_little(name: str, exit_code: int, tmp_path: Path) -> None:
    script, sentence = FAULTS[name]
    with raw_server(script) as server:
        done = run(tmp_path, server.endpoint)
    assert done.returncode == exit_code, done.stdout
    document = verdict(tmp_path)
    assert len(server.requests) == 3
    [reason] = {clause["reason"] for clause in document["clauses"] if clause["outcome"] == "blocked"}
    assert reason.startswith(f"preflight: a sound body with a good token got no answer ({sentence}")


def test_target_that_goes_away_is_told_and_ends_the_run(tmp_path: Path) -> None:
    servers: list[RawServer] = []

    def play(connection: socket.socket, request: bytes) -> None:
        if len(servers[0].requests) > 30:
            servers[0].close()
            close(connection, request)
        else:
            SOUND(connection, request)

    with raw_server(play) as server:
        servers.append(server)
        done = run(tmp_path, server.endpoint)
    assert done.returncode == 6, done.stdout
    reasons = {clause["reason"] for clause in verdict(tmp_path)["clauses"] if clause["outcome"] == "blocked"}
    assert any("got no answer (nobody answers (Connection refused))" in reason for reason in reasons), reasons


@pytest.mark.parametrize(
    ("context", "sentence"),
    [
        (
            self_signed,
            "TLS: the certificate is of no authority trusted here (self-signed certificate): name its CA in",
        ),
        (expired, "TLS: the certificate has expired: have it renewed (or is the clock here wrong?)"),
    ],
    ids=["self-signed", "expired"],
)
def test_certificate_that_cannot_be_verified_ends_with_4_and_what_to_do(
    context: Callable[[], ssl.SSLContext], sentence: str, ca_file: Path, tmp_path: Path
) -> None:
    with raw_server(SOUND, tls=context()) as server:
        done = run(tmp_path, server.endpoint, tls=f'tls.ca_file = "{ca_file}"')
    assert done.returncode == 4, done.stdout
    assert f"target hostile cannot be asked at {server.endpoint}: {sentence}" in done.stderr
    assert server.requests == []


def test_target_of_a_private_authority_is_asked_and_tokens_appear_nowhere(ca_file: Path, tmp_path: Path) -> None:
    told = "".join(f"{name}={spell(TOKEN)}&" for name, spell in SPELT.items())
    body = json.dumps({"error_code": "X.1", "error_msg": told}).encode()
    script = answer("400 Bad", body, "Content-Type: application/json", f"X-Told: {told}", f"Location: /?{told}")
    with raw_server(script, tls=server_side()) as server:
        done = run(
            tmp_path, server.endpoint, "-v", "-rA", "-k", "power_on or disclosure", tls=f'tls.ca_file = "{ca_file}"'
        )
    assert len(server.requests) > 10
    shown = done.stdout + done.stderr
    shown += "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "out").iterdir())
    for spell in SPELT.values():
        assert spell(TOKEN)[3:-3] not in shown
    assert "b64=***&" in shown
    assert any(clause["id"] == "restores.a.secrets" for clause in verdict(tmp_path)["clauses"])


SPELT: dict[str, Callable[[str], str]] = {
    "raw": str,
    "b64": lambda token: base64.b64encode(token.encode()).decode(),
    "basic": lambda token: base64.b64encode(f"user:{token}".encode()).decode(),
    "percent": lambda token: quote(token, safe=""),
}
