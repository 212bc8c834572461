"""``python -m suites deviations VERDICT.json``: draft a file of deviations from what a run has found."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from suites.drafting import draft
from suites.earlier import NO_VERDICT, EarlierError, content, earlier

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, USELESS = 0, 2
"""Exit statuses: drafted, and nothing could be drafted."""


class CommandError(Exception):
    """Why a command cannot do its work, in one sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: Those of the command line, unless given.

    Returns:
        0 drafted; 2 the verdict could not be read or has nothing to declare, or the draft could not be written.
    """
    options = _parser().parse_args(arguments)
    try:
        text = _draft(options.verdict)
        if options.out is None:
            sys.stdout.write(text)
        else:
            _write(options.out, text, force=options.force)
    except (CommandError, EarlierError) as error:
        sys.stderr.write(f"suites {options.command}: {error}\n")
        return USELESS
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m suites", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("deviations", help="draft a file of deviations from the verdict of a run")
    command.add_argument("verdict", type=Path, metavar="VERDICT", help="the verdict.json of a run")
    command.add_argument("--out", type=Path, metavar="FILE", help="where to write (default: standard output)")
    command.add_argument("--force", action="store_true", help="write over a file that is there")
    return parser


def _draft(path: Path) -> str:
    run = earlier(path, content(path))
    if run.verdict in NO_VERDICT:
        raise CommandError(f"{path}: is no finished run ({run.reason}): nothing is to be declared on it")
    if not run.failing:
        raise CommandError(f"{path}: no clause that counts fails: there is nothing to declare")
    return draft(run, datetime.now(timezone.utc).date())


def _write(path: Path, text: str, *, force: bool) -> None:
    try:
        with path.open("w" if force else "x", encoding="ascii", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise CommandError(f"{path}: is there already, and --force was not given") from error
    except OSError as error:
        raise CommandError(f"{path}: cannot be written: {error.strerror or error}") from error
    print(f"{path}: fill in each reason and reference")


if __name__ == "__main__":
    sys.exit(main())
