"""``python -m tests.soak``: a long run at nightly depth against a service that breaks its answers at random.

Shows that memory is bounded and nothing is lost: the journal has a number for each request that the service has read,
the verdict counts as many, and the run ends by itself with its reports. Ends with 1 if not.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests import raw
from tests.starting import ENVIRONMENT, ROOT, Served, arguments, consent, journal, profile, service, verdict

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from tests.raw import Script

REQUESTS = 17_000
"""About as many as a nightly run sends."""
ONE_IN = 100
"""How many requests there are for one that the wire breaks."""
BOUND = 250
"""MiB that the suite may take."""
UNLIMITED = 100_000
"""Restorations, more than a run starts."""
JUDGED = frozenset({0, 1, 6})
"""How a run ends that came to a verdict."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

TROUBLE: dict[str, Script] = {
    "closed without an answer": raw.close,
    "reset": raw.reset(),
    "reset in the body": raw.reset(HEAD + b'Content-Length: 999\r\n\r\n{"restore'),
    "cut short": raw.send(HEAD + b'Content-Length: 999\r\n\r\n{"restore'),
    "silence": raw.silence,
    "a byte at a time": raw.drip(HEAD, b"x"),
    "headers without end": raw.pour(HEAD, b"X-More: and more\r\n"),
    "a body without end": raw.pour(HEAD + b"Content-Length: 99999999999\r\n\r\n", b"x" * 65536),
    "no HTTP": raw.send(b"\x00\xff\x15\x03 no protocol at all\r\n\r\n"),
    "broken chunks": raw.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
    "ten megabytes": raw.answer("200 OK", b'{"a":"' + b"x" * 10_000_000 + b'"}', "Content-Type: application/json"),
    "no gzip": raw.answer("200 OK", b"{}", "Content-Encoding: gzip", "Content-Type: application/json"),
    "throttled": raw.answer("429 Too Many", b"{}", "Retry-After: 0", "Content-Type: application/json"),
    "unavailable": raw.answer("503 Service Unavailable", b"", "Retry-After: 0"),
}


class Troubled(Served):
    """Answers as a service does, except when chance has it break the answer in one of the ways."""

    def __init__(self, seed: int) -> None:
        super().__init__(service())
        self._entropy = random.Random(seed)  # noqa: S311  a sample, no secret
        self.troubles: Counter[str] = Counter()

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        """Answer a request, or not."""
        with self._lock:
            due = self._entropy.choice(list(TROUBLE)) if self._entropy.random() < 1 / ONE_IN else None
            if due:
                self.troubles[due] += 1
        if due:
            TROUBLE[due](connection, request)
        else:
            super().__call__(connection, request)


def main(options: Sequence[str] | None = None) -> int:
    """Soak and tell; the exit status."""
    chosen = _parser().parse_args(options)
    with tempfile.TemporaryDirectory() as name:
        return _soak(Path(name), chosen.minutes, chosen.depth, chosen.seed)


def _soak(directory: Path, minutes: float, depth: str, seed: int) -> int:
    troubled = Troubled(seed)
    with raw.raw_server(troubled) as server:
        pace = REQUESTS / (60 * minutes) if depth == "nightly" else 100
        limits = f"requests_per_second = {max(1, pace):.1f}\ntimeout = 2"
        path = profile(directory, server.endpoint, consent(UNLIMITED), limits)
        started = time.monotonic()
        command = arguments(directory, "--target", path, "--depth", depth, "--seed", str(seed))
        with (directory / "said.txt").open("wb") as said:
            process = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=said, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
        seconds, memory = time.monotonic() - started, usage.ru_maxrss // 1024
        read = len(server.requests)
    return _tell(directory, os.waitstatus_to_exitcode(status), read, seconds, memory, troubled.troubles)


def _tell(directory: Path, code: int, read: int, seconds: float, memory: int, troubles: Counter[str]) -> int:
    """What was seen; 1 if something is not as it should be."""
    said = (directory / "said.txt").read_text(encoding="utf-8", errors="replace")
    print(said[-3000:])
    told, written = verdict(directory), len({line["number"] for line in journal(directory)})
    sizes = {path.name: path.stat().st_size // 1024 for path in sorted((directory / "out").iterdir()) if path.is_file()}
    print(f"{seconds / 60:.1f} minutes, exit status {code}, verdict {told['verdict']}, at most {memory} MiB")
    print(f"requests: {read} read by the service, {written} in the journal, {told['requests']['sent']} in the verdict")
    print(f"broken: {sum(troubles.values())}: {dict(troubles.most_common())}")
    print(f"KiB: {sizes}")
    wrong = [
        *(["the run came to no verdict"] if code not in JUDGED or told["verdict"] == "unfinished" else []),
        *(["a traceback was printed"] if "Traceback" in said else []),
        *(["requests were lost"] if not read == written == told["requests"]["sent"] else []),
        *([f"more than {BOUND} MiB"] if memory > BOUND else []),
    ]
    for each in wrong:
        print(f"WRONG: {each}")
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Run long against a service in trouble.")
    parser.add_argument("--minutes", type=float, default=20, help="how long nightly should take (default: 20)")
    parser.add_argument("--depth", default="nightly", help="of the run (default: nightly)")
    parser.add_argument("--seed", type=int, default=1, help="of the draws and of the troubles (default: 1)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
