"""How flaws reach into the service: each function changes one stage, and is told by what in the call it goes."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from targets.embedded.flaws.calls import always
from targets.embedded.service import Refusal
from targets.embedded.world import OPERATOR_TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.flaws.calls import Applies
    from targets.embedded.service import Call, Reply, Service

    Apply = Callable[[Service], None]
    Change = Callable[[Reply], None]

HOURS = 3600.0


# -- what is done to a reply


def status(code: int) -> Change:
    """Gives a reply another status; with 204 no body can go."""

    def change(reply: Reply) -> None:
        reply.status = code
        if code == 204:
            reply.body = b""

    return change


def redirecting(code: int) -> Change:
    """Sends the caller somewhere else."""

    def change(reply: Reply) -> None:
        reply.status = code
        reply.body = b""
        reply.headers = {"location": "https://login.example/"}

    return change


def body(text: bytes | Callable[[bytes], bytes]) -> Change:
    """Gives a reply another body: this one, or what becomes of its own."""

    def change(reply: Reply) -> None:
        reply.body = text if isinstance(text, bytes) else text(reply.body)

    return change


def declared(media_type: str | None) -> Change:
    """Gives a reply another content type, or none."""

    def change(reply: Reply) -> None:
        del reply.headers["content-type"]
        if media_type is not None:
            reply.headers["content-type"] = media_type

    return change


def dropped(reply: Reply) -> None:
    """Closes the connection in place of a reply."""
    reply.drop = True


def cut(reply: Reply) -> None:
    """Closes the connection in the middle of a reply."""
    reply.cut = len(reply.body) // 2


def hanging(reply: Reply) -> None:
    """Keeps the caller waiting for hours."""
    reply.delay = HOURS


# -- where it is done


def describing(change: Callable[[Any], Any], applies: Applies = always) -> Apply:
    """Changes a copy of what the restore member of an answer holds; what the change returns has no meaning."""

    def wrap(describe: Callable[[Call], Any]) -> Callable[[Call], Any]:
        def changed(call: Call) -> Any:
            described = copy.deepcopy(describe(call))
            if applies(call):
                change(described["restore"])
            return described

        return changed

    return lambda service: service.around("describe", wrap)


def rewriting(change: Callable[[Any], Any]) -> Apply:
    """Puts another document in the place of an answer's."""
    return lambda service: service.around("describe", lambda describe: lambda call: change(describe(call)))


def replying(change: Change, applies: Applies = always) -> Apply:
    """Changes the replies to accepted requests."""

    def wrap(restore: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
        def changed(call: Call) -> Reply:
            reply = restore(call)
            if applies(call):
                change(reply)
            return reply

        return changed

    return lambda service: service.around("restore", wrap)


def refused(change: Change, applies: Callable[[Call, Refusal], bool] = lambda _, __: True) -> Apply:
    """Changes the replies to refused requests."""

    def wrap(refuse: Callable[[Call, Refusal], Reply]) -> Callable[[Call, Refusal], Reply]:
        def changed(call: Call, refusal: Refusal) -> Reply:
            reply = refuse(call, refusal)
            if applies(call, refusal):
                change(reply)
            return reply

        return changed

    return lambda service: service.around("refuse", wrap)


def explaining(change: Callable[[Any], Any]) -> Apply:
    """Changes the documents of refusals."""
    return lambda service: service.around("explain", lambda explain: lambda refusal: change(explain(refusal)))


def before(stage: str, step: Callable[[Call], None]) -> Apply:
    """Does something ahead of a stage."""

    def wrap(inner: Callable[[Call], None]) -> Callable[[Call], None]:
        def changed(call: Call) -> None:
            step(call)
            inner(call)

        return changed

    return lambda service: service.around(stage, wrap)


def forgiving(stage: str, applies: Applies) -> Apply:
    """Goes on with what a stage has refused."""

    def wrap(inner: Callable[[Call], None]) -> Callable[[Call], None]:
        def changed(call: Call) -> None:
            try:
                inner(call)
            except Refusal:
                if not applies(call):
                    raise

        return changed

    return lambda service: service.around(stage, wrap)


def refusing(applies: Applies, code: int = 400) -> Apply:
    """Refuses requests that are acceptable otherwise."""

    def wrap(look_up: Callable[[Call], None]) -> Callable[[Call], None]:
        def picky(call: Call) -> None:
            look_up(call)
            if applies(call):
                raise Refusal(code, "CSBS.0400", "the request is not valid")

        return picky

    return lambda service: service.around("look_up", wrap)


def admitting(applies: Applies) -> Apply:
    """Takes callers that it does not know for the operator."""

    def apply(service: Service) -> None:
        def admit(call: Call) -> None:
            if not service.knows(call.token) and applies(call):
                call.headers["x-auth-token"] = OPERATOR_TOKEN

        before("authenticate", admit)(service)

    return apply


class _Marked(Refusal):
    """A refusal that will be told in another way than the service's own."""

    def __init__(self, refusal: Refusal, change: Change) -> None:
        super().__init__(refusal.status, refusal.code, refusal.message)
        self.change = change


def _telling(service: Service) -> None:
    def wrap(refuse: Callable[[Call, Refusal], Reply]) -> Callable[[Call, Refusal], Reply]:
        def changed(call: Call, refusal: Refusal) -> Reply:
            reply = refuse(call, refusal)
            if isinstance(refusal, _Marked):
                refusal.change(reply)
            return reply

        return changed

    service.around("refuse", wrap)


def broken(applies: Applies) -> Apply:
    """Answers 500 in place of reading a request."""

    def fail(call: Call) -> None:
        if applies(call):
            raise Refusal(500, "CSBS.9999", "restore failed")

    return before("read", fail)


CAUSES: dict[str, tuple[str, Callable[..., bool]]] = {
    "token": ("authenticate", always),
    "project": ("authorize_project", always),
    "role": ("authorize_role", always),
    "empty": ("read", lambda call: not call.body.strip()),
    "syntax": ("read", lambda call: bool(call.body.strip())),
    "root": ("validate", lambda call: not isinstance(call.document, dict)),
    "missing": ("reject", lambda _, __, kind: kind == "mandatory"),
    "type": ("reject", lambda _, __, kind: kind in {"type", "items"}),
    "value": ("reject", lambda _, __, kind: kind == "value"),
    "unknown": ("not_found", lambda *_: True),
}
"""Why a request is refused: the stage that does it, and whether it does so for this cause."""


def refused_for(cause: str, change: Change) -> Apply:
    """Changes the replies to what is refused for one of the :data:`CAUSES`."""
    stage, holds = CAUSES[cause]

    def wrap(inner: Callable[..., None]) -> Callable[..., None]:
        def changed(*arguments: Any) -> None:
            try:
                inner(*arguments)
            except Refusal as refusal:
                raise _Marked(refusal, change) if holds(*arguments) else refusal from None

        return changed

    def apply(service: Service) -> None:
        _telling(service)
        service.around(stage, wrap)

    return apply


def letting_in(operation: str, stage: str, applies: Callable[[Service, Call], bool]) -> Apply:
    """Has callers of an operation, by its attribute of the service, pass a stage that all share, as the operator."""

    def apply(service: Service) -> None:
        def wrap(inner: Callable[[Call], None]) -> Callable[[Call], None]:
            def lax(call: Call) -> None:
                if call.operation is not getattr(service, operation) or not applies(service, call):
                    inner(call)
                elif stage == "authenticate":
                    call.headers["x-auth-token"] = OPERATOR_TOKEN

            return lax

        service.around(stage, wrap)

    return apply
