"""``python -m contracts``: make contracts of published pages, survey pages, compare them, and write them as OpenAPI."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from contracts import defect_report, openapi, sources, store, surveying
from contracts.comparing import differences
from contracts.defects import read as read_defects
from contracts.derivation import DerivationError, derive
from contracts.drift import drift

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contracts.model import Page

SAME, DIFFERENT, UNREADABLE = 0, 1, 2
"""Exit statuses: nothing to tell, something differs or is left to decide, and no answer could be had."""


class CommandError(Exception):
    """Why a command cannot do its work: one sentence a line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: Those of the command line, unless given.

    Returns:
        0 done, or nothing differs; 1 something does, or a page is left to decide; 2 page or contract could not be
        read, or nothing can be derived.
    """
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads, such as head, has seen enough; what is left in the buffer is not tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SAME
    except (CommandError, openapi.OpenApiError, sources.SourceError, DerivationError, store.ContractError) as error:
        for line in str(error).splitlines():
            sys.stderr.write(f"contracts {options.command}: {line}\n")
        return UNREADABLE
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m contracts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("derive", help="tell what a page comes to, or write it as a contract")
    command.set_defaults(run=_derive)
    command.add_argument("page", type=Path, metavar="PAGE", help="the published page (.rst)")
    command.add_argument(
        "--out", type=Path, metavar="DIR", help="the operation's folder, to be written; its readings.toml is used"
    )
    command.add_argument(
        "--operation",
        metavar="NAME",
        help="what clause ids begin with (default: the contract of the page's title, else the title itself)",
    )
    command.add_argument(
        "--error-codes",
        type=Path,
        metavar="PAGE",
        help=f"the appendix of error codes; its {store.CODES} is written beside DIR, as all operations share it",
    )
    command = commands.add_parser("check", help="tell where a page differs from the committed contract")
    command.set_defaults(run=_check)
    command.add_argument("page", type=Path, metavar="PAGE", help="the published page (.rst)")
    command.add_argument("--operation", metavar="NAME", help="the contract (default: that of the page's title or URI)")
    command = commands.add_parser("diff", help="tell what changed from one version of an operation to another")
    command.set_defaults(run=_diff)
    for name in ("old", "new"):
        command.add_argument(name, metavar=name.upper(), help="a page (.rst), a contract's folder or its name")
    command = commands.add_parser("openapi", help="write all contracts as one OpenAPI 3.1 document (JSON)")
    command.set_defaults(run=_openapi)
    command.add_argument("--out", type=Path, metavar="FILE", help="where to (default: the terminal)")
    command.add_argument(
        "--operation", metavar="NAME", action="append", help="one of the contracts only; may be repeated"
    )
    command = commands.add_parser("survey", help="tell the state of all pages below a folder")
    command.set_defaults(run=_survey)
    command.add_argument("pages", type=Path, metavar="DIR", help="where the published pages are (.rst)")
    command.add_argument("--defects", type=Path, metavar="DIR", help="write defects.md and defects.html there")
    return parser


def _derive(options: argparse.Namespace) -> int:
    if options.error_codes and not options.out:
        raise CommandError("--error-codes are written beside the folder of --out, which is missing")
    page = sources.read_page(options.page)
    operation = options.operation or sources.operation_of(page, store.ROOT)
    folder: Path = options.out or store.ROOT / operation
    decisions = sources.decisions_for(folder)
    try:
        derived = derive(operation, page, decisions)
    except DerivationError as error:
        raise CommandError("\n".join(_refused(options.page, error, folder / store.READINGS))) from error
    if options.out:
        texts = {folder / name: text for name, text in store.files_of(page, derived).items()}
        if options.error_codes:
            codes = sources.read_error_codes(options.error_codes)
            texts[folder.absolute().parent / store.CODES] = store.codes_text(codes)
        # Everything has been made by now, so that a page that cannot be read leaves the folder as it was.
        for path, text in texts.items():
            _write(path, text)
        _say(f"{folder}: {len(texts)} files, {len(derived.clauses)} clauses")
    else:
        _say(f"{operation}: {page.method} {page.path}, {len(page.tables)} tables, {len(derived.clauses)} clauses")
        for clause in derived.clauses:
            _say(f"{clause.id} ({clause.strength.value}): {clause.statement}")
        for line in _constraints(page):
            _say(line)
    for defect in read_defects(page, decisions)[0]:
        _say(f"document defect {defect.id}{'' if defect.reading else ' (no reading)'}: {defect.place}: {defect.detail}")
    return SAME


def _refused(page: Path, error: DerivationError, readings: Path) -> Iterator[str]:
    """Why nothing can be derived, one sentence a place, and where a person decides about it."""
    for refusal in error.refusals:
        yield f"{page}:{refusal.line}: {refusal.place}: {refusal.why}; decide in {readings}: {refusal.decide}"
    if not error.refusals:
        yield f"{page}: {error}"


def _constraints(page: Page) -> Iterator[str]:
    for table in page.tables:
        for row in table.rows:
            for each in row.constraints:
                values = ", ".join(map(str, each.values))
                yield f"constraint of {table.place(row)} (line {each.line}): {each.idiom.value} {values}".rstrip()


def _check(options: argparse.Namespace) -> int:
    page = sources.read_page(options.page)
    operation = options.operation or sources.contract_of(page, store.ROOT)
    contract = store.load(operation, store.ROOT)
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


def _diff(options: argparse.Namespace) -> int:
    versions = []
    for given in (options.old, options.new):
        version, dropped = sources.version_of(given, store.ROOT)
        versions.append(version)
        for why in dropped:
            sys.stderr.write(f"contracts diff: {given}: left out: {why}\n")
    changes = drift(*versions)
    for change in changes:
        _say(str(change))
    clients, servers = sum(each.clients for each in changes), sum(each.servers for each in changes)
    neither = sum(not each.breaks for each in changes)
    _say(f"{len(changes)} changes: {clients} breaking for clients, {servers} for servers, {neither} for neither")
    return DIFFERENT if changes else SAME


def _openapi(options: argparse.Namespace) -> int:
    names = options.operation or store.operations(store.ROOT)
    document = openapi.document(store.load(name, store.ROOT) for name in dict.fromkeys(names))
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if options.out:
        _write(options.out, text)
        _say(f"{options.out}: {len(document['paths'])} paths")
    else:
        sys.stdout.write(text)
    return SAME


def _survey(options: argparse.Namespace) -> int:
    found = surveying.survey(options.pages, store.ROOT)
    for line in surveying.lines(found):
        _say(line)
    if options.defects:
        reports = {"defects.md": defect_report.markdown(found), "defects.html": defect_report.html(found)}
        for name, text in reports.items():
            _write(options.defects / name, text)
        _say(f"document defects: {' and '.join(str(options.defects / name) for name in reports)}")
    return DIFFERENT if any(page.trouble for page in found.pages) else SAME


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())
