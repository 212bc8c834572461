"""A load run from its options to its exit status. Imports Locust."""

from __future__ import annotations

from suites.load.master import loaded  # isort: skip  before all else, as it imports Locust
import random
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from reports.ending import exit_code
from suites.campaign import Unreachable
from suites.load import telling
from suites.load.options import Load, OptionError
from suites.load.swarm import LoadError
from targets import profile
from targets.embedded.launch import LaunchError
from targets.embedded.target import serve

if TYPE_CHECKING:
    import argparse

    from targets.profile import Target

USAGE = 4


def run(options: argparse.Namespace) -> int:
    """Load a target, leave the reports, and tell what came out."""
    load = Load(
        options.workers,
        options.users,
        options.time,
        options.mix,
        options.port,
        options.remote,
        options.requests,
        options.until_failure,
    )
    seed = random.SystemRandom().randrange(1 << 32) if options.seed is None else options.seed
    try:
        with ExitStack() as stack:
            target, whom = _target(options, stack)
            users = load.users_of(target.limits.connections if options.target else None)
            done = stack.enter_context(loaded(target, load, users, options.depth, seed, options.report_dir, whom))
            verdict = telling.verdict_of(done)
        telling.leave(verdict, options.report_dir)
    except (OptionError, LaunchError, profile.ProfileError, Unreachable, LoadError, OSError) as error:
        sys.stderr.write(f"suites.load: {error}\n")
        return USAGE
    for line in telling.lines(verdict, options.report_dir):
        sys.stdout.write(f"{line}\n")
    return exit_code(verdict)


def _target(options: argparse.Namespace, stack: ExitStack) -> tuple[Target, tuple[str, ...]]:
    """Whom to load, and the options by which a worker asks the same."""
    if options.target:
        if options.flaw:
            raise OptionError("--flaw is for the embedded service: it does not go with --target")
        return profile.load(options.target), ("--target", str(options.target.resolve()))
    target = stack.enter_context(serve([options.flaw] if options.flaw else []))
    return target, ("--embedded", target.endpoint)
