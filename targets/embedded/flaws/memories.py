"""Answers that belong to another restoration: identities given twice, and requests that are remembered too long."""

from __future__ import annotations

import copy
import time
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.answers import ECHOED
from targets.embedded.flaws.calls import asked, volumes, with_target
from targets.embedded.flaws.hooks import describing

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Call, Service

_IDENTITY = "t8.id.value"

# -- identities


def _identified(make: Callable[[Any], Any]) -> Callable[[Service], None]:
    """Gives restorations other names; ``make`` is given what restore holds."""
    return describing(lambda restore: restore.update(id=make(restore)))


for _name, _doc, _make, _clause in (
    (
        "id-is-constant",
        "Gives every restoration the same name.",
        lambda _: "d3a54e80-6483-485d-98f6-c0409e6f2e0a",
        _IDENTITY,
    ),
    ("id-is-empty", "Gives restorations an empty name.", lambda _: "", _IDENTITY),
    (
        "id-is-the-checkpoints",
        "Gives a restoration the name of its checkpoint.",
        lambda restore: restore["checkpoint_id"],
        _IDENTITY,
    ),
    (
        "id-is-the-servers",
        "Gives a restoration the name of its server.",
        lambda restore: restore["parameters"]["targets"]["server_id"],
        _IDENTITY,
    ),
    (
        "id-is-the-projects",
        "Gives a restoration the name of its project.",
        lambda restore: restore["project_id"],
        _IDENTITY,
    ),
    ("id-is-the-second", "Gives a restoration the second for its name.", lambda _: str(int(time.time())), _IDENTITY),
    ("id-is-a-number", "Gives restorations numbers for names.", lambda _: time.time_ns(), "t8.id.type"),
    ("id-is-an-object", "Gives restorations objects for names.", lambda restore: {"uuid": restore["id"]}, "t8.id.type"),
):
    FLAWS.add(_name, _doc, _identified(_make), _clause)


@FLAWS.change(_IDENTITY)
def id_comes_twice(service: Service) -> None:
    """Gives every second restoration the name of the one before."""
    given: list[Any] = []

    def make(restore: Any) -> Any:
        given.append(restore["id"])
        return given[-1] if len(given) % 2 else given[-2]

    _identified(make)(service)


@FLAWS.change(_IDENTITY)
def id_is_the_powers(service: Service) -> None:
    """Gives what is not powered on the name of the restoration before."""
    given = [""]

    def make(restore: Any) -> Any:
        if restore["parameters"]["power_on"] or not given[0]:
            given[0] = restore["id"]
        return given[0]

    _identified(make)(service)


# -- state that is kept too long

_ECHOES = tuple(f"{row}.echo" for row in ECHOED if row != "t8.provider_id")


def _stale(keeps: Callable[[Call], bool], *names: str) -> Callable[[Service], None]:
    """Echoes these members of an earlier request: the last one that is kept."""

    def apply(service: Service) -> None:
        kept: list[Any] = []

        def wrap(describe: Callable[[Call], Any]) -> Callable[[Call], Any]:
            def stale(call: Call) -> Any:
                document = copy.deepcopy(describe(call))
                now = {name: document["restore"][name] for name in names}
                document["restore"].update(kept[-1] if kept else now)
                if not kept or keeps(call):
                    kept.append(now)
                return document

            return stale

        service.around("describe", wrap)

    return apply


for _name, _doc, _keeps, _names, _breaks in (
    (
        "echoes-the-request-before",
        "Echoes the request before.",
        lambda _: True,
        ("checkpoint_id", "restore_target", "parameters"),
        _ECHOES,
    ),
    (
        "echoes-the-first-request",
        "Echoes the first request it ever had.",
        lambda _: False,
        ("checkpoint_id", "restore_target", "parameters"),
        _ECHOES,
    ),
    (
        "echoes-the-parameters-before",
        "Echoes the parameters of the request before.",
        lambda _: True,
        ("parameters",),
        tuple(each for each in _ECHOES if not each.startswith("t8.") or "parameters" in each),
    ),
    (
        "echoes-the-checkpoint-before",
        "Echoes the checkpoint of the request before.",
        lambda _: True,
        ("checkpoint_id",),
        ("t8.checkpoint_id.echo",),
    ),
    (
        "echoes-the-last-target",
        "Echoes the restore_target of the last request that had one.",
        with_target,
        ("restore_target",),
        ("t8.restore_target.echo",),
    ),
):
    FLAWS.add(_name, _doc, _stale(_keeps, *_names), *_breaks)


@FLAWS.change(_IDENTITY, *_ECHOES)
def answers_are_kept(service: Service) -> None:
    """Answers every request for a checkpoint as it did the first."""
    kept: dict[Any, Any] = {}

    def wrap(describe: Callable[[Call], Any]) -> Callable[[Call], Any]:
        return lambda call: kept.setdefault(asked(call, "checkpoint_id"), describe(call))

    service.around("describe", wrap)


@FLAWS.change("t10.volumes.echo", "t11.backup_id.echo", "t11.volume_id.echo")
def volumes_pile_up(service: Service) -> None:
    """Answers the volumes of all requests for a server so far."""
    seen: dict[Any, list[Any]] = {}

    def wrap(describe: Callable[[Call], Any]) -> Callable[[Call], Any]:
        def piling(call: Call) -> Any:
            document = copy.deepcopy(describe(call))
            pile = seen.setdefault(asked(call, "parameters", "targets", "server_id"), [])
            pile.extend(each for each in volumes(call))
            document["restore"]["parameters"]["targets"]["volumes"] = list(pile)
            return document

        return piling

    service.around("describe", wrap)
