"""Answers that are the same JSON documents in other words: white space, escapes, the order of members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from targets.embedded.changes import VARIATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Service


def _spelling(**arguments: Any) -> Callable[[Service], None]:
    return lambda service: service.spelling.update(arguments)


for _name, _doc, _arguments in (
    ("indented", "Answers over many lines.", {"indent": 4}),
    ("compact", "Answers without white space.", {"separators": (",", ":")}),
    ("spaced", "Answers with white space wherever it may be.", {"separators": (" ,\t", " : ")}),
    ("members-are-sorted", "Answers with members in the order of the alphabet.", {"sort_keys": True}),
    ("raw-utf8", "Answers characters as they are, not escaped.", {"ensure_ascii": False}),
):
    VARIATIONS.add(_name, _doc, _spelling(**_arguments))


def _rendering(change: Callable[[bytes], bytes]) -> Callable[[Service], None]:
    return lambda service: service.around("render", lambda render: lambda document: change(render(document)))


VARIATIONS.add("slashes-are-escaped", "Escapes slashes.", _rendering(lambda body: body.replace(b"/", rb"\/")))
VARIATIONS.add("ends-with-a-line", "Ends answers with an end of line.", _rendering(lambda body: body + b"\r\n"))
VARIATIONS.add("begins-with-a-line", "Begins answers with an empty line.", _rendering(lambda body: b"\n" + body))


@VARIATIONS.change()
def members_are_reversed(service: Service) -> None:
    """Answers with the members of every object in another order."""
    service.around("render", lambda render: lambda document: render(_reversed(document)))


def _reversed(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: _reversed(document[name]) for name in reversed(document)}
    return [_reversed(item) for item in document] if isinstance(document, list) else document
