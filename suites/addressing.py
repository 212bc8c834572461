"""The path of a request: what the profile says of it, what the page fixes in it, and what names nothing."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from contracts.bodies import canary_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.model import Contract
    from targets.profile import Target

PROJECT = "project_id"
"""The parameter by which every path says whose project it is about."""
PLAIN = ":@!$&'()*+,;=~"
"""What a segment of a path may have beside letters and digits as it is (RFC 3986, 3.3)."""


def given(contract: Contract, resource: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What is known to do for members and parameters: the operation's own values, and those of a profile's resource."""
    asking, known = contract.asking, resource or {}
    named = {name: known[word] for name, word in asking.names.items() if word in known} if asking else {}
    return {**known, **named, **(asking.values if asking else {})}


def path_values(contract: Contract, target: Target, resource: Mapping[str, Any] | None = None) -> dict[str, str]:
    """What the path says, by parameter: about a resource of the profile, or else about what does not exist."""
    known = {**given(contract, resource), PROJECT: target.project_id}
    return {
        name: str(known[name] if name in known else schema.get("const", canary_id(0)))
        for name, schema in contract.in_path.items()
    }


def path_of(contract: Contract, values: Mapping[str, str]) -> str:
    """The operation's path with a value for each of its parameters; a lone surrogate is a byte that is no UTF-8."""
    path = contract.page.path
    for name, value in values.items():
        path = path.replace("{" + name + "}", quote(value, safe=PLAIN, errors="surrogateescape"))
    return path


def values_in(contract: Contract, path: str) -> dict[str, str]:
    """What a path of the operation says, by parameter."""
    match = _template(contract.page.path).fullmatch(path)
    found = match.groupdict() if match else {}
    return {name: unquote(value, errors="surrogateescape") for name, value in found.items()}


def readdressed(contract: Contract, path: str, **values: str) -> str:
    """A path of the operation with other values for some of its parameters."""
    return path_of(contract, {**values_in(contract, path), **values})


@cache
def _template(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    texts, names = parts[::2], parts[1::2]
    named = [f"(?P<{name}>[^/]*){re.escape(text)}" for name, text in zip(names, texts[1:])]
    return re.compile(re.escape(texts[0]) + "".join(named))
