"""Where tokens come from, and how they are shown without being shown."""

from __future__ import annotations

import os
from dataclasses import dataclass, field


class CredentialError(Exception):
    """A credential that the profile names cannot be had; the message says which and what to do."""


@dataclass(frozen=True)
class Token:
    """A token and the shell expression that stands for it wherever a person reads.

    ``shell`` is what reports and ``curl`` lines print, such as ``$CSBS_TOKEN``; the value itself is kept out of
    every representation.
    """

    value: str = field(repr=False)
    shell: str


def token_from_environment(variable: str) -> Token:
    """The token that an environment variable holds.

    Raises:
        CredentialError: the variable is not set, or empty, or holds what cannot stand in a header.
    """
    value = os.environ.get(variable)
    if not value:
        state = "is empty" if value == "" else "is not set"
        msg = f"environment variable {variable} {state}: export a token in it before the run"
        raise CredentialError(msg)
    if not value.isprintable() or not value.isascii() or value != value.strip():
        msg = f"environment variable {variable} holds what is no token: only printable ASCII without spaces around it"
        raise CredentialError(msg)
    return Token(value, f"${variable}")
