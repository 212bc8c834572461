"""Nothing that pytest itself shows of a test gives a secret away, whatever went wrong in it.

Findings are without secrets from the start. A fault of the suite itself is not: its message may hold anything, and a
traceback with arguments or locals what stands in a header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.plugin import WIRE, is_conformance_run

if TYPE_CHECKING:
    from collections.abc import Generator


def clean(config: pytest.Config, text: str) -> str:
    """A text without the secrets of the run."""
    wire = config.stash.get(WIRE, None)
    return wire.clean(text) if wire else text


def pytest_configure(config: pytest.Config) -> None:
    """Have no values shown in tracebacks: cut to a line's length, they could not be told for secrets any more."""
    if is_conformance_run(config):
        config.option.showlocals = False
        if config.option.tbstyle in {"auto", "long"}:
            config.option.tbstyle = "short"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Take the secrets out of what is shown of a test."""
    report = yield
    shown = report.longrepr
    if isinstance(shown, tuple):
        report.longrepr = (*shown[:2], clean(item.config, shown[2]))
    elif shown is not None:
        plain = str(shown)
        without = clean(item.config, plain)
        report.longrepr = shown if without == plain else without
    report.sections = [(title, clean(item.config, content)) for title, content in report.sections]
    return report
