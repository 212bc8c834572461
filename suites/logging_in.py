"""Requests of callers who may not: without a valid token, with too small a role, on a project that is not theirs."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from contracts.bodies import CANARY
from suites.campaign import is_masked
from suites.outcomes import Case, Judged
from suites.resources import in_turn
from suites.shaping import body_of
from targets.credentials import CredentialError, Token
from targets.exchange import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from suites.campaign import Campaign
    from suites.outcomes import Accepted
    from targets.exchange import Exchange, Request

UNKNOWN = "no-such-token-0123456789abcdef"

BAD_TOKENS: dict[str, Callable[[Token], Token | None]] = {
    "missing": lambda _: None,
    "empty": lambda _: Token("", ""),
    "unknown": lambda _: Token(UNKNOWN, UNKNOWN),
    "cut": lambda good: Token(good.value[:-1], _edited(good, "sed 's/.$//'")),
    "halved": lambda good: Token(good.value[: len(good.value) // 2], _edited(good, f"cut -c 1-{len(good.value) // 2}")),
    "extended": lambda good: Token(good.value + "0", _edited(good, "sed 's/$/0/'")),
    "other_end": lambda good: Token(f"{good.value[:-4]}0000", _edited(good, "sed 's/....$/0000/'")),
    "other_start": lambda good: Token(f"0000{good.value[4:]}", _edited(good, "sed 's/^..../0000/'")),
    "wildcard": lambda _: Token("*", "*"),
    "nothing": lambda _: Token("null", "null"),
    "quoted": lambda _: Token("' or '1'='1", "' or '1'='1"),
    "other_case": lambda good: Token(good.value.swapcase(), _edited(good, "tr 'A-Za-z' 'a-zA-Z'")),
}
"""Made from the operator's token, in the shell as well, so that a person can make them again."""


def _edited(good: Token, command: str) -> str:
    """The expression of a token that a command makes of a good one, which may itself be a command's output."""
    return f'$({command} <<< "{good.shell}")'


NO_SUCH_PROJECT = frozenset({400, 401, 403, 404})
"""Where there is no project, nobody is said to be without permission for it: the page does not say which it is."""


async def unauthenticated(campaign: Campaign, kind: str) -> list[Judged]:
    """Judge requests with a bad token: they are answered 401 whatever the body, which is never even looked at.

    Nothing is judged where the bad token would be the good one, and where no good one can be had any more.
    """
    try:
        good = campaign.target.tokens[Role.OPERATOR]
    except CredentialError:
        return []
    token = BAD_TOKENS[kind](good)
    if token is not None and token.value == good.value:
        return []
    changed: dict[str, Any] = {"role": Role.NOBODY} if token is None else {"token": token}
    return await _unauthenticated(campaign, kind, changed)


async def expired(campaign: Campaign) -> list[Judged]:
    """Judge requests with the profile's expired token."""
    return await _unauthenticated(campaign, "expired", {"role": Role.EXPIRED})


