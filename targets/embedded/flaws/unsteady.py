"""Services that are wrong once in many requests: in turn, or by chance."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.calls import WHOLE_REQUEST
from targets.embedded.flaws.hooks import (
    admitting,
    body,
    broken,
    cut,
    declared,
    describing,
    dropped,
    forgiving,
    hanging,
    redirecting,
    refused,
    replying,
    status,
)
from targets.embedded.flaws.lookups import ROWS
from targets.embedded.service import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.flaws.calls import Applies
    from targets.embedded.flaws.hooks import Apply
    from targets.embedded.service import Call, Reply, Service

    Due = Callable[[], bool]

ONE_IN = 50


def _in_turn() -> Due:
    """True at every fiftieth asking."""
    asked = 0

    def due() -> bool:
        nonlocal asked
        asked += 1
        return asked % ONE_IN == 0

    return due


def _by_chance() -> Due:
    """True at one asking in fifty, the same ones in every run."""
    entropy = random.Random(ONE_IN)  # noqa: S311
    return lambda: entropy.random() < 1 / ONE_IN


def _failed(reply: Reply) -> None:
    reply.status = 500
    reply.body = json.dumps({"error_code": "CSBS.9999", "error_msg": "restore failed"}).encode()


def _when(due: Due) -> Applies:
    return lambda _: due()


def _twice(due: Due) -> Apply:
    """Gives a restoration the name of the one before."""
    last = [""]

    def change(restore: dict[str, str]) -> None:
        if last[0] and due():
            restore["id"] = last[0]
        last[0] = restore["id"]

    return describing(change)


def _altered(restore: dict[str, dict[str, dict[str, str]]]) -> None:
    restore["parameters"]["targets"]["server_id"] = "another"


def _forgetting(due: Due) -> Apply:
    """Knows a good token for a bad one."""

    def wrap(authenticate: Callable[[Call], None]) -> Callable[[Call], None]:
        def forgetful(call: Call) -> None:
            authenticate(call)
            if due():
                raise Refusal(401, "APIGW.0301", "the token is missing or not valid")

        return forgetful

    return lambda service: service.around("authenticate", wrap)


_FAULTS: tuple[tuple[str, str, Callable[[Due], Apply], tuple[str, ...]], ...] = (
    ("fails", "answers 500 to an acceptable request", lambda due: replying(_failed, _when(due)), ("s.200", "s.500")),
    ("refuses", "answers 400 to an acceptable request", lambda due: replying(status(400), _when(due)), ("s.200",)),
    ("redirects", "redirects an acceptable request", lambda due: replying(redirecting(302), _when(due)), ("s.200",)),
    ("hangs-up", "hangs up on an acceptable request", lambda due: replying(dropped, _when(due)), ("s.200", "s.500")),
    ("hangs", "never answers an acceptable request", lambda due: replying(hanging, _when(due)), ("s.200", "s.500")),
    ("cuts", "ends an answer in its middle", lambda due: replying(cut, _when(due)), ("s.200", "s.500")),
    (
        "loses-the-end",
        "loses the end of an answer",
        lambda due: replying(body(lambda text: text[:-9]), _when(due)),
        ("p.json",),
    ),
    ("answers-nothing", "answers an empty body", lambda due: replying(body(b""), _when(due)), ("p.json",)),
    (
        "declares-text",
        "declares its answer as text",
        lambda due: replying(declared("text/plain"), _when(due)),
        ("p.content_type",),
    ),
    (
        "lacks-status",
        "leaves status out of an answer",
        lambda due: describing(lambda restore: restore.pop("status"), _when(due)),
        ("t8.status.present",),
    ),
    (
        "nulls-id",
        "answers null for id",
        lambda due: describing(lambda restore: restore.update(id=None), _when(due)),
        ("t8.id.type",),
    ),
    ("repeats-an-id", "gives a restoration the name of the one before", _twice, ("t8.id.value",)),
    (
        "alters-server-id",
        "answers another server_id than was sent",
        lambda due: describing(_altered, _when(due)),
        ("t10.server_id.echo",),
    ),
    (
        "takes-invalid-bodies",
        "takes a body that is not valid",
        lambda due: forgiving("validate", lambda call: isinstance(call.document, dict) and due()),
        WHOLE_REQUEST,
    ),
    ("takes-bad-tokens", "takes a token that is not valid", lambda due: admitting(_when(due)), ("s.401",)),
    (
        "takes-unknown-names",
        "takes what names nothing",
        lambda due: forgiving("look_up", _when(due)),
        (*ROWS.values(), "s.404"),
    ),
    (
        "takes-readers",
        "lets a role restore that may not",
        lambda due: forgiving("authorize_role", _when(due)),
        ("s.403",),
    ),
    (
        "takes-strangers",
        "lets a caller into another tenant's project",
        lambda due: forgiving("authorize_project", _when(due)),
        ("s.403", "t1.project_id.value"),
    ),
    ("falls-over-anything", "answers 500 to whatever was asked", lambda due: broken(_when(due)), ("s.500",)),
    (
        "refuses-without-a-body",
        "refuses without a body",
        lambda due: refused(body(b""), lambda _, __: due()),
        ("p.json", "e.error_code.present", "e.error_msg.present"),
    ),
    ("forgets-a-good-token", "answers 401 to a good token", _forgetting, ("s.200", "s.400")),
)


def _made_anew(make: Callable[[Due], Apply], way: Callable[[], Due]) -> Apply:
    """Every service counts, or casts its dice, for itself."""

    def apply(service: Service) -> None:
        make(way())(service)

    return apply


for _name, _does, _make, _breaks in _FAULTS:
    for _suffix, _how, _way in (
        ("in-turn", f"Once in {ONE_IN} times, in turn,", _in_turn),
        ("by-chance", f"Once in {ONE_IN} times, by chance,", _by_chance),
    ):
        FLAWS.add(f"{_name}-{_suffix}", f"{_how} {_does}.", _made_anew(_make, _way), *_breaks, rare=True)


def _tiring(after: int, apply: Callable[[Due], Apply]) -> Apply:
    """Well for so many times, and never again."""

    def start(service: Service) -> None:
        times = 0

        def due() -> bool:
            nonlocal times
            times += 1
            return times > after

        apply(due)(service)

    return start


FLAWS.add(
    "tires-of-restoring",
    "Answers 500 to every restoration after the hundredth.",
    _tiring(100, lambda due: replying(_failed, _when(due))),
    "s.200",
    "s.500",
    rare=True,
)
FLAWS.add(
    "tires-of-checking",
    "Takes every invalid body after the hundredth.",
    _tiring(100, lambda due: forgiving("validate", lambda call: isinstance(call.document, dict) and due())),
    *WHOLE_REQUEST,
    rare=True,
)
FLAWS.add(
    "tires-of-refusing-tokens",
    "Takes every bad token after the twentieth.",
    _tiring(20, lambda due: admitting(_when(due))),
    "s.401",
    rare=True,
)


@FLAWS.change("t8.id.value", rare=True)
def ids_run_out(service: Service) -> None:
    """Names restorations anew from the first after a hundred of them."""
    given: list[str] = []

    def change(restore: dict[str, str]) -> None:
        given.append(restore["id"])
        restore["id"] = given[(len(given) - 1) % 100]

    describing(change)(service)
