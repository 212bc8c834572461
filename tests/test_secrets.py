"""Tokens and cookies appear nowhere: in no file, no output, no command line and no environment of a child."""

from __future__ import annotations

import json
import re
import signal
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from reports import __main__ as cli
from reports.formats import FORMATS
from targets.embedded.build import build
from tests.raw import raw_server
from tests.starting import (
    CONSENT,
    ENVIRONMENT,
    EXPIRED,
    OPERATOR,
    READER,
    Served,
    call,
    grown,
    profile,
    run,
    service,
    started,
)

if TYPE_CHECKING:
    import socket
    import subprocess

    from targets.embedded.service import Service

COOKIE = "marked-cookie-0123456789"
LOUD = ("--depth", "smoke", "-v", "-rA", "-l", "--tb=long", "--showlocals")
CRASH = """
import os

def pytest_configure():
    from suites import rejecting

    def boom(campaign, *_):
        headers = {"X-Auth-Token": os.environ["SUITE_TOKEN"]}
        print("captured", headers)
        raise RuntimeError(f"boom {headers}")

    rejecting.reject_malformed = boom
"""


def spelt(secret: str) -> tuple[str, ...]:
    """A secret as a target may give it back."""
    encoded = [b64encode(before + secret.encode()).decode("ascii") for before in (b"", b"u:", b"user")]
    return (secret, *encoded, quote(secret, safe=""))


class Echo(Served):
    """Answers as a service does, and gives back the token that it was sent wherever it can."""

    def answer(self, request: bytes) -> tuple[str, dict[str, str], bytes]:
        """Status, headers and body of the answer."""
        status, headers, body = super().answer(request)
        said = " ".join(spelt(call(request).token or "none"))
        document = json.loads(body)
        document |= {"echo": said}
        if "error_msg" in document:
            document["error_msg"] += f" for {said}"
        headers |= {"X-Echo": said, "Set-Cookie": f"session={COOKIE}", "Location": f"/?token={said}"}
        return f"{status} for {said}", headers, json.dumps(document).encode()


def garbled(connection: socket.socket, request: bytes) -> None:
    """A script that answers with what is no HTTP, but holds the token."""
    connection.sendall(f"HTTP/1.1 {call(request).token} {call(request).token}\r\n\r\n".encode())


def leaks(text: str) -> list[str]:
    """Where a secret stands in a text, whatever its case and where it begins in what is base64."""
    found = [text[max(0, match.start() - 60) : match.end() + 30] for match in re.finditer("(?i)marked-", text)]
    for secret in (OPERATOR, READER, EXPIRED, COOKIE):
        for shift in range(3):
            inner = b64encode(b"?" * shift + secret.encode()).decode("ascii")[4:-4]
            found += [inner] if inner in text else []
    return found


def everything(directory: Path, *said: str) -> str:
    """All that a run has said and left."""
    files = [path for path in (directory / "out").rglob("*") if path.is_file()]
    return "\n".join([*said, *map(str, files), *(path.read_bytes().decode("latin-1") for path in files)])


def processes(root: int) -> dict[int, Path]:
    """The process of this id and those that descend from it, with their places under ``/proc``."""
    parents = {int(path.name): _parent(path) for path in Path("/proc").glob("[0-9]*")}
    family = {root}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return {pid: Path(f"/proc/{pid}") for pid in family}


def _parent(place: Path) -> int:
    try:
        return int((place / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it has ended meanwhile
        return 0


def flawed() -> Service:
    """A service that takes any provider, and leaves a member out of its answers."""
    broken = build(["provider-id-value-unchecked", "answer-lacks-provider-id"])
    broken.world = service().world
    return broken


def test_secrets_appear_nowhere(tmp_path: Path) -> None:
    (tmp_path / "crash.py").write_text(CRASH, encoding="utf-8")
    crashing = {**ENVIRONMENT, "PYTHONPATH": str(tmp_path)}
    shown: dict[str, tuple[int, str]] = {}

    def keep(name: str, done: subprocess.CompletedProcess[str]) -> None:
        shown[name] = done.returncode, everything(tmp_path, done.stdout, done.stderr)

    with raw_server(Echo(service())) as good, raw_server(Echo(flawed())) as bad, raw_server(garbled) as noise:
        target = profile(tmp_path, good.endpoint, CONSENT)
        asked = ("--target", target, *LOUD)
        keep("pass", run(tmp_path, *asked))
        keep("crash", run(tmp_path, "-p", "crash", *asked, environment=crashing))
        keep("plan", run(tmp_path, "--plan", *asked))
        profile(tmp_path, bad.endpoint, CONSENT)
        failed = run(tmp_path, *asked)
        for form in FORMATS:
            out = tmp_path / "out" / f"told.{form}"
            assert (
                cli.main(["summary", str(tmp_path / "out" / "verdict.json"), "--format", form, "--out", str(out)]) == 0
            )
        keep("fail", failed)
        profile(tmp_path, noise.endpoint, CONSENT)
        keep("garbled", run(tmp_path, *asked))
    keep("unreachable", run(tmp_path, *asked))
    held = Echo(flawed(), hold=200)
    with raw_server(held) as server:
        profile(tmp_path, server.endpoint, CONSENT)
        with started(tmp_path, *asked) as process:
            held.wait(process)
            process.kill()
            shown["killed"] = process.wait(), everything(tmp_path, process.communicate()[0])
        held.go.set()
    assert {name: code for name, (code, _) in shown.items()} == {
        "pass": 0,
        "crash": 3,
        "plan": 0,
        "fail": 1,
        "garbled": 1,
        "unreachable": 4,
        "killed": -signal.SIGKILL,
    }
    assert {name: leaks(text)[:3] for name, (_, text) in shown.items() if leaks(text)} == {}
    for name in ("pass", "fail", "crash", "killed"):
        assert "***" in shown[name][1], "what was hidden can be seen to have been"
    assert "progress.jsonl" in shown["killed"][1]
    assert "boom {'X-Auth-Token': '***'}" in shown["crash"][1]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_secrets_are_in_no_command_line_and_reach_no_child(tmp_path: Path) -> None:
    with started(tmp_path, "--depth", "standard") as process:
        grown(tmp_path / "out" / "exchanges.jsonl", 100_000, process)
        family = processes(process.pid)
        lines = {pid: (place / "cmdline").read_bytes().decode() for pid, place in family.items()}
        environments = {pid: (place / "environ").read_bytes().decode() for pid, place in family.items()}
        process.kill()
    assert any("targets.embedded" in line for line in lines.values())
    assert leaks(environments.pop(process.pid)), "the suite itself has them from whoever started it"
    assert leaks("\n".join((*lines.values(), *environments.values()))) == []
