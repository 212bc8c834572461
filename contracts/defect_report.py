"""The defects of a document as a report that its authors can work from, in Markdown and in HTML.

Both say the same: for each page its defects, where they are, what is wrong, and how they are read until then.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.model import Defect
    from contracts.surveying import PageState, Survey

_KINDS = {
    "refused": "Places that no contract can be made of without a decision",
    "member_and_type": "Names that are both a member's and a type's",
    "mandatory_column": "Response tables without a Mandatory column",
    "caption": "Tables without a caption",
    "spelling": "Types spelt in another way than elsewhere",
    "linked_by_name": "Tables that nothing but a row's name leads to",
    "request_line": "Examples that ask another URI",
    "not_json": "Examples that are not JSON",
    "body": "Examples of a body that no table describes",
    "row": "Members in examples that no row describes",
    "missing": "Members that have to be there and are missing from an example",
    "type": "Members of another type in an example",
    "value": "Members of another value in an example",
    "unsent": "Optional members in an example response that its request lacks",
}
"""The kinds of defects, as their ids end, in the words of the report."""

_HEADS = ("Line", "Place", "What is wrong", "Read as, until then")
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:75em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #999;padding:.3em .6em;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}th{background:#eee}.none{color:#595959}"
)


@dataclass(frozen=True)
class _Row:
    line: str
    place: str
    detail: str
    read_as: str

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.line, self.place, self.detail, self.read_as)


def markdown(found: Survey) -> str:
    """The report in Markdown; whatever stands in it is shown as text."""
    parts = ["# Document defects", _summary(found), "", "| Kind | Defects |", "| --- | ---: |"]
    parts += [f"| {_KINDS[kind]} | {count} |" for kind, count in _counts(found)]
    for page in found.pages:
        parts += ["", f"## {_plain(page.title or page.file)}", "", f"`{page.file}`", ""]
        if page.trouble:
            parts.append(f"Nothing could be derived: {_plain(page.trouble)}")
        elif not page.defects:
            parts.append("No defects were found.")
        else:
            parts += [f"| {' | '.join(_HEADS)} |", "| ---: | --- | --- | --- |"]
            parts += [f"| {' | '.join(map(_plain, row.cells))} |" for row in _rows(page)]
    return "\n".join(parts) + "\n"


def html(found: Survey) -> str:
    """The report as one page that needs nothing else."""
    body = [f"<h1>Document defects</h1>\n<p>{escape(_summary(found))}</p>"]
    body.append(_table(("Kind", "Defects"), [(_KINDS[kind], str(count)) for kind, count in _counts(found)]))
    for page in found.pages:
        body.append(f"<h2>{escape(page.title or page.file)}</h2>\n<p><code>{escape(page.file)}</code></p>")
        if page.trouble:
            body.append(f"<p>Nothing could be derived: {escape(page.trouble)}</p>")
        elif not page.defects:
            body.append('<p class="none">No defects were found.</p>')
        else:
            body.append(_table(_HEADS, [row.cells for row in _rows(page)]))
    head = f'<meta charset="utf-8">\n<title>Document defects</title>\n<style>{_STYLE}</style>'
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n'
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _summary(found: Survey) -> str:
    defects = sum(len(page.defects) for page in found.pages)
    affected = sum(bool(page.defects or page.trouble) for page in found.pages)
    return f"{defects} defects on {affected} of {len(found.pages)} pages. Lines are those of the page's source."


def _counts(found: Survey) -> Iterator[tuple[str, int]]:
    counts = Counter(_kind(defect) for page in found.pages for defect in page.defects)
    yield from ((kind, counts[kind]) for kind in _KINDS if counts[kind])


def _kind(defect: Defect) -> str:
    return defect.id.rpartition(".")[2]


def _rows(page: PageState) -> list[_Row]:
    rows = []
    for defect in sorted(page.defects, key=lambda each: each.line):
        reading = page.reading(defect)
        read_as = f"{reading.read_as} ({reading.reason})" if reading else "not decided"
        rows.append(_Row(str(defect.line or "-"), defect.place, defect.detail, read_as))
    return rows


def _plain(text: str) -> str:
    """Text as Markdown shows it as it is, also in a cell of a table."""
    return re.sub(r"([\\`*_{}\[\]<>#|~&!])", r"\\\1", " ".join(text.split()))


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["<tr>" + "".join(f'<th scope="col">{escape(head)}</th>' for head in heads) + "</tr>"]
    lines += ["<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    return "<table>\n" + "\n".join(lines) + "\n</table>"