async def _unauthenticated(campaign: Campaign, kind: str, changed: dict[str, Any]) -> list[Judged]:
    """Sound and faulty canaries, and once an accepted body: a service may ask for a token only where nothing exists.

    What is no JSON may be refused before anybody asks who sent it, so that no such body is sent.
    """
    count = max(1, min(campaign.depth.logins, campaign.target.limits.bad_tokens // (len(BAD_TOKENS) + 1)))
    controls = itertools.islice(itertools.cycle(campaign.canaries()), count)
    pairs: list[tuple[Request, Request | Exchange]] = [
        (campaign.request(body), campaign.request(body)) for body in controls
    ]
    if campaign.accepted and (count > FEW or kind == "missing"):
        known = campaign.accepted[0]
        pairs[-1] = (campaign.known(known), known.exchange)
    clause = f"{campaign.contract.operation}.s.401"
    return await campaign.refused(
        [
            (
                Case(
                    id=f"{clause}-{kind}.{number}",
                    clause=clause,
                    request=replace(request, **changed),
                    expected=frozenset({401}),
                    ours=False,
                    first=True,
                ),
                control,
            )
            for number, (request, control) in enumerate(pairs)
        ]
    )


FEW = 2
"""Bad tokens of a kind that are too few to spend one on an accepted body."""


async def read_only(campaign: Campaign) -> list[Judged]:
    """Judge requests of a role that may not restore."""
    clause = f"{campaign.contract.operation}.s.403"
    as_reader = partial(replace, role=Role.READ_ONLY)
    return await _forbidden(campaign, clause, "read_only", frozenset({403}), as_reader, count=campaign.depth.callers)


async def foreign_project(campaign: Campaign) -> list[Judged]:
    """Judge requests on the other tenant's project that the profile names, which may also be kept a secret."""
    clause = f"{campaign.contract.operation}.t1.project_id.value"
    elsewhere = partial(campaign.elsewhere, project_id=campaign.target.foreign_project_id or "")
    expected = frozenset({403, 404})
    return await _forbidden(
        campaign, clause, "foreign", expected, elsewhere, also="s.403", count=campaign.depth.callers
    )


async def unknown_project(campaign: Campaign) -> list[Judged]:
    """Judge requests on projects that exist nowhere, two of them almost the caller's; any refusal will do."""
    clause = f"{campaign.contract.operation}.t1.project_id.value"
    own = campaign.target.project_id
    wrong = {"unknown": f"{CANARY}{0:024x}", "extended": f"{own}0", "prefixed": f"0{own}"}
    judged = await campaign.together(
        *(
            _forbidden(
                campaign, clause, kind, NO_SUCH_PROJECT, partial(campaign.elsewhere, project_id=project), ours=False
            )
            for kind, project in wrong.items()
        )
    )
    return [each for of_kind in judged for each in of_kind]


async def no_project(campaign: Campaign) -> list[Judged]:
    """Judge requests whose path names no project; any refusal will do, or a word on the path without the gap."""
    clause = f"{campaign.contract.operation}.t1.project_id.mandatory"
    nowhere = partial(campaign.elsewhere, project_id="")
    return await _forbidden(campaign, clause, "no_project", NO_SUCH_PROJECT | {301, 308, 405}, nowhere, ours=False)


async def _forbidden(
    campaign: Campaign,
    clause: str,
    kind: str,
    expected: frozenset[int],
    change: Callable[[Request], Request],
    *,
    also: str = "",
    ours: bool = True,
    count: int = 2,
) -> list[Judged]:
    """Sound and faulty canaries, with Booleans both ways, and accepted bodies, which nothing else can refuse.

    There is an accepted one for each sound canary that is masked; of more than a few requests most are such.
    """

    def case(request: Request, number: int) -> Case:
        beside = (f"{campaign.contract.operation}.{also}",) if also else ()
        # where no role is too small for the operation, nothing else can show it
        shows = () if campaign.contract.starts else beside
        return Case(f"{clause}-{kind}.{number}", clause, request, expected, beside, shows, ours=ours)

    sound, *faulty = campaign.canaries()
    other = body_of(campaign.canary(flag=False, optional=False))
    canaries = itertools.cycle((sound, *faulty, other))
    few = min(count, FEW_CALLERS) if campaign.accepted else count
    controls = [campaign.request(next(canaries)) for _ in range(few)]
    spread = in_turn(campaign.accepted, lambda each: each.resource)
    chosen = list(itertools.islice(itertools.cycle(spread), count - few)) if spread else []

    def known(grounds: Sequence[Accepted], start: int) -> list[tuple[Case, Exchange]]:
        return [
            (case(change(campaign.known(ground)), number), ground.exchange)
            for number, ground in enumerate(grounds, start=start)
        ]

    judged, shown = await campaign.together(
        campaign.refused([(case(change(control), number), control) for number, control in enumerate(controls)]),
        campaign.refused(known(chosen, start=few)),
    )
    masked = {each.case.request.body for each in judged if is_masked(each)}
    alike = dict.fromkeys([sound, *([other] if other in masked else [])])
    documents = [None if body is None else json.loads(body) for body in alike]
    grounds = [ground for document in documents if (ground := campaign.known_ground(document, lambda _: True))]
    shown += await campaign.refused(known(grounds, start=few + len(chosen)))
    return [*(each for each in judged if not is_masked(each)), *shown] or judged


FEW_CALLERS = 6
"""Requests of a kind that are made with canaries where there are accepted bodies."""
