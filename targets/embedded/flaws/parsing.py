"""Bodies that are no JSON object and are taken for one, or that the parser falls over."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.calls import document
from targets.embedded.flaws.hooks import broken

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Service

    Parse = Callable[[bytes], Any]

_INVALID, _STRICT, _INTERNAL = "s.400", "a.strict_json", "s.500"


def _parsing(lenient: Parse) -> Callable[[Service], None]:
    """Tries another parser where the strict one gives up."""

    def wrap(parse: Parse) -> Parse:
        def either(body: bytes) -> Any:
            try:
                return parse(body)
            except ValueError:
                return lenient(body)

        return either

    return lambda service: service.around("parse", wrap)


def _rewritten(pattern: str, replacement: str) -> Parse:
    return lambda body: json.loads(re.sub(pattern, replacement, body.decode()))


def _first(body: bytes) -> tuple[Any, str]:
    """The first document of a body, and what follows it."""
    text = body.decode()
    found, end = json.JSONDecoder().raw_decode(text)
    return found, text[end:]


def _first_of_several(body: bytes) -> Any:
    found, rest = _first(body)
    json.loads(rest)
    return found


def _mended(body: bytes) -> Any:
    """A body whose end was lost, as far as closing what is open mends it."""
    texts = (body.decode() + tail for tail in ("}", '"}', "}}", "}}}", "]}}}}", "}]}}}}", '"}]}}}}'))
    found = next((each for each in map(_document, texts) if each is not None), None)
    if found is None:
        raise ValueError(body)
    return found


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _wrapped(kind: type) -> Callable[[Service], None]:
    """Takes a root of this type for the object in it, if there is one."""

    def wrap(parse: Parse) -> Parse:
        def unwrapping(body: bytes) -> Any:
            root = parse(body)
            if isinstance(root, kind) and root:
                return json.loads(root) if isinstance(root, str) else root[0]  # type: ignore[index]
            return root

        return unwrapping

    return lambda service: service.around("parse", wrap)


for _name, _doc, _lenient, _clause in (
    ("trailing-commas", "a comma behind the last member", _rewritten(r",(\s*[}\]])", r"\1"), _STRICT),
    ("comments", "comments in a body", _rewritten(r"/\*.*?\*/|//[^\n\"]*\n", ""), _STRICT),
    ("numbers-that-are-none", "NaN and Infinity", json.loads, _STRICT),
    ("two-documents", "the first of two documents", _first_of_several, _STRICT),
    ("control-characters", "raw control characters", lambda body: json.loads(body, strict=False), _STRICT),
    ("utf-16", "a body in UTF-16", lambda body: json.loads(body.decode("utf-16")), _STRICT),
    ("single-quotes", "single quotes for double ones", _rewritten("'", '"'), _INVALID),
    (
        "bare-words",
        "a text without its quotes",
        _rewritten(r":(?!true|false)([A-Za-z0-9][\w:/.-]*)(?=[,}])", r':"\1"'),
        _INVALID,
    ),
    ("what-is-cut-short", "a body whose end was lost", _mended, _INVALID),
    ("what-follows-a-body", "a body with anything behind it", lambda body: _first(body)[0], _INVALID),
    ("other-encodings", "bytes that are not UTF-8", lambda body: json.loads(body.decode("latin-1")), _INVALID),
):
    FLAWS.add(f"takes-{_name}", f"Takes {_doc}.", _parsing(_lenient), _clause)
FLAWS.add("takes-a-list-of-one-body", "Takes a body in a list for the body.", _wrapped(list), _INVALID)
FLAWS.add("takes-a-body-in-a-string", "Takes a body in a string for the body.", _wrapped(str), _INVALID)


def _root(kind: type | tuple[type, ...]) -> Callable[[Any], bool]:
    return lambda call: isinstance(document(call), kind) and type(document(call)) is not bool


for _slug, _what, _applies, _clause in (
    ("no-body", "a body without a byte", lambda call: not call.body, _INVALID),
    ("a-blank-body", "a body of white space", lambda call: bool(call.body) and not call.body.strip(), _INVALID),
    ("an-empty-list-as-body", "an empty list as the body", lambda call: document(call) == [], _INVALID),
    ("a-text-as-body", "a text as the body", _root(str), _INVALID),
    ("a-number-as-body", "a number as the body", _root((int, float)), _INVALID),
    ("a-boolean-as-body", "true or false as the body", lambda call: type(document(call)) is bool, _INVALID),
    ("deep-lists", "lists in lists at the root", lambda call: call.body.startswith(b"[[["), _INTERNAL),
    ("deep-objects", "objects in objects", lambda call: call.body.count(b'{"x":{"x":') > 1_000, _INTERNAL),
    ("very-deep-members", "a member that nests very deeply", lambda call: b'"x":' + b"[" * 500 in call.body, _INTERNAL),
    ("hundreds-of-members", "hundreds of members", lambda call: call.body.count(b'"x') > 500, _INTERNAL),
    ("a-member-without-name", "a member without a name", lambda call: b'{"":' in call.body, _INTERNAL),
):
    FLAWS.add(f"falls-over-{_slug}", f"Falls over {_what}.", broken(_applies), *dict.fromkeys((_clause, _INTERNAL)))
