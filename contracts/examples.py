"""The example blocks of a page, taken apart into request lines and bodies.

A block of a request begins with its request lines, each perhaps under a line of prose that ends with a colon; its
bodies follow. Bodies that the page offers to choose from stand in blocks of their own, or in one with a line ``or``.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from contracts.doctree import Literal, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.doctree import Document, Item

URI = re.compile(r"(?P<method>[A-Z]+) https?://\{endpoint\}(?P<path>/\S*)")
"""A method and a URI of the service."""

VARIANT = re.compile(r"When \*\*\S+\*\* is set to \*\*\S+\*\*:")
"""The label of an item with one of several bodies."""

BODY = "Request body"
"""The label of an item with the body that belongs to the example request above it."""

_METHOD = re.compile(r"[A-Z]+")
_BEGINNING = "an example that begins METHOD https://{endpoint}/..."


Body = tuple[str, int]
"""The text of a body, and the line of the page where it begins."""


def read_request_examples(document: Document, items: tuple[Item, ...]) -> tuple[tuple[str, ...], tuple[Body, ...]]:
    """The request lines without endpoint, and the bodies, of the items of section Request.

    Raises:
        PageError: a block that does not begin with a request line, or something other than blocks of code.
    """
    lines: list[str] = []
    bodies: list[Body] = []
    for item in items:
        for block in _blocks(document, item, ("Example request", BODY)):
            rest, line = block.text, block.line
            if item.label == "Example request" and not (lines and rest.lstrip().startswith("{")):
                found, rest = _request_lines(document, block)
                lines.extend(found)
                line += block.text.count("\n") - rest.count("\n")
            bodies.extend(_bodies(rest, line))
    return tuple(lines), tuple(bodies)


def read_response_examples(document: Document, items: tuple[Item, ...]) -> tuple[Body, ...]:
    """The bodies of the items of section Response.

    Raises:
        PageError: something other than blocks of code.
    """
    return tuple(
        body
        for item in items
        for block in _blocks(document, item, ("Example response",))
        for body in _bodies(block.text, block.line)
    )


def _blocks(document: Document, item: Item, labels: tuple[str, ...]) -> Iterator[Literal]:
    """The blocks of code under an item with one of the labels; a line that names a variant may stand above each."""
    if item.label not in labels and not VARIANT.fullmatch(item.label):
        return
    blocks = [part for part in item.parts if isinstance(part, Literal)]
    odd = next((part for part in item.parts if not _stands(part, alone=len(item.parts) == 1)), None)
    if odd or not item.parts:
        found = document.shown(odd) if odd else "0 of them"
        line = odd.line if odd else item.line
        raise document.error(line, f"a block of code and nothing else under {item.label!r}", found)
    yield from blocks


def _stands(part: object, *, alone: bool) -> bool:
    if isinstance(part, Text):
        return VARIANT.fullmatch(part.text) is not None or (alone and part.text == "None")
    return isinstance(part, Literal)


def _request_lines(document: Document, block: Literal) -> tuple[list[str], str]:
    """The request lines at the beginning of a block, and what follows them."""
    lines = block.text.split("\n")
    head = list(takewhile(lambda line: not line.lstrip().startswith(("{", "[")), lines))
    rest = "\n".join(lines[len(head) :])
    words = [" ".join(line.split()) for line in head if line.strip()]
    found: list[str] = []
    prose = ""
    while words:
        first = words.pop(0)
        # A long URI may stand below its method.
        match = URI.fullmatch(f"{first} {words.pop(0)}" if words and _METHOD.fullmatch(first) else first)
        if match:
            found.append(f"{match['method']} {match['path']}")
            prose = ""
        elif first.endswith(":") and not prose:
            prose = first
        else:
            raise document.error(block.line, _BEGINNING, repr(first))
    if prose or not found:
        raise document.error(block.line, _BEGINNING, repr(prose or lines[0]))
    return found, rest


def _bodies(text: str, line: int) -> Iterator[Body]:
    """The bodies in a text that begins at a line of the page."""
    body: list[str] = []
    for number, each in enumerate([*text.split("\n"), "or"], line):
        if each.strip() != "or":
            body.append(each)
        elif any(part.strip() for part in body):
            blank = len(list(takewhile(lambda part: not part.strip(), body)))
            yield "\n".join(body[blank:]).rstrip("\n"), number - len(body) + blank
        if each.strip() == "or":
            body = []
