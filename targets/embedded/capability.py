"""Whether resources can be restored: *Querying the Restoration Capability of a Resource*, by hand from its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from targets.embedded.messages import Refusal
from targets.embedded.operation import Operation
from targets.embedded.rules import BUSY, EACH, INVALID, PROVIDER, Member, objects, parents, present, typed

if TYPE_CHECKING:
    from targets.embedded.messages import Call
    from targets.embedded.rules import Check
    from targets.embedded.service import Service

NAME = "querying_the_restoration_capability_of_a_resource"
SERVER = "OS::Nova::Server"
_ITEM = ("check_restorable", EACH)
MEMBERS = (
    Member("check_restorable", 2, (), list),
    Member("checkpoint_item_id", 3, _ITEM, str),
    Member("target", 3, _ITEM, dict),
    Member("resource_id", 4, (*_ITEM, "target"), str),
    Member("resource_type", 4, (*_ITEM, "target"), str),
    Member("volumes", 4, (*_ITEM, "target"), list),
    Member("backup_id", 5, (*_ITEM, "target", "volumes", EACH), str),
    Member("volume_id", 5, (*_ITEM, "target", "volumes", EACH), str),
)
BY_NAME = {member.name: member for member in MEMBERS}
LOOKUPS = (
    ("checkpoint_item_id", ("checkpoint_item_id",), "checkpoint_item_id"),
    ("resource_id", ("target", "resource_id"), "server_id"),
    ("backup_id", ("target", "volumes", EACH, "backup_id"), "backup_id"),
    ("volume_id", ("target", "volumes", EACH, "volume_id"), "volume_id"),
)
"""What has to exist: the member, where an item has it, and what a restoration calls the same."""


def rules() -> dict[tuple[str, str], Check]:
    """The rules of Tables 2 to 5 by member and kind, in the order in which they are looked at."""
    found: dict[tuple[str, str], Check] = {}
    for member in MEMBERS:
        found[member.name, "mandatory"] = present(member.name)
        found[member.name, "type"] = typed(member.name, member.type)
        if member.type is list:
            found[member.name, "items"] = objects(member.name)
    return found


def named(item: Any, place: tuple[str, ...]) -> list[str]:
    """The strings at a place of an item, as far as it has them."""
    holders = parents(item, place[:-1])
    return [holder[place[-1]] for holder in holders if isinstance(holder.get(place[-1]), str)]


class Capability(Operation):
    """Says of each resource that it is asked about whether it can be restored, or why not."""

    path = ("", "v1", None, "providers", None, "resources", "action")

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.rules = rules()
        self.lookups = list(LOOKUPS)

    def read(self, call: Call) -> None:
        """Parse the body once the path is known to be right."""
        self.check_provider(call, call.path.split("/")[4])
        self.service.read(call)

    def check_provider(self, call: Call, provider: str) -> None:  # noqa: ARG002  a flaw may look at the call
        """Refuse a provider that is not the fixed one of Table 1."""
        if provider != PROVIDER:
            raise Refusal(404, "CSBS.0404", "the provider is not known")

    def validate(self, call: Call) -> None:
        """Hold the document against the rules."""
        if not isinstance(call.document, dict):
            raise Refusal(self.service.statuses["invalid"], INVALID, "the body is not an object")
        for (name, kind), check in self.rules.items():
            for parent in parents(call.document, BY_NAME[name].parents):
                if not check(parent):
                    self.reject(call, name, kind)

    def reject(self, call: Call, name: str, kind: str) -> None:
        """Refuse a document that breaks the rule of this member and kind."""
        self.service.reject(call, name, kind)

    def items(self, call: Call) -> list[Any]:
        """What is asked about, one item for each resource."""
        asked = call.document.get("check_restorable") if isinstance(call.document, dict) else None
        return asked if isinstance(asked, list) else [asked] if isinstance(asked, dict) else []

    def describe(self, call: Call) -> Any:
        """The document of Table 6."""
        return {"restorable": [self.tell(call, item) for item in self.items(call)]}

    def tell(self, call: Call, item: Any) -> dict[str, Any]:
        """What Table 7 says of one item."""
        target = item.get("target") if isinstance(item, dict) else None
        target = target if isinstance(target, dict) else {}
        obstacle = self.obstacle(call, item)
        return {
            "result": obstacle is None,
            "resource_type": target.get("resource_type"),
            "error_code": obstacle.code if obstacle else "",
            "error_msg": obstacle.message if obstacle else "",
            "resource_id": target.get("resource_id"),
        }

    def obstacle(self, call: Call, item: Any) -> Refusal | None:
        """Why a resource cannot be restored, None where it can: what a restoration would be refused with."""
        try:
            self.check(call, item)
        except Refusal as refusal:
            return refusal
        return None

    def check(self, call: Call, item: Any) -> None:
        """Refuse an item that cannot be restored."""
        if any(kind != SERVER for kind in named(item, ("target", "resource_type"))):
            raise Refusal(400, "CSBS.6013", "the resource is no server")
        for name, place, thing in self.lookups:
            for value in named(item, place):
                self.find(call, name, thing, value)
        for server in named(item, ("target", "resource_id")):
            self.wait_for(call, server)

    def find(self, call: Call, name: str, thing: str, value: str) -> None:  # noqa: ARG002  a flaw may look at the name
        """Refuse a name that nothing has."""
        self.service.find(call, thing, value)

    def wait_for(self, call: Call, server: str) -> None:  # noqa: ARG002
        """Refuse a server that is being restored."""
        if self.service.world.busy(server):
            raise Refusal(400, BUSY, "The server is restoring.")
