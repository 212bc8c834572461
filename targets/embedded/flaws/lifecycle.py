"""What goes wrong between operations while a restoration lasts, and after it: nothing that a single request shows."""

from __future__ import annotations

import itertools
from functools import partial
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import FLAWS, LIFECYCLE
from targets.embedded.messages import Refusal
from targets.embedded.rules import BUSY
from targets.embedded.world import AVAILABLE, RESTORING, WAITING, known

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from targets.embedded.messages import Call
    from targets.embedded.service import Service

    Apply = Callable[[Service], None]
    Backup = dict[str, Any]
    Resource = Mapping[str, Any]
    When = Callable[[Service, str], bool]

_LISTED, _SETTLES, _BUSY, _CAPABILITY, _BACKUP = (
    "c.status.listed",
    "c.status.settles",
    "c.busy",
    "c.capability",
    "c.backup",
)
_add = partial(FLAWS.add, operation=LIFECYCLE)
_flaw = partial(FLAWS.change, operation=LIFECYCLE)


def _begun(service: Service, name: str) -> bool:
    """The server or backup has been restored, or is being."""
    return known(name) in service.world.started


def _meanwhile(service: Service, name: str) -> bool:
    return service.world.busy(name)


def _afterwards(service: Service, name: str) -> bool:
    return _begun(service, name) and not _meanwhile(service, name)


# -- a second restoration of a server that is busy


def _second(tell: Callable[[Refusal], Refusal | None]) -> Apply:
    """Takes a restoration that comes too early, or refuses it in another way."""

    def wrap(wait_for: Callable[[Call], None]) -> Callable[[Call], None]:
        def other(call: Call) -> None:
            try:
                wait_for(call)
            except Refusal as refusal:
                told = tell(refusal)
                if told is not None:
                    raise told from None

        return other

    return lambda service: service.around("wait_for", wrap)


_add(
    "lifecycle-takes-a-second-restoration",
    "Restores a server that is being restored.",
    _second(lambda _: None),
    _BUSY,
    _CAPABILITY,
)
for _code, _error in (
    *((code, BUSY) for code in (401, 403, 404, 409, 500)),
    *((400, code) for code in ("CSBS.6013", "CSBS.0400", "Restore.6115")),
    (403, "CSBS.9009"),
    (404, "CSBS.6000"),
):
    _add(
        f"lifecycle-busy-is-{_code}-{_error.partition('.')[2]}",
        f"Answers {_code} with {_error} to a second restoration of a server.",
        _second(lambda refusal, code=_code, error=_error: Refusal(code, error, refusal.message)),  # type: ignore[misc]
        _BUSY,
    )


@_flaw(_BUSY, _CAPABILITY)
def lifecycle_waiting_is_not_busy(service: Service) -> None:
    """Restores a server whose restoration has not begun yet."""

    def wrap(wait_for: Callable[[Call], None]) -> Callable[[Call], None]:
        def lax(call: Call) -> None:
            if any(service.world.status(server) == RESTORING for server in service.named(call, "server_id")):
                wait_for(call)

        return lax

    service.around("wait_for", wrap)


@_flaw(_BUSY, _CAPABILITY)
def lifecycle_busy_for_ever(service: Service) -> None:
    """Restores a server once, and calls it busy from then on."""

    def wait_for(call: Call) -> None:
        if any(_begun(service, server) for server in service.named(call, "server_id")):
            raise Refusal(400, BUSY, "The server is restoring.")

    service.around("wait_for", lambda _: wait_for)


@_flaw(_CAPABILITY)
def lifecycle_restores_once(service: Service) -> None:
    """Restores a server once, and does not support it from then on, whatever it says of its capability."""

    def wrap(wait_for: Callable[[Call], None]) -> Callable[[Call], None]:
        def strict(call: Call) -> None:
            wait_for(call)
            if any(_begun(service, server) for server in service.named(call, "server_id")):
                raise Refusal(400, "CSBS.6013", "the resource is not supported")

        return strict

    service.around("wait_for", wrap)


# -- the status


def _calling(word: str | None, when: When) -> Apply:
    """Has another word for a backup's status."""

    def apply(service: Service) -> None:
        def wrap(status: Callable[[Resource], str]) -> Callable[[Resource], str | None]:
            return lambda resource: word if when(service, resource["checkpoint_item_id"]) else status(resource)

        service.backups.around("status", wrap)

    return apply


for _slug, _doc, _word, _when, _clause in (
    ("never-ends", "Calls a backup restoring for ever.", RESTORING, _begun, _SETTLES),
    ("never-begins", "Calls a backup waiting for ever.", WAITING, _begun, _SETTLES),
    ("ends-deleted", "Calls a backup deleted once it has been restored.", "deleted", _afterwards, _SETTLES),
    ("ends-deleting", "Calls a backup deleting once it has been restored.", "deleting", _afterwards, _SETTLES),
    ("ends-waiting-delete", "Means to delete what it has restored.", "waiting_delete", _afterwards, _SETTLES),
    ("ends-protecting", "Backs up for ever what it has restored.", "protecting", _afterwards, _SETTLES),
    ("ends-restored", "Calls a backup restored once it has been.", "restored", _afterwards, _LISTED),
    ("ends-without-status", "Has no word for what it has restored.", "", _afterwards, _LISTED),
    ("in-capitals", "Calls a backup RESTORING while it is restored.", "RESTORING", _meanwhile, _LISTED),
    ("in-progress", "Calls a backup in_progress while it is restored.", "in_progress", _meanwhile, _LISTED),
    ("is-null", "Has no status for a backup while it is restored.", None, _meanwhile, _LISTED),
):
    _add(f"lifecycle-{_slug}", _doc, _calling(_word, _when), _clause)


