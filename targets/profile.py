"""A target's profile: the TOML file that says whom to ask, as whom, and how far one may go."""

from __future__ import annotations

import difflib
import json
import sys
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.validating import validator
from targets import identity
from targets.catalogue import CatalogueError, without_userinfo
from targets.credentials import CredentialError, FixedToken, Keyring, RenewedToken, token_from_environment
from targets.exchange import Role
from targets.resources import names
from targets.tls import TLSFileError, TLSFiles, context

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema import Draft202012Validator, ValidationError

    from targets.credentials import Token, TokenSource

DEFAULT_BUDGET = 40
"""Restorations that a consenting profile allows when it names no number."""


class ProfileError(Exception):
    """A profile that cannot be used; the message names the file, the key and what to do."""


@dataclass(frozen=True)
class Limits:
    """How hard the target may be asked. Waits and the time-out are in seconds.

    ``requests_per_second`` None means as fast as the connections go. ``busy_wait`` bounds the wait for a server that
    is already being restored, ``throttle_wait`` the wait that 429 and 503 ask for with Retry-After; both an exchange.
    ``restoration_wait`` is how long a restoration may take.
    """

    connections: int = 8
    requests_per_second: float | None = 100
    timeout: float = 10
    busy_wait: float = 60
    throttle_wait: float = 30
    restoration_wait: float = 900
    bad_tokens: int = 320


