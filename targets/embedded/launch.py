"""Starts the embedded service as a process of its own and waits until it listens."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[2]
READY = "listening at "
INHERITED = (
    ("PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    ("PYTHON", "LANG", "LC_", "COVERAGE_"),
)
"""The variables that a Python process may need, by name and by how they begin; the others may hold secrets."""


class LaunchError(Exception):
    """The service did not start; the message holds what it said."""


@contextmanager
def launch(flaws: Sequence[str] = (), variations: Sequence[str] = (), lasting: float = 0) -> Iterator[str]:
    """The endpoint of a service on a free loopback port, whose restorations last so many seconds.

    The service says on its standard output when it listens. It ends with its standard input, so that it never outlives
    whoever started it, however that one ends. It is no part of their group: what a terminal sends to that is for them.

    Raises:
        LaunchError: it ended before it listened.
    """
    command = [sys.executable, "-m", "targets.embedded", "--port", "0", "--until-eof"]
    command += [word for flaw in flaws for word in ("--flaw", flaw)]
    command += [word for variation in variations for word in ("--variation", variation)]
    command += ["--lasting", str(lasting)] if lasting else []
    process = subprocess.Popen(  # noqa: S603  our own module
        command,
        cwd=ROOT,
        env={
            name: value for name, value in os.environ.items() if name in INHERITED[0] or name.startswith(INHERITED[1])
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith(READY):
                _, said = process.communicate()
                raise LaunchError(said.strip() or "the embedded service ended before it listened")
            yield line.removeprefix(READY).strip()
        finally:
            if process.stdin:
                process.stdin.close()
            process.terminate()
