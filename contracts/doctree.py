"""reStructuredText taken apart into plain values; the only module that needs docutils.

Text keeps the page's own mark for bold, ``**like this**``, as captions and fixed values are told by it. Every value
knows its line in the page (from 1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from docutils import frontend, nodes, utils
from docutils.parsers.rst import Parser, roles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from docutils.parsers.rst.states import Inliner

_WARNING = 2
"""From this level on docutils reports what it had to guess at or leave out."""


class PageError(Exception):
    """A place of a page that cannot be read: file, line, what was expected and what stands there."""

    def __init__(self, source: str, line: int, expected: str, found: str) -> None:
        super().__init__(f"{source}:{line}: expected {expected}, found {found}")
        self.source = source
        self.line = line
        self.expected = expected
        self.found = found


@dataclass(frozen=True)
class Text:
    """A paragraph or a cell, white space collapsed. ``kind`` is docutils' word for what it was.

    ``paragraphs`` are the text and line of each paragraph of a cell; ``references`` the labels that the text refers to.
    """

    text: str
    line: int
    kind: str = "paragraph"
    paragraphs: tuple[tuple[str, int], ...] = ()
    references: tuple[str, ...] = ()

    @property
    def is_note(self) -> bool:
        """It is one of the boxes for readers: a note, a warning and the like."""
        return self.kind in _NOTES


@dataclass(frozen=True)
class Literal:
    """A block of verbatim text. ``line`` is that of its first line."""

    text: str
    line: int


@dataclass(frozen=True)
class Grid:
    """A table of either notation without spans: one header row, and as many cells in each row as it has.

    ``line`` is that of the caption, or of the header row where there is none; ``labels`` are what references to the
    table call it.
    """

    caption: str | None
    header: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]
    line: int
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """An item of a bullet list: a paragraph that names it, and what follows."""

    label: str
    parts: tuple[Text | Literal | Grid, ...]
    line: int


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it, up to the next heading."""

    title: str
    parts: tuple[Text | Literal | Grid | Item, ...]
    sections: tuple[Section, ...]
    line: int


@dataclass(frozen=True)
class Document:
    """A whole page under its one heading."""

    source: str
    top: Section
    end: int

    def error(self, line: int, expected: str, found: str) -> PageError:
        """What to raise for a place of this page."""
        return PageError(self.source, line, expected, found)

    @staticmethod
    def shown(part: Text | Literal | Grid | Item) -> str:
        """What stands somewhere, in a few words."""
        return f"{part.kind} {part.text[:40]!r}" if isinstance(part, Text) else f"a {type(part).__name__.lower()}"


def parse(text: str, source: str) -> Document:
    """Take a page apart.

    Args:
        text: The whole page.
        source: Its name in messages.

    Raises:
        PageError: docutils reports a warning or worse, or a construct stands where none is known.
    """
    # Transforms are left out, so that sections stay where they are; a reference to another page is its text.
    roles.register_local_role("ref", _reference)
    settings = frontend.get_default_settings(Parser)  # type: ignore[no-untyped-call, unused-ignore]
    settings.report_level = settings.halt_level = 5
    settings.file_insertion_enabled = settings.raw_enabled = False
    settings.syntax_highlight = "none"
    document = utils.new_document(source, settings)
    reports: list[nodes.system_message] = []
    document.reporter.attach_observer(reports.append)
    Parser().parse(text, document)
    for report in reports:
        if report["level"] >= _WARNING:
            raise PageError(source, report.get("line", 1), "reStructuredText", _inline(report))
    return _Taker(source, text).document(document, end=text.count("\n") + 1)


