"""The closed grammar of type cells: which of them say a type, and which type.

    type  =  List<type>  |  Array of type [objects]  |  Array<type>  |  Map<String, type>  |  name
    name  =  one of the words in WORDS, in any case, or the name of a type that a table describes

Whatever else stands in a type cell is prose, and for a person to read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum

WORDS = {
    "string": "string",
    "boolean": "boolean",
    "integer": "integer",
    "dict": "object",
    "object": "object",
    "map": "object",
}
"""The words for types, in lower case, and what JSON Schema calls them."""

_SPELT = ("String", "Boolean", "Integer", "Dict", "Object", "Map")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_LIST = re.compile(r"(?:List|Array)<(?P<inner>.+)>", re.IGNORECASE)
_ARRAY = re.compile(r"Array of (?P<inner>.+?)(?: objects?)?", re.IGNORECASE)
_MAP = re.compile(r"Map<String, ?(?P<inner>.+)>", re.IGNORECASE)
_PLURALS = {f"{word}s": word for word in ("string", "boolean", "integer")}


class Wrap(str, Enum):
    """What a type may stand in: the items of a list, or the values of an object with any names."""

    LIST = "array"
    MAP = "object"


@dataclass(frozen=True)
class Type:
    """A type expression: the name at its core, and what is wrapped around it, outermost first."""

    name: str
    wraps: tuple[Wrap, ...] = ()

    @property
    def word(self) -> str | None:
        """JSON Schema's word for the core, None where a table has to describe it."""
        return WORDS.get(self.name.lower())

    @property
    def spelt_oddly(self) -> bool:
        """The core is one of the words, in another case than the others write it."""
        return self.word is not None and self.name not in _SPELT


def parse_type(text: str) -> Type | None:
    """The type that a cell says, None if what stands there is no type expression."""
    if _NAME.fullmatch(text):
        return Type(text)
    for pattern, wrap in ((_LIST, Wrap.LIST), (_ARRAY, Wrap.LIST), (_MAP, Wrap.MAP)):
        match = pattern.fullmatch(text)
        if match:
            core = match["inner"]
            inner = parse_type(_PLURALS.get(core.lower(), core) if pattern is _ARRAY else core)
            return inner and replace(inner, wraps=(wrap, *inner.wraps))
    return None
