"""What variations put around the stages of the service."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from targets.embedded.service import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Call, Reply, Service

    Apply = Callable[[Service], None]

BUSY = "CSBS.6015"
"""The one code that a caller has to know from all others: it means *not now*."""


def describing(change: Callable[[Any, Call], None]) -> Apply:
    """Changes a copy of the document of an accepted restoration."""

    def wrap(describe: Callable[[Call], Any]) -> Callable[[Call], Any]:
        def changed(call: Call) -> Any:
            document = copy.deepcopy(describe(call))
            change(document, call)
            return document

        return changed

    return lambda service: service.around("describe", wrap)


def explaining(change: Callable[[dict[str, Any], Refusal], None]) -> Apply:
    """Changes error bodies."""

    def wrap(explain: Callable[[Refusal], Any]) -> Callable[[Refusal], Any]:
        def changed(refusal: Refusal) -> Any:
            document = explain(refusal)
            change(document, refusal)
            return document

        return changed

    return lambda service: service.around("explain", wrap)


def answering(change: Callable[[Reply, Call], None]) -> Apply:
    """Changes replies of every kind."""

    def wrap(answer: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
        def changed(call: Call) -> Reply:
            reply = answer(call)
            change(reply, call)
            return reply

        return changed

    return lambda service: service.around("answer", wrap)


def before(stage: str, check: Callable[[Call], None]) -> Apply:
    """Looks at a call before a stage does."""

    def wrap(inner: Callable[[Call], Any]) -> Callable[[Call], Any]:
        def checked(call: Call) -> Any:
            check(call)
            return inner(call)

        return checked

    return lambda service: service.around(stage, wrap)


def after(stage: str, change: Callable[[Call], None]) -> Apply:
    """Looks at a call, or changes it, once a stage has let it pass."""

    def wrap(inner: Callable[[Call], None]) -> Callable[[Call], None]:
        def changed(call: Call) -> None:
            inner(call)
            change(call)

        return changed

    return lambda service: service.around(stage, wrap)


def instead(stage: str, status: int, other: Refusal) -> Apply:
    """Refuses otherwise where a stage refuses with this status."""

    def wrap(inner: Callable[..., None]) -> Callable[..., None]:
        def changed(*arguments: Any) -> None:
            try:
                inner(*arguments)
            except Refusal as refusal:
                if refusal.status == status:
                    raise Refusal(other.status, other.code, other.message) from None
                raise

        return changed

    return lambda service: service.around(stage, wrap)


def header(reply: Reply, name: str) -> str:
    """The value of a reply's header, in whatever case its name is; empty without one."""
    return next((value for each, value in reply.headers.items() if each.lower() == name), "")


def put(reply: Reply, name: str, value: str) -> None:
    """Set a reply's header, in the case that its name has there already."""
    known = next((each for each in reply.headers if each.lower() == name), name)
    reply.headers[known] = value
