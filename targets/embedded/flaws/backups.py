"""What is told of a backup, with a member missing, or of another type or value than Tables 2 to 9 say."""

from __future__ import annotations

import copy
import json
from functools import partial
from typing import TYPE_CHECKING, Any

from targets.embedded.backups import NAME
from targets.embedded.changes import FLAWS
from targets.embedded.flaws.places import at, mistype, null, only_if_there, put, remove

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from targets.embedded.flaws.places import Edit
    from targets.embedded.messages import Call
    from targets.embedded.service import Service

    Apply = Callable[[Service], None]
    Place = tuple[str, ...]

_add = partial(FLAWS.add, operation=NAME)
_BACKUP = ("checkpoint_item",)
_EXTENSION = (*_BACKUP, "extend_info")
_DISKS = (*_EXTENSION, "volume_backups")
_TABLES: dict[int, tuple[Place, str]] = {
    2: ((), "checkpoint_item"),
    3: (
        _BACKUP,
        "checkpoint_id created_at extend_info id name resource_id status updated_at backup_data resource_type",
    ),
    4: (
        _EXTENSION,
        """auto_trigger average_speed copy_from copy_status fail_code fail_op fail_reason image_type incremental
        progress resource_az resource_name size space_saving_ratio volume_backups finished_at supported_restore_mode
        os_images_data support_lld taskid hypervisor_type""",
    ),
    5: (
        (*_BACKUP, "backup_data"),
        "__openstack_region_name cloudservicetype disk imagetype ram vcpus eip private_ip",
    ),
    7: (
        _DISKS,
        """average_speed bootable id image_type incremental name size source_volume_id source_volume_size
        space_saving_ratio status source_volume_name snapshot_id""",
    ),
    8: ((*_BACKUP, "tags"), "key value"),
    9: ((*_EXTENSION, "os_images_data"), "image_id"),
}
"""Where the members are that every backup has, and those that every item of a list has."""
_SELDOM: dict[str, Place] = {
    "t3.description": (*_BACKUP, "description"),
    "t3.tags": (*_BACKUP, "tags"),
    "t4.resource_type": (*_EXTENSION, "resource_type"),
    "t6.code": (*_EXTENSION, "fail_code", "Code"),
    "t6.description": (*_EXTENSION, "fail_code", "Description"),
}
"""Where the members are that a backup may do without."""
PLACES = {f"t{table}.{name}": (*parent, name) for table, (parent, names) in _TABLES.items() for name in names.split()}


def describing(change: Callable[[Any], object], applies: Callable[[Any], bool] = lambda _: True) -> Apply:
    """Changes the documents of some backups."""

    def wrap(describe: Callable[[Call], Any]) -> Callable[[Call], Any]:
        def changed(call: Call) -> Any:
            document = copy.deepcopy(describe(call))
            if applies(document["checkpoint_item"]):
                change(document)
            return document

        return changed

    return lambda service: service.backups.around("describe", wrap)


def _slug(row: str) -> str:
    table, _, name = row.partition(".")
    inside = {"t7": "disk-", "t8": "tag-", "t9": "image-", "t5": "server-", "t4": "extended-", "t6": "failure-"}
    return inside.get(table, "") + name.strip("_").replace("_", "-").lower()


_edit: Edit
for _row, _place in PLACES.items():
    for _verb, _does, _edit, _kind in (
        ("lacks", f"Leaves {_place[-1]} out of a backup", remove, "present"),
        ("mistypes", f"Tells {_place[-1]} of a backup by another JSON type", mistype, "type"),
        ("nulls", f"Tells null for {_place[-1]} of a backup", null, "type"),
    ):
        _add(f"backup-{_verb}-{_slug(_row)}", f"{_does}.", describing(at(_place, _edit)), f"{_row}.{_kind}")
for _row, _place in _SELDOM.items():
    _add(
        f"backup-mistypes-{_slug(_row)}",
        f"Tells {_place[-1]} of a backup, where it has one, by another JSON type.",
        describing(at(_place, only_if_there(mistype))),
        f"{_row}.type",
    )


# -- values


def _text(parent: Any, name: str) -> None:
    parent[name] = json.dumps(parent.get(name))


def _capitals(parent: Any, name: str) -> None:
    parent[name] = str(parent.get(name)).upper()


def _fraction(parent: Any, name: str) -> None:
    parent[name] += 0.5


