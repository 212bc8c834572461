"""Other sound ways to tell of a backup."""

from __future__ import annotations

import copy
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from targets.embedded.backups import NAME
from targets.embedded.changes import VARIATIONS
from targets.embedded.messages import Refusal
from targets.embedded.world import AVAILABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from targets.embedded.messages import Call
    from targets.embedded.service import Service

    Apply = Callable[[Service], None]
    Backup = dict[str, Any]

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
MORE: Backup = {"extra_info": None, "links": [], "version": 2, "encrypted": False, "region": {"id": ""}}
LONGEST = 64
_add = partial(VARIATIONS.add, operation=NAME)
_sound = partial(VARIATIONS.change, operation=NAME)


def _telling(change: Callable[[Backup], object]) -> Apply:
    """Changes a copy of what is told of a backup."""

    def wrap(tell: Callable[[Call, Mapping[str, Any]], Backup]) -> Callable[[Call, Mapping[str, Any]], Backup]:
        def changed(call: Call, resource: Mapping[str, Any]) -> Backup:
            backup = copy.deepcopy(tell(call, resource))
            change(backup)
            return backup

        return changed

    return lambda service: service.backups.around("tell", wrap)


# -- what may be missing


def _seldom(backup: Backup) -> tuple[tuple[Backup, str], ...]:
    """The members that a backup may do without, each with the object that may have it."""
    extension = backup["extend_info"]
    failure = extension["fail_code"]
    return (
        (backup, "description"),
        (backup, "tags"),
        (extension, "resource_type"),
        (failure, "Code"),
        (failure, "Description"),
    )


def _without(backup: Backup) -> None:
    for parent, name in _seldom(backup):
        parent.pop(name, None)


def _nulls(backup: Backup) -> None:
    for parent, name in _seldom(backup):
        parent[name] = None


def _whole(backup: Backup) -> None:
    values = ("before the upgrade", [{"key": "a", "value": ""}], "OS::Nova::Server", 0, "")
    for (parent, name), value in zip(_seldom(backup), values):
        parent[name] = value


for _name, _doc, _change in (
    ("has-what-it-must", "Leaves out of a backup whatever may be missing.", _without),
    ("nulls-what-may-be-missing", "Tells null for whatever may be missing.", _nulls),
    ("has-everything", "Has everything in each backup.", _whole),
    ("has-no-tags", "Has an empty list of tags.", lambda backup: backup.update(tags=[])),
    ("has-no-description", "Has an empty description.", lambda backup: backup.update(description="")),
    ("has-no-images", "Has no images.", lambda backup: backup["extend_info"].update(os_images_data=[])),
    (
        "has-images",
        "Has several images.",
        lambda backup: backup["extend_info"].update(os_images_data=[{"image_id": "a"}, {"image_id": "b", "size": 1}]),
    ),
):
    _add(f"backup-{_name}", _doc, _telling(_change))


# -- values


def _extended(**members: Any) -> Callable[[Backup], None]:
    return lambda backup: backup["extend_info"].update(copy.deepcopy(members))


def _server(**members: Any) -> Callable[[Backup], None]:
    return lambda backup: backup["backup_data"].update(members)


