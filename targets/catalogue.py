"""A service catalogue: which address the identity service names for the service that a run is to ask. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SERVICE_TYPE = "csbs"
INTERFACE = "public"
ASKED_VERSION = "v1"
"""The version that stands in the operation's path, and so must not stand in the endpoint."""

_PLACEHOLDER = re.compile(r"[^/]*[$%]\(\w+\)s|\{\w+\}")
_VERSION = re.compile(r"v\d+(\.\d+)?")


class CatalogueError(Exception):
    """The catalogue does not name one usable address; the message says what it names and which key decides."""


@dataclass(frozen=True)
class Catalogue:
    """The services of a login, in the shape of Keystone's v3 tokens, and what ``clouds.yaml`` says of using them.

    Each of ``services`` has a ``type`` and ``endpoints``, each of which has ``interface``, ``region_name`` and ``url``.
    ``region`` and ``interface`` count where a profile names none. ``overrides`` maps a service type, with underscores,
    to the address to take instead.
    """

    services: Sequence[Mapping[str, Any]] = ()
    region: str | None = None
    interface: str = INTERFACE
    overrides: Mapping[str, str] = field(default_factory=dict)

    def endpoint(self, project_id: str | None, wanted: Mapping[str, str]) -> str:
        """The address in front of ``/v1/{project_id}``, as a profile's ``target.endpoint`` has it.

        Args:
            project_id: what the catalogue may have put into the address.
            wanted: of ``service_type``, ``region`` and ``interface`` what the profile names.

        Raises:
            CatalogueError: none or several addresses fit, or the one that fits is of another version.
        """
        service_type = wanted.get("service_type", SERVICE_TYPE)
        region = wanted.get("region", self.region)
        interface = wanted.get("interface", self.interface)
        override = self.overrides.get(service_type.replace("-", "_"))
        if override:
            return root(override, project_id)
        offers = [
            endpoint
            for service in self.services
            if service.get("type") == service_type
            for endpoint in service.get("endpoints", ())
        ]
        if not offers:
            types = _listed(service.get("type") for service in self.services)
            raise CatalogueError(
                f"the service catalogue has no service of type {service_type!r} (it has {types}): "
                "set target.service_type, or target.endpoint"
            )
        fitting = [
            offer for offer in offers if offer.get("interface") == interface and region in (None, offer["region_name"])
        ]
        urls = {offer.get("url"): offer["region_name"] for offer in fitting if offer.get("url")}
        if len(urls) == 1:
            return root(next(iter(urls)), project_id)
        if urls:
            raise CatalogueError(
                f"the service catalogue names several addresses for {service_type!r}, in {_listed(urls.values())}: "
                "set target.region, or target.endpoint"
            )
        there = _listed(f"{offer.get('interface')} in {offer['region_name']}" for offer in offers)
        raise CatalogueError(
            f"the service catalogue has {service_type!r} not as {interface} in {region or 'any region'}, but as "
            f"{there}: set target.interface and target.region, or target.endpoint"
        )


def root(url: str, project_id: str | None = None) -> str:
    """A catalogue's address without the version and the project that the suite puts behind it itself.

    The project may be an id or a placeholder such as ``$(project_id)s``.

    Raises:
        CatalogueError: the address is no http one, or of another version than the suite asks for.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or "@" in parts.netloc or parts.query:
        shown = without_userinfo(repr(url))
        raise CatalogueError(f"the service catalogue's address {shown} is no plain http one: set target.endpoint")
    segments = [segment for segment in parts.path.split("/") if segment]
    if segments and (segments[-1] == project_id or _PLACEHOLDER.fullmatch(segments[-1])):
        segments.pop()
    if segments and segments[-1] == ASKED_VERSION:
        segments.pop()
    if any(_VERSION.fullmatch(segment) for segment in segments):
        raise CatalogueError(
            f"the service catalogue's address {url!r} does not end in /{ASKED_VERSION}/{{project_id}}: "
            "set target.endpoint"
        )
    return "/".join([f"{parts.scheme}://{parts.netloc}", *segments])


def without_userinfo(text: str) -> str:
    """An address as it may be shown: without the name and the password that may stand before the host."""
    return re.sub("//.*@", "//***@", text)


def _listed(names: Any) -> str:
    return ", ".join(sorted({str(name) for name in names})) or "none"
