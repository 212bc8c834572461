"""Answers as a careless serializer leaves them: members dropped, and values changed on their way."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.hooks import rewriting
from targets.embedded.service import LOOKUPS
from targets.embedded.world import FOREIGN_PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Service

_IDS = (*LOOKUPS, "provider_id")
_ID_ECHOES = (
    "t8.checkpoint_id.echo",
    "t8.provider_id.echo",
    "t9.checkpoint_item_id.echo",
    "t10.server_id.echo",
    "t11.backup_id.echo",
    "t11.volume_id.echo",
)
_DICTS = ("t8.resources_reason", "t8.resources_status")


def _mapped(value: Any, change: Callable[[str, Any], Any], name: str = "") -> Any:
    """A document with every value that is no object and no list put through a change, by the name of its member."""
    if isinstance(value, dict):
        return {key: _mapped(item, change, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, change, name) for item in value]
    return change(name, value)


def _pruned(value: Any, drops: Callable[[Any], bool]) -> Any:
    if isinstance(value, list):
        return [_pruned(item, drops) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _pruned(item, drops) for key, item in value.items() if not drops(item)}


def _dropping(drops: Callable[[Any], bool]) -> Callable[[Service], None]:
    return rewriting(lambda document: _pruned(document, drops))


# -- members that are dropped

for _name, _doc, _drops, _breaks in (
    ("drops-false", "Leaves out what is false.", lambda value: value is False, ("t9.power_on.present",)),
    ("drops-true", "Leaves out what is true, as the default.", lambda value: value is True, ("t9.power_on.present",)),
    (
        "drops-empty-objects",
        "Leaves out empty objects.",
        lambda value: value == {},
        tuple(f"{row}.present" for row in _DICTS),
    ),
    ("drops-empty-strings", "Leaves out empty strings.", lambda value: value == "", ("t8.restore_target.present",)),
    (
        "drops-what-is-empty",
        "Leaves out whatever is false or empty.",
        lambda value: not value,
        ("t9.power_on.present", *(f"{row}.present" for row in _DICTS)),
    ),
):
    FLAWS.add(
        _name,
        _doc,
        _dropping(_drops),
        *_breaks,
    )

# -- values that are changed


def _of(*names: str, change: Callable[[Any], Any]) -> Callable[[Service], None]:
    """Changes what these members hold."""

    def apply(document: Any) -> Any:
        return _mapped(document, lambda name, value: change(value) if name in names else value)

    return rewriting(apply)


_TARGET = ("restore_target",)
_ECHO = ("t8.restore_target.echo",)
for _name, _doc, _names, _change, _breaks in (
    (
        "writes-booleans-as-words",
        "Answers true and false as strings.",
        ("power_on",),
        lambda value: str(value).lower(),
        ("t9.power_on.type",),
    ),
    ("writes-booleans-as-numbers", "Answers true and false as 1 and 0.", ("power_on",), int, ("t9.power_on.type",)),
    ("writes-true-always", "Answers true whatever power_on was.", ("power_on",), lambda _: True, ("t9.power_on.echo",)),
    (
        "writes-false-always",
        "Answers false whatever power_on was.",
        ("power_on",),
        lambda _: False,
        ("t9.power_on.echo",),
    ),
    ("writes-ids-in-capitals", "Answers identifiers in capitals.", _IDS, str.upper, _ID_ECHOES),
    (
        "writes-ids-without-dashes",
        "Answers identifiers without dashes.",
        _IDS,
        lambda value: value.replace("-", ""),
        _ID_ECHOES,
    ),
    ("writes-ids-cut", "Answers identifiers of at most 32 characters.", _IDS, lambda value: value[:32], _ID_ECHOES),
    ("writes-targets-in-small-letters", "Answers restore_target in small letters.", _TARGET, str.lower, _ECHO),
    (
        "writes-targets-with-single-blanks",
        "Answers restore_target with one blank for several.",
        _TARGET,
        lambda value: re.sub(" +", " ", value),
        _ECHO,
    ),
    ("writes-targets-cut-at-16", "Answers 16 characters of restore_target.", _TARGET, lambda value: value[:16], _ECHO),
    ("writes-targets-cut-at-64", "Answers 64 characters of restore_target.", _TARGET, lambda value: value[:64], _ECHO),
    (
        "writes-targets-cut-at-255",
        "Answers 255 characters of restore_target.",
        _TARGET,
        lambda value: value[:255],
        _ECHO,
    ),
    (
        "writes-targets-without-slash",
        "Answers restore_target without the slash at its end.",
        _TARGET,
        lambda value: value.rstrip("/"),
        _ECHO,
    ),
    (
        "writes-question-marks",
        "Answers question marks for what is not ASCII.",
        _TARGET,
        lambda value: value.encode("ascii", "replace").decode(),
        _ECHO,
    ),
    (
        "writes-no-accents",
        "Leaves out of restore_target what is not ASCII.",
        _TARGET,
        lambda value: value.encode("ascii", "ignore").decode(),
        _ECHO,
    ),
    (
        "writes-mojibake",
        "Answers restore_target decoded by the wrong table.",
        _TARGET,
        lambda value: value.encode("utf-8", "replace").decode("latin-1"),
        _ECHO,
    ),
    (
        "writes-no-emoji",
        "Leaves out of restore_target what is past U+FFFF.",
        _TARGET,
        lambda value: "".join(each for each in value if each <= "\uffff"),
        _ECHO,
    ),
    ("writes-markup", "Answers restore_target as it would stand in a page.", _TARGET, html.escape, _ECHO),
    (
        "writes-escapes-twice",
        "Answers backslashes and quotes escaped once more.",
        _TARGET,
        lambda value: json.dumps(value)[1:-1],
        _ECHO,
    ),
    (
        "writes-plus-for-blanks",
        "Answers restore_target as it would stand in a form.",
        _TARGET,
        lambda value: value.replace(" ", "+"),
        _ECHO,
    ),
    (
        "writes-digits-as-numbers",
        "Answers a restore_target of digits as a number.",
        _TARGET,
        lambda value: int(value) if re.fullmatch("[0-9]{1,18}", value) else value,
        ("t8.restore_target.type",),
    ),
    (
        "writes-null-for-empty",
        "Answers null for an empty restore_target.",
        _TARGET,
        lambda value: value or None,
        ("t8.restore_target.type",),
    ),
    (
        "writes-another-project",
        "Answers another tenant's project.",
        ("project_id",),
        lambda _: FOREIGN_PROJECT,
        ("t8.project_id.echo",),
    ),
):
    FLAWS.add(_name, _doc, _of(*_names, change=_change), *_breaks)
