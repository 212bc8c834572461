"""What master and workers tell each other: a worker's share of what is allowed, and what it has found."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from suites.load.options import OptionError
from suites.load.racing import Taking
from suites.progress import read_share, share_document
from suites.record import Share

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from suites.load.asking import Asker
    from targets.profile import Target
    from targets.wire import Wire

HERE, TERMS, READY, PROGRESS, RESULT = "here", "terms", "drawn", "progress", "result"
"""The messages: a worker listens, what it may do, it has drawn its bodies, how far it has come, what it has found."""


@dataclass(frozen=True)
class Terms:
    """What one worker may do: its part of the budget, of the rate and of the tokens that are none.

    A ``hasty`` one has a failure confirmed as soon as it is seen.
    """

    number: int
    seed: int
    depth: str
    budget: int
    requests_per_second: float | None
    bad_tokens: int
    hasty: bool = False

    def apply(self, target: Target) -> Target:
        """The target as this worker may ask it; a worker asks with one connection a user."""
        limits = replace(
            target.limits, connections=1, requests_per_second=self.requests_per_second, bad_tokens=self.bad_tokens
        )
        return replace(target, budget=self.budget, limits=limits)


def deal(target: Target, workers: int, depth: str, seed: int, *, hasty: bool = False) -> tuple[Target, list[Terms]]:
    """The target as the master may ask it before the load, and the terms of each worker.

    The shares come to the profile's budget and rate, never to more: what one of them leaves is not dealt again, nor
    what a worker had that was lost. The master asks before the workers do, at the whole rate.

    Raises:
        OptionError: the budget does not give everybody one restoration.
    """
    if target.consent and target.budget < 2 * workers:
        raise OptionError(f"accepted_restores = {target.budget} is too small for {workers} workers: give 2 for each")
    mine = min(target.budget // 2, FIRST)
    rest, rate = target.budget - mine, target.limits.requests_per_second
    terms = [
        Terms(
            number=number,
            seed=seed + number,
            depth=depth,
            budget=rest // workers + (number <= rest % workers),
            requests_per_second=rate / workers if rate else None,
            bad_tokens=target.limits.bad_tokens // (2 * workers),
            hasty=hasty,
        )
        for number in range(1, workers + 1)
    ]
    limits = replace(target.limits, connections=1, bad_tokens=target.limits.bad_tokens // 2)
    return replace(target, budget=mine, limits=limits), terms


FIRST = 1000
"""Restorations that the master takes for itself at most."""


def progress(number: int, asker: Asker) -> dict[str, Any]:
    """How far a worker has come, for the master; acceptable requests that this tells of are told once."""
    return {
        "number": number,
        "answered": asker.answered,
        "failed": sorted(asker.failed),
        "stopped": asker.stopped,
        "takings": _told(asker.hand_over()),
    }


def _told(takings: Iterable[Taking]) -> list[dict[str, Any]]:
    return [asdict(taking) for taking in takings]


def takings_of(told: Mapping[str, Any]) -> list[Taking]:
    """The acceptable requests that progress or a result tells of."""
    return [Taking(**each) for each in told["takings"]]


def result(asker: Asker, wire: Wire) -> dict[str, Any]:
    """What a worker has found, for the master; call it when all its users have ended."""
    record = asker.campaign.record
    share = Share(record.entries, accepted=[], unknown=set(record.unknown))
    return {
        "share": json.dumps(share_document(share)),
        "takings": _told(asker.hand_over()),
        "times": dict(asker.times),
        "asked": dict(asker.asked),
        "stopped": asker.stopped,
        "by_status": dict(wire.by_status),
        "answered": wire.times,
        "accepted": wire.budget.accepted,
        "accidents": wire.budget.accidents,
        "accidental": wire.accidents,
        "span": [wire.first_started, wire.last_ended],
    }


def add(told: Mapping[str, Any], wire: Wire) -> Share:
    """Add a worker's traffic to the master's, and return what it has judged.

    Raises:
        KeyError, TypeError, ValueError: it is no result.
    """
    wire.by_status.update(told["by_status"])
    wire.times.extend(told["answered"])
    wire.budget.accepted += told["accepted"]
    wire.budget.accidents += told["accidents"]
    wire.accidents.extend(told["accidental"])
    first, last = told["span"]
    if first is not None:
        wire.first_started = min(wire.first_started or first, first)
        wire.last_ended = max(wire.last_ended or last, last)
    return read_share(json.loads(told["share"]))
