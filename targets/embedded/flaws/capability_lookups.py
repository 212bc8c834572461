"""Resources that can be restored by what is said of them, though something that is named does not exist."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from targets.embedded.capability import LOOKUPS, NAME, named
from targets.embedded.changes import FLAWS
from targets.embedded.flaws.calls import dashed
from targets.embedded.messages import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from targets.embedded.messages import Call
    from targets.embedded.service import Service
    from targets.embedded.world import World

    Apply = Callable[[Service], None]

ROWS = {
    "checkpoint_item_id": "t3.checkpoint_item_id.value",
    "resource_id": "t4.resource_id.value",
    "backup_id": "t5.backup_id.value",
    "volume_id": "t5.volume_id.value",
}
_add = partial(FLAWS.add, operation=NAME)
_flaw = partial(FLAWS.change, operation=NAME)


def _things(world: World, thing: str) -> Collection[str]:
    return {
        "checkpoint_item_id": world.items,
        "server_id": world.servers,
        "backup_id": world.backups,
        "volume_id": world.volumes,
    }[thing]


def _finding(names: Collection[str], holds: Callable[[str, Collection[str]], bool]) -> Apply:
    """Finds more than exists; ``holds`` is given a value and what exists."""

    def apply(service: Service) -> None:
        def wrap(find: Callable[[Call, str, str, str], None]) -> Callable[[Call, str, str, str], None]:
            def lax(call: Call, name: str, thing: str, value: str) -> None:
                if name not in names or not holds(value, _things(service.world, thing)):
                    find(call, name, thing, value)

            return lax

        service.capability.around("find", wrap)

    return apply


for _name, _row in ROWS.items():
    for _slug, _doc, _holds in (
        (f"unknown-{dashed(_name)}-will-do", f"Says yes to a {_name} that names nothing.", lambda *_: True),
        (
            f"{dashed(_name)}-found-by-its-beginning",
            f"Compares the first twenty characters of {_name} with what exists.",
            lambda value, known: any(each[:20] == value[:20] for each in known),
        ),
    ):
        _add(f"capability-{_slug}", _doc, _finding([_name], _holds), _row)
for _slug, _doc, _names, _holds in (
    ("says-yes-to-everything", "Says yes whatever it is asked about.", list(ROWS), lambda *_: True),
    ("knows-the-backup-only", "Looks up the backup, and nothing else.", list(ROWS)[1:], lambda *_: True),
    (
        "finds-cut-names",
        "Finds by the beginning of a name.",
        list(ROWS),
        lambda value, known: any(each.startswith(value) for each in known),
    ),
    (
        "finds-longer-names",
        "Finds by what begins with a name.",
        list(ROWS),
        lambda value, known: any(value.startswith(each) for each in known),
    ),
):
    _add(f"capability-{_slug}", _doc, _finding(_names, _holds), *(ROWS[name] for name in _names))


def _failing(names: Collection[str], code: int) -> Apply:
    """Refuses a question for a name that nothing has."""

    def apply(service: Service) -> None:
        def wrap(describe: Callable[[Call], Any]) -> Callable[[Call], Any]:
            def failing(call: Call) -> Any:
                for item in service.capability.items(call):
                    for name, place, thing in LOOKUPS:
                        known = _things(service.world, thing)
                        if name in names and any(value not in known for value in named(item, place)):
                            raise Refusal(code, "CSBS.9999", "the query has failed")
                return describe(call)

            return failing

        service.capability.around("describe", wrap)

    return apply


for _name, _row in ROWS.items():
    for _code in (401, 409, 500):
        _add(
            f"capability-unknown-{dashed(_name)}-gets-{_code}",
            f"Answers {_code} where a {_name} names nothing.",
            _failing([_name], _code),
            _row,
            *(["s.500"] if _code == 500 else []),
        )


@_flaw(ROWS["backup_id"], ROWS["volume_id"])
def capability_looks_up_the_first_disk(service: Service) -> None:
    """Looks up the first of a server's disks, and trusts the others."""

    def wrap(check: Callable[[Call, Any], None]) -> Callable[[Call, Any], None]:
        def lax(call: Call, item: Any) -> None:
            target = item.get("target") if isinstance(item, dict) else None
            if isinstance(target, dict) and isinstance(target.get("volumes"), list):
                item = {**item, "target": {**target, "volumes": target["volumes"][:1]}}
            check(call, item)

        return lax

    service.capability.around("check", wrap)
