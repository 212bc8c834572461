"""How much the suite finds: whole runs against the embedded service's flaws and sound variations, many in little time.

Most runs call the service without a socket; the code that asks and judges is the same.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import contracts
from contracts.lifecycle import LIFECYCLE
from contracts.model import Strength
from reports.ledger import Ledger
from suites.campaign import Campaign
from suites.conducting import conduct
from suites.exploring import DEPTHS
from suites.judging import starting
from suites.setting import Setting
from targets.embedded.build import build
from targets.embedded.in_process import InProcessWire
from targets.embedded.target import embedded_target, serve
from targets.embedded.world import World
from targets.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.model import Contract
    from targets.profile import Target

LASTING, WAIT = 0.03, 0.3
"""Seconds that restorations take where their life is looked at, and may take."""
contract_of = cache(contracts.load)
"""An operation's contract, the same one each time: a contract is the key of what is derived from it."""
CONTRACT = contract_of("restores")


def run(
    changes: Sequence[str] = (), depth: str = "smoke", seed: int = 1, operation: str = "restores", **facts: Any
) -> dict[str, Any]:
    """The verdict on the embedded service with these changes; ``facts`` change its profile."""
    contract = contract_of(operation)
    target = embedded_target("http://127.0.0.1:9", changes)
    limits = replace(target.limits, connections=1, timeout=1)
    if operation == LIFECYCLE:
        limits = replace(limits, busy_wait=WAIT, restoration_wait=WAIT)
    target = replace(target, **{"limits": limits, **facts})
    world = World(lasting=LASTING if operation == LIFECYCLE else 0)
    with InProcessWire(target, starting(contract), contract.busy, build(changes, world)) as wire:
        return _verdict(contract, target, wire, depth, seed)


def run_over_sockets(
    changes: Sequence[str] = (), depth: str = "smoke", seed: int = 1, operation: str = "restores"
) -> dict[str, Any]:
    """The verdict on the same service in a process of its own."""
    contract = contract_of(operation)
    with serve(changes, lasting=LASTING if operation == LIFECYCLE else 0) as served:
        target = replace(served, limits=replace(served.limits, timeout=1))
        with Wire(target, starting(contract), contract.busy) as wire:
            return _verdict(contract, target, wire, depth, seed)


def failing(verdict: dict[str, Any]) -> set[str]:
    """The failing clauses of a verdict, without the operation's name."""
    prefix = f"{verdict['operation']}."
    return {clause["id"].removeprefix(prefix) for clause in verdict["clauses"] if clause["outcome"] == "fail"}


def verdict_of(campaign: Campaign, wire: Wire) -> dict[str, Any]:
    """The verdict of a run without pytest, as it stands."""
    setting = Setting(
        campaign.contract,
        campaign.target,
        campaign.depth,
        campaign.seed,
        Strength.IMPLIED,
        deviations={},
        report_dir=Path(),
    )
    return Ledger(setting, campaign, wire).verdict()


def _verdict(contract: Contract, target: Target, wire: Wire, depth: str, seed: int) -> dict[str, Any]:
    campaign = Campaign(contract, target, wire, DEPTHS[depth], seed)
    conduct(campaign)
    return verdict_of(campaign, wire)