def _first(parent: Any, name: str) -> None:
    """A single object for a list of one, as some serializers have it."""
    if len(parent[name]) == 1:
        [parent[name]] = parent[name]


def _mapped(key: str, value: str | None = None) -> Edit:
    def change(parent: Any, name: str) -> None:
        if isinstance(parent.get(name), list):
            parent[name] = {each[key]: each[value] if value else each for each in parent[name]}

    return change


def _items(change: Callable[[list[Any]], list[Any]]) -> Edit:
    def apply(parent: Any, name: str) -> None:
        if isinstance(parent.get(name), list):
            parent[name] = change(parent[name])

    return apply


for _name, _doc, _row, _edit, _kind in (
    ("status-is-ok", "Calls an available backup OK.", "t3.status", put("OK"), "value"),
    ("status-in-capitals", "Tells the status in capitals.", "t3.status", _capitals, "value"),
    ("status-is-empty", "Tells no status of an available backup.", "t3.status", put(""), "value"),
    ("status-has-a-blank", "Has a blank behind the status.", "t3.status", put("available "), "value"),
    ("copy-status-in-capitals", "Tells copy_status in capitals.", "t4.copy_status", _capitals, "value"),
    ("copy-status-is-empty", "Tells an empty copy_status.", "t4.copy_status", put(""), "value"),
    ("copy-status-is-none", "Tells none for copy_status.", "t4.copy_status", put("none"), "value"),
    ("progress-is-101", "Goes on to 101 percent.", "t4.progress", put(101), "value"),
    ("progress-is-negative", "Begins at -1 percent.", "t4.progress", put(-1), "value"),
    ("progress-is-a-share", "Tells progress as a share of one, with a fraction.", "t4.progress", put(0.5), "type"),
    ("progress-has-a-sign", "Tells progress with a percent sign.", "t4.progress", put("100%"), "type"),
    ("hypervisor-is-kvm", "Has another hypervisor.", "t4.hypervisor_type", put("KVM"), "value"),
    (
        "hypervisor-in-small-letters",
        "Tells hypervisor_type in small letters.",
        "t4.hypervisor_type",
        put("qemu"),
        "value",
    ),
    ("restore-mode-is-full", "Has a restore mode of its own.", "t4.supported_restore_mode", put("full"), "value"),
    ("restore-mode-is-empty", "Tells no restore mode.", "t4.supported_restore_mode", put(""), "value"),
    ("disks-image-type-is-raw", "Calls the type of a disk's backup raw.", "t7.image_type", put("raw"), "value"),
    ("disks-image-type-in-capitals", "Tells a disk's image_type in capitals.", "t7.image_type", _capitals, "value"),
    ("time-is-a-number", "Tells created_at in seconds.", "t3.created_at", put(1521792037), "type"),
    ("end-is-a-number", "Tells finished_at in seconds.", "t4.finished_at", put(1521792037.5), "type"),
    ("flag-is-a-word", "Tells auto_trigger as a word.", "t4.auto_trigger", put("false"), "type"),
    ("flag-is-a-number", "Tells support_lld as 1.", "t4.support_lld", put(1), "type"),
    ("bootable-is-a-number", "Tells bootable as 0 and 1.", "t7.bootable", put(1), "type"),
    ("size-has-a-fraction", "Tells the size to half a megabyte.", "t4.size", _fraction, "type"),
    ("disks-size-has-a-fraction", "Tells a disk's size to half a megabyte.", "t7.size", _fraction, "type"),
    ("ram-has-a-fraction", "Tells ram to half a megabyte.", "t5.ram", _fraction, "type"),
    ("extension-is-text", "Tells extend_info as JSON in a string.", "t3.extend_info", _text, "type"),
    ("server-is-text", "Tells backup_data as JSON in a string.", "t3.backup_data", _text, "type"),
    ("server-is-a-list", "Tells backup_data in a list.", "t3.backup_data", put([]), "type"),
    ("fail-code-is-empty-text", "Tells an empty string for no fail_code.", "t4.fail_code", put(""), "type"),
    ("fail-code-is-a-number", "Tells fail_code as a number.", "t4.fail_code", put(0), "type"),
    ("fail-code-is-an-empty-list", "Tells an empty list for no fail_code.", "t4.fail_code", put([]), "type"),
    ("single-disk-has-no-list", "Has no list around a single disk.", "t4.volume_backups", _first, "type"),
    ("disks-by-name", "Tells disks as an object, by their id.", "t4.volume_backups", _mapped("id"), "type"),
    (
        "disks-end-in-null",
        "Has null behind the disks.",
        "t4.volume_backups",
        _items(lambda items: [*items, None]),
        "type",
    ),
    (
        "disks-are-ids",
        "Tells the ids of disks for disks.",
        "t4.volume_backups",
        _items(lambda items: [each["id"] for each in items]),
        "type",
    ),
    (
        "images-are-ids",
        "Tells the ids of images for images.",
        "t4.os_images_data",
        _items(lambda items: [each["image_id"] for each in items]),
        "type",
    ),
    ("single-image-has-no-list", "Has no list around a single image.", "t4.os_images_data", _first, "type"),
):
    _add(f"backup-{_name}", _doc, describing(at(PLACES[_row], _edit)), f"{_row}.{_kind}")
