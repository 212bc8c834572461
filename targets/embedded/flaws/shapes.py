"""Answers that have the right values in the wrong places: lists folded, wrappers lost, names changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.hooks import describing, rewriting

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Service

_PAIRS = ("t11.backup_id.echo", "t11.volume_id.echo")
_LIST = ("t10.volumes.echo", *_PAIRS)
_ROOT = ("t7.restore.present",)

_breaks: tuple[str, ...]

# -- lists


def _listing(change: Callable[[list[Any]], Any]) -> Callable[[Service], None]:
    """Changes the volumes of an answer."""

    def apply(restore: Any) -> None:
        targets = restore["parameters"]["targets"]
        targets["volumes"] = change(targets["volumes"])

    return describing(apply)


def _paired(backups: list[Any], others: list[Any]) -> list[Any]:
    return [{**each, "volume_id": other["volume_id"]} for each, other in zip(backups, others)]


for _name, _doc, _change, _breaks in (
    (
        "folds-a-list-of-one",
        "Answers a single volume without its list.",
        lambda items: items[0] if len(items) == 1 else items,
        ("t10.volumes.type",),
    ),
    (
        "folds-every-list",
        "Answers the first volume in place of the list.",
        lambda items: items[0],
        ("t10.volumes.type",),
    ),
    (
        "numbers-the-volumes",
        "Answers an object with numbers for names in place of the list.",
        lambda items: {str(at): each for at, each in enumerate(items)},
        ("t10.volumes.type",),
    ),
    (
        "answers-volumes-as-texts",
        "Answers pairs of identifiers as texts.",
        lambda items: [":".join(each.values()) for each in items],
        ("t10.volumes.type",),
    ),
    ("answers-lists-of-lists", "Answers a list within the list.", lambda items: [items], ("t10.volumes.type",)),
    (
        "answers-the-first-volume-twice",
        "Answers the first of two volumes for the second.",
        lambda items: [*items[:1], *items[:1], *items[2:]][: len(items)],
        _LIST,
    ),
    (
        "answers-the-last-volume-throughout",
        "Answers the last volume in every place.",
        lambda items: [items[-1]] * len(items),
        _LIST,
    ),
    ("answers-one-volume", "Answers the first volume alone.", lambda items: items[:1], _LIST),
    ("answers-two-volumes", "Answers no more than two volumes.", lambda items: items[:2], _LIST),
    ("answers-ten-volumes", "Answers no more than ten volumes.", lambda items: items[:10], _LIST),
    ("answers-fifty-volumes", "Answers no more than fifty volumes.", lambda items: items[:50], _LIST),
    ("answers-no-volumes", "Answers an empty list.", lambda _: [], _LIST),
    ("answers-a-volume-more", "Answers the last volume once more.", lambda items: [*items, items[-1]], _LIST),
    (
        "answers-an-empty-volume-more",
        "Answers an empty object behind the volumes.",
        lambda items: [*items, {}],
        (*_LIST, "t11.backup_id.present", "t11.volume_id.present"),
    ),
    (
        "answers-null-behind-the-volumes",
        "Answers null behind the volumes.",
        lambda items: [*items, None],
        ("t10.volumes.type", "t10.volumes.echo"),
    ),
    (
        "swaps-backup-and-volume",
        "Answers backups for volumes and volumes for backups.",
        lambda items: [{"backup_id": each["volume_id"], "volume_id": each["backup_id"]} for each in items],
        _PAIRS,
    ),
    (
        "pairs-volumes-anew",
        "Answers all volumes, each with its neighbour's backup.",
        lambda items: _paired(items, [*items[1:], *items[:1]]),
        _LIST,
    ),
    (
        "pairs-volumes-in-reverse",
        "Answers all volumes, the last with the first backup.",
        lambda items: _paired(items, items[::-1]),
        _LIST,
    ),
    (
        "loses-backups-past-ten",
        "Leaves backup_id out of volumes past the tenth.",
        lambda items: [*items[:10], *({"volume_id": each["volume_id"]} for each in items[10:])],
        ("t11.backup_id.present",),
    ),
    (
        "loses-volumes-past-ten",
        "Answers null for volume_id past the tenth.",
        lambda items: [*items[:10], *({**each, "volume_id": None} for each in items[10:])],
        ("t11.volume_id.type",),
    ),
    (
        "loses-the-first-backup",
        "Leaves backup_id out of the first volume.",
        lambda items: [{"volume_id": items[0]["volume_id"]}, *items[1:]],
        ("t11.backup_id.present",),
    ),
):
    FLAWS.add(_name, _doc, _listing(_change), *_breaks)

# -- objects and wrappers


def _in_camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def _named(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [_named(item, change) for item in value]
    if not isinstance(value, dict):
        return value
    return {change(name): _named(item, change) for name, item in value.items()}


def _flat(document: Any) -> Any:
    restore = document["restore"]
    parameters = restore["parameters"]
    return {"restore": {**restore, "parameters": {**parameters, **parameters["targets"]}}}


def _without_targets(document: Any) -> Any:
    flat = _flat(document)
    del flat["restore"]["parameters"]["targets"]
    return flat


_WORDS = ("t8.checkpoint_id.present", "t8.project_id.present", "t8.provider_id.present", "t8.resources_status.present")
for _name, _doc, _rewrite, _breaks in (
    (
        "answers-without-wrapper",
        "Answers what belongs into restore at the top.",
        lambda document: document["restore"],
        _ROOT,
    ),
    ("answers-in-a-list", "Answers a list of one restoration.", lambda document: [document], _ROOT),
    ("answers-in-a-string", "Answers a JSON document within a string.", str, _ROOT),
    ("answers-in-another-wrapper", "Answers within data.", lambda document: {"data": document}, _ROOT),
    (
        "answers-several-restorations",
        "Answers a list named restores.",
        lambda document: {"restores": [document["restore"]]},
        _ROOT,
    ),
    ("answers-null", "Answers null.", lambda _: None, _ROOT),
    ("answers-an-empty-object", "Answers an empty object.", lambda _: {}, _ROOT),
    ("answers-restore-as-null", "Answers null for restore.", lambda _: {"restore": None}, ("t7.restore.type",)),
    (
        "answers-restore-as-a-list",
        "Answers a list for restore.",
        lambda document: {"restore": [document["restore"]]},
        ("t7.restore.type",),
    ),
    (
        "answers-restore-as-its-id",
        "Answers the id alone for restore.",
        lambda document: {"restore": document["restore"]["id"]},
        ("t7.restore.type",),
    ),
    (
        "answers-an-error",
        "Answers an error body with a 200.",
        lambda _: {"error_code": "CSBS.9999", "error_msg": "restore failed"},
        _ROOT,
    ),
    (
        "answers-in-camel-case",
        "Answers names in camel case.",
        lambda document: _named(document, _in_camel_case),
        _WORDS,
    ),
    (
        "answers-with-dashes",
        "Answers names with dashes.",
        lambda document: _named(document, lambda name: name.replace("_", "-")),
        _WORDS,
    ),
    ("answers-in-capitals", "Answers names with capitals.", lambda document: _named(document, str.title), _ROOT),
    (
        "answers-without-targets",
        "Answers server and volumes among the parameters.",
        _without_targets,
        ("t9.targets.present",),
    ),
    (
        "answers-the-request",
        "Answers the request as it was.",
        lambda document: {
            "restore": {
                name: value
                for name, value in document["restore"].items()
                if name in ("checkpoint_id", "provider_id", "restore_target", "parameters")
            }
        },
        ("t8.id.present", "t8.project_id.present", "t8.status.present"),
    ),
):
    FLAWS.add(_name, _doc, rewriting(_rewrite), *_breaks)

for _name, _doc, _value, _breaks in (
    (
        "answers-lists-for-empty-objects",
        "Answers empty lists for empty objects.",
        [],
        ("t8.resources_reason.type", "t8.resources_status.type"),
    ),
    (
        "answers-words-for-dicts",
        "Answers a word for each Dict.",
        "in_progress",
        ("t8.resources_reason.type", "t8.resources_status.type"),
    ),
):
    FLAWS.add(
        _name,
        _doc,
        describing(lambda restore, value=_value: restore.update(resources_reason=value, resources_status=value)),  # type: ignore[misc]
        *_breaks,
    )
