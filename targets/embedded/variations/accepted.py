"""Accepted restorations, described with all that Tables 7 to 11 ask for, and with what they leave to the service."""

from __future__ import annotations

import itertools
import uuid
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import VARIATIONS
from targets.embedded.service import Refusal
from targets.embedded.variations.shaping import before, describing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from targets.embedded.service import Call, Service

MORE: dict[str, Any] = {
    "created_at": "2018-03-26T08:11:45.000000",
    "progress": 0,
    "finished": False,
    "error_info": None,
    "links": [{"rel": "self", "href": "/v1/restores"}],
    "extra_info": {"tags": {}, "id": "another"},
}
DEFAULT_TARGET = "http://192.168.1.2:35357/v2.0/"


def _objects(document: Any, place: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The objects at a place of the response, those in a list each."""
    for name in place:
        document = document[name]
    yield from document if isinstance(document, list) else (document,)


def _with_more(place: tuple[str, ...]) -> Callable[[Any, Call], None]:
    def change(document: Any, _: Call) -> None:
        for each in _objects(document, place):
            each.update({name: value for name, value in MORE.items() if name not in each})

    return change


_TARGETS = ("restore", "parameters", "targets")
for _slug, _doc, _place in (
    ("beside-restore", "Has more members beside restore.", ()),
    ("in-restore", "Has more members in restore.", _TARGETS[:1]),
    ("in-parameters", "Has more members in parameters.", _TARGETS[:2]),
    ("in-targets", "Has more members in targets.", _TARGETS),
    ("in-volumes", "Has more members in each item of volumes.", (*_TARGETS, "volumes")),
):
    VARIATIONS.add(f"more-{_slug}", _doc, describing(_with_more(_place)))


def _in_restore(**members: Callable[[Call], Any]) -> Callable[[Any, Call], None]:
    def change(document: Any, call: Call) -> None:
        document["restore"].update({name: make(call) for name, make in members.items()})

    return change


def _volumes(call: Call) -> list[str]:
    return [volume["volume_id"] for volume in call.document["restore"]["parameters"]["targets"]["volumes"]]


VARIATIONS.add(
    "dicts-are-filled",
    "Tells the state of every volume in resources_status and resources_reason.",
    describing(
        _in_restore(
            resources_status=lambda call: dict.fromkeys(_volumes(call), "restoring"),
            resources_reason=lambda call: dict.fromkeys(_volumes(call), ""),
        )
    ),
)
VARIATIONS.add(
    "dicts-are-deep",
    "Fills resources_status and resources_reason with values of every type.",
    describing(
        _in_restore(
            resources_status=lambda _: {"server": {"id": None, "steps": [1, {"done": False}]}, "": "available"},
            resources_reason=lambda _: {"code": 0, "causes": [], "details": None},
        )
    ),
)
for _word in ("restoring", "PENDING", "waiting for disks"):
    VARIATIONS.add(
        f"status-is-{_word.lower().replace(' ', '-')}",
        f"Calls the restoration's status {_word}.",
        describing(_in_restore(status=lambda _, word=_word: word)),  # type: ignore[misc]
    )


@VARIATIONS.change()
def status_is_another_each_time(service: Service) -> None:
    """Tells how far the restoration has come by the time of the answer."""
    words = itertools.cycle(("init", "in_progress", "success"))
    describing(_in_restore(status=lambda _: next(words)))(service)


for _slug, _doc, _make in (
    ("has-no-dashes", "Names the restoration by a UUID without dashes.", lambda: uuid.uuid4().hex),
    ("is-in-capitals", "Names the restoration by a UUID in capitals.", lambda: str(uuid.uuid4()).upper()),
    ("has-a-prefix", "Names the restoration by its kind and a UUID.", lambda: f"restore/{uuid.uuid4()}"),
):
    VARIATIONS.add(f"id-{_slug}", _doc, describing(_in_restore(id=lambda _, make=_make: make())))  # type: ignore[misc]


@VARIATIONS.change()
def id_is_a_number(service: Service) -> None:
    """Names restorations by their number, as a string."""
    numbers = itertools.count(1)
    describing(_in_restore(id=lambda _: str(next(numbers))))(service)


def _reordered(order: Callable[[list[Any]], list[Any]]) -> Callable[[Any, Call], None]:
    def change(document: Any, _: Call) -> None:
        [targets] = _objects(document, _TARGETS)
        targets["volumes"] = order(targets["volumes"])

    return change


VARIATIONS.add(
    "volumes-come-reversed", "Lists volumes from the last to the first.", describing(_reordered(lambda v: v[::-1]))
)
VARIATIONS.add(
    "volumes-come-rotated", "Lists the first of volumes last.", describing(_reordered(lambda v: v[1:] + v[:1]))
)


def _unless_sent(change: Callable[[dict[str, Any]], None]) -> Callable[[Any, Call], None]:
    """Changes the description of restorations that were asked for without a restore_target."""

    def unless_sent(document: Any, call: Call) -> None:
        if "restore_target" not in call.document["restore"]:
            change(document["restore"])

    return unless_sent


VARIATIONS.add(
    "restore-target-left-out",
    "Has no restore_target where none was sent.",
    describing(_unless_sent(lambda restore: restore.pop("restore_target", None))),
)
VARIATIONS.add(
    "restore-target-null",
    "Has null for the restore_target that was not sent.",
    describing(_unless_sent(lambda restore: restore.update(restore_target=None))),
)
VARIATIONS.add(
    "restore-target-filled-in",
    "Has its own restore_target where none was sent, as the page's example.",
    describing(_unless_sent(lambda restore: restore.update(restore_target=DEFAULT_TARGET))),
)


def _name(given: str) -> str:
    """A name as the world has it, of however it is spelt in a request that was taken."""
    return given.strip().lower()


@VARIATIONS.change()
def names_must_belong_together(service: Service) -> None:
    """Refuses to restore what exists but is not of this checkpoint."""

    def check(call: Call) -> None:
        asked = call.document["restore"]
        targets = asked["parameters"]["targets"]
        own = service.world.checkpoints[_name(asked["checkpoint_id"])]
        if _name(asked["parameters"]["checkpoint_item_id"]) != own["checkpoint_item_id"]:
            raise Refusal(404, "CSBS.3001", "the backup is not of this checkpoint")
        if _name(targets["server_id"]) != own["server_id"]:
            raise Refusal(400, "CSBS.6000", "the server is not of this checkpoint")
        for volume in targets["volumes"]:
            if {name: _name(volume[name]) for name in ("backup_id", "volume_id")} not in own["volumes"]:
                raise Refusal(400, "CSBS.6014", "the volume is not of this server")

    before("restore", check)(service)


def _refuse_twins(call: Call) -> None:
    names = _volumes(call)
    if len(set(names)) < len(names):
        raise Refusal(400, "CSBS.6014", "a volume is named twice")


VARIATIONS.add("volumes-must-differ", "Refuses a volume that is named twice.", before("restore", _refuse_twins))
