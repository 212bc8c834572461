"""A published page read into its facts: tables, statuses, examples.

The dialect: a heading; the sections Function, URI, Request, Response, Status Codes and perhaps Error Codes; in each
but the first and last a list of labelled parts. What a column means is told by its header, never by its position.
Whatever has no place in that is an error with file and line, so that nothing of a page is skipped in silence.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from contracts.doctree import Document, Grid, Item, Literal, PageError, Section, Text, parse
from contracts.model import Page, Row, Side, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Part = TypeVar("Part", Text, Literal, Grid)

__all__ = ["PageError", "read_error_codes", "read_page"]

_PROSE = ("Function", "Error Codes")
_SIDES = {"URI": Side.PATH, "Request": Side.REQUEST, "Response": Side.RESPONSE}
_REQUIRED = ("Function", *_SIDES, "Status Codes")

_PARAMETERS = {"Parameter": True, "Mandatory": False, "Type": True, "Description": True}
_STATUSES = {"Status Code": True, "Description": True}
_CODES = {"Status Code": True, "Error Code": True, "Error Message": True, "Description": True, "Solution": False}
"""The columns known of each kind of table, and whether it must have them."""

_DESCRIPTION = re.compile(r"Parameter description(?: of field \*\*(?P<subject>\S+?)\*\*)?")
_CAPTION = re.compile(r"\*\*Table (?P<number>\d+)\*\* (?P<label>.+)")
_URI = re.compile(r"(?P<method>[A-Z]+) https?://\{endpoint\}(?P<path>/\S*)")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_FIXED = re.compile(r"\bvalue is \*\*([^*]+)\*\*")
_STATUS = re.compile(r"[1-5]\d\d")
_CODE = re.compile(r"[A-Za-z]+\.\d+")


def read_page(text: str, source: str) -> Page:
    """Read the page of one operation.

    Args:
        text: The whole page.
        source: Its name in messages.

    Returns:
        Its facts, with the lines of tables and rows.

    Raises:
        PageError: a place that cannot be read, with its line and what was expected there.
    """
    document = parse(text, source)
    sections = _sections(document)
    items = {title: tuple(_items(document, sections[title])) for title in (*_SIDES, "Status Codes")}
    method, path = _uri(document, sections["URI"], items["URI"])
    tables = tuple(_tables(document, items))
    _compare_path(document, sections["URI"], path, tables)
    statuses = _status_tables(document, sections["Status Codes"], items["Status Codes"])
    request = _example(document, items["Request"], "Example request")
    line, body = _split_request(document, request)
    response = _example(document, items["Response"], "Example response")
    return Page(
        method=method,
        path=path,
        tables=tables,
        success=statuses["Normal"],
        failure=statuses["Abnormal"],
        request_example=body,
        response_example=response.text if response else None,
        request_line=line,
        title=document.top.title,
    )


def read_error_codes(text: str, source: str) -> dict[str, tuple[int, ...]]:
    """Read the appendix of error codes: each code, and the statuses it is listed under, in the page's order.

    Args:
        text: The whole page.
        source: Its name in messages.

    Raises:
        PageError: not exactly one table of codes, or a row of it that cannot be read.
    """
    document = parse(text, source)
    grids = [part for part in document.top.parts if isinstance(part, Grid)]
    if len(grids) != 1:
        line = grids[1].line if grids else document.top.line
        raise document.error(line, "one table of error codes", f"{len(grids)} tables")
    codes: dict[str, tuple[int, ...]] = {}
    for cells in _cells(document, grids[0], _CODES):
        status, code = _status(document, cells["Status Code"]), cells["Error Code"]
        if not _CODE.fullmatch(code.text):
            raise document.error(code.line, "an error code such as CSBS.0001", repr(code.text))
        if status in codes.get(code.text, ()):
            raise document.error(code.line, "each code once for a status", f"{code.text} under {status} again")
        codes[code.text] = (*codes.get(code.text, ()), status)
    return codes


def _sections(document: Document) -> dict[str, Section]:
    if document.top.parts:
        raise document.error(document.top.parts[0].line, "sections only under the page's heading", "other content")
    sections: dict[str, Section] = {}
    for section in document.top.sections:
        if section.title not in {*_REQUIRED, *_PROSE}:
            known = ", ".join((*_REQUIRED, _PROSE[-1]))
            raise document.error(section.line, f"one of the sections {known}", repr(section.title))
        if section.title in sections:
            raise document.error(section.line, "each section once", f"{section.title!r} again")
        if section.sections:
            raise document.error(section.sections[0].line, "no section within another", section.sections[0].title)
        sections[section.title] = section
        odd = [part for part in section.parts if not isinstance(part, Text)]
        if section.title in _PROSE and odd:
            raise document.error(odd[0].line, f"nothing but text in {section.title!r}", _shown(odd[0]))
    for title in _REQUIRED:
        if title not in sections:
            raise document.error(document.end, f"a section {title!r}", "the end of the page")
    return sections


def _items(document: Document, section: Section) -> Iterator[Item]:
    seen = set[str]()
    for part in section.parts:
        if not isinstance(part, Item):
            raise document.error(part.line, f"labelled parts in {section.title!r}", _shown(part))
        if part.label in seen:
            raise document.error(part.line, f"each part of {section.title!r} once", f"{part.label!r} again")
        if not _known(section.title, part.label):
            raise document.error(part.line, f"a part known in {section.title!r}", repr(part.label))
        seen.add(part.label)
        yield part


def _known(section: str, label: str) -> bool:
    if section == "Status Codes":
        return label in {"Normal", "Abnormal"}
    own = {"URI": "URI format", "Request": "Example request", "Response": "Example response"}
    return label == own[section] or _DESCRIPTION.fullmatch(label) is not None


def _only(document: Document, item: Item, kind: type[Part], word: str) -> Part:
    """The one thing that stands under a label."""
    match item.parts:
        case (part,) if isinstance(part, kind):
            return part
    odd = next((part for part in item.parts if not isinstance(part, kind)), None)
    found = _shown(odd) if odd else f"{len(item.parts)} of them"
    raise document.error(odd.line if odd else item.line, f"{word} and nothing else under {item.label!r}", found)


def _uri(document: Document, section: Section, items: tuple[Item, ...]) -> tuple[str, str]:
    for item in items:
        if item.label == "URI format":
            text = _only(document, item, Text, "method and URI")
            match = _URI.fullmatch(text.text)
            if not match:
                raise document.error(text.line, "method and URI, METHOD https://{endpoint}/...", repr(text.text))
            return match["method"], match["path"]
    raise document.error(section.line, "a part 'URI format' in 'URI'", "none")


def _compare_path(document: Document, section: Section, path: str, tables: tuple[Table, ...]) -> None:
    """Path and Table 1 must name the same parameters: with one too few the request could not be built."""
    rows = [row for table in tables if table.side is Side.PATH for row in table.rows]
    names = set(_PLACEHOLDER.findall(path))
    for row in rows:
        if row.name not in names:
            raise document.error(row.line, f"a parameter of {path}", repr(row.name))
    for name in sorted(names - {row.name for row in rows}):
        raise document.error(section.line, f"a row for the parameter {name!r} of {path}", "none")


def _tables(document: Document, items: Mapping[str, tuple[Item, ...]]) -> Iterator[Table]:
    numbers = set[int]()
    for title, side in _SIDES.items():
        for item in items[title]:
            if _DESCRIPTION.fullmatch(item.label):
                table = _table(document, item, side)
                if table.number in numbers:
                    raise document.error(table.line, "each table number once", f"Table {table.number} again")
                numbers.add(table.number)
                yield table


def _table(document: Document, item: Item, side: Side) -> Table:
    grid = _only(document, item, Grid, "a table")
    expected = f"the caption '**Table N** {item.label}'"
    caption = _CAPTION.fullmatch(grid.caption or "")
    if not caption or caption["label"] != item.label:
        raise document.error(grid.line, expected, repr(grid.caption) if grid.caption else "a table without caption")
    subject = _DESCRIPTION.fullmatch(item.label)
    rows: list[Row] = []
    for cells in _cells(document, grid, _PARAMETERS | {"Mandatory": side is not Side.RESPONSE}):
        row = _row(document, cells)
        if row.name in {other.name for other in rows}:
            raise document.error(row.line, "each parameter once in a table", f"{row.name!r} again")
        rows.append(row)
    return Table(int(caption["number"]), side, (subject and subject["subject"]) or "", tuple(rows), grid.line)


def _row(document: Document, cells: Mapping[str, Text]) -> Row:
    name, kind, description = cells["Parameter"], cells["Type"], cells["Description"]
    if not _NAME.fullmatch(name.text):
        raise document.error(name.line, "the name of a parameter", repr(name.text))
    if not kind.text:
        raise document.error(kind.line, f"a type for {name.text!r}", "an empty cell")
    mandatory = cells.get("Mandatory")
    if mandatory and mandatory.text not in {"Yes", "No"}:
        raise document.error(mandatory.line, f"Yes or No as Mandatory of {name.text!r}", repr(mandatory.text))
    says_fixed = "fixed value" in description.text.lower()
    fixed = _FIXED.findall(description.text) if says_fixed else []
    if len(fixed) != int(says_fixed):
        expected = f"one fixed value of {name.text!r} in bold"
        raise document.error(description.line, expected, f"{len(fixed)} of them in {description.text!r}")
    return Row(
        name=name.text,
        type=kind.text,
        mandatory=mandatory.text == "Yes" if mandatory else None,
        fixed=fixed[0] if fixed else None,
        line=name.line,
    )


def _cells(document: Document, grid: Grid, columns: Mapping[str, bool]) -> list[dict[str, Text]]:
    """The rows of a table, each cell under the name of its column."""
    names = [cell.text for cell in grid.header]
    line = grid.header[0].line
    for name in names:
        if name not in columns or names.count(name) > 1:
            raise document.error(line, f"the columns {', '.join(columns)}", repr(name))
    for name, needed in columns.items():
        if needed and name not in names:
            raise document.error(line, f"a column {name!r}", f"only {', '.join(names)}")
    return [dict(zip(names, row, strict=True)) for row in grid.rows]


def _status_tables(document: Document, section: Section, items: tuple[Item, ...]) -> dict[str, tuple[int, ...]]:
    statuses: dict[str, tuple[int, ...]] = {}
    for item in items:
        found: list[int] = []
        for cells in _cells(document, _only(document, item, Grid, "a table"), _STATUSES):
            status = _status(document, cells["Status Code"])
            if status in (*(each for others in statuses.values() for each in others), *found):
                raise document.error(cells["Status Code"].line, "each status once", f"{status} again")
            found.append(status)
        statuses[item.label] = tuple(found)
    for label in ("Normal", "Abnormal"):
        if label not in statuses:
            raise document.error(section.line, f"a part {label!r} in 'Status Codes'", "none")
    return statuses


def _status(document: Document, cell: Text) -> int:
    if not _STATUS.fullmatch(cell.text):
        raise document.error(cell.line, "an HTTP status of three digits", repr(cell.text))
    return int(cell.text)


def _example(document: Document, items: tuple[Item, ...], label: str) -> Literal | None:
    for item in items:
        if item.label == label:
            return _only(document, item, Literal, "a block of code")
    return None


def _split_request(document: Document, example: Literal | None) -> tuple[str | None, str | None]:
    """The request line without the endpoint, and the body below it; None for what is not there."""
    if example is None:
        return None, None
    first, _, body = example.text.partition("\n")
    match = _URI.fullmatch(" ".join(first.split()))
    if not match:
        raise document.error(example.line, "an example that begins METHOD https://{endpoint}/...", repr(first))
    return f"{match['method']} {match['path']}", body.strip("\n") or None


def _shown(part: Text | Literal | Grid | Item) -> str:
    return f"{part.kind} {part.text[:40]!r}" if isinstance(part, Text) else f"a {type(part).__name__.lower()}"
