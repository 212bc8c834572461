"""Requests that a service falls over: bodies, callers and headers, by a 500, by hanging up, or by silence."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.calls import dashed, document, media_type, members, row
from targets.embedded.flaws.hooks import CAUSES, before, broken, cut, dropped, hanging, refused, refused_for, replying
from targets.embedded.rules import BY_NAME, MEMBERS, parents
from targets.embedded.service import Refusal
from targets.embedded.world import FOREIGN_PROJECT, PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.flaws.calls import Applies
    from targets.embedded.service import Call, Service

_INTERNAL = "s.500"
_INVALID = "s.400"

# -- the body as a whole


def _undecodable(call: Call) -> bool:
    try:
        call.body.decode()
    except UnicodeDecodeError:
        return True
    return False


def _no_json(call: Call) -> bool:
    try:
        json.loads(call.body.decode())
    except (ValueError, RecursionError):
        return True
    return False


def _repeated_names(call: Call) -> bool:
    found = False

    def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        value = dict(pairs)
        found = found or len(value) < len(pairs)
        return value

    try:
        json.loads(call.body.decode(), object_pairs_hook=look)
    except (ValueError, RecursionError):
        return False
    return found


def _early_nul(call: Call) -> bool:
    return bool(re.search(rb'_id": ?"[^"]\\u0000', call.body))


for _slug, _what, _applies, _clause in (
    ("empty-body", "an empty body", lambda call: not call.body.strip(), _INVALID),
    ("root-array", "an array as the body", lambda call: isinstance(document(call), list), _INVALID),
    ("root-scalar", "a scalar as the body", lambda call: isinstance(document(call), (str, int, float)), _INVALID),
    ("root-null", "null as the body", lambda call: call.body.strip() == b"null", _INVALID),
    ("broken-json", "a body that is not JSON", _no_json, _INVALID),
    ("bad-utf8", "bytes that are not UTF-8", _undecodable, _INVALID),
    ("deep-nesting", "a deeply nested body", lambda call: call.body.count(b"[") > 400, _INTERNAL),
    ("nul", "an escaped NUL", lambda call: b"\\u0000" in call.body, _INTERNAL),
    ("early-nul", "an escaped NUL near the start of an identifier", _early_nul, _INTERNAL),
    ("lone-surrogate", "a lone surrogate", lambda call: b"\\ud800" in call.body, _INTERNAL),
    ("long-string", "a very long string", lambda call: len(call.body) > 4_000 and b"0" * 3_000 in call.body, _INTERNAL),
    ("huge-number", "a huge number", lambda call: b"1e999" in call.body or b"9" * 999 in call.body, _INTERNAL),
    ("repeated-names", "an object with a name twice", _repeated_names, _INTERNAL),
    ("bodies-past-100-kib", "a body of more than 100 KiB", lambda call: len(call.body) > 100 << 10, _INTERNAL),
    ("byte-order-mark", "a byte order mark", lambda call: call.body[:1] == b"\xef", _INTERNAL),
):
    FLAWS.add(f"crashes-on-{_slug}", f"Falls over {_what}.", broken(_applies), *dict.fromkeys((_clause, _INTERNAL)))


# -- single members


def _lacks(name: str) -> Applies:
    return lambda call: any(name not in parent for parent in parents(document(call), BY_NAME[name].parents))


def _mistypes(name: str) -> Applies:
    return lambda call: any(name == each and type(value) is not BY_NAME[each].type for each, value in members(call))


for _member in MEMBERS:
    if _member.mandatory:
        FLAWS.add(
            f"crashes-without-{dashed(_member.name)}",
            f"Falls over a missing {_member.name}.",
            broken(_lacks(_member.name)),
            f"{row(_member)}.mandatory",
            _INTERNAL,
        )
    FLAWS.add(
        f"crashes-on-another-type-of-{dashed(_member.name)}",
        f"Falls over a {_member.name} that is of another JSON type.",
        broken(_mistypes(_member.name)),
        f"{row(_member)}.type",
        _INTERNAL,
    )


# -- callers and headers


def _ahead(applies: Applies) -> Callable[[Service], None]:
    """Fails before it looks at anything."""

    def fail(call: Call) -> None:
        if applies(call):
            raise Refusal(500, "CSBS.9999", "restore failed")

    return before("route", fail)


def _token(call: Call) -> str:
    return call.token or ""


def _project(call: Call) -> str:
    return call.path.split("/")[2] if call.path.count("/") > 1 else ""


for _slug, _what, _applies, _breaks in (
    ("a-missing-token", "a request without a token", lambda call: call.token is None, ("s.401",)),
    ("an-empty-token", "an empty token", lambda call: call.token == "", ("s.401",)),
    ("a-short-token", "a token of less than twenty characters", lambda call: 0 < len(_token(call)) < 20, ("s.401",)),
    ("a-quote-in-a-token", "an apostrophe in a token", lambda call: "'" in _token(call), ("s.401",)),
    ("a-missing-content-type", "a request without a content type", lambda call: not media_type(call), ()),
    (
        "another-content-type",
        "another content type than JSON",
        lambda call: bool(media_type(call)) and not media_type(call).startswith("application/json"),
        (),
    ),
    (
        "a-malformed-content-type",
        "a content type without a slash",
        lambda call: "/" not in (media_type(call) or "/"),
        (),
    ),
    (
        "an-unknown-charset",
        "a charset that it does not know",
        lambda call: "charset=" in media_type(call) and "utf-8" not in media_type(call).lower(),
        (),
    ),
    ("get", "GET on the path", lambda call: call.method == "GET", ()),
    ("put", "PUT on the path", lambda call: call.method == "PUT", ()),
    ("patch", "PATCH on the path", lambda call: call.method == "PATCH", ()),
    ("delete", "DELETE on the path", lambda call: call.method == "DELETE", ()),
    ("options", "OPTIONS on the path", lambda call: call.method == "OPTIONS", ()),
    (
        "another-tenants-project",
        "another tenant's project",
        lambda call: _project(call) == FOREIGN_PROJECT,
        ("t1.project_id.value", "s.403"),
    ),
    (
        "an-unknown-project",
        "a project that does not exist",
        lambda call: _project(call) not in {"", PROJECT, FOREIGN_PROJECT},
        ("t1.project_id.value",),
    ),
    ("a-missing-project", "a path without a project", lambda call: not _project(call), ("t1.project_id.mandatory",)),
):
    FLAWS.add(f"crashes-on-{_slug}", f"Falls over {_what}.", _ahead(_applies), *_breaks, _INTERNAL)


# -- without an answer

_FOR = {
    "token": ("a bad token", ("s.401",)),
    "project": ("another tenant's project", ("s.403", "t1.project_id.value")),
    "role": ("a role that may not restore", ("s.403",)),
    "empty": ("an empty body", (_INVALID,)),
    "syntax": ("a body that is not JSON", (_INVALID,)),
    "root": ("a body that is no object", (_INVALID,)),
    "missing": ("a missing member", ()),
    "type": ("a member of another JSON type", ()),
    "value": ("another provider_id", ("t3.provider_id.value",)),
    "unknown": ("what does not exist", ()),
}
for _cause in CAUSES:
    _what, _broken = _FOR[_cause]
    FLAWS.add(f"hangs-up-for-{_cause}", f"Hangs up on {_what}.", refused_for(_cause, dropped), *_broken, _INTERNAL)
    FLAWS.add(f"hangs-for-{_cause}", f"Never answers {_what}.", refused_for(_cause, hanging), *_broken, _INTERNAL)
for _name, _doc, _change in (
    ("hangs-up-once-accepted", "Hangs up on what it has accepted.", dropped),
    ("hangs-once-accepted", "Never answers what it has accepted.", hanging),
    ("cuts-answers-short", "Closes the connection in the middle of what it says of a restoration.", cut),
):
    FLAWS.add(_name, _doc, replying(_change), "s.200", _INTERNAL)
FLAWS.add("cuts-refusals-short", "Closes the connection in the middle of a refusal.", refused(cut), _INTERNAL)
