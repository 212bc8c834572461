"""Services that say the same to everyone, whatever is asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.hooks import dropped, hanging, redirecting
from targets.embedded.service import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.flaws.hooks import Change
    from targets.embedded.service import Call, Service


def _saying(code: int, error_code: str) -> Callable[[], Reply]:
    document = {"error_code": error_code, "error_msg": "whatever was asked"}
    return lambda: Reply(code, json.dumps(document).encode())


def _doing(change: Change) -> Callable[[], Reply]:
    def make() -> Reply:
        reply = Reply(200, b"{}")
        change(reply)
        return reply

    return make


def _always(make: Callable[[], Reply]) -> Callable[[Service], None]:
    def answer(_: Call) -> Reply:
        return make()

    return lambda service: service.around("answer", lambda _: answer)


for _code, _error, _breaks in (
    (200, "CSBS.0000", ("s.400", "s.401", "s.403", "t7.restore.present")),
    (400, "CSBS.0400", ("s.200",)),
    (401, "APIGW.0301", ()),
    (403, "CSBS.9009", ()),
    (404, "APIGW.0101", ("s.200",)),
    (409, "CSBS.0409", ("s.200", "s.400")),
    (422, "CSBS.0422", ("s.200", "s.400")),
    (429, "APIGW.0308", ()),
    (500, "CSBS.9999", ("s.200", "s.500")),
    (502, "APIGW.0502", ("s.200", "s.500")),
    (503, "CSBS.0503", ()),
):
    FLAWS.add(
        f"everything-gets-{_code}",
        f"Answers {_code} to everything.",
        _always(_saying(_code, _error)),
        *_breaks,
        lost=not _breaks,
    )
FLAWS.add(
    "project-is-retired",
    "Answers everything as for a project that may not use the service any more.",
    _always(_saying(400, "BackupService.4008")),
    lost=True,
)
FLAWS.add(
    "everything-is-redirected", "Sends every caller to a login.", _always(_doing(redirecting(302))), "s.200", "s.400"
)
FLAWS.add("everything-is-dropped", "Hangs up on everyone.", _always(_doing(dropped)), lost=True)
FLAWS.add("everything-hangs", "Never answers anyone.", _always(_doing(hanging)), lost=True)
