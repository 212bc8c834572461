"""Values that a service falls over, be they faults of the caller or not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.calls import asked, document, members, row, volumes
from targets.embedded.flaws.hooks import broken
from targets.embedded.rules import BY_NAME, MEMBERS, parents
from targets.embedded.service import LOOKUPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.flaws.calls import Applies
    from targets.embedded.service import Call

_INTERNAL = "s.500"


def _any(kind: type, test: Callable[[Any], Any]) -> Applies:
    """A member of this type by the tables has a value like that."""
    return lambda call: any(test(value) for name, value in members(call) if issubclass(BY_NAME[name].type, kind))


def _named(test: Callable[[str], Any]) -> Applies:
    """An identifier is a string like that."""
    return lambda call: any(isinstance(value, str) and test(value) for name, value in members(call) if name in LOOKUPS)


def _target(test: Callable[[str], Any]) -> Applies:
    """The optional member is a string like that."""

    def applies(call: Call) -> bool:
        value = asked(call, "restore_target")
        return isinstance(value, str) and bool(test(value))

    return applies


def _foreign(text: str) -> bool:
    """There are characters past ASCII, and no halves of characters."""
    return not text.isascii() and not re.search("[\ud800-\udfff]", text)


_STRINGS = tuple(row(member) for member in MEMBERS if member.type is str)
_OBJECTS = tuple(row(member) for member in MEMBERS if member.type is dict)


def _types(rows: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{each}.type" for each in rows)


def _unknown_below(call: Call) -> bool:
    """A member below restore that no table has."""
    known = set(BY_NAME)
    body = document(call)
    return any(set(parent) - known for member in MEMBERS[1:] for parent in parents(body, member.parents))


def _deep(value: Any, depth: int = 0) -> bool:
    """Whether a value nests deeper than a hundred levels."""
    if depth > 100:
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_deep(each, depth + 1) for each in inner)


for _slug, _what, _applies, _breaks in (
    (
        "list-for-a-string",
        "a list where a string belongs",
        _any(str, lambda value: type(value) is list),
        _types(_STRINGS),
    ),
    (
        "object-for-a-string",
        "an object where a string belongs",
        _any(str, lambda value: type(value) is dict),
        _types(_STRINGS),
    ),
    (
        "number-for-a-string",
        "a number where a string belongs",
        _any(str, lambda value: type(value) in (int, float)),
        _types(_STRINGS),
    ),
    ("null-for-an-object", "null where an object belongs", _any(dict, lambda value: value is None), _types(_OBJECTS)),
    (
        "string-for-an-object",
        "a string where an object belongs",
        _any(dict, lambda value: type(value) is str),
        _types(_OBJECTS),
    ),
    (
        "object-for-a-list",
        "an object where a list belongs",
        _any(list, lambda value: type(value) is dict),
        ("t5.volumes.type",),
    ),
    (
        "null-for-restore-target",
        "null in the optional member",
        lambda call: ("restore_target", None) in members(call),
        (),
    ),
    (
        "negative-numbers",
        "a negative number",
        _any(object, lambda value: type(value) in (int, float) and value < 0),
        (),
    ),
    ("fractions", "a number with a fraction", _any(object, lambda value: type(value) is float), ()),
    (
        "numbers-past-31-bits",
        "a number of more than 31 bits",
        _any(object, lambda value: type(value) is int and abs(value) >> 31),
        (),
    ),
    (
        "numbers-past-63-bits",
        "a number of more than 63 bits",
        _any(object, lambda value: type(value) is int and abs(value) >> 63),
        (),
    ),
    ("empty-volumes", "an empty list of volumes", _any(list, lambda value: value == []), ()),
    ("empty-volume", "an empty object among the volumes", lambda call: {} in volumes(call), ()),
    ("null-volume", "null among the volumes", lambda call: None in volumes(call), ("t5.volumes.type",)),
    (
        "string-volume",
        "a string among the volumes",
        lambda call: any(isinstance(each, str) for each in volumes(call)),
        ("t5.volumes.type",),
    ),
    (
        "list-volume",
        "a list among the volumes",
        lambda call: any(isinstance(each, list) for each in volumes(call)),
        ("t5.volumes.type",),
    ),
    ("hundreds-of-volumes", "more than two hundred volumes", lambda call: len(volumes(call)) > 200, ()),
    (
        "one-volume-twice",
        "a volume that is there twice",
        lambda call: any(volumes(call).count(each) > 1 for each in volumes(call)),
        (),
    ),
    ("empty-restore", "an empty restore", lambda call: asked(call) == {}, ()),
    ("empty-parameters", "empty parameters", lambda call: asked(call, "parameters") == {}, ()),
    ("empty-targets", "empty targets", lambda call: asked(call, "parameters", "targets") == {}, ()),
    (
        "empty-object-as-body",
        "an empty object as the body",
        lambda call: document(call) == {},
        ("t2.restore.mandatory",),
    ),
    ("empty-ids", "an empty identifier", _named(lambda value: not value), ()),
    (
        "an-empty-provider-id",
        "an empty provider_id",
        lambda call: ("provider_id", "") in members(call),
        ("t3.provider_id.value",),
    ),
    (
        "ids-that-are-no-uuids",
        "an identifier in another notation",
        _named(lambda value: not re.fullmatch("[0-9a-f-]{36}", value)),
        (),
    ),
    ("quotes-in-ids", "an apostrophe in an identifier", _named(lambda value: "'" in value), ()),
    ("long-ids", "an identifier of more than 255 characters", _named(lambda value: len(value) > 255), ()),
    (
        "other-letters",
        "a string that is not ASCII",
        _any(str, lambda value: isinstance(value, str) and _foreign(value)),
        (),
    ),
    (
        "emoji",
        "a character past U+FFFF",
        _any(str, lambda value: isinstance(value, str) and max(value, default="") > "\uffff"),
        (),
    ),
    (
        "long-restore-target",
        "a restore_target of more than 255 characters",
        _target(lambda value: len(value) > 255),
        (),
    ),
    ("an-empty-restore-target", "an empty restore_target", _target(lambda value: not value), ()),
    ("percent-signs", "a percent sign in restore_target", _target(lambda value: "%" in value), ()),
    ("braces", "braces in restore_target", _target(lambda value: "{" in value), ()),
    ("line-breaks-in-strings", "a line break in restore_target", _target(lambda value: "\n" in value), ()),
    (
        "unknown-members",
        "a member that no table has",
        lambda call: isinstance(document(call), dict) and set(document(call)) > {"restore"},
        (),
    ),
    ("unknown-members-below", "a member below restore that no table has", _unknown_below, ()),
    ("deep-members", "a member that nests deeply", lambda call: any(_deep(value) for _, value in members(call)), ()),
):
    FLAWS.add(f"crashes-on-{_slug}", f"Falls over {_what}.", broken(_applies), *_breaks, _INTERNAL)