FEW_LOOKS = 2


@_flaw(_SETTLES)
def lifecycle_flips_back(service: Service) -> None:
    """Calls a backup restoring again, some looks after it has been restored."""
    times = itertools.count(1)
    _calling(RESTORING, lambda s, name: _afterwards(s, name) and next(times) > FEW_LOOKS)(service)


@_flaw(_BACKUP, _SETTLES)
def lifecycle_of_another_backup(service: Service) -> None:
    """Calls the next backup restoring in the place of the one that is restored."""

    def wrap(status: Callable[[Resource], str]) -> Callable[[Resource], str]:
        def wrong(resource: Resource) -> str:
            resources = service.world.resources
            return status(resources[resources.index(resource) - 1])

        return wrong

    service.backups.around("status", wrap)


@_flaw(_BACKUP, _SETTLES)
def lifecycle_of_all_backups(service: Service) -> None:
    """Calls every backup restoring while one of them is restored."""

    def wrap(status: Callable[[Resource], str]) -> Callable[[Resource], str]:
        def wrong(resource: Resource) -> str:
            told = map(status, (resource, *service.world.resources))
            return next((each for each in told if each != AVAILABLE), AVAILABLE)

        return wrong

    service.backups.around("status", wrap)


# -- what can be restored


def _waiting(wait_for: Callable[[Service, Call, str], None]) -> Apply:
    """Calls other servers busy where it says what can be restored."""

    def apply(service: Service) -> None:
        service.capability.around("wait_for", lambda _: partial(wait_for, service))

    return apply


def _refuse(when: When, code: str = BUSY, status: int = 400) -> Callable[[Service, Call, str], None]:
    def wait_for(service: Service, _: Call, server: str) -> None:
        if when(service, server):
            raise Refusal(status, code, "the server cannot be restored")

    return wait_for


for _slug, _doc, _wait_for in (
    ("no-for-ever", "Says that a server is busy long after it has been restored.", _refuse(_begun)),
    ("no-afterwards", "Says that what has been restored is not supported.", _refuse(_begun, "CSBS.6013")),
):
    _add(f"lifecycle-says-{_slug}", _doc, _waiting(_wait_for), _CAPABILITY)


@_flaw(_CAPABILITY)
def lifecycle_capability_fails_meanwhile(service: Service) -> None:
    """Fails to say whether a server can be restored while it is."""

    def wrap(tell: Callable[[Call, Any], Any]) -> Callable[[Call, Any], Any]:
        def failing(call: Call, item: Any) -> Any:
            told = tell(call, item)
            if told["error_code"] == BUSY:
                raise Refusal(500, "CSBS.9999", "query failed")
            return told

        return failing

    service.capability.around("tell", wrap)


# -- the backup


def _becoming(change: Callable[[Backup], object], when: When) -> Apply:
    """Tells something else of a backup that is restored, or has been."""

    def apply(service: Service) -> None:
        def wrap(tell: Callable[[Call, Resource], Backup]) -> Callable[[Call, Resource], Backup]:
            def changed(call: Call, resource: Resource) -> Backup:
                backup = tell(call, resource)
                if when(service, resource["checkpoint_item_id"]):
                    change(backup)
                return backup

            return changed

        service.backups.around("tell", wrap)

    return apply


def _gone(code: int, error: str) -> Callable[[Backup], None]:
    def change(_: Backup) -> None:
        raise Refusal(code, error, "the backup cannot be told")

    return change


_OTHER = "00000000-1111-4222-8333-444444444444"


def _other(name: str) -> Callable[[Backup], None]:
    return lambda backup: backup.update({name: _OTHER})


for _slug, _doc, _change, _when in (
    ("checkpoint-differs", "Has another checkpoint for what has been restored.", _other("checkpoint_id"), _afterwards),
    ("checkpoint-moves", "Has another checkpoint for what is being restored.", _other("checkpoint_id"), _meanwhile),
    ("id-differs", "Has another id for what has been restored.", _other("id"), _afterwards),
    ("gone-meanwhile", "Does not find a backup while it is restored.", _gone(404, "CSBS.3001"), _meanwhile),
    ("gone-afterwards", "Does not find a backup that has been restored.", _gone(404, "CSBS.3001"), _afterwards),
    ("fails-meanwhile", "Fails to tell of a backup while it is restored.", _gone(500, "CSBS.8008"), _meanwhile),
):
    _add(f"lifecycle-{_slug}", _doc, _becoming(_change, _when), _BACKUP)
