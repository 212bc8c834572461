"""What a run would send: the run itself, against a sound service in this process, counted and told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.bodies import CANARY
from suites.campaign import CONTROL, Campaign
from suites.conducting import conduct
from suites.judging import starting
from suites.preflight import PREFLIGHT
from suites.shaping import consents
from targets.embedded.rehearsal import Rehearsal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pytest

    from contracts.model import Contract
    from suites.exploring import Depth
    from suites.setting import Setting
    from targets.credentials import Token
    from targets.exchange import Exchange, Request
    from targets.profile import Target


@dataclass(frozen=True)
class Plan:
    """What a run sends to a target that does as the page says.

    ``kinds`` counts the requests by their kind, ``naming`` is how many of them name what exists, and ``accepted`` how
    many of these are accepted. ``paths`` are those that are asked.
    """

    kinds: Mapping[str, int]
    naming: int
    accepted: int
    paths: tuple[str, ...]

    @property
    def sent(self) -> int:
        """How many requests there are in all."""
        return sum(self.kinds.values())


class _Counted(Rehearsal):
    """Counts what would leave."""

    def __init__(self, contract: Contract, target: Target) -> None:
        super().__init__(target, starting(contract), contract.busy)
        self.kind = ""
        self.kinds: Counter[str] = Counter()
        self.naming = 0
        self.paths: dict[str, None] = {}

    def attempt(self, request: Request, token: Token | None) -> Exchange:
        """Count a request and have it answered."""
        kind = "controls: the same without the fault" if request.case == CONTROL else self.kind
        self.kinds["preflights" if request.case.endswith(PREFLIGHT) else kind] += 1
        self.naming += request.resource is not None
        self.paths[request.path] = None
        return super().attempt(request, token)


def plan(contract: Contract, target: Target, depth: Depth, seed: int) -> Plan:
    """The plan of a whole run; nothing is sent."""
    with _Counted(contract, target) as wire:

        def begin(kind: str) -> None:
            wire.kind = kind

        conduct(Campaign(contract, target, wire, depth, seed), begin)
        return Plan(dict(wire.kinds), wire.naming, wire.budget.accepted, tuple(wire.paths))


PATHS, LONG = 12, 120
"""Paths that are listed, and characters of one that are."""


def tell(config: pytest.Config, setting: Setting) -> bool:
    """Print the plan of a run."""
    writer = config.get_terminal_writer()
    for line in told(setting, plan(setting.contract, setting.target, setting.depth, setting.seed)):
        writer.line(line)
    return True


def told(setting: Setting, planned: Plan) -> Iterator[str]:
    """The plan of a run, line by line."""
    target, limits = setting.target, setting.target.limits
    yield f"plan: {target.name} at {target.endpoint}, depth {setting.depth.name}, seed {setting.seed}; nothing is sent"
    yield "requests, as many as a target gets that does as the page says:"
    for kind, count in planned.kinds.items():
        yield f"  {count:>6}  {kind}"
    yield f"  {planned.sent:>6}  in all"
    yield from _restorations(setting, planned)
    yield "paths:"
    for path in planned.paths[:PATHS]:
        yield f"  {path if len(path) <= LONG else path[:LONG] + '...'}"
    if planned.paths[PATHS:]:
        yield f"  and {len(planned.paths) - PATHS} more, most of them about {CANARY}..."
    yield "identifiers in the bodies:"
    yield f"  {CANARY}..., which name nothing"
    for resource in target.resources if consents(setting.contract, target) else ():
        yield f"  {_named(resource)}"
    if limits.requests_per_second:
        rate = f"{limits.requests_per_second:g} a second"
        yield f"time: {planned.sent / limits.requests_per_second:.0f} s at {rate}, if the target answers as fast"
    else:
        yield f"time: as fast as {limits.connections} connections go"


def _restorations(setting: Setting, planned: Plan) -> Iterator[str]:
    target = setting.target
    if not setting.contract.starts:
        yield "restorations: none can start, since the operation only tells"
    elif target.consent:
        yield f"restorations: {planned.accepted} meant to start, of {planned.naming} requests that name what exists;"
        yield f"  never more than {target.budget}, those included that are accepted by mistake"
    else:
        yield "restorations: 0 meant to start, since the profile gives no consent;"
        connections = target.limits.connections
        yield f"  the first that is accepted by mistake ends the sending (up to {connections} are in flight at once)"


def _named(resource: Mapping[str, Any]) -> str:
    """A resource in one line, its lists by their length."""
    return ", ".join(
        f"{len(value)} {name}" if isinstance(value, list) else f"{name} {value}" for name, value in resource.items()
    )
