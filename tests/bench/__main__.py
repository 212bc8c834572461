"""``python -m tests.bench``: every figure beside its goal, and ``reports/out/bench.json``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench import beginning, drawing, finding, lasting, parallel, replaying, waiting
from tests.bench.figures import document, machine, table, write
from tests.bench.processes import BenchError, spent, timed_run
from tests.starting import arguments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.figures import Figure

SEED = "1"
ROUNDS = 3
"""Standard runs whose replay is measured."""


def main(words: Sequence[str] | None = None) -> int:
    """Measure and tell; the exit status."""
    options = _parser().parse_args(words)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        try:
            figures, more = _measure(Path(name), options)
        except BenchError as error:
            print(error, file=sys.stderr)
            return 1
    measured = document(figures, time.monotonic() - started, **more)
    path = write(measured, options.out)
    for line in table(figures):
        print(line)
    print(f"{', '.join(f'{key} {value}' for key, value in machine().items())}; {measured['seconds']} s; {path}")
    return 0


def _measure(directory: Path, options: argparse.Namespace) -> tuple[list[Figure], dict[str, Any]]:
    """All figures, and what else is told of them."""
    spaces = {name: directory / name for name in ("short", "long", "far", "parallel")}
    for space in spaces.values():
        space.mkdir()
    short, long = spaces["short"], spaces["long"]
    _say("compiled modules")
    spent(arguments(short, "--collect-only"))
    _say("standard runs, and the requests of each in a bare loop")
    rounds = []
    for _ in range(ROUNDS):
        told = timed_run(short, "--seed", SEED, "--keep-requests")
        rounds.append((told, replaying.replay(told["kept"])))
    figures = replaying.figures(rounds)
    _say("a run against a service far away")
    figures += waiting.measure(spaces["far"])
    _say("a nightly run in one process and in two")
    figures += parallel.measure(spaces["parallel"])
    _say("starting")
    begun, packages = beginning.measure(short, told)
    _say("drawing and judging")
    figures += [*begun, *drawing.measure()]
    _say("a long run")
    lasted = timed_run(long, "--seed", SEED, "--depth", "nightly", "--bodies", str(lasting.BODIES))
    figures += lasting.figures(lasted, told, [lasting.archive(space) for space in (short, long)])
    _say("looking for flaws")
    found = finding.measure(finding.names(fleet=options.fleet), options.workers)
    return [*figures, *finding.figures(found)], {"imports": packages, "memory": lasted["memory"], "to_find": found}


def _say(what: str) -> None:
    print(f"... {what}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure how fast the suite is.")
    parser.add_argument("--fleet", action="store_true", help="look for every flaw, instead of one in four")
    parser.add_argument("--workers", type=int, default=2, help="processes that look for flaws (default: 2)")
    parser.add_argument("--out", type=Path, default=Path("reports/out"), help="where bench.json goes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
