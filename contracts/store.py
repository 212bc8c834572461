"""The committed contracts: one folder an operation, read on every start, so only json and toml are needed.

tables.json            the facts read off the page, without its prose
request.schema.json    derived from them, like
response.schema.json   and
error.schema.json      (a request or response without a body has no schema)
readings.toml          what page and appendix leave to a person
examples/              request.json and response.txt, as on the page; the second of several is request-2.json
"""

from __future__ import annotations

import hashlib
import json
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.decisions import DecisionError, parse_decisions
from contracts.defects import read as read_defects
from contracts.derivation import DerivationError, derive
from contracts.model import Constraint, Contract, Decisions, Idiom, Page, Row, Side, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contracts.derivation import Derived

ROOT = Path(__file__).parent
DEFAULT = "restores"
NO_DECISIONS = Decisions()

FACTS = "tables.json"
READINGS = "readings.toml"
CODES = "error_codes.json"
SCHEMAS = ("request.schema.json", "response.schema.json", "error.schema.json")
EXAMPLES = ("examples/request.json", "examples/response.txt")


class ContractError(Exception):
    """A contract that is not there or not whole; names the file."""


def operations(root: Path = ROOT) -> tuple[str, ...]:
    """The operations that have a folder, in the order of their names."""
    return tuple(sorted(path.parent.name for path in root.glob(f"*/{FACTS}")))


def askable(root: Path = ROOT) -> tuple[str, ...]:
    """The operations that a target can be asked: those whose readings have an ``[asking]`` table.

    Raises:
        ContractError: a folder's readings.toml is missing or says what it may not.
    """
    return tuple(name for name in operations(root) if decisions_of(root / name).asking is not None)


def load(operation: str = DEFAULT, root: Path = ROOT) -> Contract:
    """Read one operation's contract.

    Args:
        operation: The name of its folder.
        root: Where the folders are.

    Raises:
        ContractError: no such folder, or a file of it that is missing or says what it may not.
    """
    folder = root / operation
    if operation not in operations(root):
        known = ", ".join(operations(root)) or "none"
        raise ContractError(f"{folder}: no contract of this name (there are: {known})")
    facts = _read(folder / FACTS)
    page = page_of(folder)
    decisions = decisions_of(folder)
    codes = _codes(root / CODES)
    _known_codes(folder / READINGS, decisions, codes)
    try:
        derived = derive(operation, page, decisions)
    except DerivationError as error:
        raise ContractError(f"{folder / FACTS}: {error}") from error
    schemas = (derived.request_schema, derived.response_schema, derived.error_schema)
    request, response, error_body = (
        _json(folder / name) if schema else {} for name, schema in zip(SCHEMAS, schemas, strict=True)
    )
    defects, readings = read_defects(page, decisions)
    return Contract(
        operation=operation,
        page=page,
        request_schema=request,
        response_schema=response,
        error_schema=error_body,
        clauses=derived.clauses,
        lookups=decisions.lookups,
        readings=readings,
        defects=defects,
        error_codes=codes,
        busy=decisions.busy,
        retired=decisions.retired,
        callers_fault=decisions.callers_fault,
        digest=hashlib.sha256(facts).hexdigest(),
        parameters=derived.parameters,
        asking=decisions.asking,
    )


def page_of(folder: Path) -> Page:
    """The facts and examples of a folder; the lines in them are 0.

    Raises:
        ContractError: a file that is missing or not of the form that :func:`files_of` writes.
    """
    facts = _json(folder / FACTS)
    try:
        return Page(
            method=facts["method"],
            path=facts["path"],
            tables=tuple(_table(table) for table in facts["tables"]),
            success=tuple(facts["success"]),
            failure=tuple(facts["failure"]),
            request_examples=tuple(_examples(folder, EXAMPLES[0])),
            response_examples=tuple(_examples(folder, EXAMPLES[1])),
            request_lines=_request_lines(facts["request_line"]),
            title=facts["title"],
        )
    except KeyError as error:
        raise ContractError(f"{folder / FACTS}: {error} is missing") from error
    except (TypeError, ValueError) as error:
        raise ContractError(f"{folder / FACTS}: {error}") from error


def decisions_of(folder: Path) -> Decisions:
    """What the folder's readings.toml says.

    Raises:
        ContractError: the file is missing or says what it may not.
    """
    try:
        return parse_decisions(_text(folder / READINGS))
    except DecisionError as error:
        raise ContractError(f"{folder / READINGS}: {error}") from error


