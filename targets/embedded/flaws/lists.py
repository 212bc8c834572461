"""Lists of which only some items are looked at, and objects that are not looked into when they are empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.calls import rows
from targets.embedded.rules import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from targets.embedded.rules import Check
    from targets.embedded.service import Service

    Choose = Callable[[list[Any]], Sequence[Any]]

_OF_A_VOLUME = ("backup_id", "volume_id")
_PRESENCE = rows("mandatory", *_OF_A_VOLUME)
_TYPES = rows("type", *_OF_A_VOLUME)


def _items(parent: dict[str, Any]) -> list[Any]:
    value = parent.get("volumes")
    return value if isinstance(value, list) else []


def _first(items: list[Any]) -> Sequence[Any]:
    return items[:1]


def _last(items: list[Any]) -> Sequence[Any]:
    return items[-1:]


def _checking(choose: Choose, *kinds: str) -> Callable[[Service], None]:
    """Holds the rules of these kinds against the chosen volumes only."""

    def apply(service: Service) -> None:
        for name in _OF_A_VOLUME:
            for kind in kinds:
                check = service.rules.pop((name, kind))
                service.rules["volumes", f"{kind} of {name}"] = _of_chosen(check, choose)

    return apply


def _of_chosen(check: Check, choose: Choose) -> Check:
    return lambda parent: all(check(item) for item in choose(_items(parent)) if isinstance(item, dict))


for _name, _doc, _choose, _kinds, _breaks in (
    (
        "only-the-first-volume-is-asked-for-its-members",
        "Misses members in the first of the volumes only.",
        _first,
        ("mandatory",),
        _PRESENCE,
    ),
    (
        "only-the-first-volumes-types-are-checked",
        "Checks the types in the first of the volumes only.",
        _first,
        ("type",),
        _TYPES,
    ),
    (
        "only-the-last-volume-is-checked",
        "Looks at the last of the volumes and trusts the others.",
        _last,
        ("mandatory", "type"),
        (*_PRESENCE, *_TYPES),
    ),
    (
        "only-the-last-volumes-types-are-checked",
        "Checks the types in the last of the volumes only.",
        _last,
        ("type",),
        _TYPES,
    ),
    (
        "only-two-volumes-are-checked",
        "Looks at the first two volumes and trusts the others.",
        lambda items: items[:2],
        ("mandatory", "type"),
        (*_PRESENCE, *_TYPES),
    ),
    (
        "only-ten-volumes-are-checked",
        "Looks at the first ten volumes and trusts the others.",
        lambda items: items[:10],
        ("mandatory", "type"),
        (*_PRESENCE, *_TYPES),
    ),
    (
        "volumes-are-checked-at-the-ends",
        "Looks at the first and the last volume and trusts those between.",
        lambda items: [*items[:1], *items[-1:]],
        ("mandatory", "type"),
        (*_PRESENCE, *_TYPES),
    ),
    (
        "a-single-volume-is-not-checked",
        "Looks at volumes only where there are several.",
        lambda items: items if len(items) > 1 else (),
        ("mandatory", "type"),
        (*_PRESENCE, *_TYPES),
    ),
):
    FLAWS.add(_name, _doc, _checking(_choose, *_kinds), *_breaks)


@FLAWS.change(*_PRESENCE, *_TYPES)
def one_good_volume_will_do(service: Service) -> None:
    """Takes any volumes as long as one of them is right."""
    checks = [service.rules.pop((name, kind)) for name in _OF_A_VOLUME for kind in ("mandatory", "type")]

    def check(parent: dict[str, Any]) -> bool:
        items = [item for item in _items(parent) if isinstance(item, dict)]
        return not items or any(all(rule(item) for rule in checks) for item in items)

    service.rules["volumes", "one of them"] = check


@FLAWS.change(*_PRESENCE)
def empty_volumes_are_passed_over(service: Service) -> None:
    """Takes an empty object among the volumes."""
    _checking(lambda items: [item for item in items if item], "mandatory")(service)


for _name, _doc, _choose in (
    ("only-the-first-volume-has-to-be-an-object", "Takes anything for a volume but the first.", _first),
    ("only-the-last-volume-has-to-be-an-object", "Takes anything for a volume but the last.", _last),
):
    FLAWS.add(
        _name,
        _doc,
        lambda service, choose=_choose: service.rules.update(  # type: ignore[misc]
            {("volumes", "items"): lambda parent: all(type(item) is dict for item in choose(_items(parent)))}
        ),
        "t5.volumes.type",
    )


def _unless_empty(name: str) -> Callable[[Service], None]:
    """Asks an object for its members only where it has any."""

    def apply(service: Service) -> None:
        for member in MEMBERS:
            if member.mandatory and member.parents[-1:] == (name,):
                service.rules[member.name, "mandatory"] = _or_empty(service.rules[member.name, "mandatory"])

    return apply


def _or_empty(check: Check) -> Check:
    return lambda parent: not parent or check(parent)


for _name in ("restore", "parameters", "targets"):
    FLAWS.add(
        f"empty-{_name}-will-do",
        f"Takes an empty object for {_name}.",
        _unless_empty(_name),
        *rows("mandatory", *(each.name for each in MEMBERS if each.mandatory and each.parents[-1:] == (_name,))),
    )