class _Taker:
    """Takes doctree nodes over, refusing those that it has no place for."""

    def __init__(self, source: str, text: str) -> None:
        self._source = source
        self._lines = text.split("\n")

    def document(self, document: nodes.document, *, end: int) -> Document:
        tops: list[nodes.Element] = []
        for node in _content(document):
            if isinstance(node, nodes.section):
                tops.append(node)
            elif not isinstance(node, nodes.field_list):
                raise self._unknown(node, "one heading over the whole page")
        if len(tops) != 1:
            line = _line(tops[1]) if tops else 1
            raise PageError(self._source, line, "one heading over the whole page", f"{len(tops)} of them")
        return Document(self._source, self._section(tops[0]), end)

    def _section(self, section: nodes.Element) -> Section:
        parts: list[Text | Literal | Grid | Item] = []
        sections: list[Section] = []
        title, *rest = section.children
        for node in rest:
            if isinstance(node, nodes.section):
                sections.append(self._section(node))
            elif isinstance(node, nodes.bullet_list):
                parts.extend(self._item(item) for item in _content(node))
            elif not isinstance(node, _SILENT):
                parts.append(self._part(node))
        # docutils counts a heading where its underline stands.
        return Section(_inline(title), tuple(parts), tuple(sections), _line(title) - 1)

    def _item(self, item: nodes.Node) -> Item:
        children = list(_content(item))
        if not children or not isinstance(children[0], nodes.paragraph):
            raise self._unknown(item, "an item that begins with its name")
        return Item(_inline(children[0]), tuple(self._parts(item.children)), _line(children[0]))

    def _parts(self, nodes_: Sequence[nodes.Node]) -> Iterator[Text | Literal | Grid]:
        """What follows the name of an item, each table with the labels before it."""
        labels: tuple[str, ...] = ()
        named = False
        for node in nodes_:
            if isinstance(node, nodes.target):
                labels = (*labels, *node["names"])
            elif not named:
                named = True
            elif not isinstance(node, nodes.comment):
                part = self._part(node)
                yield replace(part, labels=labels) if isinstance(part, Grid) else part
                labels = ()

    def _part(self, node: nodes.Node) -> Text | Literal | Grid:
        if isinstance(node, nodes.table):
            return self._grid(node)
        if isinstance(node, nodes.literal_block):
            return Literal(node.astext(), self._first_line(node))
        if isinstance(node, nodes.paragraph):
            return Text(_inline(node), _line(node))
        # What else there is (a note, a figure) is for the reader to take or to refuse.
        return Text(_inline(node), _line(node), type(node).__name__)

    def _first_line(self, block: nodes.literal_block) -> int:
        """Where the text of a block begins, which docutils does not tell: below where the block does."""
        above = _line(block)
        first = block.astext().split("\n")[0].strip()
        below = enumerate(self._lines[above - 1 :], above)
        return next((number for number, line in below if line.strip() == first), above)

    def _grid(self, table: nodes.table) -> Grid:
        line = _line(table)
        header, rows = list(table.findall(nodes.thead)), list(table.findall(nodes.tbody))
        if len(list(table.findall(nodes.tgroup))) != 1 or len(header) != 1 or len(rows) != 1:
            raise PageError(self._source, line, "a table with a header row", "none")
        if len(header[0].children) != 1:
            raise PageError(self._source, line, "one header row", f"{len(header[0].children)}")
        titles = [node for node in table.children if isinstance(node, nodes.title)]
        names = self._row(header[0].children[0], line)
        cells = tuple(self._row(row, line) for row in rows[0].children)
        # Not every docutils tells the line of a table itself; those of captions and cells are told by all.
        return Grid(_inline(titles[0]) if titles else None, names, cells, _line(titles[0]) if titles else names[0].line)

    def _row(self, row: nodes.Node, above: int) -> tuple[Text, ...]:
        cells = [node for node in row.children if isinstance(node, nodes.entry)]
        line = next((_line(node) for cell in cells for node in cell.children), above)
        if any(cell.get("morecols") or cell.get("morerows") for cell in cells):
            raise PageError(self._source, line, "a cell for every column and row", "one that spans several")
        return tuple(_cell(cell, line) for cell in cells)

    def _unknown(self, node: nodes.Node, expected: str) -> PageError:
        return PageError(self._source, _line(node), expected, f"{type(node).__name__} {_inline(node)[:40]!r}")


_SILENT = (nodes.comment, nodes.target)
"""What a page holds for its tools and not for its readers."""


def _content(node: nodes.Node) -> Iterator[nodes.Node]:
    return (child for child in node.children if not isinstance(child, _SILENT))


_NOTES = frozenset(each.__name__ for each in (nodes.note, nodes.important, nodes.warning, nodes.caution, nodes.tip))

_REFERENCE = re.compile(r"(?P<title>[^<]*[^<\s])\s*<(?P<label>[^<>]+)>", re.DOTALL)


def _reference(
    _name: str,
    raw: str,
    text: str,
    _line: int,
    _inliner: Inliner,
    _options: Mapping[str, Any] | None = None,
    _content: Sequence[str] = (),
) -> tuple[list[nodes.reference], list[nodes.reference]]:
    """The role ``:ref:``: its title as text, which knows the label that it refers to."""
    match = _REFERENCE.fullmatch(text)
    title, label = (match["title"], match["label"]) if match else (text, text)
    return [nodes.reference(raw, title, label=nodes.fully_normalize_name(label))], []


def _cell(cell: nodes.Element, line: int) -> Text:
    paragraphs = tuple((_inline(node), _line(node)) for node in cell.findall(nodes.paragraph))
    references = tuple(node["label"] for node in cell.findall(nodes.reference) if "label" in node)
    return Text(_inline(cell), line, "cell", paragraphs, references)


def _inline(node: nodes.Node) -> str:
    """The text of a node with bold marked, white space collapsed."""
    return " ".join("".join(_pieces(node)).split())


def _pieces(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Text):
        yield node.astext()
    elif isinstance(node, nodes.strong):
        yield f"**{node.astext()}**"
    else:
        for child in node.children:
            yield from _pieces(child)
            if isinstance(child, nodes.paragraph):
                yield " "


def _line(node: nodes.Node) -> int:
    """The line of the node, of the first thing in it, or else of what it stands in: docutils leaves some out."""
    for each in node.findall():
        if each.line:
            return each.line
    above: nodes.Node | None = node
    while above is not None:
        if above.line:
            return above.line
        above = above.parent
    return 1
