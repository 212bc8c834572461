"""Targets and exchanges that the tests put together by hand."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from targets.credentials import Token
from targets.exchange import Answer, Break, Exchange, Role, Sent
from targets.profile import Limits, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

OPERATOR = Token("Operator-Token-0123456789", "$OPERATOR")
READER = Token("Reader-Token-0123456789", "$READER")
RESOURCE = {
    "checkpoint_id": "checkpoint-1",
    "checkpoint_item_id": "item-1",
    "server_id": "server-1",
    "volumes": [{"backup_id": "backup-1", "volume_id": "volume-1"}],
}


def target(endpoint: str = "http://127.0.0.1:9", **changes: Any) -> Target:
    """A target with an operator and a reader, without consent, as fast as it goes."""
    facts: dict[str, Any] = {
        "name": "sample",
        "endpoint": endpoint,
        "project_id": "0123456789abcdef0123456789abcdef",
        "tokens": {Role.OPERATOR: OPERATOR, Role.READ_ONLY: READER},
        "limits": Limits(connections=2, requests_per_second=None, timeout=5, busy_wait=5, throttle_wait=5),
    }
    return Target(**{**facts, **changes})


def answered(status: int, document: Any = None, *, body: bytes | None = None, **headers: str) -> Exchange:
    """An exchange that ended with this answer, of application/json unless told otherwise."""
    content = body if body is not None else json.dumps({} if document is None else document).encode()
    named = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    sent = Sent("POST", "http://127.0.0.1:9/v1/p/restores", (), b"{}")
    return Exchange(sent, Answer(status, tuple(named.items()), content), 0.0, 0.001)


def refused(status: int, code: str = "CSBS.0400") -> Exchange:
    """An exchange that ended with the service's own error body."""
    return answered(status, {"error_code": code, "error_msg": "no"})


def broke(how: Break, why: str = "it broke") -> Exchange:
    """An exchange that ended without an answer."""
    return Exchange(Sent("POST", "http://127.0.0.1:9/v1/p/restores", (), b"{}"), None, 0.0, 0.001, how, why)


def compared(verdict: Mapping[str, Any], *new: str, **changes: Any) -> dict[str, Any]:
    """The verdict as if it had been compared with a baseline, in which all failed that fails now and is not ``new``."""
    document: dict[str, Any] = copy.deepcopy(dict(verdict))
    for clause in document["clauses"]:
        if clause["outcome"] == "fail":
            clause["finding"] = "new" if clause["id"] in new else "known"
    baseline: dict[str, Any] = {
        "verdict": "non-conformant",
        "target": "staging",
        "depth": "nightly",
        "started": "2026-11-23T02:10:00+00:00",
        "fail_on_new": False,
        "fixed": [],
        "lost": [],
    }
    return {**document, "baseline": baseline | changes}
