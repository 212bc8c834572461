"""Holds documents to a contract's request schema."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema import Draft202012Validator, ValidationError

    from contracts.model import Contract


def validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    """What holds documents to a JSON Schema of draft 2020-12."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415  for whoever has a document

    return Draft202012Validator(schema)


def request_errors(contract: Contract, document: Any) -> list[ValidationError]:
    """All that keeps a document from being a valid request body."""
    return list(_validator(contract).iter_errors(document))


@lru_cache(maxsize=1024)
def is_valid_request(contract: Contract, body: bytes) -> bool:
    """Whether a JSON text is a valid request body; remembered, since many faults are put into the same body."""
    return bool(_validator(contract).is_valid(json.loads(body)))


@cache
def _validator(contract: Contract) -> Draft202012Validator:
    return validator(contract.request_schema)
