"""Backups that are found though they do not exist, missed in a wrong way, or taken for one another."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from targets.embedded.backups import NAME
from targets.embedded.changes import FLAWS
from targets.embedded.flaws.backups import describing
from targets.embedded.flaws.hooks import body, declared, dropped, redirecting, status
from targets.embedded.flaws.places import at, put
from targets.embedded.messages import Refusal, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from targets.embedded.flaws.hooks import Change
    from targets.embedded.messages import Call
    from targets.embedded.service import Service

    Apply = Callable[[Service], None]

_ID, _NOT_FOUND, _FAILURE = "t1.checkpoint_item_id.value", "s.404", "s.500"
_ECHO = "t3.id.echo"
_add = partial(FLAWS.add, operation=NAME)
_flaw = partial(FLAWS.change, operation=NAME)


# -- an id that nothing has


def _missing(answer: Callable[[Service, Refusal], Reply]) -> Apply:
    """Answers otherwise where there is no such backup."""

    def apply(service: Service) -> None:
        def wrap(refuse: Callable[[Call, Refusal], Reply]) -> Callable[[Call, Refusal], Reply]:
            def other(call: Call, refusal: Refusal) -> Reply:
                reply = refuse(call, refusal)
                if call.operation is service.backups and reply.status == 404:
                    return answer(service, refusal)
                return reply

            return other

        service.around("refuse", wrap)

    return apply


def _saying(code: int, document: Any) -> Apply:
    return _missing(lambda service, _: Reply(code, service.render(document)))


def _changing(change: Change) -> Apply:
    def answer(service: Service, refusal: Refusal) -> Reply:
        reply = Reply(refusal.status, service.render(service.explain(refusal)))
        change(reply)
        return reply

    return _missing(answer)


_document: Any
for _name, _doc, _document in (
    ("an-empty-item", "Answers an empty backup where there is none.", {"checkpoint_item": {}}),
    ("null", "Answers null where there is no backup.", {"checkpoint_item": None}),
    ("an-empty-object", "Answers an empty object where there is no backup.", {}),
    ("an-error-with-200", "Answers 200 with an error.", {"error_code": "CSBS.3001", "error_msg": "is not known"}),
    ("a-list", "Answers an empty list where there is no backup.", {"checkpoint_items": []}),
):
    _add(f"backup-unknown-is-{_name}", _doc, _saying(200, _document), _ID, _NOT_FOUND)
for _code in (204, 302, 400, 401, 403, 409, 410, 500):
    _add(
        f"backup-unknown-gets-{_code}",
        f"Answers {_code} where there is no such backup.",
        _changing(redirecting(_code) if _code == 302 else status(_code)),
        _ID,
        _NOT_FOUND,
        *([_FAILURE] if _code == 500 else []),
    )
_breaks: tuple[str, ...]
_CODE, _MESSAGE = "e.error_code", "e.error_msg"
for _name, _doc, _document, _breaks in (
    ("has-no-code", "Gives no code where there is no backup.", {"error_msg": "none"}, (f"{_CODE}.present",)),
    (
        "has-no-message",
        "Gives no message where there is no backup.",
        {"error_code": "CSBS.3001"},
        (f"{_MESSAGE}.present",),
    ),
    (
        "has-a-number",
        "Gives a number for the code where there is no backup.",
        {"error_code": 3001, "error_msg": "none"},
        (f"{_CODE}.type",),
    ),
    (
        "nulls-its-message",
        "Gives null for the message where there is no backup.",
        {"error_code": "CSBS.3001", "error_msg": None},
        (f"{_MESSAGE}.type",),
    ),
    (
        "is-an-openstack-error",
        "Speaks like a native API where there is no backup.",
        {"itemNotFound": {"code": 404, "message": "none"}},
        (f"{_CODE}.present", f"{_MESSAGE}.present"),
    ),
    (
        "has-an-internal-code",
        "Gives the code of an internal error where there is no backup.",
        {"error_code": "CSBS.9999", "error_msg": "none"},
        ("a.error_code.status",),
    ),
    (
        "shows-a-stack-trace",
        "Shows a stack trace where there is no backup.",
        {"error_code": "CSBS.3001", "error_msg": 'Traceback (most recent call last):\n  File "/srv/a.py", line 3'},
        ("a.internals",),
    ),
):
    _add(f"backup-error-{_name}", _doc, _saying(404, _document), *_breaks)
for _name, _doc, _change, _breaks in (
    ("is-a-page", "Answers a page where there is no backup.", body(b"<h1>Not Found</h1>"), ("p.json",)),
    ("is-declared-as-a-page", "Declares an error as a page.", declared("text/html"), ("p.content_type",)),
    ("is-empty", "Answers 404 without a body.", body(b""), (f"{_CODE}.present", f"{_MESSAGE}.present")),
    ("hangs-up", "Hangs up where there is no backup.", dropped, (_FAILURE, _ID, _NOT_FOUND)),
):
    _add(f"backup-error-{_name}", _doc, _changing(_change), *_breaks)


@_flaw("a.disclosure")
def backup_error_names_another(service: Service) -> None:
    """Names a backup that exists where there is no such backup."""

    def answer(service: Service, refusal: Refusal) -> Reply:
        message = f"not known, did you mean {min(service.world.items)}?"
        return Reply(404, service.render(service.explain(Refusal(404, refusal.code, message))))

    _missing(answer)(service)


# -- another backup than was asked for


def _finding(choose: Callable[[str, Collection[str]], str | None]) -> Apply:
    """Takes another id for the one in the path; ``choose`` is given that one, and what exists."""

    def apply(service: Service) -> None:
        def wrap(asked: Callable[[Call], str]) -> Callable[[Call], str]:
            def other(call: Call) -> str:
                name = asked(call)
                return choose(name, sorted(service.world.items)) or name

            return other

        service.backups.around("asked", wrap)

    return apply


def _first(holds: Callable[[str, str], bool]) -> Apply:
    return _finding(lambda name, known: next((each for each in known if holds(name, each)), None))


for _name, _doc, _holds in (
    ("found-by-its-beginning", "Finds a backup by the beginning of its id.", lambda name, each: each.startswith(name)),
    ("found-in-a-longer-name", "Finds a backup by what begins with its id.", lambda name, each: name.startswith(each)),
    ("found-by-its-end", "Compares the end of an id.", lambda name, each: name[-12:] == each[-12:]),
    ("found-by-its-first-half", "Compares half an id.", lambda name, each: name[:18] == each[:18]),
):
    _add(f"backup-{_name}", _doc, _first(_holds), _ID, _NOT_FOUND)
_add(
    "backup-first-for-unknown",
    "Tells of some backup where there is no such backup.",
    _finding(lambda name, known: None if name in known else min(known)),
    _ID,
    _NOT_FOUND,
)


@_flaw(_ECHO)
def backup_always_the_first(service: Service) -> None:
    """Tells of the first backup, whichever is asked for."""

    def fetch(_: Call) -> Mapping[str, Any]:
        return service.world.resources[0]

    service.backups.around("fetch", lambda _: fetch)


@_flaw(_ECHO)
def backup_of_the_one_before(service: Service) -> None:
    """Tells of the backup that was asked for before."""
    last: list[Mapping[str, Any]] = []

    def wrap(fetch: Callable[[Call], Mapping[str, Any]]) -> Callable[[Call], Mapping[str, Any]]:
        def late(call: Call) -> Mapping[str, Any]:
            last.append(fetch(call))
            return last[-2] if len(last) > 1 else last[-1]

        return late

    service.backups.around("fetch", wrap)


_PLACE = ("checkpoint_item", "id")


def _cut(parent: Any, name: str) -> None:
    parent[name] = parent[name][:35]


def _instead(member: str) -> Callable[[Any], None]:
    """Tells another member's value for the id."""

    def change(document: Any) -> None:
        document["checkpoint_item"]["id"] = document["checkpoint_item"][member]

    return change


