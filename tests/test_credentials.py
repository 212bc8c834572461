"""A token is renewed in time, once, by the clock alone; what cannot be renewed is used to its end and no longer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from targets.catalogue import Catalogue
from targets.credentials import (
    AGAIN,
    CredentialError,
    FixedToken,
    Issued,
    Keyring,
    LoginRefusedError,
    RenewedToken,
    Token,
)
from targets.exchange import Role
from tests.samples import OPERATOR


class Service:
    """Issues token-1, token-2 and so on, or fails as ``failure`` says; ``now`` is its caller's clock."""

    def __init__(self, life: float) -> None:
        self.life = life
        self.now = 1000.0
        self.logins = 0
        self.failure: CredentialError | None = None

    def log_in(self) -> Issued:
        """The next token."""
        self.logins += 1
        if self.failure:
            raise self.failure
        return Issued(Token(f"token-{self.logins}", "$TOKEN"), self.life, "p1", Catalogue())

    def source(self) -> RenewedToken:
        """A source of its tokens, which has logged in once."""
        return RenewedToken(self.log_in, ("the-password",), lambda: self.now)


@pytest.mark.parametrize(("life", "early"), [(86400, 300), (3600, 300), (600, 60), (10, 2), (1, 1)])
def test_token_is_renewed_before_it_expires_and_not_sooner(life: float, early: float) -> None:
    service = Service(life)
    source = service.source()
    service.now += life - early - 0.01
    assert source.token().value == ("token-1" if life > early else "token-2")
    service.now += 0.02
    assert source.token().value == ("token-2" if life > early else "token-3")


def test_token_in_its_prime_is_asked_for_once_by_many_threads() -> None:
    service = Service(3600)
    source = service.source()
    service.now += 3500
    with ThreadPoolExecutor(8) as pool:
        values = {token.value for token in pool.map(lambda _: source.token(), range(100))}
    assert (values, service.logins) == ({"token-2"}, 2)


def test_failing_renewal_leaves_the_old_token_to_its_end_and_is_tried_again_in_between() -> None:
    service = Service(3600)
    source = service.source()
    service.failure = CredentialError("nobody answers")
    service.now += 3400
    assert [source.token().value for _ in range(5)] == ["token-1"] * 5
    assert service.logins == 2
    service.now += AGAIN
    assert source.token().value == "token-1"
    assert service.logins == 3
    service.now += 3600
    with pytest.raises(CredentialError, match="has expired and could not be renewed: nobody answers"):
        source.token()
    service.failure = None
    service.now += AGAIN
    assert source.token().value == "token-5"


def test_refused_login_is_never_repeated() -> None:
    service = Service(3600)
    source = service.source()
    service.failure = LoginRefusedError("wrong password")
    for _ in range(100):
        service.now += 36
        if service.now < 4590:
            assert source.token().value == "token-1"
    with pytest.raises(CredentialError, match="wrong password"):
        source.token()
    assert service.logins == 2


def test_failing_first_login_is_told_at_once() -> None:
    service = Service(3600)
    service.failure = LoginRefusedError("wrong password")
    with pytest.raises(CredentialError, match="wrong password"):
        service.source()


def test_keyring_gives_the_token_of_the_moment_and_asks_only_for_that() -> None:
    service = Service(3600)
    ring = Keyring({Role.OPERATOR: service.source(), Role.READ_ONLY: FixedToken(OPERATOR)})
    service.now += 7200
    assert Role.OPERATOR in ring
    assert Role.EXPIRED not in ring
    assert (len(ring), list(ring), service.logins) == (2, [Role.OPERATOR, Role.READ_ONLY], 1)
    assert ring[Role.OPERATOR].value == "token-2"
    assert ring[Role.READ_ONLY] is OPERATOR
    assert "token" not in repr(ring)
