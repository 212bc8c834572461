"""Values, names and shapes that are taken for what they are not."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.calls import MANDATORY, TYPES, dashed, row, rows
from targets.embedded.flaws.hooks import before
from targets.embedded.rules import BY_NAME, MEMBERS, parents

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Call, Service

    Convert = Callable[[Any], Any]

STRINGS = tuple(member.name for member in MEMBERS if member.type is str)
OBJECTS = tuple(member.name for member in MEMBERS if member.type is dict)

# -- values of power_on


def _boolean(takes: Callable[[Any], bool]) -> Callable[[Service], None]:
    """Takes more than true and false for power_on."""

    def apply(service: Service) -> None:
        check = service.rules["power_on", "type"]
        service.rules["power_on", "type"] = lambda parent: check(parent) or takes(parent["power_on"])

    return apply


for _name, _doc, _takes in (
    (
        "true-and-false-as-words",
        "Takes the words true and false for Booleans.",
        lambda value: value in ("true", "false"),
    ),
    (
        "true-and-false-in-any-case",
        "Takes the words true and false in any case for Booleans.",
        lambda value: isinstance(value, str) and value.lower() in ("true", "false"),
    ),
    (
        "words-for-yes-and-no",
        "Takes yes, no, on and off for Booleans.",
        lambda value: isinstance(value, str) and value.lower() in ("yes", "no", "on", "off", "y", "n"),
    ),
    ("digits-as-words", "Takes the strings 0 and 1 for Booleans.", lambda value: value in ("0", "1")),
    ("zero-and-one", "Takes the numbers 0 and 1 for Booleans.", lambda value: type(value) is int and value in (0, 1)),
    (
        "what-equals-true-or-false",
        "Takes what equals true or false: 0, 1, 0.0 and 1.0.",
        lambda value: isinstance(value, (int, float)) and value in (True, False),
    ),
    (
        "zero-and-one-with-fractions",
        "Takes 0.0 and 1.0 for Booleans.",
        lambda value: type(value) is float and value in (0, 1),
    ),
    ("an-empty-string", "Takes an empty string for false.", lambda value: value == ""),
    ("what-is-empty", "Takes whatever is empty for false.", lambda value: not value),
    ("any-number-but-zero", "Takes any number but zero for true.", lambda value: type(value) in (int, float) and value),
):
    FLAWS.add(f"power-on-takes-{_name}", _doc, _boolean(_takes), "t4.power_on.type")


# -- values that are converted before they are looked at


def _converting(convert: Convert, *names: str) -> Callable[[Service], None]:
    """Converts these members ahead of the rules."""

    def step(call: Call) -> None:
        for name in names:
            for parent in parents(call.document, BY_NAME[name].parents):
                if name in parent:
                    parent[name] = convert(parent[name])

    return before("validate", step)


def _number_to_string(value: Any) -> Any:
    return str(value) if type(value) in (int, float) else value


def _integer_to_string(value: Any) -> Any:
    return str(value) if type(value) is int else value


def _scalar_to_string(value: Any) -> Any:
    return json.dumps(value) if value is None or type(value) in (bool, int, float) else value


def _only_item(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _to_list(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _by_number(value: Any) -> Any:
    """The values of an object whose names are numbers, as in form data."""
    if isinstance(value, dict) and value and all(name.isdigit() for name in value):
        return list(value.values())
    return value


_NOT_LISTS = tuple(member.name for member in MEMBERS if member.type is not list)
for _name, _doc, _convert, _members in (
    ("integers-become-strings", "Takes a whole number for the string of its digits.", _integer_to_string, STRINGS),
    ("numbers-become-strings", "Takes a number for the string of its digits.", _number_to_string, STRINGS),
    ("scalars-become-strings", "Takes whatever is no list or object for a string.", _scalar_to_string, STRINGS),
    ("lists-of-one-become-their-item", "Takes a list of one for its item.", _only_item, _NOT_LISTS),
    ("single-volume-becomes-a-list", "Takes a single volume for a list of it.", _to_list, ("volumes",)),
    ("numbered-volumes-become-a-list", "Takes an object with numbers for names for a list.", _by_number, ("volumes",)),
    ("strings-become-objects", "Takes a string that holds JSON for the object.", _parsed, OBJECTS),
    ("strings-become-lists", "Takes a string that holds JSON for the list.", _parsed, ("volumes",)),
    ("strings-become-booleans", "Takes a string that holds JSON for the Boolean.", _parsed, ("power_on",)),
):
    FLAWS.add(_name, _doc, _converting(_convert, *_members), *rows("type", *_members))


# -- names that are taken for the page's


def _renaming(canonical: Callable[[str], str], *names: str) -> Callable[[Service], None]:
    """Takes these members by every name that is canonically theirs."""

    def step(call: Call) -> None:
        for name in names:
            for parent in parents(call.document, BY_NAME[name].parents):
                alike = [each for each in parent if canonical(each) == canonical(name)]
                if alike and name not in parent:
                    parent[name] = parent.pop(alike[0])

    return before("validate", step)


def _parted(name: str) -> str:
    """A name in camel case as the page would spell it."""
    return re.sub("(?<=[a-z])[A-Z]", lambda match: "_" + match.group().lower(), name)


for _member in MEMBERS:
    if _member.mandatory:
        FLAWS.add(
            f"{dashed(_member.name)}-in-any-case",
            f"Takes {_member.name} in any case.",
            _renaming(str.lower, _member.name),
            f"{row(_member)}.mandatory",
        )
_ALL = tuple(BY_NAME)
_OF_WORDS = tuple(name for name in BY_NAME if "_" in name)
for _name, _doc, _canonical, _members in (
    ("names-in-any-case", "Takes the names of members in any case.", str.lower, _ALL),
    ("names-between-blanks", "Takes the names of members between blanks.", str.strip, _ALL),
    ("names-in-camel-case", "Takes the names of members in camel case.", _parted, _OF_WORDS),
    ("names-with-dashes", "Takes names with dashes.", lambda name: name.replace("-", "_"), _OF_WORDS),
):
    FLAWS.add(
        _name,
        _doc,
        _renaming(_canonical, *_members),
        *rows("mandatory", *(name for name in _members if BY_NAME[name].mandatory)),
    )


# -- shapes that are taken for the page's


@FLAWS.change("t2.restore.mandatory")
def wrapper_may_be_missing(service: Service) -> None:
    """Takes what belongs into restore at the top of the body."""

    def step(call: Call) -> None:
        if isinstance(call.document, dict) and "restore" not in call.document and "parameters" in call.document:
            call.document = {"restore": call.document}

    before("validate", step)(service)


def _flattened(name: str) -> Callable[[Service], None]:
    """Takes the members of an object where the object itself should be."""
    inner = {member.name for member in MEMBERS if member.parents[-1:] == (name,)}

    def step(call: Call) -> None:
        for parent in parents(call.document, BY_NAME[name].parents):
            if name not in parent and inner & set(parent):
                parent[name] = {each: parent.pop(each) for each in list(parent) if each in inner}

    return before("validate", step)


for _name in ("parameters", "targets"):
    FLAWS.add(
        f"{_name}-may-be-flattened",
        f"Takes the members of {_name} in its parent.",
        _flattened(_name),
        f"{row(BY_NAME[_name])}.mandatory",
    )


# -- rules that are missing altogether


def _without(kind: str, applies: Callable[[str], bool]) -> Callable[[Service], None]:
    def apply(service: Service) -> None:
        for name, rule in list(service.rules):
            if rule == kind and applies(name):
                del service.rules[name, rule]

    return apply


def _deep(name: str) -> bool:
    return len(BY_NAME[name].parents) > 1


_DEEP = tuple(member.name for member in MEMBERS if _deep(member.name))
for _name, _doc, _kind, _applies, _breaks in (
    ("presence-is-not-checked", "Misses no member.", "mandatory", bool, MANDATORY),
    ("types-are-not-checked", "Takes any type for any member.", "type", bool, TYPES),
    (
        "deep-presence-is-not-checked",
        "Misses no member below those of restore.",
        "mandatory",
        _deep,
        rows("mandatory", *_DEEP),
    ),
    ("deep-types-are-not-checked", "Takes any type below the members of restore.", "type", _deep, rows("type", *_DEEP)),
):
    FLAWS.add(_name, _doc, _without(_kind, _applies), *_breaks)


@FLAWS.change(*MANDATORY, *TYPES, "t3.provider_id.value")
def nothing_is_checked(service: Service) -> None:
    """Takes any object for a request."""
    service.rules.clear()
