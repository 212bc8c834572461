"""Whole runs as processes of their own, against a service in the test's process, to be interrupted and gone on with."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from targets import lines
from targets.embedded import world
from targets.embedded.service import Call, Service

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).parent.parent
OPERATOR, READER, EXPIRED = (f"marked-{role}/token+0123456789" for role in ("operator", "reader", "expired"))
BYTECODE = {"PYTHONPYCACHEPREFIX": sys.pycache_prefix} if sys.pycache_prefix else {"PYTHONDONTWRITEBYTECODE": "1"}
"""The variable by which a process leaves no compiled modules in the checkout, and finds those of the one before."""
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    **BYTECODE,
    "SUITE_TOKEN": OPERATOR,
    "SUITE_READER": READER,
    "SUITE_EXPIRED": EXPIRED,
}
PATIENCE = 240
"""Seconds after which a process that should have ended is given up."""


def arguments(directory: Path, *more: str) -> list[str]:
    """The command line of a run with its reports in ``out``."""
    command = [sys.executable, "-m", "pytest", "suites", "-q", "-p", "no:cacheprovider"]
    return [*command, "--report-dir", str(directory / "out"), *more]


def run(directory: Path, *more: str, environment: Mapping[str, str] = ENVIRONMENT) -> subprocess.CompletedProcess[str]:
    """A run that comes to its end by itself."""
    command = arguments(directory, *more)
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )


@contextmanager
def started(
    directory: Path, *more: str, environment: Mapping[str, str] = ENVIRONMENT
) -> Iterator[subprocess.Popen[str]]:
    """A run in a group of its own, killed at the end of the block if it still goes on."""
    process = subprocess.Popen(
        arguments(directory, *more),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def service(**facts: Any) -> Service:
    """The embedded service, which knows the tokens of :data:`ENVIRONMENT`; ``facts`` change its world."""
    owners = {OPERATOR: world.PROJECT, READER: world.PROJECT}
    return Service(world.World(owners=owners, expired=frozenset({EXPIRED}), read_only=frozenset({READER}), **facts))


def grown(path: Path, size: int, process: subprocess.Popen[str]) -> None:
    """Return when a file that a process writes has so many bytes."""
    while not path.exists() or path.stat().st_size < size:
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.01)


class Served:
    """A script for a raw server: answers as a service does, and holds up the request of a number until it may go."""

    def __init__(self, service: Service, hold: int | None = None) -> None:
        self.go = threading.Event()
        self._reached = threading.Event()
        self._service = service
        self._hold = hold
        self.count = 0
        self._lock = threading.Lock()

    def wait(self, process: subprocess.Popen[str]) -> None:
        """Return when the request is there that is held up."""
        while not self._reached.wait(1):
            assert process.poll() is None, process.communicate()[0]

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        """Answer a request."""
        with self._lock:
            self.count += 1
            held = self.count == self._hold
        if held:
            self._reached.set()
            self.go.wait(PATIENCE)
        status, headers, body = self.answer(request)
        head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)

    def answer(self, request: bytes) -> tuple[str, dict[str, str], bytes]:
        """Status line without the version, headers and body of the answer."""
        with self._lock:
            reply = self._service.answer(call(request))
        return f"{reply.status} Status", dict(reply.headers), reply.body


def call(request: bytes) -> Call:
    """A request as it came over a socket, for an embedded service."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    return Call(method, path, headers, body)


def consent(budget: int, resources: Sequence[Mapping[str, Any]] = world.RESOURCES[:3]) -> str:
    """The part of a profile by which some servers of the embedded service may be restored, so often in all."""
    blocks = ["[consent]", "restore = true", f"accepted_restores = {budget}"]
    for resource in resources:
        blocks.append("[[resources]]")
        blocks += [f"{name} = {json.dumps(value).replace(': ', ' = ')}" for name, value in resource.items()]
    return "\n".join(blocks)


CONSENT = consent(40)
"""The consent that most tests need."""


def profile(
    directory: Path,
    endpoint: str,
    more: str = "",
    limits: str = "requests_per_second = 10000",
    connections: int = 2,
) -> str:
    """A profile in a file: with all credentials, without consent."""
    path = directory / "target.toml"
    path.write_text(
        f"""
[target]
name = "under test"
endpoint = "{endpoint}"
project_id = "{world.PROJECT}"
foreign_project_id = "{world.FOREIGN_PROJECT}"
[credentials.operator]
token_env = "SUITE_TOKEN"
[credentials.read_only]
token_env = "SUITE_READER"
[credentials.expired]
token_env = "SUITE_EXPIRED"
[limits]
connections = {connections}
{limits}
throttle_wait = 0
{more}
""",
        encoding="utf-8",
    )
    return str(path)


def verdict(directory: Path) -> dict[str, Any]:
    """The verdict that a run has left."""
    document: dict[str, Any] = json.loads((directory / "out" / "verdict.json").read_text(encoding="utf-8"))
    return document


def outcomes(directory: Path) -> dict[str, str]:
    """The outcomes of its clauses."""
    return {clause["id"]: clause["outcome"] for clause in verdict(directory)["clauses"]}


def journal(directory: Path) -> list[dict[str, Any]]:
    """Its journal."""
    return list(lines.read(directory / "out" / "exchanges.jsonl"))


def kept(directory: Path) -> Sequence[str]:
    """The parts of it that need not be asked again."""
    return [line["part"] for line in lines.read(directory / "out" / "progress.jsonl") if line.get("part")]


def results(directory: Path) -> dict[str, str]:
    """How the tests of its JUnit file came out, by their name."""
    from xml.etree import ElementTree as ET  # noqa: PLC0415  needed here alone

    cases = ET.parse(directory / "out" / "junit.xml").getroot().iter("testcase")  # noqa: S314  our own file
    return {f"{case.get('classname')}::{case.get('name')}": case[0].tag if len(case) else "passed" for case in cases}
