"""Answers that say too much: secrets, internals, a restoration that was refused, a code that belongs elsewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.hooks import body, describing, explaining, refused, refused_for
from targets.embedded.rules import PROVIDER
from targets.embedded.world import OPERATOR_TOKEN, PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.flaws.hooks import Change
    from targets.embedded.service import Call, Refusal, Reply, Service

# -- internals

_TRACES = {
    "python": (
        "Traceback (most recent call last):\n"
        "  File \"/usr/lib/python3/csbs/api.py\", line 20, in create\nKeyError: 'restore'"
    ),
    "java": (
        "java.lang.NullPointerException\n\tat com.example.csbs.RestoreController.create(RestoreController.java:42)\n"
        "\tat java.base/java.lang.Thread.run(Thread.java:829)"
    ),
    "go": "panic: runtime error: index out of range\n\ngoroutine 1 [running]:\nmain.create(0xc000012345)",
    "node": "TypeError: Cannot read properties of undefined\n    at create (/srv/csbs/api/restores.js:10:5)",
    "csharp": "System.NullReferenceException: null\n   at Csbs.Restores.Create() in C:\\csbs\\Restores.cs:line 12",
    "php": "Undefined index: restore in /var/www/csbs/restores.php on line 7",
    "ruby": "NoMethodError: undefined method `[]' for nil\napp/controllers/restores_controller.rb:12:in `create'",
}
for _language, _trace in _TRACES.items():
    FLAWS.add(
        f"error-shows-{_language}-internals",
        f"Refuses with what {_language} says of its own code.",
        explaining(lambda document, trace=_trace: {**document, "error_msg": trace}),  # type: ignore[misc]
        "a.internals",
    )


def _saying(text: str) -> Change:
    return body(lambda own: json.dumps({**json.loads(own), "error_msg": text}).encode())


for _cause, _what in (
    ("syntax", "a body that is not JSON"),
    ("type", "a member of another JSON type"),
    ("unknown", "what does not exist"),
    ("token", "a bad token"),
):
    FLAWS.add(
        f"stack-trace-for-{_cause}",
        f"Shows a stack trace to a caller with {_what}.",
        refused_for(_cause, _saying(_TRACES["python"])),
        "a.internals",
    )
FLAWS.add(
    "stack-trace-for-500",
    "Shows a stack trace when it fails.",
    refused(_saying(_TRACES["python"]), lambda call, _: call.headers.get("x-fault-inject") == "500"),
    "a.internals",
)
FLAWS.add(
    "stack-trace-beside-the-message",
    "Refuses with a stack trace in a member of its own.",
    explaining(lambda document: {**document, "trace": _TRACES["java"].splitlines()}),
    "a.internals",
)
FLAWS.add(
    "answer-shows-internals",
    "Shows a file of its own in what it says of a restoration.",
    describing(lambda restore: restore["resources_reason"].update(log=_TRACES["python"])),
    "a.internals",
)

# -- secrets


def _repeating(tell: Callable[[Reply, str], None]) -> Callable[[Service], None]:
    """Tells the caller's token in every refusal."""

    def apply(service: Service) -> None:
        def wrap(refuse: Callable[[Call, Refusal], Reply]) -> Callable[[Call, Refusal], Reply]:
            def telling(call: Call, refusal: Refusal) -> Reply:
                reply = refuse(call, refusal)
                if call.token:
                    tell(reply, call.token)
                return reply

            return telling

        service.around("refuse", wrap)

    return apply


def _in_body(reply: Reply, token: str) -> None:
    _saying(f"the request with the token {token} is refused")(reply)


def _in_header(reply: Reply, token: str) -> None:
    reply.headers["x-auth-token"] = token


def _in_cookie(reply: Reply, token: str) -> None:
    reply.headers["set-cookie"] = f"session={token}; HttpOnly"


def _when_unknown(reply: Reply, token: str) -> None:
    if reply.status == 401:
        _in_body(reply, token)


