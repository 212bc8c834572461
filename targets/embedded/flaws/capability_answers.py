"""Answers of what can be restored that are not whole, or not of the page's form."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from targets.embedded.capability import NAME, named
from targets.embedded.changes import FLAWS
from targets.embedded.flaws.calls import dashed
from targets.embedded.flaws.capability_lookups import ROWS
from targets.embedded.flaws.hooks import body, cut, declared, dropped, status
from targets.embedded.flaws.places import mistype, null, put, remove

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.flaws.hooks import Change
    from targets.embedded.flaws.places import Edit
    from targets.embedded.messages import Call, Reply
    from targets.embedded.service import Service

    Apply = Callable[[Service], None]
    Told = dict[str, Any]

_EACH = "t6.restorable.echo"
_add = partial(FLAWS.add, operation=NAME)
_flaw = partial(FLAWS.change, operation=NAME)


# -- what is told of one resource


def _telling(change: Callable[[Told], object], applies: Callable[[Told], bool] = bool) -> Apply:
    """Changes what is told of some of the resources."""

    def wrap(tell: Callable[[Call, Any], Told]) -> Callable[[Call, Any], Told]:
        def changed(call: Call, item: Any) -> Told:
            told = tell(call, item)
            if applies(told):
                change(told)
            return told

        return changed

    return lambda service: service.capability.around("tell", wrap)


def _member(name: str, edit: Edit) -> Callable[[Told], None]:
    return lambda told: edit(told, name)


def _restorable(told: Told) -> bool:
    return told["result"] is True


_edit: Edit
for _name in ("result", "resource_type", "error_code", "error_msg", "resource_id"):
    for _verb, _does, _edit, _kind in (
        ("lacks", f"Leaves {_name} out", remove, "present"),
        ("mistypes", f"Tells {_name} by another JSON type", mistype, "type"),
        ("nulls", f"Tells null for {_name}", null, "type"),
    ):
        _add(
            f"capability-{_verb}-{dashed(_name)}",
            f"{_does} of what it says of a resource.",
            _telling(_member(_name, _edit)),
            f"t7.{_name}.{_kind}",
        )
for _name in ("error_code", "error_msg"):
    for _verb, _does, _edit, _kind in (
        ("lacks", f"Leaves {_name} out", remove, "present"),
        ("nulls", f"Tells null for {_name}", null, "type"),
    ):
        _add(
            f"capability-{_verb}-{dashed(_name)}-when-restorable",
            f"{_does} where a resource can be restored.",
            _telling(_member(_name, _edit), _restorable),
            f"t7.{_name}.{_kind}",
        )
for _slug, _doc, _name, _edit, _clause in (
    ("result-is-a-word", "Tells the result as a word.", "result", put("true"), "t7.result.type"),
    ("result-is-a-number", "Tells the result as 1.", "result", put(1), "t7.result.type"),
    ("code-is-a-number", "Tells 0 for no error code.", "error_code", put(0), "t7.error_code.type"),
    ("alters-resource-id", "Tells another resource_id than was asked.", "resource_id", put("a"), "t7.resource_id.echo"),
    ("shortens-type", "Tells the type in a word of its own.", "resource_type", put("server"), "t7.resource_type.echo"),
    (
        "type-in-capitals",
        "Tells the type in capitals.",
        "resource_type",
        lambda told, name: told.update({name: str(told[name]).upper()}),
        "t7.resource_type.echo",
    ),
):
    _add(f"capability-{_slug}", _doc, _telling(_member(_name, _edit), _restorable), _clause)
_add(
    "capability-explains-with-a-stack-trace",
    "Tells where its code has failed.",
    _telling(lambda told: told.update(error_msg='Traceback (most recent call last):\n  File "/srv/csbs/a.py", line 2')),
    "a.internals",
)


# -- what is told of several


def _listing(change: Callable[[list[Told]], Any]) -> Apply:
    """Puts something else in the place of the list of answers."""

    def wrap(describe: Callable[[Call], Any]) -> Callable[[Call], Any]:
        return lambda call: {"restorable": change(describe(call)["restorable"])}

    return lambda service: service.capability.around("describe", wrap)


_PRESENT, _TYPE = "t6.restorable.present", "t6.restorable.type"
for _slug, _doc, _change, _breaks in (
    ("of-the-first-only", "Answers the first of what it is asked.", lambda told: told[:1], (_EACH,)),
    ("of-the-last-only", "Answers the last of what it is asked.", lambda told: told[-1:], (_EACH,)),
    ("told-twice", "Tells everything twice.", lambda told: told * 2, (_EACH,)),
    ("told-in-an-empty-list", "Answers with an empty list.", lambda _: [], (_EACH, "t7.result.present")),
    (
        "of-what-can-be-restored",
        "Leaves out what cannot be restored.",
        lambda told: [each for each in told if each["result"]],
        (_EACH, *ROWS.values()),
    ),
    (
        "single-answer-has-no-list",
        "Has no list around a single answer.",
        lambda told: told[0] if len(told) == 1 else told,
        (_TYPE,),
    ),
    (
        "by-name",
        "Tells the answers as an object, by the resource.",
        lambda told: {str(each["resource_id"]): each for each in told},
        (_TYPE,),
    ),
    ("holds-null-at-last", "Has null after the last answer.", lambda told: [*told, None], (_TYPE,)),
    ("told-as-text", "Tells the list as text.", lambda told: [json.dumps(each) for each in told], (_TYPE,)),
    ("restorable-is-null", "Answers null.", lambda _: None, (_TYPE,)),
):
    _add(f"capability-{_slug}", _doc, _listing(_change), *_breaks)
for _slug, _doc, _apply, _breaks in (
    (
        "of-the-first-for-all",
        "Gives all resources the first one's id.",
        _listing(lambda told: [{**each, "resource_id": told[0]["resource_id"]} for each in told]),
        ("t7.resource_id.echo", _EACH),
    ),
    (
        "one-yes-is-a-yes-for-all",
        "Says yes to all as soon as it says yes to one.",
        _listing(lambda told: [{**each, "result": any(other["result"] for other in told)} for each in told]),
        tuple(ROWS.values()),
    ),
):
    _add(f"capability-{_slug}", _doc, _apply, *_breaks)


def _restorable_elsewhere(name: str) -> Apply:
    def wrap(describe: Callable[[Call], Any]) -> Callable[[Call], Any]:
        return lambda call: {name: describe(call)["restorable"]}

    return lambda service: service.capability.around("describe", wrap)


_add("capability-under-another-name", "Misspells restorable.", _restorable_elsewhere("check_restorable"), _PRESENT)


# -- the reply


def _replying(change: Change, applies: Callable[[Service, Call], bool] = lambda *_: True) -> Apply:
    def apply(service: Service) -> None:
        def wrap(inner: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
            def changed(call: Call) -> Reply:
                reply = inner(call)
                if applies(service, call):
                    change(reply)
                return reply

            return changed

        service.capability.around("reply", wrap)

    return apply


def _disks(service: Service, call: Call) -> int:
    return sum(len(named(item, ("target", "volumes", "*", "volume_id"))) for item in service.capability.items(call))


for _slug, _doc, _change, _breaks in (
    ("gets-201", "Answers 201, as if something had been made.", status(201), ("s.200",)),
    ("gets-202", "Answers 202.", status(202), ("s.200",)),
    ("gets-204", "Answers 204 without a body.", status(204), ("s.200",)),
    ("has-no-type", "Does not declare its answer.", declared(None), ("p.content_type",)),
    ("is-text", "Declares its answer as text.", declared("text/html"), ("p.content_type",)),
    ("is-cut", "Ends the connection in the middle of its answer.", cut, ("s.500", "s.200")),
    ("has-nan", "Has NaN in its answer.", body(lambda own: own.replace(b"{", b'{"load": NaN, ', 1)), ("p.json",)),
    ("ends-in-a-comma", "Has a comma behind the last answer.", body(lambda own: own.replace(b"]", b",]")), ("p.json",)),
    ("is-said-twice", "Sends two documents.", body(lambda own: own + own), ("p.json",)),
):
    _add(f"capability-answer-{_slug}", _doc, _replying(_change), *_breaks)
for _slug, _doc, _change, _applies in (
    ("fails-for-many-disks", "Fails for a server with many disks.", status(500), lambda s, c: _disks(s, c) > 20),
    ("fails-for-several", "Fails for several resources.", status(500), lambda s, c: len(s.capability.items(c)) > 1),
    ("hangs-up-on-several", "Hangs up on several resources.", dropped, lambda s, c: len(s.capability.items(c)) > 1),
):
    _add(f"capability-{_slug}", _doc, _replying(_change, _applies), "s.500", "s.200")


@_flaw("a.secrets")
def capability_repeats_the_token(service: Service) -> None:
    """Tells the caller's token in its answer."""

    def wrap(inner: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
        def telling(call: Call) -> Reply:
            reply = inner(call)
            reply.headers["x-subject-token"] = call.token or ""
            return reply

        return telling

    service.capability.around("reply", wrap)
