"""Bodies as a target is sent them: what stands in them for what is not drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.bodies import PLAIN_TEXT, Shape, encode, plain_body
from suites.addressing import given

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contracts.model import Contract
    from targets.profile import Target


def consents(contract: Contract, target: Target) -> bool:
    """Whether requests may be sent to a target that it should accept: freely where a success starts nothing."""
    return target.consent if contract.starts else bool(target.resources)


def shape_for(
    contract: Contract,
    resource: Mapping[str, Any] | None = None,
    items: tuple[int, int] = (1, 3),
    others: Sequence[Mapping[str, Any]] = (),
) -> Shape:
    """How bodies are drawn for a target: canary identifiers except those of the resource, texts that nobody refuses.

    Where items of a list name a resource each, ``others`` follow the first.
    """
    more = tuple(given(contract, each) for each in others)
    return Shape(given(contract, resource), items, contract.identifiers, PLAIN_TEXT, others=more)


def plain(contract: Contract, shape: Shape, *, optional: bool, flag: bool) -> Any:
    """The document without a draw, None for an operation without a body."""
    schema = contract.request_schema
    return plain_body(schema, shape, optional=optional, flag=flag) if schema else None


def body_of(document: Any) -> bytes | None:
    """A document as it is sent; none for an operation without a body."""
    return None if document is None else encode(document)
