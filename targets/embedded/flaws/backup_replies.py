"""Backups that are told to whom they are not for, or in another form than JSON."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from targets.embedded.backups import NAME
from targets.embedded.changes import FLAWS
from targets.embedded.flaws.hooks import body, cut, declared, letting_in, status
from targets.embedded.messages import Refusal
from targets.embedded.world import EXPIRED_TOKEN, FOREIGN_PROJECT, PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.flaws.hooks import Change
    from targets.embedded.messages import Call, Reply
    from targets.embedded.service import Service

    Apply = Callable[[Service], None]

_add = partial(FLAWS.add, operation=NAME)
_flaw = partial(FLAWS.change, operation=NAME)


# -- the caller


_NOT_THEIRS = ("t1.project_id.value", "s.403")
for _name, _doc, _stage, _letting, _breaks in (
    (
        "needs-no-token",
        "Tells everyone of backups.",
        "authenticate",
        lambda s, call: not s.knows(call.token),
        ("s.401",),
    ),
    (
        "wants-some-token",
        "Takes any token from who asks for a backup.",
        "authenticate",
        lambda _, call: bool(call.token),
        ("s.401",),
    ),
    (
        "takes-an-expired-token",
        "Takes old tokens.",
        "authenticate",
        lambda _, call: call.token == EXPIRED_TOKEN,
        ("s.401",),
    ),
    ("of-any-project", "Tells of every project's backups.", "authorize_project", lambda _, __: True, _NOT_THEIRS),
    (
        "of-the-neighbours-project",
        "Tells of backups in one project that is not the caller's.",
        "authorize_project",
        lambda _, call: call.project == FOREIGN_PROJECT,
        _NOT_THEIRS,
    ),
    (
        "of-unknown-projects",
        "Tells of backups in projects that do not exist.",
        "authorize_project",
        lambda _, call: call.project not in {PROJECT, FOREIGN_PROJECT},
        _NOT_THEIRS[:1],
    ),
):
    _add(f"backup-{_name}", _doc, letting_in("backups", _stage, _letting), *_breaks)


# -- the reply


def _replying(change: Change) -> Apply:
    def wrap(inner: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
        def changed(call: Call) -> Reply:
            reply = inner(call)
            change(reply)
            return reply

        return changed

    return lambda service: service.backups.around("reply", wrap)


for _name, _doc, _change, _breaks in (
    ("gets-201", "Answers 201, as if it had made the backup.", status(201), ("s.200",)),
    ("gets-204", "Answers 204 without a body.", status(204), ("s.200",)),
    ("gets-206", "Answers 206.", status(206), ("s.200",)),
    ("has-no-type", "Does not declare its answer.", declared(None), ("p.content_type",)),
    ("is-text", "Declares its answer as text.", declared("text/plain"), ("p.content_type",)),
    ("is-cut", "Ends the connection in the middle of its answer.", cut, ("s.500", "s.200")),
    ("is-half", "Sends half of its answer.", body(lambda own: own[: len(own) // 2]), ("p.json",)),
    ("is-xml", "Answers in XML.", body(b"<checkpoint_item/>"), ("p.json",)),
    ("is-empty", "Answers without a body.", body(b""), ("p.json", "t2.checkpoint_item.present")),
    ("is-said-twice", "Sends its document twice.", body(lambda own: own + own), ("p.json",)),
    (
        "is-quoted",
        "Sends its document as one JSON string.",
        body(lambda own: json.dumps(own.decode()).encode()),
        ("t2.checkpoint_item.present",),
    ),
    ("has-nan", "Has NaN for a speed.", body(lambda own: own.replace(b"19456", b"NaN")), ("p.json",)),
    ("has-single-quotes", "Has single quotes.", body(lambda own: own.replace(b'"', b"'")), ("p.json",)),
    (
        "is-latin-1",
        "Sends characters in Latin-1.",
        body(lambda own: own.replace(b"nightly", b"n\xe4chtlich")),
        ("p.json",),
    ),
):
    _add(f"backup-answer-{_name}", _doc, _replying(_change), *_breaks)


@_flaw("a.secrets")
def backup_repeats_the_token(service: Service) -> None:
    """Tells the caller's token with a backup."""

    def wrap(describe: Callable[[Call], Any]) -> Callable[[Call], Any]:
        return lambda call: {**describe(call), "requested_with": call.token}

    service.backups.around("describe", wrap)


@_flaw("s.200")
def backup_wants_a_body(service: Service) -> None:
    """Refuses a question without a body."""

    def read(call: Call) -> None:
        if not call.body:
            raise Refusal(400, "CSBS.0400", "the body is empty")

    service.backups.around("read", lambda _: read)
