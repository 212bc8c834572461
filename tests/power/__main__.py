"""``python -m tests.power``: how well the suite tells flawed services from sound ones.

Ends with 1 where a flaw is missed, or found only under a clause that it does not break, or a sound service is accused.
"""

from __future__ import annotations

import argparse
import sys
import time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from tests.power.measuring import Shown, combinations, fleet, measure_all, measure_deeper, over_sockets
from tests.power.telling import summary, write

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and tell; the exit status."""
    options = _parser().parse_args(arguments)
    started = time.monotonic()
    shown: list[Shown] = []
    for seed in range(options.seed, options.seed + options.seeds):
        shown += _measure(options, seed)
    write(shown, options.out, time.monotonic() - started)
    for line in summary(shown):
        print(line)
    print(f"report: {options.out / 'power.html'}")
    return 0 if shown and all(each.good for each in shown) else 1


def _measure(options: argparse.Namespace, seed: int) -> list[Shown]:
    """One seed: the fleet, random mixtures of freedoms, and a sample over sockets."""
    shown = measure_deeper(
        [
            trial
            for trial in fleet(seed)
            if fnmatchcase(trial.changes[0], options.only) and fnmatchcase(trial.operation, options.operation)
        ],
        options.workers,
    )
    if options.only == options.operation == "*":
        mixed = measure_all(combinations(options.combinations, seed), options.workers)
        shown += [Shown((each,)) for each in mixed]
        shown += measure_deeper(over_sockets(options.sockets, seed), options.workers)
    return shown


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.power", description="Measure the power of the suite.")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="flaws and variations of this name")
    parser.add_argument(
        "--operation", default="*", metavar="PATTERN", help="those that show in operations of this name"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the draws (default: 1)")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds in a row (default: 1)")
    parser.add_argument(
        "--combinations",
        type=int,
        default=300,
        help="random mixtures of variations (default: %(default)s)",
    )
    parser.add_argument("--sockets", type=int, default=48, metavar="N", help="every Nth service over sockets too")
    parser.add_argument("--workers", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--out", type=Path, default=Path("reports/out"), help="where the reports go")
    return parser


if __name__ == "__main__":
    sys.exit(main())
