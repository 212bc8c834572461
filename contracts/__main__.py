"""``python -m contracts derive|check``: make a contract of a published page, or hold the committed one against it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from contracts import store
from contracts.comparing import differences
from contracts.defects import find, settle
from contracts.derivation import DerivationError, derive
from contracts.model import Decisions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from contracts.model import Page

SAME, DIFFERENT, UNREADABLE = 0, 1, 2
"""Exit statuses: nothing to tell, the page differs, and no answer could be had."""


class CommandError(Exception):
    """Why a command cannot do its work, in one sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: Those of the command line, unless given.

    Returns:
        0 done, or the page says what the contract says; 1 it does not; 2 page or contract could not be read.
    """
    options = _parser().parse_args(arguments)
    try:
        if options.command == "derive":
            return _derive(options.page, options.out, options.operation, options.error_codes)
        return _check(options.page, options.operation)
    except (CommandError, DerivationError, store.ContractError) as error:
        sys.stderr.write(f"contracts {options.command}: {error}\n")
        return UNREADABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m contracts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("derive", help="write tables.json, the schemas and the examples of a page")
    command.add_argument("page", type=Path, metavar="PAGE", help="the published page (.rst)")
    command.add_argument(
        "--out", type=Path, metavar="DIR", required=True, help="the operation's folder; its readings.toml is used"
    )
    command.add_argument(
        "--operation", metavar="NAME", help="what clause ids begin with (default: the last fixed part of the URI)"
    )
    command.add_argument(
        "--error-codes",
        type=Path,
        metavar="PAGE",
        help=f"the appendix of error codes; its {store.CODES} is written beside DIR, as all operations share it",
    )
    command = commands.add_parser("check", help="tell where a page differs from the committed contract")
    command.add_argument("page", type=Path, metavar="PAGE", help="the published page (.rst)")
    command.add_argument("--operation", metavar="NAME", default="restores", help="the contract (default: %(default)s)")
    return parser


def _derive(source: Path, out: Path, operation: str | None, error_codes: Path | None) -> int:
    page = _read_page(source)
    decisions = store.decisions_of(out) if (out / store.READINGS).exists() else Decisions()
    try:
        derived = derive(operation or _operation(page), page, decisions)
    except DerivationError as error:
        raise CommandError(f"{source}: {error}") from error
    texts = {out / name: text for name, text in store.files_of(page, derived).items()}
    if error_codes:
        texts[out.absolute().parent / store.CODES] = store.codes_text(_read_error_codes(error_codes))
    # Everything has been made by now, so that a page that cannot be read leaves the folder as it was.
    for path, text in texts.items():
        _write(path, text)
    _say(f"{out}: {len(texts)} files, {len(derived.clauses)} clauses")
    for defect in settle(find(page, decisions.decisions), decisions.readings):
        _say(f"document defect {defect.id}{'' if defect.reading else ' (no reading)'}: {defect.place}: {defect.detail}")
    return SAME


def _check(source: Path, operation: str) -> int:
    contract = store.load(operation, store.ROOT)
    page = _read_page(source)
    lines = list(differences(contract.page, page))
    try:
        derived = derive(operation, page, store.decisions_of(store.ROOT / operation))
    except DerivationError as error:
        lines.append(f"nothing can be derived from the page: {error}")
    else:
        schemas = (derived.request_schema, derived.response_schema, derived.error_schema)
        committed = (contract.request_schema, contract.response_schema, contract.error_schema)
        for name, ours, theirs in zip(store.SCHEMAS, committed, schemas, strict=True):
            if not lines and ours != theirs:
                lines.append(f"{name}: the committed schema is not what the page comes to")
    for line in lines:
        _say(line)
    if not lines:
        _say(f"{operation}: the page says what the committed contract says")
    return DIFFERENT if lines else SAME


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _operation(page: Page) -> str:
    fixed = [part for part in page.path.split("/") if part and not part.startswith("{")]
    return fixed[-1].lower() if fixed else "operation"


def _read_page(path: Path) -> Page:
    reading = _reading()
    try:
        page: Page = reading.read_page(_text(path), str(path))
    except reading.PageError as error:
        raise CommandError(str(error)) from error
    return page


def _read_error_codes(path: Path) -> dict[str, tuple[int, ...]]:
    reading = _reading()
    try:
        codes: dict[str, tuple[int, ...]] = reading.read_error_codes(_text(path), str(path))
    except reading.PageError as error:
        raise CommandError(str(error)) from error
    return codes


def _reading() -> ModuleType:
    """The reader, which alone needs docutils; a run of the suites does without."""
    try:
        from contracts import reading  # noqa: PLC0415  a check of the arguments alone must not need docutils
    except ModuleNotFoundError as error:
        raise CommandError(f"reading a page needs docutils ({error}): pip install docutils") from error
    return reading


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: not UTF-8 at byte {error.start}") from error


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())
