"""The embedded service: its operations in small stages, each of which a flaw or a variation can change.

Restorations are created here. What else the service can do stands in modules of its own; they share its outer stages.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import TYPE_CHECKING, Any

from targets.embedded.backups import Backups
from targets.embedded.capability import Capability
from targets.embedded.messages import Call, Refusal, Reply
from targets.embedded.rules import BUSY, BY_NAME, INVALID, parents, rules
from targets.embedded.world import World

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from targets.embedded.operation import Operation

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

__all__ = ["INVALID", "LOOKUPS", "Call", "Refusal", "Reply", "Service"]

LOOKUPS = ("checkpoint_id", "checkpoint_item_id", "server_id", "backup_id", "volume_id")


class Service:
    """An ASGI application. Flaws and variations replace its stages, which are looked up on the instance."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.rules = rules()
        self.stages = [
            "route",
            "inject",
            "authenticate",
            "authorize_project",
            "authorize_role",
            "read",
            "validate",
            "look_up",
        ]
        self.statuses: dict[str, int] = {"project": 403, "role": 403, "invalid": 400, "token": 401}
        self.lookups = list(LOOKUPS)
        self.spelling: dict[str, Any] = {}
        """How json.dumps is to spell what goes out."""
        self.capability = Capability(self)
        self.backups = Backups(self)
        self.operations: tuple[Operation, ...] = (self.capability, self.backups)
        """What the service can do beside restoring."""

    def around(self, stage: str, wrap: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Put a function around one of the service's own: the way in which flaws and variations change it."""
        setattr(self, stage, wrap(getattr(self, stage)))

    # -- the stages, in their order

    def answer(self, call: Call) -> Reply:
        """The reply to a call, refusals included."""
        try:
            for stage in self.stages:
                here = call.operation if call.operation and stage in call.operation.own else self
                getattr(here, stage)(call)
            return call.operation.reply(call) if call.operation else self.restore(call)
        except Refusal as refusal:
            return self.refuse(call, refusal)

    def route(self, call: Call) -> None:
        """Find the operation and the project in the path."""
        parts = call.path.split("/")
        call.operation = next((each for each in self.operations if each.has(parts)), None)
        restoring = len(parts) == 4 and parts[1] == "v1" and parts[3] == "restores" and bool(parts[2])  # noqa: PLR2004
        if not restoring and call.operation is None:
            raise Refusal(404, "APIGW.0101", "no operation has this path")
        call.allowed = call.operation.method if call.operation else "POST"
        if call.method != call.allowed:
            raise Refusal(405, "APIGW.0102", "the path has no such method")
        call.project = parts[2]

    def inject(self, call: Call) -> None:
        """Fail as the operator's switch says."""
        told = call.headers.get("x-fault-inject")
        if told == "500":
            raise Refusal(500, "CSBS.9999", "restore failed")
        if told == "503":
            raise Refusal(503, "CSBS.0503", "the service is being maintained")

    def authenticate(self, call: Call) -> None:
        """Know the caller."""
        if not self.knows(call.token):
            raise Refusal(self.statuses["token"], "APIGW.0301", "the token is missing or not valid")

    def knows(self, token: str | None) -> bool:
        """Whether a token is valid."""
        return token in self.world.owners

    def authorize_project(self, call: Call) -> None:
        """Keep callers to their own project."""
        if call.project != self.world.owners.get(call.token or ""):
            raise Refusal(self.statuses["project"], "CSBS.9009", "the project is not the caller's")

    def authorize_role(self, call: Call) -> None:
        """Keep readers from restoring."""
        if call.token in self.world.read_only:
            raise Refusal(self.statuses["role"], "CSBS.9009", "the role does not allow this operation")

    def read(self, call: Call) -> None:
        """Parse the body by the letter of RFC 8259."""
        try:
            call.document = self.parse(call.body)
        except (ValueError, RecursionError):
            raise Refusal(self.statuses["invalid"], INVALID, "the body is not JSON") from None

    def parse(self, body: bytes) -> Any:
        """The body's document; ValueError where it is not one JSON text in UTF-8."""
        return json.loads(body.decode("utf-8"), parse_constant=_refuse)

    def validate(self, call: Call) -> None:
        """Hold the document against the rules."""
        if not isinstance(call.document, dict):
            raise Refusal(self.statuses["invalid"], INVALID, "the body is not an object")
        for (name, kind), check in self.rules.items():
            for parent in parents(call.document, BY_NAME[name].parents):
                if not check(parent):
                    self.reject(call, name, kind)

    def reject(self, call: Call, name: str, kind: str) -> None:  # noqa: ARG002  a flaw may look at the call
        """Refuse a document that breaks the rule of this member and kind."""
        code = "CSBS.9001" if (name, kind) == ("provider_id", "value") else INVALID
        raise Refusal(self.statuses["invalid"], code, f"{name} breaks the rule of its {kind}")

    def look_up(self, call: Call) -> None:
        """Find what the document names. What is no string at all has been the rules' business."""
        for name in self.lookups:
            for parent in parents(call.document, BY_NAME[name].parents):
                if isinstance(parent.get(name), str):
                    self.find(call, name, parent[name])

    def find(self, call: Call, name: str, value: str) -> None:
        """Refuse a name that nothing has."""
        world = self.world
        known = {
            "checkpoint_id": world.checkpoints,
            "checkpoint_item_id": world.items,
            "server_id": world.servers,
            "backup_id": world.backups,
            "volume_id": world.volumes,
        }[name]
        if value not in known:
            self.not_found(call, name, value)

    def not_found(self, call: Call, name: str, value: str) -> None:  # noqa: ARG002
        """Refuse an unknown name with the appendix's status and code."""
        status, code = {
            "checkpoint_id": (404, "CSBS.3001"),
            "checkpoint_item_id": (404, "CSBS.3001"),
            "server_id": (400, "CSBS.6000"),
            "backup_id": (400, "CSBS.6017"),
            "volume_id": (400, "CSBS.6014"),
        }[name]
        raise Refusal(status, code, f"{name} {ascii(value)[:80]} is not known")

    def restore(self, call: Call) -> Reply:
        """Start the restoration."""
        self.wait_for(call)
        self.begin(call)
        return Reply(200, self.render(self.describe(call)))

    def wait_for(self, call: Call) -> None:
        """Refuse to restore a server that is being restored."""
        for server in self.named(call, "server_id"):
            if self.world.busy(server):
                raise Refusal(400, BUSY, "The server is restoring.")

    def begin(self, call: Call) -> None:
        """Take note of the restoration, and of what it keeps busy."""
        self.world.restorations.append(call.document)
        self.world.begin(*self.named(call, "server_id"), *self.named(call, "checkpoint_item_id"))

    def named(self, call: Call, name: str) -> list[str]:
        """The strings that the document has for a member."""
        values = [parent.get(name) for parent in parents(call.document, BY_NAME[name].parents)]
        return [value for value in values if isinstance(value, str)]

    def describe(self, call: Call) -> Any:
        """The document of an accepted restoration, with the nine members of Table 8."""
        asked = call.document.get("restore")
        asked = asked if isinstance(asked, dict) else {}
        return {
            "restore": {
                "id": str(uuid.uuid4()),
                "checkpoint_id": asked.get("checkpoint_id"),
                "project_id": call.project,
                "provider_id": asked.get("provider_id"),
                "restore_target": asked.get("restore_target", ""),
                "status": "in_progress",
                "resources_reason": {},
                "resources_status": {},
                "parameters": asked.get("parameters"),
            }
        }

    def refuse(self, call: Call, refusal: Refusal) -> Reply:  # noqa: ARG002
        """The reply of a refusal."""
        return Reply(refusal.status, self.render(self.explain(refusal)))

    def explain(self, refusal: Refusal) -> Any:
        """The error body of the appendix."""
        return {"error_code": refusal.code, "error_msg": refusal.message}

    def render(self, document: Any) -> bytes:
        """The document as it goes out. A lone surrogate has no UTF-8 and stays escaped, however the rest is spelt."""
        return json.dumps(document, **self.spelling).encode("utf-8", "backslashreplace")

    # -- the wire

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request (ASGI 3)."""
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        call = Call(scope["method"], scope["path"], headers, body)
        await self.deliver(send, self.answer(call))

    async def deliver(self, send: Send, reply: Reply) -> None:
        """Send a reply, or what a flaw leaves of it."""
        if reply.delay:
            await asyncio.sleep(reply.delay)
        if reply.drop:
            _transport(send).abort()
            return
        headers = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
        if not reply.chunked:
            headers.append((b"content-length", str(len(reply.body)).encode()))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        if reply.cut is not None:
            await send({"type": "http.response.body", "body": reply.body[: reply.cut], "more_body": True})
            _transport(send).close()
            return
        half = len(reply.body) // 2 if reply.chunked else 0
        if half:
            await send({"type": "http.response.body", "body": reply.body[:half], "more_body": True})
        await send({"type": "http.response.body", "body": reply.body[half:]})


def _transport(send: Send) -> asyncio.Transport:
    """The connection behind an ASGI send, which uvicorn keeps at the object that send is bound to."""
    cycle: Any = getattr(send, "__self__")  # noqa: B009  ASGI's type of send is a plain callable
    transport: asyncio.Transport = cycle.transport
    return transport


def _refuse(constant: str) -> None:
    raise ValueError(constant)
