"""Statuses that the page does not have, or has for something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.calls import MANDATORY, TYPES
from targets.embedded.flaws.hooks import before, redirecting, refused, refused_for, replying, status
from targets.embedded.service import Refusal
from targets.embedded.world import EXPIRED_TOKEN, OPERATOR_TOKEN, READ_ONLY_TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.flaws.calls import Applies
    from targets.embedded.flaws.hooks import Apply, Change
    from targets.embedded.service import Call, Service

_REDIRECTIONS = range(300, 400)
_OF_BODIES = {
    "empty": "an empty body",
    "syntax": "a body that is not JSON",
    "root": "a body that is no object",
    "missing": "a missing member",
    "type": "a member of another JSON type",
    "value": "another provider_id",
}
_ROWS = {"missing": MANDATORY, "type": TYPES, "value": ("t3.provider_id.value",)}


def _to(code: int) -> Change:
    return redirecting(code) if code in _REDIRECTIONS else status(code)


def _internal(code: int) -> tuple[str, ...]:
    """What a status breaks beside the clause of the one that was due."""
    return ("s.500",) if code == 500 else ()


def _for_each(causes: tuple[str, ...], change: Change) -> Apply:
    def apply(service: Service) -> None:
        for cause in causes:
            refused_for(cause, change)(service)

    return apply


for _code in (201, 202, 204, 302, 400, 404, 409, 422, 500, 502):
    FLAWS.add(
        f"accepted-with-{_code}",
        f"Answers an accepted request with {_code}.",
        replying(_to(_code)),
        "s.200",
        *_internal(_code),
    )
for _code in (429, 503):
    FLAWS.add(
        f"accepted-with-{_code}",
        f"Answers what it has accepted with {_code}, and no end of it.",
        replying(status(_code)),
        lost=True,
    )

for _code in (200, 302, 401, 403, 404, 409, 422, 500, 502, 503):
    FLAWS.add(
        f"invalid-body-gets-{_code}",
        f"Answers {_code} where the body is not valid.",
        _for_each(tuple(_OF_BODIES), _to(_code)),
        "s.400",
        *_internal(_code),
    )
for _cause, _what in _OF_BODIES.items():
    for _code in (200, 415, 422, 500):
        FLAWS.add(
            f"{_cause}-gets-{_code}",
            f"Answers {_code} to {_what}.",
            refused_for(_cause, status(_code)),
            "s.400",
            *_ROWS.get(_cause, ()),
            *_internal(_code),
        )

for _code in (200, 302, 400, 403, 404, 500, 503):
    FLAWS.add(
        f"bad-token-gets-{_code}",
        f"Answers {_code} where a token is missing or not valid.",
        refused_for("token", _to(_code)),
        "s.401",
        *_internal(_code),
    )


def _declining(applies: Applies, code: int) -> Apply:
    """Refuses a caller of this kind before it is known."""

    def step(call: Call) -> None:
        if applies(call):
            raise Refusal(code, "APIGW.0301", "the token is missing or not valid")

    return before("authenticate", step)


for _kind, _what, _applies in (
    ("missing", "a request without a token", lambda call: call.token is None),
    ("empty", "an empty token", lambda call: call.token == ""),
    ("expired", "a token past its time", lambda call: call.token == EXPIRED_TOKEN),
    (
        "unknown",
        "a token that nobody was ever given",
        lambda call: call.token and call.token not in {OPERATOR_TOKEN, READ_ONLY_TOKEN, EXPIRED_TOKEN},
    ),
):
    for _code in (400, 403):
        FLAWS.add(
            f"{_kind}-token-gets-{_code}",
            f"Answers {_code} to {_what}.",
            _declining(_applies, _code),
            "s.401",
            *_internal(_code),
        )
for _code in (200, 302, 400, 401, 404, 500):
    FLAWS.add(
        f"read-only-role-gets-{_code}",
        f"Answers {_code} where the role does not allow restoring.",
        refused_for("role", _to(_code)),
        "s.403",
        *_internal(_code),
    )
for _code in (200, 302, 400, 401, 500):
    FLAWS.add(
        f"foreign-project-gets-{_code}",
        f"Answers {_code} on another tenant's project.",
        refused_for("project", _to(_code)),
        "s.403",
        "t1.project_id.value",
        *_internal(_code),
    )


def _provoked(told: int) -> Callable[[Call, Refusal], bool]:
    return lambda call, _: call.headers.get("x-fault-inject") == str(told)


for _told, _codes in ((500, (200, 400, 502)), (503, (200, 404, 429, 500))):
    for _code in _codes:
        FLAWS.add(
            f"failure-{_told}-told-by-{_code}",
            f"Answers {_code} where {_told} is due.",
            refused(status(_code), _provoked(_told)),
            f"s.{_told}",
        )
