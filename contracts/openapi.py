"""All contracts as one OpenAPI 3.1 document, so that other tools can be pointed at what they say.

OpenAPI knows one operation for a method and path. Where the published pages describe several, told apart by their
bodies alone, the document offers a choice of bodies: what it then cannot say is which answer belongs to which.
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING, Any

from contracts.derivation import DIALECT
from contracts.model import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from contracts.model import Contract

TITLE = "Cloud Server Backup Service"
"""The service that all pages are about, by the page that introduces them."""

_TOKEN = "X-Auth-Token"  # noqa: S105  the header, not what it carries
_ELSEWHERE = {_TOKEN.lower(), "content-type"}
"""Headers that OpenAPI tells in other words: by a security scheme, and by the media type of the body."""


class OpenApiError(Exception):
    """What OpenAPI has no words for."""


def document(contracts: Iterable[Contract]) -> dict[str, Any]:
    """The document of these operations, by path and method, as JSON values.

    ``info.version`` is made of the contracts' digests: it changes when any of their facts does.

    Raises:
        OpenApiError: two operations share method and path, and describe a parameter differently.
    """
    ordered = sorted(contracts, key=lambda contract: (contract.page.path, contract.page.method, contract.operation))
    digests = "".join(contract.digest for contract in ordered)
    paths: dict[str, dict[str, Any]] = {}
    for (path, method), group in groupby(ordered, lambda contract: (contract.page.path, contract.page.method)):
        paths.setdefault(path, {})[method.lower()] = _operation(list(group))
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": {"title": TITLE, "version": hashlib.sha256(digests.encode("ascii")).hexdigest()[:12]},
        "servers": [{"url": "https://{endpoint}", "variables": {"endpoint": {"default": "csbs.example"}}}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": dict(each for contract in ordered for each in _schemas(contract)),
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": _TOKEN}},
        },
    }


def _operation(contracts: Sequence[Contract]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": "-or-".join(contract.operation for contract in contracts),
        "summary": " / ".join(contract.page.title for contract in contracts),
    }
    parameters = _parameters(contracts)
    if parameters:
        operation["parameters"] = parameters
    bodies = [contract for contract in contracts if contract.request_schema]
    if bodies:
        operation["requestBody"] = {
            "required": all("required" in contract.request_schema for contract in contracts),
            "content": _content([_name(contract, "request") for contract in bodies]),
        }
    return operation | {"responses": _responses(contracts)}


def _parameters(contracts: Sequence[Contract]) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for contract in contracts:
        for side, schema in contract.parameters.items():
            for name, node in schema["properties"].items():
                if side is Side.HEADER and name.lower() in _ELSEWHERE:
                    continue
                parameter = {"name": name, "in": side.value, "required": name in schema.get("required", ())}
                parameter["schema"] = {key: value for key, value in node.items() if key != "x-source"}
                if found.setdefault((side.value, name), parameter) != parameter:
                    line = f"{contract.page.method} {contract.page.path}"
                    raise OpenApiError(f"{line}: its pages describe the {side.value} parameter {name} differently")
    return list(found.values())


def _responses(contracts: Sequence[Contract]) -> dict[str, Any]:
    bodies: dict[int, list[str]] = {}
    for contract in contracts:
        for status in contract.page.success:
            bodies.setdefault(status, []).extend([_name(contract, "response")] if contract.response_schema else [])
        for status in contract.page.failure:
            bodies.setdefault(status, []).append(_name(contract, "error"))
    return {
        str(status): {"description": HTTPStatus(status).phrase}
        | ({"content": _content(bodies[status])} if bodies[status] else {})
        for status in sorted(bodies)
    }


def _content(names: Sequence[str]) -> dict[str, Any]:
    """The media type of a body that is of one of the schemas."""
    choices = [{"$ref": f"#/components/schemas/{name}"} for name in dict.fromkeys(names)]
    return {"application/json": {"schema": choices[0] if len(choices) == 1 else {"anyOf": choices}}}


def _name(contract: Contract, word: str) -> str:
    """A schema's name in the document. That of errors is the same for all, as the appendix has one for all."""
    return word if word == "error" else f"{contract.operation}.{word}"


def _schemas(contract: Contract) -> Iterator[tuple[str, dict[str, Any]]]:
    for word, schema in (
        ("request", contract.request_schema),
        ("response", contract.response_schema),
        ("error", contract.error_schema),
    ):
        name = _name(contract, word)
        if schema:
            yield name, _moved({key: each for key, each in schema.items() if key not in {"$schema", "$defs"}}, name)
        for key, definition in schema.get("$defs", {}).items():
            yield f"{name}.{key}", _moved(definition, name)


def _moved(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The schema with its references to where its definitions stand in the document."""
    moved: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "$ref":
            moved[key] = value.replace("#/$defs/", f"#/components/schemas/{name}.")
        elif key == "properties":
            moved[key] = {member: _moved(node, name) for member, node in value.items()}
        else:
            moved[key] = _moved(value, name) if isinstance(value, dict) else value
    return moved
