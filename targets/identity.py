"""Logging in to an identity service (Keystone, v3): by password, or as a cloud of ``clouds.yaml``.

The only module that imports keystoneauth1 and openstacksdk, and only where a profile asks for it. They supply tokens
and the service catalogue. No case goes through them: they would log in anew on a 401, and hide it.
"""

from __future__ import annotations

import difflib
import logging
import re
import shlex
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from targets.catalogue import INTERFACE, Catalogue, without_userinfo
from targets.credentials import (
    CredentialError,
    Issued,
    LoginRefusedError,
    RenewedToken,
    Token,
    is_token,
    secret_from_environment,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from keystoneauth1.access import AccessInfo
    from keystoneauth1.identity.base import BaseIdentityPlugin
    from keystoneauth1.session import Session
    from openstack.config.cloud_region import CloudRegion

TIMEOUT = 30.0
"""Seconds to wait for the identity service, where ``clouds.yaml`` says nothing else."""
ABSENT = (
    "this login needs the dependency group openstack of pyproject.toml: run the suite by "
    "`tox run -e conformance-openstack`, or `pip install --group openstack`"
)
REFUSED = frozenset({400, 401, 403, 404})
"""Statuses after which the same login is not tried again."""


@contextmanager
def _quietly() -> Iterator[None]:
    """Ignore warnings: of what the libraries are to drop one day. A run takes every warning for an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@_quietly()
def by_password(table: Mapping[str, str], shell: str, folder: Path) -> RenewedToken:
    """Log in with a name and a password.

    Args:
        table: the profile's, with the keys of ``clouds.yaml`` where it has them; ``password_env`` names a variable.
        shell: what stands for the token in ``curl`` lines.
        folder: what a relative ``cacert`` is relative to.

    Raises:
        CredentialError: the packages are absent, or the login failed.
    """
    try:
        from keystoneauth1.identity.v3 import Password  # noqa: PLC0415
        from keystoneauth1.session import Session  # noqa: PLC0415
    except ImportError:
        raise CredentialError(ABSENT) from None
    password = secret_from_environment(table["password_env"], "the password")
    user_domain = table["user_domain_name"]
    auth = Password(
        auth_url=table["auth_url"],
        username=table["username"],
        password=password,
        user_domain_name=user_domain,
        project_id=table.get("project_id"),
        project_name=table.get("project_name"),
        project_domain_name=table.get("project_domain_name", user_domain) if "project_name" in table else None,
    )
    cacert = folder / table["cacert"] if "cacert" in table else None
    if cacert and not cacert.is_file():
        raise CredentialError(f"cacert names {cacert}, which is no file")
    session = Session(verify=str(cacert) if cacert else True)
    place = f"in this table, whose password is in {table['password_env']}"
    return _renewed(auth, session, Catalogue(), shell, (password,), place)


@_quietly()
def by_cloud(name: str, region: str | None) -> RenewedToken:
    """Log in as a cloud of ``clouds.yaml``, which is found and read as OpenStack's own tools do it.

    Raises:
        CredentialError: the packages are absent, there is no such cloud, it is incomplete, or the login failed.
    """
    try:
        from keystoneauth1.identity.base import BaseIdentityPlugin  # noqa: PLC0415
    except ImportError:
        raise CredentialError(ABSENT) from None
    cloud, where = _cloud(name, region)
    auth = cloud.get_auth()
    if not isinstance(auth, BaseIdentityPlugin):
        raise CredentialError(f"cloud {name!r} in {where} has an auth_type that fetches no token: use token_env")
    session = cloud.get_session()
    if session.verify is False:  # the profile has no such switch either
        raise CredentialError(f"cloud {name!r} in {where} switches off TLS verification: name its CA by cacert")
    shell = f"$(openstack --os-cloud {shlex.quote(name)} token issue -f value -c id)"
    defaults = Catalogue(
        region=cloud.get_region_name() or None,
        interface=_first(cloud.get_interface()) or INTERFACE,
        overrides={
            key.removesuffix("_endpoint_override"): str(value)
            for key, value in cloud.config.items()
            if key.endswith("_endpoint_override") and value
        },
    )
    return _renewed(auth, session, defaults, shell, _secrets(cloud), f"of cloud {name!r} in {where}")


def _cloud(name: str, region: str | None) -> tuple[CloudRegion, str]:
    """A cloud and the file that it stands in."""
    try:
        from keystoneauth1.exceptions import AuthPluginException  # noqa: PLC0415
        from openstack.config import OpenStackConfig  # noqa: PLC0415
        from openstack.exceptions import SDKException  # noqa: PLC0415
    except ImportError:
        raise CredentialError(ABSENT) from None
    _hush()
    where = "clouds.yaml"
    try:
        config = OpenStackConfig()
        where = config.config_filename or where
        _look_up(name, config.get_cloud_names(), config.config_filename)
        return config.get_one(cloud=name, region_name=region), where
    except CredentialError:
        raise
    except (SDKException, AuthPluginException) as error:
        raise CredentialError(f"cloud {name!r} in {where} cannot be used: {' '.join(str(error).split())}") from None
    except Exception as error:  # noqa: BLE001  a file that is no YAML, or of another shape, fails in any way
        raise CredentialError(f"cloud {name!r} in {where} cannot be read ({type(error).__name__})") from None


def _look_up(name: str, known: Sequence[str], where: str | None) -> None:
    if name in known:
        return
    if not where:
        raise CredentialError(
            "no clouds.yaml that can be read is in the current directory, in ~/.config/openstack or in "
            "/etc/openstack, and OS_CLIENT_CONFIG_FILE names none"
        )
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known there: {', '.join(known)}"
    raise CredentialError(f"{where} has no cloud {name!r} ({hint})")


def _secrets(cloud: CloudRegion) -> tuple[str, ...]:
    """The values that the cloud's way of logging in declares as secret."""
    from keystoneauth1.loading import get_plugin_loader  # noqa: PLC0415

    hidden = {option.dest for option in get_plugin_loader(cloud.config["auth_type"]).get_options() if option.secret}
    return tuple(str(value) for key, value in cloud.get_auth_args().items() if key in hidden and value)


def _renewed(
    auth: BaseIdentityPlugin, session: Session, defaults: Catalogue, shell: str, secrets: tuple[str, ...], place: str
) -> RenewedToken:
    _hush()
    session.timeout = session.timeout or TIMEOUT
    session.redirect = False  # a password does not follow a redirect, and a token neither
    session.session.trust_env = False
    return RenewedToken(_log_in(auth, session, defaults, shell, place), secrets)


def _log_in(
    auth: BaseIdentityPlugin, session: Session, defaults: Catalogue, shell: str, place: str
) -> Callable[[], Issued]:
    def log_in() -> Issued:
        """Ask for a new token, whatever age the last one has.

        Raises:
            CredentialError: there is none; no word of what the service or a library said of it is repeated, since a
                password may stand there.
        """
        try:
            return _issued(auth.get_auth_ref(session), defaults, shell)
        except Exception as error:  # noqa: BLE001  a strange answer fails in the library in any way
            said, final = _why(error)
            refusal = LoginRefusedError if final else CredentialError
            address = without_userinfo(str(auth.auth_url))
            raise refusal(f"the identity service at {address} {said} {place}") from None
        finally:
            session.session.close()

    return log_in


def _issued(access: AccessInfo, defaults: Catalogue, shell: str) -> Issued:
    value, issued, expires = access.auth_token, access.issued, access.expires
    if not value or not is_token(value) or issued is None or expires is None or expires <= issued:
        raise ValueError("no token, or one that has expired already")
    catalogue = Catalogue(
        access.service_catalog.normalize_catalog() if access.has_service_catalog() else (),
        defaults.region,
        defaults.interface,
        defaults.overrides,
    )
    return Issued(Token(value, shell), (expires - issued).total_seconds(), access.project_id, catalogue)


def _why(error: Exception) -> tuple[str, bool]:
    """What became of a login and what to check, as the middle of a sentence; and whether trying again is of no use."""
    from keystoneauth1 import exceptions  # noqa: PLC0415

    if isinstance(error, exceptions.DiscoveryFailure) and isinstance(error.__context__, exceptions.ClientException):
        error = error.__context__  # it looked for versions first, and this is what it met
    if isinstance(error, exceptions.Unauthorized):
        return "refused the login (401): check user, domains, project and password", True
    if isinstance(error, exceptions.MissingAuthMethods):
        return "asks for a second factor, which the suite cannot give: check the user", True
    if isinstance(error, exceptions.NotFound):
        return "answered 404, as if it were none: check auth_url, which usually ends in /v3,", True
    if isinstance(error, exceptions.HttpError):
        return f"answered {error.http_status}: check auth_url, user and project", error.http_status in REFUSED
    if isinstance(error, exceptions.SSLError):
        return f"cannot be trusted, TLS failed{_reason(error)}: check auth_url, and cacert for a private CA,", False
    if isinstance(error, exceptions.ConnectTimeout):
        return "did not answer in time: check auth_url", False
    if isinstance(error, exceptions.ConnectionError):
        return f"cannot be reached{_reason(error)}: check auth_url", False
    return f"gave no token that can be used ({type(error).__name__}): check auth_url", False


def _reason(error: Exception) -> str:
    """What the operating system or OpenSSL said, out of the layers that libraries put around it."""
    found = re.search(r"\[(?:Errno|SSL)[^]]*\] ([\w ,:.'-]+?)(?: \(_ssl|[\"')])", str(error))
    return f" ({found[1]})" if found else ""


def _first(names: list[str] | str | None) -> str | None:
    return names if isinstance(names, str) or names is None else next(iter(names), None)


def _hush() -> None:
    """Keep what the libraries log to themselves: they quote addresses, answers, and of broken files even passwords."""
    for name in ("keystoneauth", "openstack"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