def _floats(value: Any) -> Any:
    """Whole numbers as a serializer that knows but one kind of number has them."""
    if isinstance(value, dict):
        return {name: _floats(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_floats(each) for each in value]
    return float(value) if type(value) is int else value


for _name, _doc, _change in (
    ("has-floats", "Tells whole numbers with a fraction of zero.", lambda backup: backup.update(_floats(backup))),
    ("progress-is-0", "Tells no progress.", _extended(progress=0)),
    ("progress-is-half", "Tells a progress of 50.", _extended(progress=50)),
    ("has-failed-once", "Has failed to be restored.", _extended(fail_op="restore", fail_reason="no space")),
    ("has-a-code", "Has the code of a failure.", _extended(fail_code={"Code": 1 << 40, "Description": "no space"})),
    ("failure-has-more", "Has other members in fail_code.", _extended(fail_code={"step": 3})),
    ("has-no-failure", "Has an empty fail_code.", _extended(fail_code={})),
    ("was-copied", "Has been copied to another region.", _extended(copy_status="success", copy_from="eu-de")),
    ("mode-is-na", "Tells no restore mode.", _extended(supported_restore_mode="na")),
    ("mode-is-snapshot", "Tells of snapshots.", _extended(supported_restore_mode="snapshot")),
    ("type-is-another", "Has another type of backups.", _extended(image_type="snapshot")),
    (
        "server-is-unknown",
        "Knows little of the server.",
        _server(cloudservicetype="", imagetype="", eip=""),
    ),
    ("name-is-foreign", "Has a name in several scripts.", lambda backup: backup.update(name="Zürich 東京 \U0001f680")),
    ("name-is-empty", "Has an empty name.", lambda backup: backup.update(name="")),
    ("time-is-utc", "Tells times in UTC.", lambda backup: backup.update(created_at="2018-03-26T08:11:45Z")),
    (
        "disks-come-reversed",
        "Tells the last disk first.",
        lambda backup: backup["extend_info"].update(volume_backups=backup["extend_info"]["volume_backups"][::-1]),
    ),
    (
        "disks-have-more",
        "Has more members in each disk.",
        lambda backup: [disk.update(MORE) for disk in backup["extend_info"]["volume_backups"]],
    ),
    ("has-more", "Has more members in a backup.", lambda backup: backup.update(MORE)),
    ("extension-has-more", "Has more members in extend_info.", _extended(**MORE)),
    ("server-has-more", "Has more members in backup_data.", _server(**MORE)),
):
    _add(f"backup-{_name}", _doc, _telling(_change))


@_sound()
def backup_has_more_beside(service: Service) -> None:
    """Has more members beside the backup."""
    service.backups.around("describe", lambda inner: lambda call: {**inner(call), **MORE})


for _status in ("waiting_restore", "restoring", "protecting", "error"):

    def _settled(status: Callable[[Mapping[str, Any]], str], word: str) -> Callable[[Mapping[str, Any]], str]:
        return lambda resource: word if status(resource) == AVAILABLE else status(resource)

    _add(
        f"backup-status-is-{_status.replace('_', '-')}",
        f"Is {_status} for reasons of its own.",
        lambda service, word=_status: service.backups.around("status", partial(_settled, word=word)),  # type: ignore[misc]
    )


# -- what nothing has


def _looking(check: Callable[[str], None]) -> Apply:
    """Looks at an id before it looks the backup up."""

    def apply(service: Service) -> None:
        def wrap(look_up: Callable[[Call], None]) -> Callable[[Call], None]:
            def strict(call: Call) -> None:
                check(service.backups.asked(call))
                look_up(call)

            return strict

        service.backups.around("look_up", wrap)

    return apply


def _refuse_form(name: str) -> None:
    if not UUID.fullmatch(name.strip()):
        raise Refusal(400, "CSBS.0400", "the id is no UUID")


def _refuse_length(name: str) -> None:
    if len(name) > LONGEST:
        raise Refusal(414, "APIGW.0109", "the path is too long")


_add("backup-ids-must-be-uuids", "Refuses ids that do not look like a UUID.", _looking(_refuse_form))
_add("backup-long-ids-get-414", "Refuses ids that its gateway has no room for.", _looking(_refuse_length))


@_sound()
def backup_unknown_has_own_code(service: Service) -> None:
    """Has a code of its own for a backup that nothing has."""

    def wrap(look_up: Callable[[Call], None]) -> Callable[[Call], None]:
        def coded(call: Call) -> None:
            try:
                look_up(call)
            except Refusal as refusal:
                code = "Backup.0404" if refusal.status == 404 else refusal.code  # noqa: PLR2004
                raise Refusal(refusal.status, code, refusal.message) from None

        return coded

    service.backups.around("look_up", wrap)
