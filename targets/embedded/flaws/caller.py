"""Callers that are let in though they may not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.hooks import admitting, forgiving
from targets.embedded.flaws.lookups import all_exist
from targets.embedded.world import FOREIGN_PROJECT, OPERATOR_TOKEN, PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Call, Service

UNAUTHENTICATED = "s.401"
FORBIDDEN = "s.403"
_NOT_THEIRS = (FORBIDDEN, "t1.project_id.value")

# -- tokens


def _knowing(also: Callable[[str], bool]) -> Callable[[Service], None]:
    """Takes further tokens for the operator's."""
    return admitting(lambda call: also(call.token or ""))


for _name, _doc, _also in (
    ("any-token-will-do", "Takes any token that is not empty.", bool),
    ("empty-token-will-do", "Takes an empty token, and none.", lambda token: not token),
    (
        "tokens-prefix-will-do",
        "Takes a token that begins like a good one.",
        lambda token: token[:8] == OPERATOR_TOKEN[:8],
    ),
    ("tokens-end-will-do", "Takes a token that ends like a good one.", lambda token: token[-8:] == OPERATOR_TOKEN[-8:]),
    (
        "tokens-beginning-will-do",
        "Takes the beginning of a good token.",
        lambda token: bool(token) and OPERATOR_TOKEN.startswith(token),
    ),
    (
        "part-of-a-token-will-do",
        "Takes any part of a good token.",
        lambda token: bool(token) and token in OPERATOR_TOKEN,
    ),
    ("token-may-go-on", "Takes what begins with a good token.", lambda token: token.startswith(OPERATOR_TOKEN)),
    ("token-found-anywhere", "Takes what contains a good token.", lambda token: OPERATOR_TOKEN in token),
    (
        "tokens-case-is-ignored",
        "Takes a good token in another case.",
        lambda token: token.lower() == OPERATOR_TOKEN.lower(),
    ),
    (
        "tokens-length-will-do",
        "Takes any token as long as a good one.",
        lambda token: len(token) == len(OPERATOR_TOKEN),
    ),
    ("long-tokens-will-do", "Takes any token of twenty characters or more.", lambda token: len(token) >= 20),
    (
        "small-letters-will-do",
        "Takes any long token in small letters, as it once gave out.",
        lambda token: len(token) > 20 and token == token.lower(),
    ),
    ("token-may-lack-its-end", "Takes a token that lacks its last character.", OPERATOR_TOKEN[:-1].__eq__),
    (
        "half-a-token-will-do",
        "Takes the first half of a token.",
        OPERATOR_TOKEN[: len(OPERATOR_TOKEN) // 2].__eq__,
    ),
    (
        "token-may-have-a-digit-more",
        "Takes a token with a digit behind it.",
        lambda token: token[:-1] == OPERATOR_TOKEN and token[-1:].isdigit(),
    ),
    (
        "tokens-end-is-ignored",
        "Compares all but the last four characters of a token.",
        lambda token: len(token) == len(OPERATOR_TOKEN) and token[:-4] == OPERATOR_TOKEN[:-4],
    ),
    ("wildcard-will-do", "Takes a wildcard for a token.", lambda token: token in ("*", "%")),
    ("null-will-do", "Takes the words of nothing for a token.", lambda token: token in ("null", "None", "undefined")),
):
    FLAWS.add(_name, _doc, _knowing(_also), UNAUTHENTICATED)

for _name, _doc, _applies in (
    ("missing-token-will-do", "Takes a request without a token, and no empty one.", lambda call: call.token is None),
    ("blank-token-will-do", "Takes an empty token, but wants one.", lambda call: call.token == ""),
    ("nobody-is-asked-for-a-token", "Lets everyone in.", lambda _: True),
):
    FLAWS.add(_name, _doc, admitting(_applies), UNAUTHENTICATED)


@FLAWS.change(UNAUTHENTICATED)
def expired_token_will_do(service: Service) -> None:
    """Takes a token past its time."""
    _knowing(lambda token: token in service.world.expired)(service)


@FLAWS.change(UNAUTHENTICATED)
def body_before_token(service: Service) -> None:
    """Looks at the body before it knows the caller."""
    service.stages.sort(key=lambda stage: stage not in {"route", "inject", "read", "validate"})


@FLAWS.change(UNAUTHENTICATED)
def names_before_token(service: Service) -> None:
    """Looks up what the body names before it knows the caller."""
    service.stages.sort(key=lambda stage: stage not in {"route", "inject", "read", "validate", "look_up"})


@FLAWS.change(UNAUTHENTICATED)
def what_exists_needs_no_token(service: Service) -> None:
    """Knows no caller who names nothing but what exists."""
    admitting(all_exist(service))(service)


# -- roles


@FLAWS.change(FORBIDDEN)
def read_only_role_may_restore(service: Service) -> None:
    """Asks for no more than a valid token."""
    service.world.read_only = frozenset()


@FLAWS.change(FORBIDDEN)
def readers_may_restore_what_exists(service: Service) -> None:
    """Asks for a role only where something is named that does not exist."""
    forgiving("authorize_role", all_exist(service))(service)


# -- projects


def _letting_in(applies: Callable[[Call], bool]) -> Callable[[Service], None]:
    """Lets callers into projects that are not theirs."""

    def wrap(authorize: Callable[[Call], None]) -> Callable[[Call], None]:
        return lambda call: None if applies(call) else authorize(call)

    return lambda service: service.around("authorize_project", wrap)


for _name, _doc, _applies, _breaks in (
    ("any-project-will-do", "Lets every caller into every project.", lambda _: True, _NOT_THEIRS),
    (
        "neighbours-project-will-do",
        "Lets callers into one project that is not theirs.",
        lambda call: call.project == FOREIGN_PROJECT,
        _NOT_THEIRS,
    ),
    (
        "unknown-project-will-do",
        "Lets callers into every project that does not exist.",
        lambda call: call.project not in {PROJECT, FOREIGN_PROJECT},
        ("t1.project_id.value",),
    ),
    (
        "projects-beginning-is-compared",
        "Compares the first eight characters of the project.",
        lambda call: call.project[:8] == PROJECT[:8],
        ("t1.project_id.value",),
    ),
    (
        "projects-end-is-compared",
        "Compares the last eight characters of the project.",
        lambda call: call.project[-8:] == PROJECT[-8:],
        ("t1.project_id.value",),
    ),
    (
        "project-may-go-on",
        "Takes a project that begins with the caller's.",
        lambda call: call.project.startswith(PROJECT),
        ("t1.project_id.value",),
    ),
    (
        "any-project-of-its-notation-will-do",
        "Takes any project of 32 hexadecimal digits.",
        lambda call: bool(re.fullmatch("[0-9a-f]{32}", call.project)),
        _NOT_THEIRS,
    ),
):
    FLAWS.add(_name, _doc, _letting_in(_applies), *_breaks)


@FLAWS.change(*_NOT_THEIRS)
def own_resources_open_any_project(service: Service) -> None:
    """Lets callers into any project with names of what exists."""
    _letting_in(all_exist(service))(service)


@FLAWS.change("t1.project_id.mandatory")
def project_may_be_missing(service: Service) -> None:
    """Takes a path without a project for the caller's own."""

    def wrap(route: Callable[[Call], None]) -> Callable[[Call], None]:
        def lax(call: Call) -> None:
            call.path = call.path.replace("/v1//", f"/v1/{PROJECT}/")
            route(call)

        return lax

    service.around("route", wrap)
