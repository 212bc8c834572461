"""Refusals of the wrong status or shape, crashes, and what does not exist but is taken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import FLAWS
from targets.embedded.service import LOOKUPS, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Call, Reply, Service

ROWS = {
    "checkpoint_id": "t3.checkpoint_id.value",
    "checkpoint_item_id": "t4.checkpoint_item_id.value",
    "server_id": "t5.server_id.value",
    "backup_id": "t6.backup_id.value",
    "volume_id": "t6.volume_id.value",
}

for _code in (401, 403, 404, 409, 422, 500):
    FLAWS.add(
        f"invalid-body-gets-{_code}",
        f"Answers {_code} where the body is not valid.",
        lambda service, status=_code: service.statuses.update(invalid=status),  # type: ignore[misc]
        "s.400",
        *(["s.500"] if _code == 500 else []),  # noqa: PLR2004
    )


def _not_finding(name: str, status: int) -> Callable[[Service], None]:
    def wrap(not_found: Callable[[Call, str, str], None]) -> Callable[[Call, str, str], None]:
        def other(call: Call, missing: str, value: str) -> None:
            if missing != name:
                not_found(call, missing, value)
            elif status != 200:  # noqa: PLR2004
                raise Refusal(status, "CSBS.3001", f"{missing} is not known")

        return other

    return lambda service: service.around("not_found", wrap)


for _name in LOOKUPS:
    for _code in (200, 401, 500):
        FLAWS.add(
            f"unknown-{_name.replace('_', '-')}-gets-{_code}",
            f"Answers {_code} to a {_name} that names nothing.",
            _not_finding(_name, _code),
            ROWS[_name],
            "s.404",
            *(["s.500"] if _code == 500 else []),  # noqa: PLR2004
        )


def _explaining(change: Callable[[Any], Any]) -> Callable[[Service], None]:
    return lambda service: service.around("explain", lambda explain: lambda refusal: change(explain(refusal)))


def _without(name: str) -> Callable[[Any], Any]:
    return lambda document: {key: value for key, value in document.items() if key != name}


for _name in ("error_code", "error_msg"):
    _slug = _name.replace("_", "-")
    FLAWS.add(f"error-lacks-{_slug}", f"Refuses without {_name}.", _explaining(_without(_name)), f"e.{_name}.present")
    FLAWS.add(
        f"error-mistypes-{_slug}",
        f"Refuses with a number for {_name}.",
        _explaining(lambda document, name=_name: {**document, name: 7}),  # type: ignore[misc]
        f"e.{_name}.type",
    )


def _refusing(change: Callable[[Reply], None]) -> Callable[[Service], None]:
    def wrap(refuse: Callable[[Call, Refusal], Reply]) -> Callable[[Call, Refusal], Reply]:
        def changed(call: Call, refusal: Refusal) -> Reply:
            reply = refuse(call, refusal)
            change(reply)
            return reply

        return changed

    return lambda service: service.around("refuse", wrap)


def _html(reply: Reply) -> None:
    reply.body = b"<html><body><h1>Bad Request</h1></body></html>"
    reply.headers["content-type"] = "text/html"


def _empty(reply: Reply) -> None:
    reply.body = b""


FLAWS.add("error-is-html", "Refuses with a page for people.", _refusing(_html), "p.json", "e.error_code.present")
FLAWS.add("error-is-empty", "Refuses without a body.", _refusing(_empty), "p.json", "e.error_code.present")


def _crashing(applies: Callable[[bytes], bool]) -> Callable[[Service], None]:
    def wrap(read: Callable[[Call], None]) -> Callable[[Call], None]:
        def fragile(call: Call) -> None:
            if applies(call.body):
                raise Refusal(500, "CSBS.9999", "restore failed")
            read(call)

        return fragile

    return lambda service: service.around("read", wrap)


def _root(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _no_json(body: bytes) -> bool:
    try:
        json.loads(body.decode())
    except (ValueError, RecursionError):
        return True
    return False


def _not_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return True
    return False


for _slug, _what, _applies, _clause in (
    ("empty-body", "an empty body", lambda body: not body.strip(), "s.400"),
    ("root-array", "an array as the body", lambda body: isinstance(_root(body), list), "s.400"),
    ("root-scalar", "a scalar as the body", lambda body: isinstance(_root(body), (str, int, float)), "s.400"),
    ("broken-json", "a body that is not JSON", _no_json, "s.400"),
    ("bad-utf8", "bytes that are not UTF-8", _not_utf8, "s.400"),
    ("deep-nesting", "a deeply nested body", lambda body: body.count(b"[") > 400, "s.500"),  # noqa: PLR2004
    ("nul", "an escaped NUL", lambda body: b"\\u0000" in body, "s.500"),
    ("lone-surrogate", "a lone surrogate", lambda body: b"\\ud800" in body, "s.500"),
    ("long-string", "a very long string", lambda body: len(body) > 4_000 and b"0" * 3_000 in body, "s.500"),  # noqa: PLR2004
    ("huge-number", "a huge number", lambda body: b"1e999" in body or b"9" * 999 in body, "s.500"),
):
    FLAWS.add(f"crashes-on-{_slug}", f"Falls over {_what}.", _crashing(_applies), _clause, "s.500")
