"""The published page as a picture: its tables, with the clause in each cell. Pure, from the verdict document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reports import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Clause = Mapping[str, Any]

_COLUMNS = {
    "mandatory": "Mandatory",
    "present": "Present",
    "type": "Type",
    "value": "Value",
    "echo": "As sent",
}
"""What a table's cell may promise, by the kind of the clause, in the order of the columns."""
_SIDES = {"path": "Request", "request": "Request", "response": "Response"}
_TITLES = {"path": "URI", "request": "body", "response": "body"}
SHORT = 9
"""Characters of a fixed value that a cell shows."""


@dataclass(frozen=True)
class Cell:
    """One cell: its text, and the clause that it promises if it does."""

    text: str
    clause: Clause | None = None


@dataclass(frozen=True)
class Grid:
    """A table: its caption, a remark on what it describes, the titles of its columns, and rows of a name and cells."""

    caption: str
    remark: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def picture(verdict: Mapping[str, Any]) -> dict[str, list[Grid]]:
    """The tables of the page under *Request* and *Response*, and under *Answers* what stands in no table.

    A verdict of an older version holds no tables; then there are only the answers.
    """
    parts: dict[str, list[Grid]] = {}
    for table in verdict["contract"].get("tables", ()):
        parts.setdefault(_SIDES[table["side"]], []).append(_table(table, verdict["clauses"]))
    parts["Answers"] = [*_answers(verdict["clauses"])]
    return parts


def _table(table: Mapping[str, Any], clauses: Sequence[Clause]) -> Grid:
    own = [clause for clause in clauses if clause["source"]["table"] == table["number"]]
    kinds = [kind for kind in _COLUMNS if kind == "type" or any(clause["kind"] == kind for clause in own)]
    found = {(clause["source"]["row"], clause["kind"]): clause for clause in own}
    rows = tuple(
        (row["name"], tuple(_cell(kind, row, found.get((row["name"], kind)), table["side"]) for kind in kinds))
        for row in table["rows"]
    )
    remark = table["subject"] or _TITLES[table["side"]]
    return Grid(f"Table {table['number']}", remark, tuple(_COLUMNS[kind] for kind in kinds), rows)


def _cell(kind: str, row: Mapping[str, Any], clause: Clause | None, side: str) -> Cell:
    if kind == "type":
        return Cell(row["type"].replace("List<", "List of ").removesuffix(">"), clause)
    if clause is None:
        return Cell("")
    fixed = row["fixed"]
    texts = {
        "mandatory": "Yes" if row["mandatory"] else "No",
        "present": _presence(clause),
        "echo": "Yes",
    }
    if kind in texts:
        return Cell(texts[kind], clause)
    shown = fixed or _limits(clause["statement"]) or ("unique" if side == "response" else "known")
    return Cell(shown if len(shown) <= SHORT else f"{shown[: SHORT - 1]}\u2026", clause)


def _limits(statement: str) -> str:
    """In a word which values a response may have, by what is said of them; empty where nothing limits them."""
    match = re.search(r" is (one of|from) (.+) in the response$", statement)
    if match is None:
        return ""
    return "listed" if match[1] == "one of" else match[2]


def _presence(clause: Clause) -> str:
    if "may be missing" in clause["statement"]:
        return "optional"
    return "Yes" if clause["strength"] == "documented" else "if sent"


def _answers(clauses: Sequence[Clause]) -> Iterator[Grid]:
    """Statuses, error body, form of the answers and good practice."""
    grouped: dict[str, list[Clause]] = {}
    for clause in clauses:
        if clause["source"]["table"] is None:
            grouped.setdefault(words.group(clause), []).append(clause)
    for title, members in grouped.items():
        if title == "Error body":
            yield _error_body(title, members)
        else:
            rows = tuple((_name(clause), (Cell(clause["statement"], clause),)) for clause in members)
            yield Grid(title, "", ("Promise",), rows)


def _error_body(title: str, members: Sequence[Clause]) -> Grid:
    kinds = [kind for kind in _COLUMNS if any(clause["kind"] == kind for clause in members)]
    found = {(_name(clause), clause["kind"]): clause for clause in members}
    texts = {"present": "Yes", "type": "String"}
    rows = tuple(
        (name, tuple(Cell(texts[kind], found.get((name, kind))) for kind in kinds))
        for name in dict.fromkeys(map(_name, members))
    )
    return Grid(title, "of every refusal", tuple(_COLUMNS[kind] for kind in kinds), rows)


def _name(clause: Clause) -> str:
    """What a clause outside of the tables is about: the last words of its id, without the kind that ends it."""
    return ".".join(clause["id"].split(".")[2:]).removesuffix(f".{clause['kind']}")
