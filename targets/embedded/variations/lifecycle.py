"""Other sound ways for a restoration to go on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import LIFECYCLE, VARIATIONS
from targets.embedded.messages import Refusal
from targets.embedded.rules import BUSY
from targets.embedded.world import RESTORING, WAITING, known

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from targets.embedded.messages import Call
    from targets.embedded.service import Service

    Resource = Mapping[str, Any]

_sound = partial(VARIATIONS.change, operation=LIFECYCLE)


@_sound()
def lifecycle_begins_at_once(service: Service) -> None:
    """Calls a backup restoring from the first moment."""

    def wrap(status: Callable[[Resource], str]) -> Callable[[Resource], str]:
        return lambda resource: RESTORING if status(resource) == WAITING else status(resource)

    service.backups.around("status", wrap)


@_sound()
def lifecycle_ends_in_error(service: Service) -> None:
    """Fails to restore anything, and says so in the end."""

    def wrap(status: Callable[[Resource], str]) -> Callable[[Resource], str]:
        def failed(resource: Resource) -> str:
            world, name = service.world, resource["checkpoint_item_id"]
            return "error" if known(name) in world.started and not world.busy(name) else status(resource)

        return failed

    service.backups.around("status", wrap)


@_sound()
def lifecycle_says_yes_to_a_busy_server(service: Service) -> None:
    """Says whether a server can be restored at all, busy or not."""
    service.capability.around("wait_for", lambda _: lambda *_: None)


@_sound()
def lifecycle_question_is_refused_meanwhile(service: Service) -> None:
    """Refuses to say whether a server can be restored while it is, with the code that a restoration would get."""

    def wrap(tell: Callable[[Call, Any], Any]) -> Callable[[Call, Any], Any]:
        def refusing(call: Call, item: Any) -> Any:
            told = tell(call, item)
            if told["error_code"] == BUSY:
                raise Refusal(400, BUSY, "The server is restoring.")
            return told

        return refusing

    service.capability.around("tell", wrap)
