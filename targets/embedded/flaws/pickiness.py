"""Acceptable requests that are refused: for how they are spelt, for what they hold, for what comes beside them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.calls import (
    asked,
    media_type,
    more_volumes_than,
    powered_off,
    volumes,
    with_target,
    without_target,
)
from targets.embedded.flaws.hooks import before, refusing
from targets.embedded.service import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Call

_ACCEPTED = "s.200"


for _name, _doc, _applies, _row in (
    (
        "refuses-power-on-false",
        "Takes a false power_on for a missing one.",
        powered_off,
        "t4.power_on.type",
    ),
    (
        "refuses-power-on-true",
        "Refuses to power on.",
        lambda call: asked(call, "parameters", "power_on"),
        "t4.power_on.type",
    ),
    (
        "refuses-restore-target",
        "Refuses the optional member.",
        with_target,
        "t3.restore_target.mandatory",
    ),
    (
        "wants-restore-target",
        "Wants the optional member.",
        without_target,
        "t3.restore_target.mandatory",
    ),
    (
        "refuses-restore-target-with-power-off",
        "Refuses the optional member where power_on is false.",
        lambda call: with_target(call) and powered_off(call),
        "t3.restore_target.mandatory",
    ),
    (
        "refuses-one-volume",
        "Refuses a single volume.",
        lambda call: len(volumes(call)) == 1,
        "t5.volumes.type",
    ),
    (
        "refuses-two-volumes",
        "Refuses more than one volume.",
        more_volumes_than(1),
        "t5.volumes.type",
    ),
    (
        "refuses-many-volumes",
        "Refuses more than ten volumes.",
        more_volumes_than(10),
        "t5.volumes.type",
    ),
    (
        "refuses-very-many-volumes",
        "Refuses more than fifty volumes.",
        more_volumes_than(50),
        "t5.volumes.type",
    ),
    (
        "refuses-many-volumes-with-power-off",
        "Refuses more than ten volumes where power_on is false.",
        lambda call: powered_off(call) and len(volumes(call)) > 10,
        "t5.volumes.type",
    ),
):
    FLAWS.add(_name, _doc, refusing(_applies), _ACCEPTED, _row)


FLAWS.add(
    "refuses-bodies-past-4-kib",
    "Refuses a body of more than four KiB, however valid.",
    refusing(lambda call: len(call.body) > 1 << 12, 413),
    _ACCEPTED,
)


_ORDER = ("provider_id", "checkpoint_id", "restore_target", "parameters")
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*"')


def _between(call: Call) -> bytes:
    """The body without its strings."""
    return _STRUCTURE.sub(b"", call.body)


def _reordered(call: Call) -> bool:
    names = list(asked(call) or ())
    return names != [name for name in _ORDER if name in names]


def _names_first(value: Any) -> bool:
    """Whether volume_id stands before backup_id somewhere."""
    return any(list(item)[:1] == ["volume_id"] for item in value if isinstance(item, dict))


def _escaped_names(call: Call) -> bool:
    return bool(re.search(rb'"[^"]*\\u[^"]*"\s*:', call.body))


for _name, _doc, _applies in (
    ("leading-white-space", "Refuses white space ahead of the body.", lambda call: call.body[:1].isspace()),
    ("a-trailing-newline", "Refuses white space after the body.", lambda call: call.body[-1:].isspace()),
    ("line-breaks", "Refuses a body of several lines.", lambda call: b"\n" in call.body.strip()),
    ("carriage-returns", "Refuses the line ends of another system.", lambda call: b"\r" in call.body),
    ("tabs", "Refuses tabs between the members.", lambda call: b"\t" in _between(call)),
    ("blanks-before-colons", "Refuses white space between a name and its colon.", lambda call: b'" :' in call.body),
    ("escapes", "Refuses characters that are escaped by their number.", lambda call: b"\\u" in call.body),
    ("escaped-names", "Refuses names of members with escaped characters.", _escaped_names),
    ("escaped-slashes", "Refuses slashes that are escaped.", lambda call: b"\\/" in call.body),
    (
        "escaped-pairs",
        "Refuses characters that are escaped by two numbers.",
        lambda call: bool(re.search(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]", call.body)),
    ),
    (
        "capital-escapes",
        "Refuses escapes with capital letters in their number.",
        lambda call: bool(re.search(rb"\\u[0-9a-f]*[A-F]", call.body)),
    ),
    ("another-order", "Refuses members in another order than the page's example.", _reordered),
    (
        "another-order-in-lists",
        "Refuses a volume_id ahead of its backup_id.",
        lambda call: _names_first(volumes(call)),
    ),
):
    FLAWS.add(f"refuses-{_name}", _doc, refusing(_applies), _ACCEPTED)


def _declining(applies: Callable[[Call], bool], code: int, what: str) -> Callable[[Call], None]:
    def step(call: Call) -> None:
        if applies(call):
            raise Refusal(code, "APIGW.0103", what)

    return step


def _accepts(call: Call) -> str:
    return call.headers.get("accept", "")


def _parameters(call: Call) -> str:
    return media_type(call).partition(";")[2].strip()


for _name, _doc, _applies, _code in (
    ("charset", "Refuses a content type with a parameter.", lambda call: bool(_parameters(call)), 415),
    (
        "charset-in-capitals",
        "Refuses a charset that is not spelt in small letters.",
        lambda call: _parameters(call).lower() == "charset=utf-8" != _parameters(call),
        415,
    ),
    (
        "a-charset-without-blank",
        "Refuses a charset right after the semicolon.",
        lambda call: ";charset" in media_type(call).lower(),
        415,
    ),
    ("to-accept-anything", "Refuses callers that accept anything.", lambda call: "*/*" in _accepts(call), 406),
    ("several-accepted-types", "Refuses callers that accept several types.", lambda call: "," in _accepts(call), 406),
    ("accepted-types-weighed", "Refuses callers that weigh what they accept.", lambda call: ";" in _accepts(call), 406),
    (
        "small-content-type",
        "Knows Content-Type by that spelling only. Shown in process: servers spell all names in small letters.",
        lambda call: "content-type" in call.spelled,
        415,
    ),
    (
        "small-token-header",
        "Knows X-Auth-Token by that spelling only. Shown in process: servers spell all names in small letters.",
        lambda call: "x-auth-token" in call.spelled,
        401,
    ),
):
    FLAWS.add(f"refuses-{_name}", _doc, before("authenticate", _declining(_applies, _code, "not like this")), _ACCEPTED)