for _name, _doc, _edit in (
    ("id-is-fixed", "Tells the same id of every backup.", at(_PLACE, put("90c1d5fa-1b9f-4aeb-b2f4-81c806e98190"))),
    ("id-is-the-checkpoints", "Tells the checkpoint's id for the backup's.", _instead("checkpoint_id")),
    ("id-is-the-servers", "Tells the server's id for the backup's.", _instead("resource_id")),
    ("id-is-empty", "Tells an empty id.", at(_PLACE, put(""))),
    (
        "id-is-cut",
        "Tells the beginning of an id.",
        at(_PLACE, _cut),
    ),
):
    _add(f"backup-{_name}", _doc, describing(_edit), _ECHO)


# -- ids that bring it down


def _failing(applies: Callable[[str], bool]) -> Apply:
    """Fails for some ids."""

    def apply(service: Service) -> None:
        def wrap(look_up: Callable[[Call], None]) -> Callable[[Call], None]:
            def fragile(call: Call) -> None:
                if applies(service.backups.asked(call)):
                    raise Refusal(500, "CSBS.9999", "query failed")
                look_up(call)

            return fragile

        service.backups.around("look_up", wrap)

    return apply


for _name, _doc, _applies in (
    ("long-ids", "Fails for a long id.", lambda name: len(name) > 255),
    ("nul", "Fails for a NUL in an id.", lambda name: "\0" in name),
    ("percent-signs", "Fails for a percent sign in an id.", lambda name: "%" in name),
    ("quotes", "Fails for a quote in an id.", lambda name: "'" in name or '"' in name),
    ("other-scripts", "Fails for characters beyond ASCII in an id.", lambda name: not name.isascii()),
    ("what-is-no-uuid", "Fails for an id of another length than a UUID's.", lambda name: len(name) != 36),
):
    _add(f"backup-fails-for-{_name}", _doc, _failing(_applies), _FAILURE, _ID)
