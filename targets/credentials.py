"""Where tokens come from, how they stay fresh, and how they are shown without being shown."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from targets.exchange import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from targets.catalogue import Catalogue

EARLY = 300.0
"""Seconds before its end at which a token is renewed, and for one that lives less than 50 minutes ..."""
EARLY_SHARE = 0.1
"""... the share of its life that is left then."""
ROUNDING = 2.0
"""Seconds that a token may end earlier than its life says: identity services count in whole ones."""
AGAIN = 10.0
"""Seconds after which a renewal that failed is tried again."""


class CredentialError(Exception):
    """A credential that the profile names cannot be had; the message says which and what to do."""


class LoginRefusedError(CredentialError):
    """The identity service does not take the login: asking again changes nothing and may lock the account."""


@dataclass(frozen=True)
class Token:
    """A token and the shell expression that stands for it wherever a person reads.

    ``shell`` is what reports and ``curl`` lines print, such as ``$CSBS_TOKEN``; the value itself is kept out of
    every representation.
    """

    value: str = field(repr=False)
    shell: str


class TokenSource(Protocol):
    """Where the tokens of one role come from."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What else must never be shown: the passwords behind the tokens."""

    def token(self) -> Token:
        """The token to send now; asked for each request, from several threads.

        Raises:
            CredentialError: the last one has expired and no other can be had.
        """


@dataclass(frozen=True)
class FixedToken:
    """A token that somebody else has fetched, and that stays the same for the whole run."""

    given: Token
    secrets: tuple[str, ...] = ()

    def token(self) -> Token:
        """The token, whatever its age."""
        return self.given


@dataclass(frozen=True)
class Issued:
    """A token as it came from a login, with what the identity service said of it.

    ``life`` is in seconds. ``project_id`` is the project that the token is for, None where it is for none.
    """

    token: Token
    life: float
    project_id: str | None
    catalogue: Catalogue


class RenewedToken:
    """A token that is replaced shortly before it expires, by logging in again.

    Renewing looks at the clock alone, never at a target's answer: a 401 is for the suites to judge. Where it fails,
    the old token is used to its end. A login that was refused is not tried again.

    Args:
        log_in: gives a new token, or raises CredentialError.
        secrets: what it logs in with.
        clock: seconds that only ever grow.

    Raises:
        CredentialError: the first login failed.
    """

    def __init__(
        self, log_in: Callable[[], Issued], secrets: tuple[str, ...], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.secrets = secrets
        self._log_in = log_in
        self._clock = clock
        self._lock = threading.Lock()
        self._failure = ""
        self.first = self._renew()

    def token(self) -> Token:
        """The token to send now: a new one where the last is about to expire.

        Raises:
            CredentialError: the last one has expired and could not be renewed.
        """
        with self._lock:
            if self._clock() >= self._renew_at:
                self._try_to_renew()
            if self._failure and self._clock() >= self._until:
                raise CredentialError(f"the token has expired and could not be renewed: {self._failure}")
            return self._token

    def _renew(self) -> Issued:
        asked = self._clock()  # its life is counted from here, whatever the clocks of the two machines say
        issued = self._log_in()
        self._token = issued.token
        self._until = asked + issued.life - ROUNDING
        self._renew_at = asked + issued.life - max(ROUNDING, min(EARLY, EARLY_SHARE * issued.life))
        self._failure = ""
        return issued

    def _try_to_renew(self) -> None:
        try:
            self._renew()
        except CredentialError as error:
            self._failure = str(error)
            self._renew_at = math.inf if isinstance(error, LoginRefusedError) else self._clock() + AGAIN


class Keyring(Mapping[Role, Token]):
    """The roles' tokens. Each look-up asks the role's source, so that it gives the token to send at this moment."""

    def __init__(self, sources: Mapping[Role, TokenSource]) -> None:
        self._sources = sources

    def __getitem__(self, role: Role) -> Token:
        return self._sources[role].token()

    def __contains__(self, role: object) -> bool:
        return role in self._sources

    def __iter__(self) -> Iterator[Role]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)


def token_from_environment(variable: str) -> Token:
    """The token that an environment variable holds.

    Raises:
        CredentialError: the variable is not set, or empty, or holds what cannot stand in a header.
    """
    value = secret_from_environment(variable, "a token")
    if not is_token(value):
        msg = f"environment variable {variable} holds what is no token: only printable ASCII without spaces around it"
        raise CredentialError(msg)
    return Token(value, f"${variable}")


def secret_from_environment(variable: str, what: str) -> str:
    """The value of an environment variable; ``what`` it should hold stands in the complaint.

    Raises:
        CredentialError: the variable is not set, or empty.
    """
    value = os.environ.get(variable)
    if not value:
        state = "is empty" if value == "" else "is not set"
        raise CredentialError(f"environment variable {variable} {state}: export {what} in it before the run")
    return value


def is_token(value: str) -> bool:
    """Whether a value can stand in a header as a token."""
    return bool(value) and value.isprintable() and value.isascii() and value == value.strip()
