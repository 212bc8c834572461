"""Questions that the page leaves open, put to the target with canaries: never a failure, but worth knowing."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from contracts.bodies import encode
from contracts.model import Kind, Side
from suites import judging
from suites.campaign import CONTROL
from suites.outcomes import Case, Judged
from suites.pointing import value_at
from suites.shaping import body_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.model import Contract
    from suites.campaign import Campaign
    from targets.exchange import Exchange, Request


@dataclass(frozen=True)
class Point:
    """One open question: what is asked, and the request that asks it."""

    id: str
    question: str
    request: Request


def points(campaign: Campaign) -> Iterator[Point]:
    """The open questions about this contract, each with its request."""
    contract = campaign.contract
    if contract.request_schema:
        yield from _about_body(campaign)
    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS"):
        if method != contract.page.method:
            yield Point(f"method_{method.lower()}", f"{method} on the path", campaign.request(None, method=method))


def _about_body(campaign: Campaign) -> Iterator[Point]:
    contract = campaign.contract
    plain = campaign.canary()
    body = encode(plain)
    yield Point("unknown_member", "a member that no table has", campaign.request(_with(body, b'"x-unknown":1,')))
    name = next(iter(contract.request_schema["properties"]))
    yield Point("duplicate_key", "a member given twice", campaign.request(_with(body, f'"{name}":0,'.encode())))
    yield Point("byte_order_mark", "a byte order mark before the body", campaign.request(b"\xef\xbb\xbf" + body))
    yield from _about_members(campaign, contract, plain)
    inside = body.replace(b"[{", b'[{"x-unknown":1,', 1)
    yield Point("unknown_inside", "a member that no table has, in an item of a list", campaign.request(inside))
    for slug, question, headers in (
        ("media_type", "a body declared as text/plain", (("Content-Type", "text/plain"),)),
        ("no_media_type", "a body that is not declared", ()),
        ("broken_media_type", "a body declared as json", (("Content-Type", "json"),)),
        ("charset", "a charset that nobody knows", (("Content-Type", "application/json; charset=x-none"),)),
    ):
        yield Point(slug, question, replace(campaign.request(body), headers=headers))


async def ask(campaign: Campaign) -> list[Judged]:
    """Put every open question, keep the answers on record, and judge only that the service stands them."""
    asked = list(points(campaign))
    clause = f"{campaign.contract.operation}.s.500"
    sound = campaign.request(body_of(campaign.canary()))
    control, *_ = campaign.send([Case(CONTROL, clause, sound, frozenset())])
    cases = [Case(f"{clause}-open_{point.id}", clause, point.request, frozenset(), ours=False) for point in asked]
    judged = await campaign.endured(cases)
    for point, each in zip(asked, judged):
        campaign.record.observe(point.question, seen(each.exchange, control))
    return judged


def seen(exchange: Exchange, control: Exchange) -> str:
    """How the target took the question, beside a sound body."""
    if exchange.answer is None:
        return f"no answer ({exchange.why})"
    code = f" {exchange.answer.code}" if exchange.answer.code else ""
    if judging.same_refusal(exchange, control):
        return f"taken like a sound body ({exchange.status}{code})"
    verb = "accepted" if exchange.status in judging.SUCCESS else "refused"
    return f"{verb} with {exchange.status}{code}"


def _about_members(campaign: Campaign, contract: Contract, plain: Any) -> Iterator[Point]:
    for clause in contract.clauses:
        if clause.side is not Side.REQUEST or "*" in clause.pointer:
            continue
        parent, name = value_at(plain, clause.pointer[:-1]), clause.pointer[-1]
        if clause.kind is Kind.MANDATORY and name not in _required(contract, clause.pointer):
            yield Point(f"null_{name}", f"{name}: null", campaign.request(_changed(plain, parent, name, None)))
        if clause.kind is Kind.TYPE and isinstance(parent.get(name), list):
            yield Point(f"empty_{name}", f"{name}: []", campaign.request(_changed(plain, parent, name, [])))
            twice = [parent[name][0]] * 2
            yield Point(f"twice_{name}", f"{name}: one twice", campaign.request(_changed(plain, parent, name, twice)))
        if clause.kind is Kind.VALUE and name in contract.identifiers:
            body = _changed(plain, parent, name, "not-a-uuid")
            yield Point(f"free_{name}", f"{name} that is no UUID", campaign.request(body))
        if clause.kind is Kind.VALUE and name not in contract.identifiers:
            body = _changed(plain, parent, name, parent[name].upper())
            yield Point(f"upper_case_{name}", f"{name} in capitals", campaign.request(body))


def _required(contract: Contract, pointer: tuple[str, ...]) -> tuple[str, ...]:
    schema = contract.request_schema
    for name in pointer[:-1]:
        schema = schema["properties"][name]
    return tuple(schema.get("required", ()))


def _changed(document: Any, parent: Any, name: str, value: Any) -> bytes:
    """The document with one member changed, leaving the document as it was."""
    before = parent[name]
    parent[name] = value
    try:
        return json.dumps(document, separators=(",", ":")).encode()
    finally:
        parent[name] = before


def _with(body: bytes, member: bytes) -> bytes:
    return b"{" + member + body[1:]
