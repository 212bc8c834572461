"""The lines by which a person sees a finding again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from contracts.store import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from suites.setting import Setting

DIRECTORY = "reports/again"
"""Where such a run leaves its reports: not over the ones that the reader is looking at."""


def pytest_line(setting: Setting, tests: Iterable[str]) -> str:
    """What runs these tests again, with the same draws against the same target, from the top of a checkout."""
    operation = setting.contract.operation
    other = () if operation == DEFAULT else ("--operation", operation)
    options = (*setting.options, *other, "--depth", setting.depth.name, "--seed", str(setting.seed))
    return shlex.join(["pytest", *tests, *options, "--report-dir", DIRECTORY])


def served(setting: Setting) -> str:
    """What serves the embedded service again where it was, for the curl lines of a run: it ends with the run."""
    port = urlsplit(setting.target.endpoint).port
    return shlex.join(["python", "-m", "targets.embedded", "--port", str(port), *setting.options])
