"""Checks of the body that are missing or too lax."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.calls import dashed, row
from targets.embedded.rules import BY_NAME, MEMBERS, PROVIDER, parents

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.rules import Check, Member
    from targets.embedded.service import Call, Service


def _without(name: str, kind: str) -> Callable[[Service], None]:
    def apply(service: Service) -> None:
        del service.rules[name, kind]

    return apply


def _also_taking(member: Member, kind: type) -> Callable[[Service], None]:
    def apply(service: Service) -> None:
        for rule in ("type", "value"):
            check = service.rules.get((member.name, rule))
            if check:
                service.rules[member.name, rule] = _or_of_type(member.name, kind, check)

    return apply


def _or_of_type(name: str, kind: type, check: Check) -> Check:
    return lambda parent: (name in parent and type(parent[name]) is kind) or check(parent)


_JSON_TYPES = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "null": type(None),
    "array": list,
    "object": dict,
}

for _member in MEMBERS:
    _row = row(_member)
    if _member.mandatory:
        FLAWS.add(
            f"{dashed(_member.name)}-may-be-missing",
            f"Takes a body without {_member.name}.",
            _without(_member.name, "mandatory"),
            f"{_row}.mandatory",
        )
    for _name, _type in _JSON_TYPES.items():
        if _type is _member.type or (_type is type(None) and not _member.mandatory):
            continue
        FLAWS.add(
            f"{dashed(_member.name)}-may-be-{_name}",
            f"Takes a JSON {_name} for {_member.name}.",
            _also_taking(_member, _type),
            f"{_row}.type",
        )


@FLAWS.change("t3.provider_id.value")
def provider_id_value_unchecked(service: Service) -> None:
    """Takes any string for the provider."""
    del service.rules["provider_id", "value"]


def _same_uuid(value: str) -> bool:
    try:
        return uuid.UUID(value) == uuid.UUID(PROVIDER)
    except ValueError:
        return False


def _among(value: str) -> bool:
    return PROVIDER in [each.strip() for each in value.split(",")]


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _provider(holds: Callable[[str], bool]) -> Callable[[Service], None]:
    def apply(service: Service) -> None:
        def check(parent: dict[str, Any]) -> bool:
            value = parent.get("provider_id")
            return not isinstance(value, str) or holds(value)

        service.rules["provider_id", "value"] = check

    return apply


for _slug, _doc, _holds in (
    (
        "provider-id-prefix-compared",
        "Compares only the first eight characters of the provider.",
        lambda value: value[:8] == PROVIDER[:8],
    ),
    (
        "provider-id-end-compared",
        "Compares only the last twelve characters of the provider.",
        lambda value: value[-12:] == PROVIDER[-12:],
    ),
    (
        "provider-id-may-go-on",
        "Takes a provider that begins with the fixed one.",
        lambda value: value.startswith(PROVIDER),
    ),
    (
        "provider-id-may-be-cut",
        "Takes a provider that the fixed one begins with.",
        lambda value: bool(value) and PROVIDER.startswith(value),
    ),
    ("provider-id-may-be-empty", "Takes an empty provider.", lambda value: value in ("", PROVIDER)),
    (
        "provider-id-may-be-any-uuid",
        "Takes any provider that looks like a UUID.",
        lambda value: bool(_UUID.fullmatch(value)),
    ),
    (
        "provider-id-may-be-any-of-its-length",
        "Takes any provider of the right length.",
        lambda value: len(value) == len(PROVIDER),
    ),
    (
        "provider-id-beginning-and-end-compared",
        "Compares the first and the last block of the provider.",
        lambda value: value.split("-")[0] == PROVIDER[:8] and value.split("-")[-1] == PROVIDER[-12:],
    ),
    ("provider-id-found-anywhere", "Takes a provider that contains the fixed one.", lambda value: PROVIDER in value),
    ("provider-id-may-be-a-part", "Takes a provider that the fixed one contains.", lambda value: value in PROVIDER),
    (
        "provider-id-stripped",
        "Compares the provider without the blanks around it.",
        lambda value: value.strip() == PROVIDER,
    ),
    (
        "provider-id-may-end-in-a-newline",
        "Takes a line break behind the provider.",
        lambda value: bool(re.match(f"{PROVIDER}$", value)),
    ),
    (
        "provider-id-cut-at-nul",
        "Compares the provider up to the first NUL.",
        lambda value: value.partition("\0")[0] == PROVIDER,
    ),
    (
        "provider-id-dashes-ignored",
        "Compares the provider without its dashes.",
        lambda value: value.replace("-", "") == PROVIDER.replace("-", ""),
    ),
    ("provider-id-read-as-a-uuid", "Takes the provider in braces, as a URN and without dashes.", _same_uuid),
    ("provider-id-may-be-one-of-a-list", "Takes several providers if the fixed one is among them.", _among),
):
    FLAWS.add(_slug, _doc, _provider(_holds), "t3.provider_id.value")


@FLAWS.change("t6.backup_id.mandatory", "t6.backup_id.type", "t6.volume_id.mandatory", "t6.volume_id.type")
def only_the_first_volume_is_checked(service: Service) -> None:
    """Looks at the first item of volumes and trusts the others."""

    def wrap(validate: Callable[[Call], None]) -> Callable[[Call], None]:
        def validate_first(call: Call) -> None:
            holders = [
                each for each in parents(call.document, BY_NAME["volumes"].parents) if _has_list(each, "volumes")
            ]
            whole = [holder["volumes"] for holder in holders]
            for holder in holders:
                holder["volumes"] = holder["volumes"][:1]
            try:
                validate(call)
            finally:
                for holder, volumes in zip(holders, whole):
                    holder["volumes"] = volumes

        return validate_first

    service.around("validate", wrap)


def _has_list(parent: dict[str, Any], name: str) -> bool:
    return isinstance(parent.get(name), list)
