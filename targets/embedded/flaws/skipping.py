"""Requests that are not looked at on some condition: their bodies, the callers behind them, what they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from targets.embedded.changes import FLAWS
from targets.embedded.flaws.calls import (
    TYPES,
    WHOLE_REQUEST,
    dashed,
    longer_than,
    media_type,
    more_volumes_than,
    powered_off,
    row,
    with_target,
    without_target,
)
from targets.embedded.flaws.hooks import forgiving
from targets.embedded.flaws.lookups import all_exist
from targets.embedded.rules import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.flaws.calls import Applies
    from targets.embedded.service import Call, Service

_NAMED = (
    "t3.checkpoint_id.value",
    "t4.checkpoint_item_id.value",
    "t5.server_id.value",
    "t6.backup_id.value",
    "t6.volume_id.value",
    "s.404",
)


def _object(applies: Applies) -> Applies:
    """The body is an object at least."""
    return lambda call: isinstance(call.document, dict) and applies(call)


def _essence(call: Call) -> str:
    return media_type(call).partition(";")[0].strip().lower()


for _suffix, _where, _applies in (
    ("past-8-kib", "of more than 8 KiB", longer_than(8 << 10)),
    ("past-64-kib", "of more than 64 KiB", longer_than(64 << 10)),
    ("with-restore-target", "with the optional member", with_target),
    ("without-restore-target", "without the optional member", without_target),
    ("with-power-off", "whose power_on is false", powered_off),
    ("of-several-volumes", "with more than two volumes", more_volumes_than(2)),
    ("of-many-volumes", "with more than ten volumes", more_volumes_than(10)),
    ("with-charset", "declared with a charset", lambda call: "charset" in media_type(call)),
    ("of-another-media-type", "not declared as JSON", lambda call: _essence(call) not in {"", "application/json"}),
    ("without-content-type", "declared as nothing", lambda call: not media_type(call)),
    ("of-several-lines", "with line breaks", lambda call: b"\n" in call.body.strip()),
):
    FLAWS.add(
        f"bodies-{_suffix}-are-not-checked",
        f"Takes any object for a body {_where}.",
        forgiving("validate", _object(_applies)),
        *WHOLE_REQUEST,
    )


@FLAWS.change(*(clause for clause in WHOLE_REQUEST if not clause.startswith("t2.")))
def what_exists_is_not_checked(service: Service) -> None:
    """Takes any body that names nothing but what exists."""
    forgiving("validate", _object(all_exist(service)))(service)


FLAWS.add(
    "readers-may-restore-without-power",
    "Asks for a role only where power_on is true.",
    forgiving("authorize_role", powered_off),
    "s.403",
)
for _suffix, _where, _applies in (
    ("of-many-volumes", "with more than ten volumes", more_volumes_than(10)),
    ("with-restore-target", "with the optional member", with_target),
    ("with-power-off", "whose power_on is false", powered_off),
):
    FLAWS.add(
        f"bodies-{_suffix}-may-name-anything",
        f"Looks nothing up for a body {_where}.",
        forgiving("look_up", _applies),
        *_NAMED,
    )


def _looking_up_first(*rules: tuple[str, str]) -> Callable[[Service], None]:
    """Looks up what the body names before anything else, and does not hold it against these rules."""

    def apply(service: Service) -> None:
        service.stages.insert(service.stages.index("validate"), "look_up")
        for rule in rules:
            del service.rules[rule]

    return apply


for _member in MEMBERS:
    if _member.mandatory:
        FLAWS.add(
            f"looks-up-first-and-misses-no-{dashed(_member.name)}",
            f"Looks up what the body names, and takes one without {_member.name} then.",
            _looking_up_first((_member.name, "mandatory")),
            f"{row(_member)}.mandatory",
        )
FLAWS.add(
    "looks-up-first-and-checks-no-types",
    "Looks up what the body names, and takes any types then.",
    _looking_up_first(*((member.name, "type") for member in MEMBERS)),
    *TYPES,
)
FLAWS.add(
    "looks-up-first-and-takes-any-provider",
    "Looks up what the body names, and takes any provider_id then.",
    _looking_up_first(("provider_id", "value")),
    "t3.provider_id.value",
)
