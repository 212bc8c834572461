"""Names of what does not exist: taken, refused by the wrong status, or refused with more than the caller may know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.calls import dashed, members
from targets.embedded.flaws.hooks import redirecting, refused_for, status
from targets.embedded.rules import BY_NAME, parents
from targets.embedded.service import LOOKUPS, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from targets.embedded.flaws.calls import Applies
    from targets.embedded.service import Call, Service
    from targets.embedded.world import World

ROWS = {
    "checkpoint_id": "t3.checkpoint_id.value",
    "checkpoint_item_id": "t4.checkpoint_item_id.value",
    "server_id": "t5.server_id.value",
    "backup_id": "t6.backup_id.value",
    "volume_id": "t6.volume_id.value",
}
_NOT_FOUND = "s.404"
_IN_LISTS = ("backup_id", "volume_id")


def _not_finding(name: str, code: int) -> Callable[[Service], None]:
    def wrap(not_found: Callable[[Call, str, str], None]) -> Callable[[Call, str, str], None]:
        def other(call: Call, missing: str, value: str) -> None:
            if missing != name:
                not_found(call, missing, value)
            elif code != 200:
                raise Refusal(code, "CSBS.3001", f"{missing} is not known")

        return other

    return lambda service: service.around("not_found", wrap)


for _name in LOOKUPS:
    for _code in (200, 401, 409, 500):
        FLAWS.add(
            f"unknown-{dashed(_name)}-gets-{_code}",
            f"Answers {_code} to a {_name} that names nothing.",
            _not_finding(_name, _code),
            ROWS[_name],
            _NOT_FOUND,
            *(["s.500"] if _code == 500 else []),
        )
for _name in ("checkpoint_id", "checkpoint_item_id"):
    FLAWS.add(
        f"unknown-{dashed(_name)}-gets-400",
        f"Answers 400 to a {_name} that names nothing.",
        _not_finding(_name, 400),
        ROWS[_name],
        _NOT_FOUND,
    )


def things(world: World) -> dict[str, Collection[str]]:
    """What exists, by the member that names it."""
    return {
        "checkpoint_id": world.checkpoints,
        "checkpoint_item_id": world.items,
        "server_id": world.servers,
        "backup_id": world.backups,
        "volume_id": world.volumes,
    }


def all_exist(service: Service) -> Applies:
    """The body names something, and all that it names exists."""

    def applies(call: Call) -> bool:
        known = things(service.world)
        named = [(name, value) for name, value in members(call) if name in known and isinstance(value, str)]
        return bool(named) and all(value in known[name] for name, value in named)

    return applies


def _finding(name: str, holds: Callable[[str, Collection[str]], bool]) -> Callable[[Service], None]:
    """Finds more than exists; ``holds`` is given a value and what exists."""

    def apply(service: Service) -> None:
        def wrap(find: Callable[[Call, str, str], None]) -> Callable[[Call, str, str], None]:
            def lax(call: Call, member: str, value: str) -> None:
                if member != name or not holds(value, things(service.world)[name]):
                    find(call, member, value)

            return lax

        service.around("find", wrap)

    return apply


for _name in LOOKUPS:
    FLAWS.add(
        f"empty-{dashed(_name)}-will-do",
        f"Looks a {_name} up only where it is not empty.",
        _finding(_name, lambda value, _: not value),
        ROWS[_name],
        _NOT_FOUND,
    )
    FLAWS.add(
        f"{dashed(_name)}-found-by-its-beginning",
        f"Compares the first twenty characters of {_name} with what exists.",
        _finding(_name, lambda value, known: any(each[:20] == value[:20] for each in known)),
        ROWS[_name],
        _NOT_FOUND,
    )


def _finding_all(holds: Callable[[str, Collection[str]], bool]) -> Callable[[Service], None]:
    def apply(service: Service) -> None:
        for name in LOOKUPS:
            _finding(name, holds)(service)

    return apply


for _name, _doc, _holds in (
    (
        "cut-names-are-found",
        "Finds by the beginning of a name.",
        lambda value, known: bool(value) and any(each.startswith(value) for each in known),
    ),
    (
        "longer-names-are-found",
        "Finds by what begins with a name.",
        lambda value, known: any(value.startswith(each) for each in known),
    ),
    (
        "names-are-found-by-their-end",
        "Compares the last twelve characters with what exists.",
        lambda value, known: any(each[-12:] == value[-12:] for each in known),
    ),
    ("wildcards-are-found", "Takes wildcards for names.", lambda value, _: value in ("%", "*")),
    ("words-for-nothing-are-found", "Takes the word null for a name.", lambda value, _: value in ("null", "None")),
):
    FLAWS.add(_name, _doc, _finding_all(_holds), *ROWS.values(), _NOT_FOUND)


@FLAWS.change(*ROWS.values(), _NOT_FOUND)
def other_kinds_of_things_are_found(service: Service) -> None:
    """Finds whatever exists, be it a checkpoint, a server or a volume."""

    def wrap(find: Callable[[Call, str, str], None]) -> Callable[[Call, str, str], None]:
        def lax(call: Call, name: str, value: str) -> None:
            if not any(value in known for known in things(service.world).values()):
                find(call, name, value)

        return lax

    service.around("find", wrap)


def _looking_up(*names: str, choose: Callable[[list[str]], Sequence[str]]) -> Callable[[Service], None]:
    """Looks up the chosen values of these members, and all values of the others."""

    def apply(service: Service) -> None:
        def look_up(call: Call) -> None:
            for name in LOOKUPS:
                found = [parent.get(name) for parent in parents(call.document, BY_NAME[name].parents)]
                values = [value for value in found if isinstance(value, str)]
                for value in choose(values) if name in names else values:
                    service.find(call, name, value)

        service.around("look_up", lambda _: look_up)

    return apply


for _name, _doc, _choose in (
    ("only-the-first-volume-is-looked-up", "Looks up the first of the volumes.", lambda values: values[:1]),
    ("only-the-last-volume-is-looked-up", "Looks up the last of the volumes.", lambda values: values[-1:]),
    ("only-two-volumes-are-looked-up", "Looks up the first two volumes.", lambda values: values[:2]),
    ("only-ten-volumes-are-looked-up", "Looks up the first ten volumes.", lambda values: values[:10]),
    (
        "volumes-are-looked-up-at-the-ends",
        "Looks up the first and the last volume.",
        lambda values: [*values[:1], *values[-1:]],
    ),
    (
        "a-single-volume-is-not-looked-up",
        "Looks up volumes only where there are several.",
        lambda values: values if len(values) > 1 else [],
    ),
):
    FLAWS.add(
        _name,
        _doc,
        _looking_up(*_IN_LISTS, choose=_choose),
        *(ROWS[each] for each in _IN_LISTS),
        _NOT_FOUND,
    )
for _name, _doc, _names in (
    ("nothing-is-looked-up", "Looks nothing up.", LOOKUPS),
    ("only-the-checkpoint-is-looked-up", "Looks up the checkpoint alone.", LOOKUPS[1:]),
):
    FLAWS.add(
        _name,
        _doc,
        _looking_up(*_names, choose=lambda _: []),
        *(ROWS[each] for each in _names),
        _NOT_FOUND,
    )


@FLAWS.change(*(ROWS[name] for name in _IN_LISTS), _NOT_FOUND)
def one_known_volume_will_do(service: Service) -> None:
    """Takes any volumes as long as one of them exists."""

    def choose(values: list[str]) -> Sequence[str]:
        world = service.world
        return [] if any(value in world.backups or value in world.volumes for value in values) else values

    _looking_up(*_IN_LISTS, choose=choose)(service)


for _code in (200, 204, 302, 409, 500):
    FLAWS.add(
        f"unknown-names-get-{_code}",
        f"Answers {_code} to whatever names nothing.",
        refused_for("unknown", redirecting(_code) if _code == 302 else status(_code)),
        *ROWS.values(),
        _NOT_FOUND,
        *(["s.500"] if _code == 500 else []),
    )


def _suggesting(*names: str) -> Callable[[Service], None]:
    """Names what exists where the caller has named what does not."""

    def apply(service: Service) -> None:
        def wrap(not_found: Callable[[Call, str, str], None]) -> Callable[[Call, str, str], None]:
            def telling(call: Call, name: str, value: str) -> None:
                try:
                    not_found(call, name, value)
                except Refusal as refusal:
                    known = sorted(things(service.world)[name])[:3]
                    message = f"{refusal.message}, did you mean {' or '.join(known)}?"
                    raise Refusal(refusal.status, refusal.code, message if name in names else refusal.message) from None

            return telling

        service.around("not_found", wrap)

    return apply


FLAWS.add(
    "names-what-exists-instead", "Tells a caller who is wrong what does exist.", _suggesting(*LOOKUPS), "a.disclosure"
)
for _name in ("checkpoint_id", "volume_id"):
    FLAWS.add(
        f"names-a-{dashed(_name)}-instead",
        f"Tells a caller with an unknown {_name} of some that exist.",
        _suggesting(_name),
        "a.disclosure",
    )
