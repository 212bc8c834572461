"""Accepted requests that are answered otherwise than Tables 7 to 11 say, and acceptable ones that are refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import FLAWS
from targets.embedded.service import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Call, Reply, Service

ECHOED = {
    "t8.checkpoint_id": ("checkpoint_id",),
    "t8.provider_id": ("provider_id",),
    "t8.restore_target": ("restore_target",),
    "t8.parameters": ("parameters",),
    "t9.checkpoint_item_id": ("parameters", "checkpoint_item_id"),
    "t9.power_on": ("parameters", "power_on"),
    "t9.targets": ("parameters", "targets"),
    "t10.server_id": ("parameters", "targets", "server_id"),
    "t10.volumes": ("parameters", "targets", "volumes"),
    "t11.backup_id": ("parameters", "targets", "volumes", "backup_id"),
    "t11.volume_id": ("parameters", "targets", "volumes", "volume_id"),
}
PLACES = {
    **ECHOED,
    "t8.id": ("id",),
    "t8.project_id": ("project_id",),
    "t8.status": ("status",),
    "t8.resources_reason": ("resources_reason",),
    "t8.resources_status": ("resources_status",),
}


def describing(change: Callable[[Any], None]) -> Callable[[Service], None]:
    """Changes a copy of what the restore member of an answer holds."""

    def wrap(describe: Callable[[Call], Any]) -> Callable[[Call], Any]:
        def changed(call: Call) -> Any:
            document = json.loads(json.dumps(describe(call)))
            change(document["restore"])
            return document

        return changed

    return lambda service: service.around("describe", wrap)


def _at(place: tuple[str, ...], change: Callable[[Any, str], None]) -> Callable[[Any], None]:
    """Changes the last item's member where the place goes through a list."""

    def apply(parent: Any) -> None:
        for step in place[:-1]:
            parent = parent.get(step) if isinstance(parent, dict) else None
            parent = parent[-1] if isinstance(parent, list) and parent else parent
        if isinstance(parent, dict):
            change(parent, place[-1])

    return apply


def _remove(parent: Any, name: str) -> None:
    parent.pop(name, None)


def _mistype(parent: Any, name: str) -> None:
    value = parent.get(name)
    parent[name] = {
        bool: str,
        str: lambda text: [text],
        dict: lambda _: "in_progress",
        list: lambda items: items[0],
    }.get(type(value), lambda _: 0)(value)  # type: ignore[operator]


def _alter(parent: Any, name: str) -> None:
    value = parent.get(name)
    if isinstance(value, bool):
        parent[name] = not value
    elif isinstance(value, str):
        parent[name] = "another"
    elif isinstance(value, list):
        parent[name] = [*value, *value]
    elif isinstance(value, dict):
        for each in list(value):
            _alter(value, each)


for _row, _place in PLACES.items():
    _slug = _row.partition(".")[2].replace("_", "-")
    FLAWS.add(
        f"answer-lacks-{_slug}",
        f"Leaves {_place[-1]} out of the answer.",
        describing(_at(_place, _remove)),
        f"{_row}.present",
    )
    FLAWS.add(
        f"answer-mistypes-{_slug}",
        f"Answers {_place[-1]} with another JSON type.",
        describing(_at(_place, _mistype)),
        f"{_row}.type",
    )
for _row, _place in {**ECHOED, "t8.project_id": ("project_id",)}.items():
    _slug = _row.partition(".")[2].replace("_", "-")
    FLAWS.add(
        f"answer-alters-{_slug}",
        f"Answers {_place[-1]} otherwise than it was sent.",
        describing(_at(_place, _alter)),
        f"{_row}.echo",
    )


def replying(change: Callable[[Reply], None]) -> Callable[[Service], None]:
    """Changes the replies to accepted requests."""

    def wrap(restore: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
        def changed(call: Call) -> Reply:
            reply = restore(call)
            change(reply)
            return reply

        return changed

    return lambda service: service.around("restore", wrap)


def _status(status: int) -> Callable[[Reply], None]:
    def change(reply: Reply) -> None:
        reply.status = status

    return change


for _code in (201, 202, 204, 302, 400, 500):
    FLAWS.add(
        f"accepted-with-{_code}",
        f"Answers an accepted request with {_code}.",
        replying(_status(_code)),
        "s.200",
        *(["s.500"] if _code == 500 else []),  # noqa: PLR2004
    )


def _refusing(applies: Callable[[Any], bool]) -> Callable[[Service], None]:
    def wrap(look_up: Callable[[Call], None]) -> Callable[[Call], None]:
        def picky(call: Call) -> None:
            look_up(call)
            if applies(call.document["restore"]):
                raise Refusal(400, "CSBS.0400", "the request is not valid")

        return picky

    return lambda service: service.around("look_up", wrap)


for _name, _doc, _applies, _row in (
    (
        "refuses-power-on-false",
        "Takes a false power_on for a missing one.",
        lambda restore: not restore["parameters"]["power_on"],
        "t4.power_on.type",
    ),
    (
        "refuses-power-on-true",
        "Refuses to power on.",
        lambda restore: restore["parameters"]["power_on"],
        "t4.power_on.type",
    ),
    (
        "refuses-restore-target",
        "Refuses the optional member.",
        lambda restore: "restore_target" in restore,
        "t3.restore_target.mandatory",
    ),
    (
        "wants-restore-target",
        "Wants the optional member.",
        lambda restore: "restore_target" not in restore,
        "t3.restore_target.mandatory",
    ),
    (
        "refuses-two-volumes",
        "Refuses more than one volume.",
        lambda restore: len(restore["parameters"]["targets"]["volumes"]) > 1,
        "t5.volumes.type",
    ),
):
    FLAWS.add(_name, _doc, _refusing(_applies), "s.200", _row)
