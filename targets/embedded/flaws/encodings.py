"""Answers whose bytes are no JSON text, or are declared as something else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.calls import media_type, more_volumes_than, powered_off, with_target
from targets.embedded.flaws.hooks import body, declared, replying

if TYPE_CHECKING:
    from targets.embedded.flaws.calls import Applies

_NO_JSON = "p.json"


def _latin(text: bytes) -> bytes:
    return json.dumps(json.loads(text), ensure_ascii=False).encode("latin-1", "replace")


def _raw_control_characters(text: bytes) -> bytes:
    return text.replace(b'"in_progress"', b'"in\tprogress"')


for _name, _doc, _text in (
    (
        "answers-like-the-example",
        "Answers the bare word of the page's own example.",
        lambda text: text.replace(b'"resources_status": {}', b'"resources_status" : in_progress'),
    ),
    (
        "answers-nan",
        "Answers a NaN.",
        lambda text: text.replace(b'"resources_reason": {}', b'"resources_reason": {"share": NaN}'),
    ),
    (
        "answers-infinity",
        "Answers an infinite number.",
        lambda text: text.replace(b'"resources_status": {}', b'"resources_status": {"left": -Infinity}'),
    ),
    (
        "answers-undefined",
        "Answers the word undefined.",
        lambda text: text.replace(b'"resources_reason": {}', b'"resources_reason": undefined'),
    ),
    ("answers-single-quotes", "Answers with single quotes.", lambda text: text.replace(b'"', b"'")),
    (
        "answers-like-a-program",
        "Answers True for true, as a program prints it.",
        lambda text: str(json.loads(text)).encode(),
    ),
    ("answers-bare-names", "Answers names without quotes.", lambda text: text.replace(b'"id":', b"id:")),
    ("answers-a-trailing-comma", "Answers a comma behind the last member.", lambda text: text[:-1] + b",}"),
    ("answers-with-a-comment", "Answers with a comment.", lambda text: text + b" // restored"),
    ("answers-raw-tabs", "Answers a string with a tab in it.", _raw_control_characters),
    ("answers-cut-short", "Loses the end of an answer.", lambda text: text[:-10]),
    ("answers-cut-at-a-kib", "Loses what is past a KiB of an answer.", lambda text: text[:1024]),
    ("answers-cut-at-4-kib", "Loses what is past four KiB of an answer.", lambda text: text[:4096]),
    ("answers-nothing", "Answers an empty body.", b""),
    ("answers-ok", "Answers a word.", b"OK"),
    ("answers-a-page", "Answers a page for people.", b"<html><body>restored</body></html>"),
    ("answers-xml", "Answers XML.", b"<restore><status>in_progress</status></restore>"),
    ("answers-with-a-mark", "Answers with a byte order mark ahead.", lambda text: b"\xef\xbb\xbf" + text),
    ("answers-with-a-guard", "Answers with a guard against scripts ahead.", lambda text: b")]}',\n" + text),
    ("answers-a-call", "Answers a call of a function.", lambda text: b"callback(" + text + b");"),
    ("answers-twice", "Answers the document twice.", lambda text: text + b"\n" + text),
    ("answers-in-utf-16", "Answers in UTF-16.", lambda text: text.decode().encode("utf-16")),
    ("answers-in-utf-32", "Answers in UTF-32.", lambda text: text.decode().encode("utf-32-be")),
    ("answers-with-nul-behind", "Answers with a NUL behind the document.", lambda text: text + b"\0"),
    (
        "answers-with-a-warning",
        "Answers with a warning of the interpreter ahead.",
        lambda text: b"Notice: undefined index\n" + text,
    ),
):
    FLAWS.add(_name, _doc, replying(body(_text)), _NO_JSON)
FLAWS.add(
    "answers-in-latin-1",
    "Answers in Latin 1.",
    replying(body(_latin)),
    _NO_JSON,
    "t8.restore_target.echo",
)

_CASES: dict[str, tuple[str, Applies]] = {
    "with-restore-target": ("where the optional member was sent", with_target),
    "with-power-off": ("where power_on is false", powered_off),
    "for-many-volumes": ("for more than ten volumes", more_volumes_than(10)),
    "for-a-charset": ("where a charset was declared", lambda call: "charset" in media_type(call)),
    "for-several-lines": ("where the body had line breaks", lambda call: b"\n" in call.body.strip()),
}
for _suffix, (_when, _applies) in _CASES.items():
    FLAWS.add(
        f"answers-cut-short-{_suffix}",
        f"Loses the end of an answer {_when}.",
        replying(body(lambda text: text[:-10]), _applies),
        _NO_JSON,
    )
    FLAWS.add(
        f"answer-declared-as-text-{_suffix}",
        f"Declares its answer as text {_when}.",
        replying(declared("text/plain"), _applies),
        "p.content_type",
    )
for _name, _media_type in (
    ("text", "text/plain"),
    ("html", "text/html; charset=utf-8"),
    ("bytes", "application/octet-stream"),
    ("xml", "application/xml"),
    ("a-form", "application/x-www-form-urlencoded"),
    ("json-without-kind", "json"),
    ("everything", "*/*"),
    ("an-empty-type", ""),
    ("nothing", None),
):
    FLAWS.add(
        f"answer-declared-as-{_name}",
        f"Declares its answer as {_media_type or _name.replace('-', ' ')}.",
        replying(declared(_media_type)),
        "p.content_type",
    )
