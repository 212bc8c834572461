"""``python -m reports COMMAND``: tell a verdict in the form that a CI system shows, or what many of them tell."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reports import badge, comparing, formats, history, ledger, matrix, store, trending
from reports.files import ReportError, put, writing
from suites.earlier import EarlierError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

DONE, USELESS = 0, 2
"""Exit statuses: told, and what was given is of no use."""
STORE = Path("history.sqlite")
"""The store that is taken unless another is named."""
_SUFFIXES = {".html": "html", ".htm": "html", ".md": "markdown", ".csv": "csv", ".svg": "svg", ".json": "shields"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: Those of the command line, unless given.

    Returns:
        0 told, whatever the verdicts are; 2 a file could not be read or written, or cannot be used so.
    """
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (EarlierError, ReportError) as error:
        sys.stderr.write(f"reports {options.command}: {error}\n")
        return USELESS
    return DONE


def _summary(options: argparse.Namespace) -> None:
    run = formats.load(options.verdict)
    with writing(options.out) as file:
        formats.FORMATS[options.format](run, file)


def _compare(options: argparse.Namespace) -> None:
    form = _form(options, comparing.FORMATS)
    put(comparing.FORMATS[form](matrix.lay_out(matrix.columns(options.verdicts))), options.out)


def _record(options: argparse.Namespace) -> None:
    with store.opened(options.store, create=True) as file:
        added = store.record(file, options.verdicts)
    known = len(options.verdicts) - added
    print(f"{options.store}: {added} recorded, {known} there already")


def _trend(options: argparse.Namespace) -> None:
    form = _form(options, trending.FORMATS)
    if options.source.is_dir():
        with store.opened(None) as file:
            left_out = store.record_all(file, options.source)
            runs = store.recorded(file, options.target)
        for path in left_out:
            sys.stderr.write(f"reports trend: {path}: left out, since it is no finished run\n")
    else:
        with store.opened(options.source) as file:
            runs = store.recorded(file, options.target)
    if not runs:
        of = f" of the target {options.target!r}" if options.target is not None else ""
        raise ReportError(f"{options.source}: holds no verdict{of} on a finished run")
    put(trending.FORMATS[form](history.histories(runs, options.last)), options.out)


def _badge(options: argparse.Namespace) -> None:
    form = _form(options, badge.FORMATS, "svg")
    put(badge.FORMATS[form](ledger.read(options.verdict), options.label), options.out)


def _form(options: argparse.Namespace, forms: Collection[str], usual: str = "markdown") -> str:
    """The format that was asked for, by name or by the suffix of the file; the usual one on the standard output."""
    if options.format:
        return str(options.format)
    if options.out is None:
        return usual
    form = _SUFFIXES.get(options.out.suffix.lower())
    if form is None or form not in forms:
        raise ReportError(f"{options.out}: its suffix is that of no format: give --format, one of {', '.join(forms)}")
    return form


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reports", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    command = commands.add_parser("summary", help="tell a verdict in short")
    command.set_defaults(run=_summary)
    command.add_argument("verdict", type=Path, metavar="VERDICT", help="the verdict.json of a run")
    command.add_argument(
        "--format",
        choices=list(formats.FORMATS),
        default="markdown",
        help="markdown for a job summary, github for annotations of a workflow, junit, sarif and ctrf for what a CI "
        "system shows of tests and findings, har for the exchanges (default: %(default)s)",
    )
    command.add_argument("--out", type=Path, metavar="FILE", help="where to write (default: standard output)")

    command = commands.add_parser("compare", help="set the verdicts on several targets side by side")
    command.set_defaults(run=_compare)
    command.add_argument(
        "verdicts",
        nargs="+",
        metavar="[LABEL=]VERDICT",
        help="the verdict.json of a run, and what to call its target (default: by its name)",
    )
    _add_output(command, comparing.FORMATS)

    command = commands.add_parser("record", help="keep verdicts in a store that lasts")
    command.set_defaults(run=_record)
    command.add_argument("verdicts", nargs="+", type=Path, metavar="VERDICT", help="the verdict.json of a run")
    command.add_argument("--store", type=Path, default=STORE, metavar="FILE", help="default: %(default)s")

    command = commands.add_parser("trend", help="tell what became of each clause over time")
    command.set_defaults(run=_trend)
    command.add_argument(
        "source",
        type=Path,
        nargs="?",
        default=STORE,
        metavar="DIR|STORE",
        help="a store, or a directory with verdicts anywhere below it (default: %(default)s)",
    )
    command.add_argument("--target", metavar="NAME", help="only the runs of this target (default: all, one by one)")
    command.add_argument(
        "--last", type=_count, default=30, metavar="N", help="runs that are shown one by one (default: %(default)s)"
    )
    _add_output(command, trending.FORMATS)

    command = commands.add_parser("badge", help="tell a verdict as a badge")
    command.set_defaults(run=_badge)
    command.add_argument("verdict", type=Path, metavar="VERDICT", help="the verdict.json of a run")
    command.add_argument("--label", default=badge.LABEL, metavar="TEXT", help="its left half (default: %(default)s)")
    _add_output(command, badge.FORMATS, "svg")
    return parser


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError
    return count


def _add_output(command: argparse.ArgumentParser, forms: Collection[str], usual: str = "markdown") -> None:
    command.add_argument("--out", type=Path, metavar="FILE", help="where to write (default: standard output)")
    command.add_argument("--format", choices=list(forms), help=f"default: by the suffix of FILE, else {usual}")


if __name__ == "__main__":
    sys.exit(main())