for _name, _doc, _tell in (
    ("error-repeats-the-token", "Refuses with the caller's token in the message.", _in_body),
    ("error-repeats-the-token-in-a-header", "Refuses with the caller's token in a header.", _in_header),
    ("error-repeats-the-token-in-a-cookie", "Refuses with the caller's token in a cookie.", _in_cookie),
    ("error-repeats-a-bad-token", "Refuses a bad token with the token in the message.", _when_unknown),
):
    FLAWS.add(_name, _doc, _repeating(_tell), "a.secrets")
FLAWS.add(
    "error-tells-a-good-token",
    "Tells a caller with a bad token of a good one.",
    refused_for("token", _saying(f"not valid; {OPERATOR_TOKEN} is")),
    "a.secrets",
)


def _answering(tell: Callable[[Reply, str], None]) -> Callable[[Service], None]:
    """Tells the caller's token in what it says of a restoration."""

    def wrap(restore: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
        def telling(call: Call) -> Reply:
            reply = restore(call)
            tell(reply, call.token or "")
            return reply

        return telling

    return lambda service: service.around("restore", wrap)


def _as_member(reply: Reply, token: str) -> None:
    reply.body = json.dumps({**json.loads(reply.body), "requested_with": token}).encode()


for _name, _doc, _tell in (
    ("answer-repeats-the-token", "Tells the caller's token in what it says of a restoration.", _as_member),
    ("answer-repeats-the-token-in-a-header", "Tells the caller's token in a header.", _in_header),
):
    FLAWS.add(_name, _doc, _answering(_tell), "a.secrets")

# -- codes under another status than the appendix's


def _coded(code: str) -> Change:
    return body(lambda own: json.dumps({**json.loads(own), "error_code": code}).encode())


for _cause, _what, _code in (
    ("missing", "a missing member", "CSBS.3001"),
    ("type", "a member of another JSON type", "CSBS.9999"),
    ("syntax", "a body that is not JSON", "CSBS.3001"),
    ("value", "another provider_id", "CSBS.3001"),
    ("unknown", "what does not exist", "CSBS.9999"),
    ("role", "a role that may not restore", "CSBS.3001"),
    ("project", "another tenant's project", "CSBS.9001"),
    ("token", "a bad token", "CSBS.9009"),
):
    FLAWS.add(
        f"code-{_code[5:]}-for-{_cause}",
        f"Answers {_what} with the code {_code}, which is another status'.",
        refused_for(_cause, _coded(_code)),
        "a.error_code.status",
    )
for _told, _code in (("500", "CSBS.3001"), ("503", "CSBS.9999")):
    FLAWS.add(
        f"code-{_code[5:]}-for-{_told}",
        f"Tells {_told} with the code {_code}, which is another status'.",
        refused(_coded(_code), lambda call, _, told=_told: call.headers.get("x-fault-inject") == told),  # type: ignore[misc]
        "a.error_code.status",
    )

# -- a restoration in spite of the refusal

_RESTORATION: dict[str, Any] = {
    "id": "d3a54e80-6483-485d-98f6-c0409e6f2e0a",
    "project_id": PROJECT,
    "provider_id": PROVIDER,
    "status": "in_progress",
    "resources_reason": {},
    "resources_status": {},
}


def _with_restoration(own: bytes) -> bytes:
    return json.dumps({**json.loads(own), "restore": _RESTORATION}).encode()


for _cause, _what, _breaks in (
    ("missing", "a missing member", ("s.400",)),
    ("type", "a member of another JSON type", ("s.400",)),
    ("value", "another provider_id", ("s.400", "t3.provider_id.value")),
    ("unknown", "what does not exist", ("s.404", "s.400")),
    ("role", "a role that may not restore", ("s.403",)),
):
    FLAWS.add(
        f"restoration-for-{_cause}",
        f"Refuses {_what} and names the restoration that it has started all the same.",
        refused_for(_cause, body(_with_restoration)),
        *_breaks,
    )
