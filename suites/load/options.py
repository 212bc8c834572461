"""The command line of a load run."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from suites.setting import seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = ("valid", "faulty", "unknown", "callers")
"""What users ask: acceptable bodies, single faults, canaries that name nothing, callers who may not."""
MIX = "valid=4,faulty=4,unknown=1,callers=1"
USERS = 16
"""Users against the embedded service, which allows any number; against another the profile says how many."""


class OptionError(Exception):
    """Options that cannot be used together, or not with the profile; the message says what to do."""


@dataclass(frozen=True)
class Load:
    """How a target is loaded. ``users`` None means as many as the profile allows connections, ``time`` is in seconds.

    With ``remote`` workers are started elsewhere and come to ``port``, 0 for any free one. The load ends before its
    time once so many ``requests`` were answered, if any number is given, and with ``until_failure`` once a clause fails
    that requests in turn have kept.
    """

    workers: int
    users: int | None
    time: float
    mix: Mapping[str, int]
    port: int
    remote: bool
    requests: int | None = None
    until_failure: bool = False

    def users_of(self, connections: int | None) -> int:
        """How many users there are where so many connections are allowed, any number if None.

        Raises:
            OptionError: more than are allowed, or fewer than one a worker.
        """
        users = self.users or connections or USERS
        if connections is not None and users > connections:
            raise OptionError(f"--users {users}: the profile's limits.connections allows {connections}")
        if users < self.workers:
            raise OptionError(f"{users} users are too few for {self.workers} workers: each needs one")
        return users


def mix(text: str) -> dict[str, int]:
    """The weights of ``valid=4,faulty=4``; kinds that are not named are not asked.

    Raises:
        argparse.ArgumentTypeError: a kind is not known, or nothing is left to ask.
    """
    weights = {}
    for part in text.split(","):
        kind, _, weight = part.partition("=")
        if kind not in KINDS or not weight.isdecimal():
            raise argparse.ArgumentTypeError(f"{part!r} is no part of a mix: give {MIX}, or others of these")
        weights[kind] = int(weight)
    if not any(weights.values()):
        raise argparse.ArgumentTypeError("nothing is left to ask")
    return weights


def count(text: str) -> int:
    """A number above zero. Raises argparse.ArgumentTypeError for anything else."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """What ``python -m suites.load`` understands."""
    told = argparse.ArgumentParser(
        prog="python -m suites.load", description="Hold a target to the contract under load."
    )
    told.add_argument("--target", type=Path, metavar="FILE", help="profile (default: the embedded service)")
    told.add_argument("--flaw", metavar="NAME", help="give the embedded service this flaw")
    told.add_argument(
        "--users", type=count, metavar="N", help="all in all (default: limits.connections of the profile)"
    )
    told.add_argument("--time", type=seconds, default=60.0, metavar="TIME", help="of the load at most (default: 60s)")
    told.add_argument(
        "--requests", type=count, metavar="N", help="end once so many were answered on all workers, if TIME is not over"
    )
    told.add_argument(
        "--until-failure", action="store_true", help="end once a clause fails that requests in turn have kept"
    )
    told.add_argument("--workers", type=count, default=2, metavar="N", help="processes that ask (default: 2)")
    told.add_argument("--mix", type=mix, default=mix(MIX), help=f"how often what is asked (default: {MIX})")
    told.add_argument("--depth", choices=("smoke", "standard"), default="smoke", help="bodies that are drawn")
    told.add_argument("--seed", type=int, metavar="N", help="repeat the draws of a run (default: a new one)")
    told.add_argument(
        "--report-dir", type=Path, default=Path("reports/load"), metavar="DIR", help="default: reports/load"
    )
    told.add_argument(
        "--remote", action="store_true", help="workers are started elsewhere: python -m suites.load.worker"
    )
    told.add_argument("--port", type=int, default=0, metavar="P", help="where they come to (default: any free one)")
    return told