def files_of(page: Page, derived: Derived) -> dict[str, str]:
    """What a folder holds for a page, by the name within the folder; all but the decisions."""
    texts = {FACTS: _facts(page)}
    schemas = (derived.request_schema, derived.response_schema, derived.error_schema)
    for name, schema in zip(SCHEMAS, schemas, strict=True):
        if schema:
            texts[name] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    for name, examples in zip(EXAMPLES, (page.request_examples, page.response_examples), strict=True):
        texts |= {_numbered(name, number): example + "\n" for number, example in enumerate(examples, 1)}
    return texts


def codes_text(codes: Mapping[str, tuple[int, ...]]) -> str:
    """The file of error codes: one code a line, with the statuses it is listed under."""
    lines = (f"  {json.dumps(code)}: {json.dumps(statuses)}" for code, statuses in codes.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _facts(page: Page) -> str:
    head = {
        "title": page.title,
        "method": page.method,
        "path": page.path,
        "request_line": page.request_lines if len(page.request_lines) > 1 else next(iter(page.request_lines), None),
        "success": page.success,
        "failure": page.failure,
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in head.items()]
    return "\n".join(["{", *lines, '  "tables": [', ",\n".join(map(_table_text, page.tables)), "  ]", "}", ""])


def _table_text(table: Table) -> str:
    facts = {"number": table.number, "side": table.side.value, "subject": table.subject}
    head = json.dumps(facts if table.captioned else {**facts, "captioned": False})
    lines = ",\n".join(f"      {json.dumps(_row_facts(row), ensure_ascii=False)}" for row in table.rows)
    return f'    {head[:-1]}, "rows": [\n{lines}\n    ]}}'


def _row_facts(row: Row) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": row.name, "type": row.type}
    if row.mandatory is not None:
        facts["mandatory"] = row.mandatory
    for constraint in row.constraints:
        facts[constraint.idiom.value] = _values(constraint)
    return facts if row.link is None else {**facts, "link": row.link}


def _values(constraint: Constraint) -> Any:
    if constraint.idiom is Idiom.FIXED:
        return constraint.values[0]
    return list(constraint.values) or True


def _table(facts: Mapping[str, Any]) -> Table:
    rows = tuple(map(_row, facts["rows"]))
    captioned = facts.get("captioned", True)
    return Table(facts["number"], Side(facts["side"]), facts["subject"], rows, captioned=captioned)


def _row(facts: Mapping[str, Any]) -> Row:
    idioms = {idiom.value: idiom for idiom in Idiom}
    constraints = tuple(
        Constraint(idioms[key], tuple(value) if isinstance(value, list) else () if value is True else (value,))
        for key, value in facts.items()
        if key in idioms
    )
    return Row(**{key: value for key, value in facts.items() if key not in idioms}, constraints=constraints)


def _request_lines(facts: Any) -> tuple[str, ...]:
    if facts is None:
        return ()
    return (facts,) if isinstance(facts, str) else tuple(facts)


def _numbered(name: str, number: int) -> str:
    """The file of one of several examples: ``examples/request-2.json`` for the second."""
    stem, _, suffix = name.rpartition(".")
    return name if number == 1 else f"{stem}-{number}.{suffix}"


def _examples(folder: Path, name: str) -> Iterator[str]:
    for number in count(1):
        path = folder / _numbered(name, number)
        if not path.exists():
            return
        yield _text(path).removesuffix("\n")


def _codes(path: Path) -> dict[str, tuple[int, ...]]:
    codes = _json(path)
    for code, statuses in codes.items():
        if not isinstance(statuses, list) or not all(isinstance(status, int) for status in statuses):
            raise ContractError(f"{path}: {code}: expected a list of statuses")
    return {code: tuple(statuses) for code, statuses in codes.items()}


def _known_codes(path: Path, decisions: Decisions, codes: Mapping[str, tuple[int, ...]]) -> None:
    named = {*decisions.busy, *decisions.retired, *decisions.callers_fault}
    named.update(code for lookup in decisions.lookups for code in lookup.codes)
    for code in sorted(named - codes.keys()):
        raise ContractError(f"{path}: {code} is not among the error codes of {CODES}")


def _json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(_text(path))
    except ValueError as error:
        raise ContractError(f"{path}: not JSON: {error}") from error
    if not isinstance(document, dict):
        raise ContractError(f"{path}: expected a JSON object")
    return document


def _text(path: Path) -> str:
    try:
        return _read(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ContractError(f"{path}: not UTF-8 at byte {error.start}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ContractError(f"{path}: {error.strerror}") from error
