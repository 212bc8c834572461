"""Without a valid token a request is answered 401, before anything else of it is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.logging_in import BAD_TOKENS, expired, unauthenticated
from suites.plugin import SETTING
from targets.exchange import Role

if TYPE_CHECKING:
    from suites.campaign import Campaign
    from suites.plugin import Answer, Conclude


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" in metafunc.fixturenames:
        clause = f"{metafunc.config.stash[SETTING].contract.operation}.s.401"
        metafunc.parametrize("kind", [pytest.param(kind, id=f"{clause}-{kind}") for kind in BAD_TOKENS])


def _no_expired_token(campaign: Campaign) -> str:
    return "" if Role.EXPIRED in campaign.target.tokens else "needs [credentials.expired] in the profile"


@pytest.mark.clause("s.401")
@pytest.mark.question(ask=unauthenticated)
def test_bad_token_is_refused(kind: str, answer: Answer, conclude: Conclude) -> None:
    conclude(answer(kind))


@pytest.mark.clause("s.401")
@pytest.mark.question(ask=expired, lacks=_no_expired_token)
def test_expired_token_is_refused(answer: Answer, conclude: Conclude) -> None:
    conclude(answer())
