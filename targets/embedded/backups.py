"""One backup, with all that is known of it: *Querying a Single Backup*, by hand from its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from targets.embedded.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from targets.embedded.messages import Call

NAME = "querying_a_single_backup"
_MB_A_DISK = 2048


class Backups(Operation):
    """Tells of a backup what Tables 2 to 9 have.

    The first of the world's backups has all of it. The others lack what the page's example does without.
    """

    method = "GET"
    path = ("", "v1", None, "checkpoint_items", None)

    def look_up(self, call: Call) -> None:
        """Find the backup."""
        self.service.find(call, "checkpoint_item_id", self.asked(call))

    def asked(self, call: Call) -> str:
        """The backup's id, as the path has it."""
        return call.path.split("/")[4]

    def fetch(self, call: Call) -> Mapping[str, Any]:
        """The resource that the backup is of."""
        found = self.service.world.resource(self.asked(call))
        if found is None:
            self.service.not_found(call, "checkpoint_item_id", self.asked(call))
        return found or self.service.world.resources[0]

    def describe(self, call: Call) -> Any:
        """The document of Table 2."""
        return {"checkpoint_item": self.tell(call, self.fetch(call))}

    def tell(self, call: Call, resource: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002  a flaw may look at the call
        """What Table 3 has of the backup of a resource."""
        world = self.service.world
        number = next(number for number, each in enumerate(world.resources) if each is resource)
        backup = {
            "status": self.status(resource),
            "backup_data": _server(number),
            "name": f"nightly-{number + 1}",
            "resource_id": resource["server_id"],
            "created_at": _time(number, 0),
            "checkpoint_id": resource["checkpoint_id"],
            "updated_at": _time(number, 2),
            "resource_type": "OS::Nova::Server",
            "extend_info": _extension(number, resource["volumes"]),
            "id": resource["checkpoint_item_id"],
        }
        if number == 0:
            backup["description"] = "before the upgrade"
            backup["tags"] = [{"key": "stage", "value": "staging"}, {"key": "owner_1", "value": ""}]
        return backup

    def status(self, resource: Mapping[str, Any]) -> str:
        """The state that the backup of a resource is in."""
        return self.service.world.status(resource["checkpoint_item_id"])


def _time(number: int, minutes: int) -> str:
    return f"2018-03-{number % 28 + 1:02}T04:{20 + minutes}:37.277880"


def _name(kind: int, number: int) -> str:
    """Names of what the rest of the world does not know."""
    return f"{kind:08x}-{number:04x}-4000-8000-{kind * 1000 + number:012x}"


def _server(number: int) -> dict[str, Any]:
    """Table 5."""
    return {
        "__openstack_region_name": "az1.dc1",
        "cloudservicetype": "server",
        "disk": 40,
        "imagetype": ("gold", "private", "market")[number % 3],
        "ram": 4096,
        "vcpus": 4,
        "eip": "" if number else "198.51.100.7",
        "private_ip": f"192.0.2.{number % 250 + 1}",
    }


def _extension(number: int, volumes: list[Mapping[str, str]]) -> dict[str, Any]:
    """Table 4, with the code of Table 6 and the image of Table 9."""
    extension: dict[str, Any] = {
        "auto_trigger": False,
        "average_speed": 19 * 1024,
        "copy_from": "",
        "copy_status": "na",
        "fail_code": {},
        "fail_op": "",
        "fail_reason": "",
        "image_type": "backup",
        "incremental": number % 2 == 1,
        "progress": 100,
        "resource_az": "az1.dc1",
        "resource_name": f"server-{number + 1}",
        "size": _MB_A_DISK * len(volumes),
        "space_saving_ratio": 0,
        "volume_backups": [_disk(number, *each) for each in enumerate(volumes)],
        "finished_at": _time(number, 1),
        "supported_restore_mode": "backup",
        "os_images_data": [],
        "support_lld": True,
        "taskid": _name(0xD1, number),
        "hypervisor_type": "QEMU",
    }
    if number == 0:
        extension["resource_type"] = "OS::Nova::Server"
        extension["fail_code"] = {"Code": 0, "Description": ""}
        extension["os_images_data"] = [{"image_id": _name(0xD2, number)}]
    return extension


def _disk(number: int, disk: int, volume: Mapping[str, str]) -> dict[str, Any]:
    """Table 7."""
    return {
        "average_speed": 19,
        "bootable": disk == 0,
        "id": volume["backup_id"],
        "image_type": "backup",
        "incremental": number % 2 == 1,
        "name": f"nightly-{number + 1}-{disk + 1}",
        "size": _MB_A_DISK,
        "source_volume_id": volume["volume_id"],
        "source_volume_size": 20,
        "space_saving_ratio": 0,
        "status": "available",
        "source_volume_name": f"server-{number + 1}-disk-{disk + 1}",
        "snapshot_id": _name(0xD3, disk),
    }
