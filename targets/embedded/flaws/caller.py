"""Callers that are let in though they may not, or kept out by the wrong status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from targets.embedded.changes import FLAWS
from targets.embedded.world import FOREIGN_PROJECT, OPERATOR_TOKEN, PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Call, Service

UNAUTHENTICATED = "s.401"
FORBIDDEN = "s.403"


def _knowing(also: Callable[[str], bool]) -> Callable[[Service], None]:
    """Takes further tokens for the operator's."""

    def apply(service: Service) -> None:
        def authenticate(inner: Callable[[Call], None]) -> Callable[[Call], None]:
            def lax(call: Call) -> None:
                if not service.knows(call.token) and also(call.token or ""):
                    call.headers["x-auth-token"] = OPERATOR_TOKEN
                inner(call)

            return lax

        service.around("authenticate", authenticate)

    return apply


for _name, _doc, _also in (
    ("any-token-will-do", "Takes any token that is not empty.", bool),
    ("empty-token-will-do", "Takes an empty token, and none.", lambda token: not token),
    (
        "tokens-prefix-will-do",
        "Takes a token that begins like a good one.",
        lambda token: token[:8] == OPERATOR_TOKEN[:8],
    ),
    (
        "tokens-beginning-will-do",
        "Takes the beginning of a good token.",
        lambda token: bool(token) and OPERATOR_TOKEN.startswith(token),
    ),
    ("token-may-go-on", "Takes what begins with a good token.", lambda token: token.startswith(OPERATOR_TOKEN)),
    (
        "tokens-case-is-ignored",
        "Takes a good token in another case.",
        lambda token: token.lower() == OPERATOR_TOKEN.lower(),
    ),
):
    FLAWS.add(_name, _doc, _knowing(_also), UNAUTHENTICATED)


@FLAWS.change(UNAUTHENTICATED)
def expired_token_will_do(service: Service) -> None:
    """Takes a token past its time."""
    _knowing(lambda token: token in service.world.expired)(service)


@FLAWS.change(FORBIDDEN)
def read_only_role_may_restore(service: Service) -> None:
    """Asks for no more than a valid token."""
    service.world.read_only = frozenset()


@FLAWS.change(FORBIDDEN, "t1.project_id.value")
def any_project_will_do(service: Service) -> None:
    """Lets every caller into every project."""
    service.around("authorize_project", lambda _: lambda call: None)  # noqa: ARG005


for _status in (400, 403, 404, 500):
    FLAWS.add(
        f"bad-token-gets-{_status}",
        f"Answers {_status} where a token is missing or not valid.",
        lambda service, status=_status: service.statuses.update(token=status),  # type: ignore[misc]
        UNAUTHENTICATED,
        *(["s.500"] if _status == 500 else []),  # noqa: PLR2004
    )
for _status in (400, 401, 404, 500):
    FLAWS.add(
        f"read-only-role-gets-{_status}",
        f"Answers {_status} where the role does not allow restoring.",
        lambda service, status=_status: service.statuses.update(role=status),  # type: ignore[misc]
        FORBIDDEN,
        *(["s.500"] if _status == 500 else []),  # noqa: PLR2004
    )
for _status in (400, 401, 500):
    FLAWS.add(
        f"foreign-project-gets-{_status}",
        f"Answers {_status} on another tenant's project.",
        lambda service, status=_status: service.statuses.update(project=status),  # type: ignore[misc]
        FORBIDDEN,
        "t1.project_id.value",
        *(["s.500"] if _status == 500 else []),  # noqa: PLR2004
    )


@FLAWS.change(UNAUTHENTICATED)
def body_before_token(service: Service) -> None:
    """Looks at the body before it knows the caller."""
    service.stages.sort(key=lambda stage: stage not in {"route", "inject", "read", "validate"})


@FLAWS.change("t1.project_id.mandatory")
def project_may_be_missing(service: Service) -> None:
    """Takes a path without a project for the caller's own."""

    def wrap(route: Callable[[Call], None]) -> Callable[[Call], None]:
        def lax(call: Call) -> None:
            call.path = call.path.replace("/v1//", f"/v1/{PROJECT}/")
            route(call)

        return lax

    service.around("route", wrap)


@FLAWS.change(FORBIDDEN, "t1.project_id.value")
def neighbours_project_will_do(service: Service) -> None:
    """Lets callers into one project that is not theirs."""

    def wrap(authorize: Callable[[Call], None]) -> Callable[[Call], None]:
        return lambda call: None if call.project == FOREIGN_PROJECT else authorize(call)

    service.around("authorize_project", wrap)