@dataclass(frozen=True)
class Target:
    """Whom a run asks.

    ``tokens`` gives each role's token of the moment: look it up for each request. ``secrets`` are the passwords behind
    them. ``resources`` are what may be restored, each a mapping from the request's member names to values. ``budget``
    is 0 without consent. ``provoke`` maps a 5xx status to the headers that make the target's fault injection answer it.
    ``tls`` says which authorities are trusted in place of the public ones, and which certificate is shown.
    """

    name: str
    endpoint: str
    project_id: str
    tokens: Mapping[Role, Token]
    secrets: tuple[str, ...] = field(default=(), repr=False)
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

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What each of the resources is called on the wire, where one of a name is in flight at a time."""
        return names(self.resources)


def load(path: Path) -> Target:
    """The target that a profile describes, with every role logged in.

    Raises:
        ProfileError: the file cannot be read, is not TOML, breaks the profile's schema, names a variable that is not
            set or a file for TLS that cannot be used, or a login or the service catalogue does not give what the
            profile leaves to it.
    """
    document = _read(path)
    problems = [_complaint(error) for error in _validator().iter_errors(document)]
    if problems:
        raise ProfileError(f"{path}: {'; '.join(problems)}")
    target, consent = document["target"], document.get("consent", {})
    consenting = consent.get("restore", False)
    resources = tuple(document.get("resources", ()))
    if consenting and not resources:
        raise ProfileError(f"{path}: consent.restore is true, but no [[resources]] says what may be restored")
    tls = _tls(path, target)
    try:
        sources = _sources(document["credentials"], target.get("region"), path.parent)
        endpoint, project_id = _place(target, sources)
    except (CatalogueError, CredentialError) as error:
        raise ProfileError(f"{path}: {error}") from None
    return Target(
        name=target["name"],
        endpoint=endpoint,
        project_id=project_id,
        foreign_project_id=target.get("foreign_project_id"),
        tokens=Keyring(sources),
        secrets=tuple(secret for source in sources.values() for secret in source.secrets),
        budget=consent.get("accepted_restores", DEFAULT_BUDGET) if consenting else 0,
        resources=resources,
        limits=Limits(**document.get("limits", {})),
        provoke={int(status): tuple(headers.items()) for status, headers in document.get("provoke", {}).items()},
        tls=tls,
    )


def _tls(path: Path, target: Mapping[str, Any]) -> TLSFiles:
    """The files of ``target.tls``, which lie beside the profile unless their paths are absolute, and can be used."""
    table = target.get("tls", {})
    if table and not target.get("endpoint", "https://").startswith("https://"):
        raise ProfileError(f"{path}: target.tls is of no use with an endpoint that does not begin with https://")
    files = TLSFiles(**{key: path.parent / Path(name).expanduser() for key, name in table.items()})
    try:
        if table:
            context(files)
    except TLSFileError as error:
        raise ProfileError(f"{path}: target.tls.{error}") from error
    return files


def _sources(credentials: Mapping[str, Any], region: str | None, folder: Path) -> dict[Role, TokenSource]:
    """Where the tokens of each role come from; the roles that log in have done so.

    Raises:
        CredentialError: with the key of the role, and what to do.
    """
    if credentials["operator"] == credentials.get("read_only"):
        raise CredentialError(
            "credentials.read_only is the same as credentials.operator: name a role that may not restore"
        )
    return {Role(name): _source(name, credential, region, folder) for name, credential in credentials.items()}


def _source(name: str, credential: Mapping[str, Any], region: str | None, folder: Path) -> TokenSource:
    [(way, value)] = credential.items()
    try:
        if way == "os_cloud":
            return identity.by_cloud(value, region)
        if way == "password":
            return identity.by_password(value, f"$CSBS_{name.upper()}_TOKEN", folder)
        return FixedToken(token_from_environment(value))
    except CredentialError as error:
        raise CredentialError(f"credentials.{name}.{way}: {error}") from None


def _place(target: Mapping[str, Any], sources: Mapping[Role, TokenSource]) -> tuple[str, str]:
    """The endpoint and the project, from the profile or, where it leaves them out, from the operator's login.

    Raises:
        CatalogueError: the service catalogue does not name the endpoint.
        CredentialError: a login is for no project, or for another one: every refusal would be for that reason.
    """
    logins = {role: source.first for role, source in sources.items() if isinstance(source, RenewedToken)}
    operator = logins.get(Role.OPERATOR)
    project_id: str | None = target.get("project_id") or (operator.project_id if operator else None)
    if not project_id:
        raise CredentialError("target.project_id is missing, and the operator's login is for no project")
    for role, login in logins.items():
        if login.project_id not in (None, project_id):
            raise CredentialError(
                f"credentials.{role.value} logs in to project {login.project_id}, but target.project_id is {project_id}"
            )
    if operator and "endpoint" not in target:
        return operator.catalogue.endpoint(project_id, target), project_id
    return target["endpoint"].rstrip("/"), project_id


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
    return validator(schema)


def _complaint(error: ValidationError) -> str:
    """One schema error as a sentence that names the key as it is written in TOML."""
    place = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        return _unknown_key(error, place)
    if error.validator == "required":
        missing = error.message.split("'")[1]
        return f"{f'{place}.' if place else ''}{missing} is missing"
    if error.validator == "oneOf":
        choices: Any = error.validator_value
        return f"{place} must have exactly one of {', '.join(choice['required'][0] for choice in choices)}"
    if error.validator == "not":
        return f"{place} has no use beside target.endpoint: it chooses one from the service catalogue"
    if error.validator == "type":
        return f"{place} must be of type {error.validator_value}{_seen(error)}"
    key = place.rpartition(".")[2]
    return f"{place}: {_RULES.get(key, error.message)}{_seen(error)}"


_ADDRESS = "must be http:// or https://, a host, and optionally a port and a prefix"
_RULES = {
    "endpoint": _ADDRESS,
    "auth_url": _ADDRESS,
    "interface": "must be public, internal or admin",
    "project_id": "must be one segment of a path",
    "foreign_project_id": "must be one segment of a path",
    "token_env": "must be the name of an environment variable, never the token itself",
    "password_env": "must be the name of an environment variable, never the password itself",
}


def _seen(error: ValidationError) -> str:
    """The value that broke a rule. Whoever pastes a secret where it does not belong must not see it again in a log."""
    if "credentials" in error.absolute_path:
        return ""
    return f", not {without_userinfo(repr(error.instance))}"


def _unknown_key(error: ValidationError, place: str) -> str:
    schema: Any = error.schema
    instance: Any = error.instance
    known = [*schema.get("properties", ()), *schema.get("patternProperties", ())]
    unknown = min(set(instance) - set(known))
    close = difflib.get_close_matches(unknown, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known here: {', '.join(known)}"
    return f"{f'{place}.' if place else ''}{unknown} is an unknown key ({hint})"
