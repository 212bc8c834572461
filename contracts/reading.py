"""A published page read into its facts: tables, statuses, examples.

The dialect: a heading; the sections Function, URI, Request, perhaps Response, Status Codes and perhaps Error Codes; in
each but the first and last a list of labelled parts. What a column means is told by its header, never by its position.
Whatever has no place in that is an error with file and line, so that nothing of a page is skipped in silence.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeVar

from contracts.doctree import Document, Grid, Item, PageError, Section, Text, parse
from contracts.examples import BODY, URI, VARIANT, read_request_examples, read_response_examples
from contracts.model import Page, Side, Table
from contracts.tables import DESCRIPTION, HEADER, cells_of, read_tables

Part = TypeVar("Part", Text, Grid)

__all__ = ["PageError", "is_operation", "read_error_codes", "read_page"]

_PROSE = ("Function", "Error Codes")
_SECTIONS = ("Function", "URI", "Request", "Response", "Status Codes")
_OPTIONAL = ("Response", "Error Codes")
"""A page that has no section Response promises an answer without a body."""

_STATUSES = {"Status Code": True, "Description": True}
_CODES = {"Status Code": True, "Error Code": True, "Error Message": True, "Description": True, "Solution": False}
"""The columns known of each kind of table, and whether it must have them."""

_LABELS = {
    "URI": ("URI format", HEADER),
    "Request": ("Example request", BODY, HEADER),
    "Response": ("Example response",),
    "Status Codes": ("Normal", "Abnormal"),
}
_REPEATED = ("Parameter description", "Example request")
"""Labels that some pages give to a second part too: a table or None, and the body below the request line."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_STATUS = re.compile(r"[1-5]\d\d")
_CODE = re.compile(r"[A-Za-z]+\.\d+")


def is_operation(text: str, source: str) -> bool:
    """Whether a page describes an operation at all, that is, has a section URI.

    Raises:
        PageError: the page is no reStructuredText with one heading over it.
    """
    return any(section.title == "URI" for section in parse(text, source).top.sections)


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
    items = {title: tuple(_items(document, sections[title])) for title in _LABELS if title in sections}
    method, path = _uri(document, sections["URI"], items["URI"])
    tables = read_tables(document, items, method)
    _compare_path(document, sections["URI"], path, tables)
    statuses = _status_tables(document, sections["Status Codes"], items["Status Codes"])
    lines, asked = read_request_examples(document, items["Request"])
    told = read_response_examples(document, items.get("Response", ()))
    return Page(
        method=method,
        path=path,
        tables=tables,
        success=statuses["Normal"],
        failure=statuses["Abnormal"],
        request_examples=tuple(text for text, _ in asked),
        response_examples=tuple(text for text, _ in told),
        request_lines=lines,
        request_example_lines=tuple(line for _, line in asked),
        response_example_lines=tuple(line for _, line in told),
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
    for cells in cells_of(document, grids[0], _CODES):
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
        if section.title not in {*_SECTIONS, *_PROSE}:
            known = ", ".join((*_SECTIONS, _PROSE[-1]))
            raise document.error(section.line, f"one of the sections {known}", repr(section.title))
        if section.title in sections:
            raise document.error(section.line, "each section once", f"{section.title!r} again")
        if section.sections:
            raise document.error(section.sections[0].line, "no section within another", section.sections[0].title)
        sections[section.title] = section
        odd = [part for part in section.parts if not isinstance(part, Text)]
        if section.title in _PROSE and odd:
            raise document.error(odd[0].line, f"nothing but text in {section.title!r}", document.shown(odd[0]))
    for title in _SECTIONS:
        if title not in sections and title not in _OPTIONAL:
            raise document.error(document.end, f"a section {title!r}", "the end of the page")
    return sections


def _items(document: Document, section: Section) -> list[Item]:
    """The labelled parts of a section, in order; the word None below an empty one is taken for what it holds."""
    items: list[Item] = []
    for part in section.parts:
        if isinstance(part, Text) and part.text == "None" and items and not items[-1].parts:
            items[-1] = replace(items[-1], parts=(part,))
        elif not isinstance(part, Item):
            raise document.error(part.line, f"labelled parts in {section.title!r}", document.shown(part))
        elif not _known(section.title, part.label):
            raise document.error(part.line, f"a part known in {section.title!r}", repr(part.label))
        elif part.label in {item.label for item in items} and part.label not in _REPEATED:
            raise document.error(part.line, f"each part of {section.title!r} once", f"{part.label!r} again")
        else:
            items.append(part)
    return items


def _known(section: str, label: str) -> bool:
    if label in _LABELS[section]:
        return True
    variant = section == "Request" and VARIANT.fullmatch(label) is not None
    return section != "Status Codes" and (variant or DESCRIPTION.fullmatch(label) is not None)


def _only(document: Document, item: Item, kind: type[Part], word: str) -> Part:
    """The one thing that stands under a label."""
    match item.parts:
        case (part,) if isinstance(part, kind):
            return part
    odd = next((part for part in item.parts if not isinstance(part, kind)), None)
    found = document.shown(odd) if odd else f"{len(item.parts)} of them"
    raise document.error(odd.line if odd else item.line, f"{word} and nothing else under {item.label!r}", found)


def _uri(document: Document, section: Section, items: tuple[Item, ...]) -> tuple[str, str]:
    for item in items:
        if item.label == "URI format":
            text = _only(document, item, Text, "method and URI")
            match = URI.fullmatch(text.text)
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


def _status_tables(document: Document, section: Section, items: tuple[Item, ...]) -> dict[str, tuple[int, ...]]:
    statuses: dict[str, tuple[int, ...]] = {}
    for item in items:
        found: list[int] = []
        for cells in cells_of(document, _only(document, item, Grid, "a table"), _STATUSES):
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
