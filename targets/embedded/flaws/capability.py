"""What goes wrong with *Querying the Restoration Capability of a Resource*: its path, its body, what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from targets.embedded.capability import LOOKUPS, MEMBERS, NAME
from targets.embedded.changes import FLAWS
from targets.embedded.messages import Refusal
from targets.embedded.rules import PROVIDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.changes import Apply
    from targets.embedded.messages import Call, Reply
    from targets.embedded.service import Service

_ECHO = ("t6.restorable.echo", "t7.resource_id.echo", "t7.resource_type.echo")
_NAMED = {"checkpoint_item_id": 3, "resource_id": 4, "backup_id": 5, "volume_id": 5}
_UNKNOWN = tuple(f"t{table}.{name}.value" for name, table in _NAMED.items())


# -- the path


def _provider(takes: Callable[[str], bool]) -> Apply:
    """Takes some other providers for the fixed one."""

    def wrap(check: Callable[[Call, str], None]) -> Callable[[Call, str], None]:
        return lambda call, provider: None if takes(provider) else check(call, provider)

    return lambda service: service.capability.around("check_provider", wrap)


for _name, _doc, _takes in (
    ("any-provider-may-be-asked", "Takes any provider in the path.", lambda _: True),
    ("provider-may-begin-alike", "Compares the first half of the provider.", lambda text: text[:18] == PROVIDER[:18]),
    ("provider-may-end-alike", "Compares the end of the provider.", lambda text: text[-12:] == PROVIDER[-12:]),
    ("provider-may-go-on", "Takes a provider that goes on.", lambda text: text.startswith(PROVIDER)),
    ("provider-may-be-cut", "Takes a provider that is cut short.", lambda text: len(text) > 30 and text in PROVIDER),
    ("provider-may-be-a-pattern", "Takes a star for a provider.", lambda text: text == "*"),
):
    FLAWS.add(_name, _doc, _provider(_takes), "t1.provider_id.value", operation=NAME)


@FLAWS.change("t1.provider_id.mandatory", operation=NAME)
def provider_may_be_left_out(service: Service) -> None:
    """Takes a path whose provider is empty."""

    def wrap(answer: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
        def filled(call: Call) -> Reply:
            call.path = call.path.replace("/providers//", f"/providers/{PROVIDER}/")
            return answer(call)

        return filled

    service.around("answer", wrap)


@FLAWS.change("t1.provider_id.value", "s.500", operation=NAME)
def other_providers_bring_it_down(service: Service) -> None:
    """Falls over a provider that it does not know."""

    def wrap(check: Callable[[Call, str], None]) -> Callable[[Call, str], None]:
        def fallen(call: Call, provider: str) -> None:
            try:
                check(call, provider)
            except Refusal as refusal:
                raise Refusal(500, "CSBS.9999", "KeyError") from refusal

        return fallen

    service.capability.around("check_provider", wrap)


# -- the body


def _unchecked(*rules: tuple[str, str]) -> Apply:
    def apply(service: Service) -> None:
        for rule in rules:
            service.capability.rules.pop(rule, None)

    return apply


for _member in MEMBERS:
    _slug, _row = _member.name.replace("_", "-"), f"t{_member.table}.{_member.name}"
    FLAWS.add(
        f"asked-{_slug}-may-be-missing",
        f"Does not ask for {_member.name}.",
        _unchecked((_member.name, "mandatory")),
        f"{_row}.mandatory",
        operation=NAME,
    )
    FLAWS.add(
        f"asked-{_slug}-may-be-anything",
        f"Takes any type for {_member.name}.",
        _unchecked((_member.name, "type"), (_member.name, "items")),
        f"{_row}.type",
        "s.500",
        operation=NAME,
    )


@FLAWS.change(
    *(f"t{each.table}.{each.name}.{kind}" for each in MEMBERS[1:] for kind in ("mandatory", "type")), operation=NAME
)
def only_the_first_question_is_checked(service: Service) -> None:
    """Checks the first of the items that it is asked about."""

    def wrap(validate: Callable[[Call], None]) -> Callable[[Call], None]:
        def first(call: Call) -> None:
            whole = call.document
            items = whole.get("check_restorable") if isinstance(whole, dict) else None
            if isinstance(items, list):
                call.document = {**whole, "check_restorable": items[:1]}
            validate(call)
            call.document = whole

        return first

    service.capability.around("validate", wrap)


# -- what exists


def _unsought(*names: str) -> Apply:
    def apply(service: Service) -> None:
        service.capability.lookups = [each for each in LOOKUPS if each[0] not in names]

    return apply


for _thing, _table in _NAMED.items():
    FLAWS.add(
        f"unknown-{_thing.replace('_', '-')}-can-be-restored",
        f"Says that a resource can be restored whatever its {_thing} is.",
        _unsought(_thing),
        f"t{_table}.{_thing}.value",
        operation=NAME,
    )
FLAWS.add(
    "everything-can-be-restored",
    "Says that anything can be restored.",
    _unsought(*_NAMED),
    *_UNKNOWN,
    "s.404",
    operation=NAME,
)


@FLAWS.change(*_UNKNOWN, "s.500", operation=NAME)
def what_is_unknown_is_an_internal_error(service: Service) -> None:
    """Falls over what it does not find."""

    def wrap(find: Callable[..., None]) -> Callable[..., None]:
        def fallen(*args: Any) -> None:
            try:
                find(*args)
            except Refusal as refusal:
                raise Refusal(500, "CSBS.9999", "NullPointerException") from refusal

        return fallen

    service.capability.around("find", wrap)
    service.capability.around("obstacle", lambda _: service.capability.check)


@FLAWS.change(*_UNKNOWN, "s.404", operation=NAME)
def no_says_why_and_still_yes(service: Service) -> None:
    """Says what is missing, and that the resource can be restored."""
    _telling(lambda told: told.update(result=True))(service)


# -- what it says


def _telling(change: Callable[[dict[str, Any]], Any]) -> Apply:
    """Changes what is said of each resource."""

    def wrap(tell: Callable[[Call, Any], dict[str, Any]]) -> Callable[[Call, Any], dict[str, Any]]:
        def changed(call: Call, item: Any) -> dict[str, Any]:
            told = tell(call, item)
            change(told)
            return told

        return changed

    return lambda service: service.capability.around("tell", wrap)


def _listing(change: Callable[[list[Any]], Any]) -> Apply:
    """Changes the list of what is said."""

    def wrap(describe: Callable[[Call], Any]) -> Callable[[Call], Any]:
        return lambda call: {"restorable": change(describe(call)["restorable"])}

    return lambda service: service.capability.around("describe", wrap)


def _lacking(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda told: told.pop(name)


def _nulling(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda told: told.update({name: None})


for _row in ("result", "resource_type", "error_code", "error_msg", "resource_id"):
    _slug = _row.replace("_", "-")
    FLAWS.add(
        f"capability-lacks-{_slug}",
        f"Leaves {_row} out.",
        _telling(_lacking(_row)),
        f"t7.{_row}.present",
        operation=NAME,
    )
    FLAWS.add(
        f"capability-has-null-for-{_slug}",
        f"Says null for {_row}.",
        _telling(_nulling(_row)),
        f"t7.{_row}.type",
        operation=NAME,
    )

for _name, _doc, _change, _breaks in (
    (
        "capability-is-a-text",
        "Says true and false as texts.",
        lambda told: told.update(result=str(told["result"]).lower()),
        ("t7.result.type",),
    ),
    (
        "capability-is-a-number",
        "Says 1 and 0 for true and false.",
        lambda told: told.update(result=int(told["result"])),
        ("t7.result.type",),
    ),
    (
        "capability-code-is-a-number",
        "Says 0 where there is no error.",
        lambda told: told.update(error_code=told["error_code"] or 0),
        ("t7.error_code.type",),
    ),
    (
        "capability-drops-what-is-empty",
        "Leaves out what is empty or false.",
        lambda told: [told.pop(name) for name in [name for name, value in told.items() if not value]],
        ("t7.error_code.present", "t7.error_msg.present", "t7.result.present"),
    ),
    (
        "capability-of-another-type",
        "Names another type of resource than it was asked about.",
        lambda told: told.update(resource_type="OS::Cinder::Volume"),
        ("t7.resource_type.echo",),
    ),
    (
        "capability-in-capitals",
        "Answers the identifier in capitals.",
        lambda told: told.update(resource_id=str(told["resource_id"]).upper()),
        ("t7.resource_id.echo",),
    ),
    (
        "capability-cuts-identifiers",
        "Answers the first 32 characters of an identifier.",
        lambda told: told.update(resource_id=str(told["resource_id"])[:32]),
        ("t7.resource_id.echo",),
    ),
):
    FLAWS.add(_name, _doc, _telling(_change), *_breaks, operation=NAME)

for _name, _doc, _edit, _breaks in (
    ("capability-of-the-first-alone", "Answers the first question.", lambda told: told[:1], _ECHO),
    ("capability-of-two-at-most", "Answers the first two questions.", lambda told: told[:2], _ECHO),
    ("capability-of-the-first-throughout", "Answers the first each time.", lambda told: told[:1] * len(told), _ECHO),
    ("capability-once-more", "Answers the last question twice.", lambda told: [*told, *told[-1:]], _ECHO),
    ("capability-of-nothing", "Answers no question.", lambda _: [], _ECHO),
    (
        "capability-folds-a-list-of-one",
        "Answers a single question without a list.",
        lambda told: told[0] if len(told) == 1 else told,
        ("t6.restorable.type",),
    ),
    ("capability-folds-every-list", "Answers one object.", lambda told: told[0], ("t6.restorable.type",)),
    (
        "capability-is-a-map",
        "Answers an object by identifier.",
        lambda told: {str(each.get("resource_id")): each for each in told},
        ("t6.restorable.type",),
    ),
    ("capability-is-null", "Answers null.", lambda _: None, ("t6.restorable.type",)),
    (
        "capability-is-bare",
        "Answers the Booleans alone.",
        lambda told: [each["result"] for each in told],
        ("t6.restorable.type",),
    ),
):
    FLAWS.add(_name, _doc, _listing(_edit), *_breaks, operation=NAME)


@FLAWS.change("t6.restorable.present", operation=NAME)
def capability_under_another_name(service: Service) -> None:
    """Answers under the name of the question."""
    service.capability.around(
        "describe", lambda describe: lambda call: {"check_restorable": describe(call)["restorable"]}
    )


@FLAWS.change("t6.restorable.present", operation=NAME)
def capability_without_a_wrapper(service: Service) -> None:
    """Answers the list alone."""
    service.capability.around("describe", lambda describe: lambda call: describe(call)["restorable"])


@FLAWS.change("s.200", operation=NAME)
def capability_is_created(service: Service) -> None:
    """Answers with 201."""
    service.capability.around("reply", _with_status(201))


@FLAWS.change("s.200", operation=NAME)
def capability_of_several_is_refused(service: Service) -> None:
    """Refuses to be asked about more than one resource."""

    def wrap(validate: Callable[[Call], None]) -> Callable[[Call], None]:
        def one(call: Call) -> None:
            validate(call)
            if len(service.capability.items(call)) > 1:
                raise Refusal(400, "CSBS.0400", "one resource at a time")

        return one

    service.capability.around("validate", wrap)


def _with_status(status: int) -> Callable[[Callable[[Call], Reply]], Callable[[Call], Reply]]:
    def wrap(reply: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
        def changed(call: Call) -> Reply:
            replied = reply(call)
            replied.status = status
            return replied

        return changed

    return wrap
