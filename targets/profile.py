"""A target's profile: the TOML file that says whom to ask, as whom, and how far one may go."""

from __future__ import annotations

import difflib
import json
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from targets.credentials import CredentialError, Token, token_from_environment
from targets.exchange import Role
from targets.tls import TLSFileError, TLSFiles, context

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema.exceptions import ValidationError

DEFAULT_BUDGET = 40
"""Restorations that a consenting profile allows when it names no number."""


class ProfileError(Exception):
    """A profile that cannot be used; the message names the file, the key and what to do."""


@dataclass(frozen=True)
class Limits:
    """How hard the target may be asked. Waits and the time-out are in seconds.

    ``requests_per_second`` None means as fast as the connections go. ``busy_wait`` bounds the wait for a server that
    is already being restored, ``throttle_wait`` the wait that 429 and 503 ask for with Retry-After; both an exchange.
    """

    connections: int = 8
    requests_per_second: float | None = 100
    timeout: float = 10
    busy_wait: float = 60
    throttle_wait: float = 30
    bad_tokens: int = 300


@dataclass(frozen=True)
class Target:
    """Whom a run asks.

    ``resources`` are what may be restored, each a mapping from the request's member names to values. ``budget`` is 0
    without consent. ``provoke`` maps a 5xx status to the headers that make the target's fault injection answer it.
    ``tls`` says what is trusted, and shown, in place of what everybody trusts, and of nothing.
    """

    name: str
    endpoint: str
    project_id: str
    tokens: Mapping[Role, Token]
    foreign_project_id: str | None = None
    budget: int = 0
    resources: tuple[Mapping[str, Any], ...] = ()
    limits: Limits = Limits()
    provoke: Mapping[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    tls: TLSFiles = field(default_factory=TLSFiles)

    @property
    def consent(self) -> bool:
        """Whether acceptable bodies may be sent at all."""
        return self.budget > 0 and bool(self.resources)


def load(path: Path) -> Target:
    """The target that a profile describes.

    Raises:
        ProfileError: the file cannot be read, is not TOML, breaks the profile's schema, names a token variable that is
            not set, or a file for TLS that cannot be used.
    """
    document = _read(path)
    problems = [_complaint(error) for error in _validator().iter_errors(document)]
    if problems:
        raise ProfileError(f"{path}: {'; '.join(problems)}")
    try:
        tokens = {
            Role(name): token_from_environment(credential["token_env"])
            for name, credential in document["credentials"].items()
        }
    except CredentialError as error:
        raise ProfileError(f"{path}: {error}") from error
    target, consent = document["target"], document.get("consent", {})
    consenting = consent.get("restore", False)
    resources = tuple(document.get("resources", ()))
    if consenting and not resources:
        raise ProfileError(f"{path}: consent.restore is true, but no [[resources]] says what may be restored")
    return Target(
        name=target["name"],
        endpoint=target["endpoint"].rstrip("/"),
        project_id=target["project_id"],
        foreign_project_id=target.get("foreign_project_id"),
        tokens=tokens,
        budget=consent.get("accepted_restores", DEFAULT_BUDGET) if consenting else 0,
        resources=resources,
        limits=Limits(**document.get("limits", {})),
        provoke={int(status): tuple(headers.items()) for status, headers in document.get("provoke", {}).items()},
        tls=_tls(path, target),
    )


def _tls(path: Path, target: Mapping[str, Any]) -> TLSFiles:
    """The files of ``target.tls``, which lie beside the profile unless their paths are absolute, and can be used."""
    table = target.get("tls", {})
    if table and not target["endpoint"].startswith("https://"):
        raise ProfileError(f"{path}: target.tls is of no use with an endpoint that does not begin with https://")
    files = TLSFiles(**{key: path.parent / Path(name).expanduser() for key, name in table.items()})
    try:
        if table:
            context(files)
    except TLSFileError as error:
        raise ProfileError(f"{path}: target.tls.{error}") from error
    return files


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{path}: is not TOML: {error}") from error


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(Path(__file__).with_name("profile.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)


def _complaint(error: ValidationError) -> str:
    """One schema error as a sentence that names the key as it is written in TOML."""
    place = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        return _unknown_key(error, place)
    if error.validator == "required":
        missing = error.message.split("'")[1]
        return f"{f'{place}.' if place else ''}{missing} is missing"
    if error.validator == "type":
        return f"{place} must be of type {error.validator_value}, not {error.instance!r}"
    key = place.rpartition(".")[2]
    if key == "token_env":  # whoever pastes the token itself here must not see it again in a log
        return f"{place}: must be the name of an environment variable, never the token itself"
    return f"{place}: {_RULES.get(key, error.message)}, not {error.instance!r}"


_RULES = {
    "endpoint": "must be http:// or https://, a host, and optionally a port and a prefix",
    "project_id": "must be one segment of a path",
    "foreign_project_id": "must be one segment of a path",
}


def _unknown_key(error: ValidationError, place: str) -> str:
    schema: Any = error.schema
    instance: Any = error.instance
    known = [*schema.get("properties", ()), *schema.get("patternProperties", ())]
    unknown = min(set(instance) - set(known))
    close = difflib.get_close_matches(unknown, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known here: {', '.join(known)}"
    return f"{f'{place}.' if place else ''}{unknown} is an unknown key ({hint})"
