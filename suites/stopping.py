"""Signals end a run in good order: what is on its way comes back, what was judged is confirmed and reported."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from suites.plugin import CAMPAIGN, SETTING, TOGETHER, WIRE

if TYPE_CHECKING:
    from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
BEFORE = pytest.StashKey[dict[signal.Signals, Any]]()
"""The handlers that were there before."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Have the first signal end the run, and the second at once."""
    if SETTING not in session.config.stash or threading.current_thread() is not threading.main_thread():
        return
    if TOGETHER in session.config.stash:  # a terminal sends them to all: whoever started this process tells the others
        session.config.stash[BEFORE] = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
        return

    def end(number: int, _: FrameType | None) -> None:
        wire, campaign = session.config.stash.get(WIRE, None), session.config.stash.get(CAMPAIGN, None)
        why = f"interrupted by {signal.Signals(number).name}"
        if wire is None or campaign is None or session.shouldstop:
            if campaign is not None:
                campaign.stopped = campaign.stopped or why
            raise KeyboardInterrupt
        wire.end.come(why)
        session.shouldstop = why

    session.config.stash[BEFORE] = {number: signal.signal(number, end) for number in SIGNALS}


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave signals to whoever had them before."""
    for number, handler in config.stash.get(BEFORE, {}).items():
        signal.signal(number, handler)
