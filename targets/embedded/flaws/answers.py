"""Answers in which a member is missing, of another type or value than Tables 7 to 11 say: always, or on condition."""

from __future__ import annotations

from typing import Any

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.calls import dashed, more_volumes_than, powered_off, volumes, with_target, without_target
from targets.embedded.flaws.hooks import describing
from targets.embedded.flaws.places import at, mistype, null, remove

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
    _slug = dashed(_row.partition(".")[2])
    FLAWS.add(
        f"answer-lacks-{_slug}",
        f"Leaves {_place[-1]} out of the answer.",
        describing(at(_place, remove)),
        f"{_row}.present",
    )
    FLAWS.add(
        f"answer-mistypes-{_slug}",
        f"Answers {_place[-1]} with another JSON type.",
        describing(at(_place, mistype)),
        f"{_row}.type",
    )
    FLAWS.add(
        f"answer-nulls-{_slug}",
        f"Answers null for {_place[-1]}.",
        describing(at(_place, null)),
        f"{_row}.type",
    )
for _row, _place in {**ECHOED, "t8.project_id": ("project_id",)}.items():
    _slug = dashed(_row.partition(".")[2])
    FLAWS.add(
        f"answer-alters-{_slug}",
        f"Answers {_place[-1]} otherwise than it was sent.",
        describing(at(_place, _alter)),
        f"{_row}.echo",
    )


for _suffix, _when, _applies in (
    ("with-restore-target", "when the optional member was sent", with_target),
    ("without-restore-target", "when the optional member was not sent", without_target),
    ("with-power-off", "when power_on is false", powered_off),
    ("for-one-volume", "for a single volume", lambda call: len(volumes(call)) == 1),
    ("for-many-volumes", "for more than ten volumes", more_volumes_than(10)),
):
    for _verb, _does, _place, _change, _clause in (
        ("lacks-status", "Leaves status out of the answer", ("status",), remove, "t8.status.present"),
        ("mistypes-status", "Answers status with another JSON type", ("status",), mistype, "t8.status.type"),
        ("nulls-id", "Answers null for id", ("id",), null, "t8.id.type"),
        (
            "alters-server-id",
            "Answers another server_id than was sent",
            ("parameters", "targets", "server_id"),
            _alter,
            "t10.server_id.echo",
        ),
    ):
        FLAWS.add(
            f"answer-{_verb}-{_suffix}",
            f"{_does} {_when}.",
            describing(at(_place, _change), _applies),
            _clause,
        )