for _name, _doc, _edit in (
    ("tags-are-a-mapping", "Tells tags as an object, by their key.", _mapped("key", "value")),
    (
        "tags-are-words",
        "Tells tags as key=value.",
        _items(lambda tags: [f"{tag['key']}={tag['value']}" for tag in tags]),
    ),
):
    _add(f"backup-{_name}", _doc, describing(at(_SELDOM["t3.tags"], _edit)), "t3.tags.type")


def _present(table: int) -> tuple[str, ...]:
    return tuple(f"t{table}.{name}.present" for name in _TABLES[table][1].split())


for _name, _doc, _change, _breaks in (
    ("extension-is-empty", "Tells nothing in extend_info.", at(PLACES["t3.extend_info"], put({})), _present(4)),
    ("server-is-empty", "Tells nothing in backup_data.", at(PLACES["t3.backup_data"], put({})), _present(5)),
    (
        "disks-are-empty",
        "Has an empty object for each disk.",
        at(PLACES["t4.volume_backups"], _items(lambda items: [{} for _ in items])),
        _present(7),
    ),
    ("is-empty", "Tells nothing of a backup.", at(PLACES["t2.checkpoint_item"], put({})), _present(3)),
    (
        "is-in-a-list",
        "Tells a backup as a list of one.",
        lambda document: document.update(checkpoint_item=[document["checkpoint_item"]]),
        ("t2.checkpoint_item.type",),
    ),
    (
        "is-not-wrapped",
        "Tells a backup without the member that holds it.",
        lambda document: document.update(document.pop("checkpoint_item")),
        ("t2.checkpoint_item.present",),
    ),
    (
        "extension-is-flat",
        "Tells what belongs into extend_info beside it.",
        lambda document: document["checkpoint_item"].update(document["checkpoint_item"].pop("extend_info")),
        ("t3.extend_info.present",),
    ),
    (
        "shows-internals",
        "Shows where its code has failed.",
        at(PLACES["t4.fail_reason"], put('Traceback (most recent call last):\n  File "/srv/csbs/backup.py", line 7')),
        ("a.internals",),
    ),
):
    _add(f"backup-{_name}", _doc, describing(_change), *_breaks)


# -- on condition


def _disks(backup: Mapping[str, Any]) -> int:
    return len(backup["extend_info"]["volume_backups"])


for _suffix, _when, _applies in (
    ("of-one-disk", "of a server with one disk", lambda backup: _disks(backup) == 1),
    ("of-many-disks", "of a server with many disks", lambda backup: _disks(backup) > 10),
    ("without-tags", "that has no tags", lambda backup: not backup.get("tags")),
):
    for _verb, _does, _row, _edit, _kind in (
        ("lacks-taskid", "Leaves taskid out of a backup", "t4.taskid", remove, "present"),
        ("nulls-name", "Tells null for the name of a backup", "t3.name", null, "type"),
        ("hypervisor-is-xen", "Has another hypervisor for a backup", "t4.hypervisor_type", put("XEN"), "value"),
        ("last-disk-lacks-size", "Leaves size out of the last disk of a backup", "t7.size", remove, "present"),
    ):
        _add(
            f"backup-{_verb}-{_suffix}",
            f"{_does} {_when}.",
            describing(at(PLACES[_row], _edit), _applies),
            f"{_row}.{_kind}",
        )
