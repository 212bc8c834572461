"""A run without pytest whose every judgement is seen as it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suites.conducting import conduct
from suites.outcomes import Outcome
from suites.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from suites.campaign import Campaign
    from suites.outcomes import Judged
    from targets.wire import Wire


class _Seen(Record):
    """Tells of what is added to it, before it is confirmed."""

    def __init__(self, watched: Watched) -> None:
        super().__init__()
        self._watched = watched

    def add(self, judged: Iterable[Judged], part: str | None = None) -> None:
        """Take note of judged cases."""
        cases = list(judged)
        super().add(cases, part)
        self._watched.saw(cases)


class Watched:
    """A campaign that has not begun, to be conducted until one of some clauses, without the operation's name, fails.

    ``found`` is how many requests had left when it did; None if none has.
    """

    def __init__(self, campaign: Campaign, wire: Wire, clauses: Iterable[str] = ()) -> None:
        self.found: int | None = None
        self._campaign = campaign
        self._wire = wire
        self._clauses = {f"{campaign.contract.operation}.{clause}" for clause in clauses}
        self._judged: list[Judged] = []
        campaign.record = _Seen(self)

    def conduct(self) -> list[Judged]:
        """All that was judged."""
        conduct(self._campaign)
        return self._judged

    def saw(self, judged: list[Judged]) -> None:
        """Look for a failure among judged cases; the first one ends the run."""
        self._judged += judged
        if self.found is None and any(
            finding.outcome is Outcome.FAIL and finding.clause in self._clauses
            for each in judged
            for finding in each.findings
        ):
            self.found = self._wire.sent
            self._campaign.stopped = "found"
