"""Refusals whose bodies are not the appendix's, or say more than they should."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.calls import dashed
from targets.embedded.flaws.hooks import body, declared, explaining, refused, refused_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Call, Refusal, Reply

_CODE = "e.error_code.present"
_MESSAGE = "e.error_msg.present"
_NO_JSON = ("p.json", _CODE, _MESSAGE)

# -- single members


def _without(name: str) -> Callable[[Any], Any]:
    return lambda document: {key: value for key, value in document.items() if key != name}


for _name in ("error_code", "error_msg"):
    _slug = dashed(_name)
    FLAWS.add(f"error-lacks-{_slug}", f"Refuses without {_name}.", explaining(_without(_name)), f"e.{_name}.present")
    for _suffix, _what, _value in (
        ("mistypes", "a number", 7),
        ("nulls", "null", None),
        ("lists", "a list", ["the body", "is not valid"]),
        ("nests", "an object", {"text": "the body is not valid"}),
    ):
        FLAWS.add(
            f"error-{_suffix}-{_slug}",
            f"Refuses with {_what} for {_name}.",
            explaining(lambda document, name=_name, value=_value: {**document, name: value}),  # type: ignore[misc]
            f"e.{_name}.type",
        )

# -- the document as a whole

for _name, _doc, _rewrite in (
    ("is-a-list", "Refuses with a list of errors.", lambda document: [document]),
    ("is-a-string", "Refuses with a JSON document within a string.", json.dumps),
    ("is-null", "Refuses with null.", lambda _: None),
    ("is-an-empty-object", "Refuses with an empty object.", lambda _: {}),
    ("is-wrapped", "Refuses with the error in a member of its own.", lambda document: {"error": document}),
    (
        "is-a-fault",
        "Refuses with a member named after the status.",
        lambda document: {"badRequest": {"code": 400, "message": document["error_msg"]}},
    ),
    (
        "is-a-detail",
        "Refuses with the text in a member of another name.",
        lambda document: {"detail": document["error_msg"]},
    ),
    (
        "is-in-camel-case",
        "Refuses with names in camel case.",
        lambda document: {"errorCode": document["error_code"], "errorMsg": document["error_msg"]},
    ),
    (
        "is-named-otherwise",
        "Refuses with code and message.",
        lambda document: {"code": document["error_code"], "message": document["error_msg"]},
    ),
):
    FLAWS.add(f"error-{_name}", _doc, explaining(_rewrite), _CODE, _MESSAGE)

# -- the body and its declaration


def _page(reply: Reply) -> None:
    reply.body = b"<html><body><h1>Bad Request</h1></body></html>"
    reply.headers["content-type"] = "text/html"


def _bare(reply: Reply) -> None:
    reply.body = b""
    del reply.headers["content-type"]


def _nan(text: bytes) -> bytes:
    return text.replace(b"{", b'{"retry_in": NaN, ', 1)


FLAWS.add("error-is-html", "Refuses with a page for people.", refused(_page), *_NO_JSON)
FLAWS.add("error-is-empty", "Refuses without a body.", refused(body(b"")), *_NO_JSON)
for _name, _doc, _text in (
    ("is-plain-text", "Refuses with a sentence.", b"Bad Request"),
    ("has-nan", "Refuses with a NaN in the document.", _nan),
    ("has-single-quotes", "Refuses with single quotes.", lambda text: text.replace(b'"', b"'")),
    ("is-cut-short", "Loses the end of a refusal.", lambda text: text[:-8]),
    ("has-a-mark", "Refuses with a byte order mark ahead.", lambda text: b"\xef\xbb\xbf" + text),
    ("comes-twice", "Refuses with the document twice.", lambda text: text + text),
    ("is-utf-16", "Refuses in another encoding.", lambda text: text.decode().encode("utf-16")),
    ("is-xml", "Refuses with XML.", b"<error><code>CSBS.0400</code></error>"),
):
    FLAWS.add(f"error-{_name}", _doc, refused(body(_text)), *_NO_JSON)
for _name, _media_type in (
    ("html", "text/html; charset=utf-8"),
    ("plain-text", "text/plain"),
    ("bytes", "application/octet-stream"),
    ("xml", "application/xml"),
    ("nothing", None),
):
    FLAWS.add(
        f"error-declared-as-{_name}",
        f"Declares its refusals as {_media_type or 'nothing'}.",
        refused(declared(_media_type)),
        "p.content_type",
    )

# -- only some refusals

_OF_THEIR_OWN = {
    "syntax": "a body that is not JSON",
    "empty": "an empty body",
    "root": "a body that is no object",
    "missing": "a missing member",
    "type": "a member of another JSON type",
    "value": "another provider_id",
    "unknown": "what does not exist",
    "role": "a role that may not restore",
    "project": "another tenant's project",
}
_DETAIL = json.dumps({"detail": [{"loc": ["body"], "msg": "the body is not valid"}]}).encode()
for _cause, _what in _OF_THEIR_OWN.items():
    FLAWS.add(f"page-for-{_cause}", f"Answers {_what} with a page for people.", refused_for(_cause, _page), *_NO_JSON)
    FLAWS.add(
        f"detail-for-{_cause}",
        f"Answers {_what} with a document of the framework's.",
        refused_for(_cause, body(_DETAIL)),
        _CODE,
        _MESSAGE,
    )


def _provoked(told: str) -> Callable[[Call, Refusal], bool]:
    return lambda call, _: call.headers.get("x-fault-inject") == told


for _told in ("500", "503"):
    FLAWS.add(f"page-for-{_told}", f"Tells {_told} by a page for people.", refused(_page, _provoked(_told)), *_NO_JSON)
    FLAWS.add(f"no-body-for-{_told}", f"Tells {_told} without a body.", refused(_bare, _provoked(_told)), *_NO_JSON)
    FLAWS.add(
        f"no-code-for-{_told}",
        f"Tells {_told} without an error_code.",
        refused(body(b'{"error_msg": "please come back later"}'), _provoked(_told)),
        _CODE,
    )
