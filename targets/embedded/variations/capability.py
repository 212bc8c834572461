"""Other sound ways to say what can be restored."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from targets.embedded.capability import MEMBERS, NAME, named
from targets.embedded.changes import VARIATIONS
from targets.embedded.messages import Refusal
from targets.embedded.rules import BUSY, EACH, PROVIDER
from targets.embedded.world import known

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.messages import Call
    from targets.embedded.service import Service

    Apply = Callable[[Service], None]
    Told = dict[str, Any]

_add = partial(VARIATIONS.add, operation=NAME)
_sound = partial(VARIATIONS.change, operation=NAME)


# -- what nothing has


def _refusing(other: Callable[[Refusal], Refusal]) -> Apply:
    """Refuses the whole question where it would say of a resource that it is not known."""

    def wrap(obstacle: Callable[[Call, Any], Refusal | None]) -> Callable[[Call, Any], Refusal | None]:
        def refusing(call: Call, item: Any) -> Refusal | None:
            found = obstacle(call, item)
            if found is not None and found.code != BUSY:
                raise other(found)
            return found

        return refusing

    return lambda service: service.capability.around("obstacle", wrap)


_add(
    "capability-refuses-unknown-names",
    "Refuses what it does not know, as a restoration of it would be.",
    _refusing(lambda found: Refusal(found.status, found.code, found.message)),
)
_add(
    "capability-unknown-names-get-404",
    "Answers 404 to what it does not know.",
    _refusing(lambda found: Refusal(404, "CSBS.3001", found.message)),
)
_add(
    "capability-unknown-names-get-400",
    "Answers 400 to what it does not know.",
    _refusing(lambda found: Refusal(400, "CSBS.0404", found.message)),
)


# -- what is told


def _telling(change: Callable[[Told], object]) -> Apply:
    def wrap(tell: Callable[[Call, Any], Told]) -> Callable[[Call, Any], Told]:
        def changed(call: Call, item: Any) -> Told:
            told = tell(call, item)
            change(told)
            return told

        return changed

    return lambda service: service.capability.around("tell", wrap)


def _if(result: bool, **members: str) -> Callable[[Told], None]:
    """Tells these where a resource can, or cannot, be restored; a server that is busy keeps its code."""

    def change(told: Told) -> None:
        if told["result"] is result and told["error_code"] != BUSY:
            told.update(members)

    return change


_MORE: Told = {"checked_at": "2018-03-26T08:11:45.000000", "warnings": [], "details": None, "limits": {"disks": 60}}
for _name, _doc, _change in (
    ("has-own-codes", "Has a code of its own for all that it does not know.", _if(False, error_code="Restore.0404")),
    ("has-one-code", "Has one code of the appendix for all that it does not know.", _if(False, error_code="CSBS.6016")),
    ("has-no-codes", "Says no without a code.", _if(False, error_code="")),
    ("does-not-explain", "Says no without a reason.", _if(False, error_msg="")),
    ("says-success", "Has a code and a message for what can be restored.", _if(True, error_code="0", error_msg="OK")),
    ("tells-more", "Has more members in what it says of a resource.", lambda told: told.update(_MORE)),
):
    _add(f"capability-{_name}", _doc, _telling(_change))


@_sound()
def capability_has_more_beside(service: Service) -> None:
    """Has more members beside the list."""
    service.capability.around("describe", lambda inner: lambda call: {"count": 1, **inner(call), "links": []})


@_sound()
def capability_names_must_belong_together(service: Service) -> None:
    """Says no of what exists but does not belong together."""

    def wrap(check: Callable[[Call, Any], None]) -> Callable[[Call, Any], None]:
        def strict(call: Call, item: Any) -> None:
            check(call, item)
            own = service.world.resource(*named(item, ("checkpoint_item_id",)))
            if own is None:
                return
            if [known(each) for each in named(item, ("target", "resource_id"))] != [known(own["server_id"])]:
                raise Refusal(400, "CSBS.6000", "the server is not the backup's")
            for name, code in (("backup_id", "CSBS.6017"), ("volume_id", "CSBS.6014")):
                mine = {known(volume[name]) for volume in own["volumes"]}
                if not mine.issuperset(map(known, named(item, ("target", "volumes", EACH, name)))):
                    raise Refusal(400, code, "the disk is not the backup's")

        return strict

    service.capability.around("check", wrap)


@_sound()
def capability_looks_up_disks_first(service: Service) -> None:
    """Looks names up from the innermost to the outermost."""
    service.capability.lookups.reverse()


# -- what is asked


@_sound()
def capability_of_no_resource(service: Service) -> None:
    """Answers a question about nothing with an empty list."""
    check = service.capability.rules["check_restorable", "items"]
    service.capability.rules["check_restorable", "items"] = lambda parent: (
        parent.get("check_restorable") == [] or check(parent)
    )


@_sound()
def capability_without_disks(service: Service) -> None:
    """Answers a question about a server without disks."""
    check = service.capability.rules["volumes", "items"]
    service.capability.rules["volumes", "items"] = lambda parent: parent.get("volumes") == [] or check(parent)


@_sound()
def capability_unknown_members_are_refused(service: Service) -> None:
    """Refuses members that no table has."""
    for member in MEMBERS:
        siblings = frozenset(other.name for other in MEMBERS if other.parents == member.parents)
        service.capability.rules[member.name, "neighbours"] = lambda parent, known=siblings: known.issuperset(parent)  # type: ignore[misc]


@_sound()
def capability_types_first(service: Service) -> None:
    """Looks at types before it looks at what is missing."""
    rules = service.capability.rules
    service.capability.rules = {rule: rules[rule] for rule in sorted(rules, key=lambda rule: rule[1] != "type")}


@_sound()
def capability_readers_may_not_ask(service: Service) -> None:
    """Tells only those who may restore."""
    service.capability.around("authorize_role", lambda _: service.authorize_role)


# -- the provider


def _provider(change: Callable[[Call, str], str]) -> Apply:
    def wrap(check: Callable[[Call, str], None]) -> Callable[[Call, str], None]:
        return lambda call, provider: check(call, change(call, provider))

    return lambda service: service.capability.around("check_provider", wrap)


_add(
    "capability-provider-in-any-case",
    "Takes the provider in the path in capitals too.",
    _provider(lambda _, provider: provider.lower()),
)


@_sound()
def capability_unknown_provider_gets_400(service: Service) -> None:
    """Answers 400, with the appendix's code, where another provider is in the path."""

    def check(_: Call, provider: str) -> None:
        if provider.lower() != PROVIDER:
            raise Refusal(400, "CSBS.9001", "provider invalid")

    service.capability.around("check_provider", lambda _: check)


@_sound()
def capability_provider_after_the_body(service: Service) -> None:
    """Looks at the provider once the body is known to be in order."""
    check = service.capability.check_provider
    service.capability.around("check_provider", lambda _: lambda _call, _provider: None)

    def wrap(validate: Callable[[Call], None]) -> Callable[[Call], None]:
        def late(call: Call) -> None:
            validate(call)
            check(call, call.path.split("/")[4])

        return late

    service.capability.around("validate", wrap)
