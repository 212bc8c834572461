"""What a run costs before its first request, and what it imports for that."""

from __future__ import annotations

import re
import resource
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from targets.embedded.launch import launch
from tests.bench.figures import Figure
from tests.bench.processes import spent
from tests.starting import arguments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

GOAL = 1.2
COLLECTION = 1.0
HEAVY = 0.02
"""Seconds of import from which on a package is told."""
SPARED = frozenset({"anyio", "execnet", "xdist", "uvicorn", "starlette", "httptools", "docutils", "keystoneauth1"})
SPARED |= {"openstack", "playwright", "ruamel", "xmlschema", "openapi_spec_validator", "check_jsonschema", "harfile"}
"""Packages that a run against a profile has no use for."""
_LINE = re.compile(r"import time:\s*(\d+) \|\s*\d+ \|\s*(\S+)")


def measure(directory: Path, told: Mapping[str, Any]) -> tuple[list[Figure], dict[str, float]]:
    """The figures, beside those of a run that the stopwatch has measured, and the seconds of each package's import."""
    service = service_cpu()
    collected = [spent(collecting(directory)).cpu for _ in range(2)][-1]
    said = spent([sys.executable, "-X", "importtime", *collecting(directory)[1:], "--capture=no"]).said
    packages = imported(said.splitlines())
    return figures(told["first"]["cpu"], service, collected, packages), packages


def collecting(directory: Path) -> list[str]:
    """The command that collects all tests of a run, and runs none."""
    return arguments(directory, "--collect-only")


def service_cpu() -> float:
    """Seconds of CPU that the embedded service takes from its start to its end, without a request."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with launch():
        pass
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def imported(lines: Iterable[str]) -> dict[str, float]:
    """Seconds that each package took to be imported, without what it imports itself, the longest first.

    The lines are those of ``-X importtime``; others are passed over.
    """
    micros: Counter[str] = Counter()
    for line in lines:
        match = _LINE.search(line)
        if match:
            micros[match[2].partition(".")[0]] += int(match[1])
    return {name: count / 1e6 for name, count in micros.most_common()}


def figures(first: float, service: float, collected: float, packages: Mapping[str, float]) -> list[Figure]:
    """What beginning comes to; all in seconds of CPU."""
    heavy = ", ".join(f"{name} {seconds:.2f}" for name, seconds in packages.items() if seconds >= HEAVY)
    spared = {name: seconds for name, seconds in packages.items() if name in SPARED}
    names = ", ".join(f"{name} {seconds:.3f}" for name, seconds in spared.items())
    return [
        Figure(
            "start to first request",
            first + service,
            "s CPU",
            GOAL,
            detail=f"{first:.2f} in the run's process, {service:.2f} in the embedded service's",
        ),
        Figure("collection of the whole suite", collected, "s CPU", COLLECTION, detail=f"imports: {heavy}"),
        Figure("  of it, imports that no run needs", sum(spared.values()), "s", detail=names),
    ]
