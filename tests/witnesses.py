"""Documents that are valid by a schema, and invalid by one keyword of it alone."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Place = tuple[str, ...]


def keywords(schema: Any, at: Place = ()) -> Iterator[tuple[Place, str, str]]:
    """Every keyword of a schema: the instance's place, the keyword, and the member it is about, if any."""
    for keyword, value in schema.items():
        if keyword in {"required", "properties"}:
            yield from ((at, keyword, name) for name in value)
        elif keyword not in {"$schema", "x-source"}:
            yield at, keyword, ""
    for name, node in schema.get("properties", {}).items():
        yield from keywords(node, (*at, name))
    if "items" in schema:
        yield from keywords(schema["items"], (*at, "*"))


def example(schema: Any) -> Any:
    """A document with every member that the schema knows."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "object":
        return {name: example(node) for name, node in schema.get("properties", {}).items()}
    if schema["type"] == "array":
        return [example(schema["items"])]
    return {"string": "x", "boolean": True, "integer": schema.get("minimum", 1)}[schema["type"]]


def node_of(schema: Any, at: Place) -> Any:
    for part in at:
        schema = schema["items"] if part == "*" else schema["properties"][part]
    return schema


def edited(document: Any, at: Place, value: Any) -> Any:
    """The document with another value at a place; in a list, in its first item."""
    if not at:
        return value
    key: Any = 0 if at[0] == "*" else at[0]
    document[key] = edited(document[key], at[1:], value)
    return document


def value_of(document: Any, at: Place) -> Any:
    for part in at:
        document = document[0 if part == "*" else part]
    return document


def broken(schema: Any, at: Place, keyword: str, name: str) -> Any:
    """A document that is invalid for one keyword."""
    document = example(schema)
    if keyword == "required":
        del value_of(document, at)[name]
        return document
    if keyword == "properties":
        return edited(document, (*at, name), None)
    if keyword == "items":
        return edited(document, (*at, "*"), None)
    limit = node_of(schema, at)[keyword]
    if keyword in {"minimum", "maximum"}:
        return edited(document, at, limit - 1 if keyword == "minimum" else limit + 1)
    return edited(document, at, None if keyword == "type" else f"{value_of(document, at)}x")


def without(schema: Any, at: Place, keyword: str, name: str) -> Any:
    """The schema without one keyword, or without the one member that it is about."""
    reduced = copy.deepcopy(schema)
    node = node_of(reduced, at)
    if keyword == "required":
        node["required"].remove(name)
    elif keyword == "properties":
        del node["properties"][name]
    else:
        del node[keyword]
    return reduced
