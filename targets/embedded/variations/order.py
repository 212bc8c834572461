"""The same checks in another order: where a request has several faults, the page does not say which one is told."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import VARIATIONS
from targets.embedded.rules import BY_NAME
from targets.embedded.variations.shaping import before

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Call, Service


# -- what exists


@VARIATIONS.change()
def existence_first(service: Service) -> None:
    """Looks up what the body names before it looks at the rest of it."""
    service.stages.insert(service.stages.index("validate"), "look_up")


@VARIATIONS.change()
def every_other_node_looks_up_first(service: Service) -> None:
    """Has two nodes of different versions, one of which looks up what the body names before it looks at the rest."""
    calls = itertools.count()

    def look_up(call: Call) -> None:
        if next(calls) % 2:
            service.look_up(call)

    before("validate", look_up)(service)


@VARIATIONS.change()
def volumes_are_looked_up_first(service: Service) -> None:
    """Looks up what a body names from the innermost to the outermost."""
    service.lookups.reverse()


@VARIATIONS.change()
def server_is_looked_up_first(service: Service) -> None:
    """Looks up the server before anything else."""
    service.lookups.sort(key=lambda name: name != "server_id")


@VARIATIONS.change()
def look_ups_race(service: Service) -> None:
    """Looks up all names at once, and tells the first that is not found."""
    before("look_up", lambda _: service.lookups.append(service.lookups.pop(0)))(service)


# -- the body


def _sorting(key: Callable[[tuple[str, str]], Any]) -> Callable[[Service], None]:
    def apply(service: Service) -> None:
        service.rules = {rule: service.rules[rule] for rule in sorted(service.rules, key=key)}

    return apply


for _slug, _doc, _key in (
    ("types-first", "Looks at types before it looks at what is missing.", lambda rule: rule[1] != "type"),
    ("values-first", "Looks at the fixed value first.", lambda rule: rule[1] != "value"),
    ("innermost-first", "Looks at volumes first and at restore last.", lambda rule: -len(BY_NAME[rule[0]].parents)),
    ("by-the-alphabet", "Looks at members in the order of the alphabet.", lambda rule: rule),
):
    VARIATIONS.add(f"checks-{_slug}", _doc, _sorting(_key))


# -- the caller


def _moving(stage: str, place: Callable[[list[str]], int]) -> Callable[[Service], None]:
    def apply(service: Service) -> None:
        service.stages.remove(stage)
        service.stages.insert(place(service.stages), stage)

    return apply


for _name, _doc, _stage, _place in (
    (
        "token-before-path",
        "Wants a valid token before it says whether there is such a path.",
        "authenticate",
        lambda stages: stages.index("route"),
    ),
    (
        "role-before-project",
        "Looks at the role before it looks at the project.",
        "authorize_role",
        lambda stages: stages.index("authorize_project"),
    ),
    (
        "role-after-body",
        "Looks at the role once the body is known to be valid.",
        "authorize_role",
        lambda stages: stages.index("validate") + 1,
    ),
    ("project-last", "Looks at the project once all that the body names is found.", "authorize_project", len),
    ("role-last", "Looks at the role once all that the body names is found.", "authorize_role", len),
):
    VARIATIONS.add(_name, _doc, _moving(_stage, _place))
