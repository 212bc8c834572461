"""``python -m reports summary VERDICT.json``: tell a verdict in short, in a form that a CI system shows."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reports import ledger, summary
from suites.earlier import EarlierError

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, USELESS = 0, 2
"""Exit statuses: told, and no verdict could be read."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: Those of the command line, unless given.

    Returns:
        0 told, whatever the verdict is; 2 the file could not be read or is no verdict.
    """
    options = _parser().parse_args(arguments)
    try:
        text = summary.FORMATS[options.format](ledger.read(options.verdict))
    except EarlierError as error:
        sys.stderr.write(f"reports {options.command}: {error}\n")
        return USELESS
    sys.stdout.buffer.write(text.encode("utf-8"))
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reports", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("summary", help="tell a verdict in short")
    command.add_argument("verdict", type=Path, metavar="VERDICT", help="the verdict.json of a run")
    command.add_argument(
        "--format",
        choices=list(summary.FORMATS),
        default="markdown",
        help="markdown for a job summary, github for annotations of a workflow (default: %(default)s)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
