"""Refusals with other codes, other words and other members, and other statuses where the page leaves a choice."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from targets.embedded.changes import VARIATIONS
from targets.embedded.service import INVALID, Refusal
from targets.embedded.variations.shaping import BUSY, before, explaining, instead

if TYPE_CHECKING:
    from collections.abc import Callable

    from targets.embedded.service import Call, Service

BAD_REQUEST, UNAUTHENTICATED = 400, 401
LISTED = frozenset({400, 401, 403, 404, 500, 503})
PROVIDER_CODE = "CSBS.9001"


def _coded(code: Callable[[Refusal], str]) -> Callable[[dict[str, Any], Refusal], None]:
    """Gives refusals another code, except the one that tells callers to come again."""

    def change(document: dict[str, Any], refusal: Refusal) -> None:
        if refusal.code != BUSY:
            document["error_code"] = code(refusal)

    return change


def _invalid(refusal: Refusal) -> bool:
    return refusal.code in (INVALID, PROVIDER_CODE)


for _name, _doc, _code in (
    ("own-codes", "Has codes that the appendix does not list.", lambda refusal: f"Restore.{refusal.code[-4:]}"),
    ("status-is-the-code", "Has no codes but the statuses.", lambda refusal: str(refusal.status)),
    (
        "one-code-for-invalid-bodies",
        "Has one code for every invalid body.",
        lambda refusal: INVALID if _invalid(refusal) else refusal.code,
    ),
    (
        "listed-code-for-invalid-bodies",
        "Has the appendix's code for every invalid body.",
        lambda refusal: PROVIDER_CODE if _invalid(refusal) else refusal.code,
    ),
    (
        "one-code-for-every-400",
        "Has one code for invalid bodies and for unknown servers, backups and volumes.",
        lambda refusal: INVALID if refusal.status == BAD_REQUEST else refusal.code,
    ),
):
    VARIATIONS.add(_name, _doc, explaining(_coded(_code)))


def _rejecting(code: Callable[[str, str], str]) -> Callable[[Service], None]:
    def apply(service: Service) -> None:
        def reject(_: Call, name: str, kind: str) -> None:
            raise Refusal(service.statuses["invalid"], code(name, kind), f"{name} is not valid ({kind})")

        service.around("reject", lambda _: reject)

    return apply


VARIATIONS.add(
    "a-code-for-each-member", "Has a code for each member.", _rejecting(lambda name, _: f"InvalidParameter.{name}")
)
VARIATIONS.add(
    "a-code-for-each-fault", "Has a code for each kind of fault.", _rejecting(lambda _, kind: f"Constraint.{kind}")
)


def _saying(message: Callable[[Refusal], str]) -> Callable[[dict[str, Any], Refusal], None]:
    return lambda document, refusal: document.update(error_msg=message(refusal))


for _name, _doc, _message in (
    ("long-messages", "Explains refusals at length.", lambda refusal: f"{refusal.message}. " * 100),
    (
        "foreign-messages",
        "Explains refusals in the caller's language.",
        lambda refusal: f"请求无效。Anfrage ungültig. \U0001f6ab {refusal.message}",
    ),
    ("same-message", "Explains all refusals alike.", lambda _: "The request cannot be handled."),
    ("no-message", "Does not explain refusals.", lambda _: ""),
):
    VARIATIONS.add(_name, _doc, explaining(_saying(_message)))


@VARIATIONS.change()
def messages_quote_the_body(service: Service) -> None:
    """Explains refusals with the beginning of what was sent."""

    def wrap(refuse: Callable[[Call, Refusal], Any]) -> Callable[[Call, Refusal], Any]:
        def quoting(call: Call, refusal: Refusal) -> Any:
            quote = call.body[:200].decode("utf-8", "backslashreplace")
            return refuse(call, Refusal(refusal.status, refusal.code, f"{refusal.args[0]}: {quote}"))

        return quoting

    service.around("refuse", wrap)


VARIATIONS.add(
    "more-in-errors",
    "Has more members in error bodies.",
    explaining(lambda document, _: document.update(request_id=uuid.uuid4().hex, retryable=False, details=None)),
)
VARIATIONS.add(
    "error-in-errors",
    "Has another form of the error beside that of the appendix.",
    explaining(
        lambda document, refusal: document.update(
            error={"code": refusal.status, "message": refusal.message}, errors=[{"reason": refusal.message}]
        )
    ),
)


def _reworded(
    applies: Callable[[int], bool], **members: Callable[[], Any]
) -> Callable[[dict[str, Any], Refusal], None]:
    """Leaves the wording of refusals with such a status to somebody in front, who knows nothing of the appendix."""

    def change(document: dict[str, Any], refusal: Refusal) -> None:
        if applies(refusal.status):
            document.pop("error_code", None)
            document.pop("error_msg", None)
            document.update({name: make() for name, make in members.items()})

    return change


def _of_the_caller(status: int) -> bool:
    return status == UNAUTHENTICATED


for _name, _doc, _applies, _members in (
    (
        "401-is-from-a-gateway",
        "Leaves 401 to a gateway that tells a request_id.",
        _of_the_caller,
        {"request_id": lambda: uuid.uuid4().hex, "message": lambda: "The token must be updated."},
    ),
    (
        "401-is-from-keystone",
        "Leaves 401 to a middleware that speaks like Keystone.",
        _of_the_caller,
        {"error": lambda: {"code": 401, "title": "Unauthorized", "message": "The request requires authentication."}},
    ),
    (
        "401-is-from-oauth",
        "Leaves 401 to a gateway that speaks like OAuth.",
        _of_the_caller,
        {"error": lambda: "invalid_token", "error_description": lambda: "The token is not valid"},
    ),
    (
        "unlisted-statuses-are-a-gateways",
        "Leaves statuses that the page does not list to a gateway in front.",
        lambda status: status not in LISTED,
        {"request_id": lambda: uuid.uuid4().hex, "message": lambda: "The request was stopped at the gateway."},
    ),
):
    VARIATIONS.add(_name, _doc, explaining(_reworded(_applies, **_members)))


@VARIATIONS.change()
def a_code_for_each_bad_token(service: Service) -> None:
    """Tells a missing token from an expired one and from one that is not known."""

    def check(call: Call) -> None:
        if call.token in service.world.expired:
            raise Refusal(UNAUTHENTICATED, "APIGW.0303", "the token has expired")
        if not call.token:
            raise Refusal(UNAUTHENTICATED, "APIGW.0302", "a token is needed")

    before("authenticate", check)(service)


VARIATIONS.add(
    "other-methods-get-404",
    "Answers 404, not 405, to methods that the path does not have.",
    instead("route", 405, Refusal(404, "APIGW.0101", "no operation has this path and method")),
)
VARIATIONS.add(
    "foreign-project-gets-404",
    "Keeps the projects of others a secret.",
    instead("authorize_project", 403, Refusal(404, "APIGW.0104", "no such project is known")),
)


def _not_found(*names: str) -> Callable[[Service], None]:
    """Answers 404 to names that nothing has, where the appendix has a code for 400."""

    def wrap(not_found: Callable[[Call, str, str], None]) -> Callable[[Call, str, str], None]:
        def plainly(call: Call, name: str, value: str) -> None:
            if name in names:
                raise Refusal(404, "CSBS.0404", f"{name} is not found")
            not_found(call, name, value)

        return plainly

    return lambda service: service.around("not_found", wrap)


_LISTED_UNDER_400 = ("server_id", "backup_id", "volume_id")
for _missing in _LISTED_UNDER_400:
    VARIATIONS.add(
        f"unknown-{_missing.replace('_', '-')}-gets-404",
        f"Answers 404 to a {_missing} that names nothing.",
        _not_found(_missing),
    )
VARIATIONS.add("unknown-names-get-404", "Answers 404 to whatever names nothing.", _not_found(*_LISTED_UNDER_400))


@VARIATIONS.change()
def missing_project_gets_400(service: Service) -> None:
    """Answers 400 to a path whose project is missing."""

    def check(call: Call) -> None:
        if call.path.startswith("/v1//"):
            raise Refusal(400, "APIGW.0105", "the project is missing")

    before("route", check)(service)
