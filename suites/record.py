"""What a run has seen so far, clause by clause."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from suites.outcomes import Finding, Judged, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

EVIDENCE = 5
"""Failures of one clause that are kept whole, the shortest requests first; the others are counted."""


@dataclass
class Entry:
    """What has been seen of one clause. ``by_case`` counts the findings by what their cases have in common."""

    passed: int = 0
    failed: int = 0
    blocked: int = 0
    by_case: defaultdict[str, Counter[Outcome]] = field(default_factory=lambda: defaultdict(Counter))
    reasons: dict[str, None] = field(default_factory=dict)
    failures: list[tuple[Judged, Finding]] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        """FAIL by one failure, BLOCKED by one kind of case that was never judged, PASS by all of them."""
        if self.failed:
            return Outcome.FAIL
        if self.blocked and (not self.passed or not all(counts[Outcome.PASS] for counts in self.by_case.values())):
            return Outcome.BLOCKED
        return Outcome.PASS if self.passed else Outcome.SKIPPED


class Record:
    """Findings by clause. What is added counts once it is confirmed, and is void if the target was lost meanwhile."""

    def __init__(self) -> None:
        self.entries: defaultdict[str, Entry] = defaultdict(Entry)
        self.observations: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._staged: list[Judged] = []

    def add(self, judged: Iterable[Judged]) -> None:
        """Take note of judged cases, until they are confirmed or void."""
        self._staged.extend(judged)

    @property
    def staged(self) -> int:
        """How many judged cases wait for their confirmation."""
        return len(self._staged)

    def confirm(self) -> None:
        """The target was sound after all that was added: let it count."""
        for judged in self._staged:
            for finding in judged.findings:
                self._count(judged, finding)
        self._staged.clear()

    def void(self, reason: str) -> None:
        """The target was lost: nothing that was added since the last confirmation has been shown."""
        for judged in self._staged:
            blocked = (Finding(judged.case.clause, Outcome.BLOCKED, reason),)
            self._count(judged, blocked[0])
        self._staged.clear()

    def skip(self, clause: str, reason: str) -> None:
        """Say why a clause, or a part of its cases, was not asked about."""
        self.entries[clause].reasons[reason] = None

    def observe(self, point: str, seen: str) -> None:
        """Take note of how the target resolves what the page leaves open."""
        self.observations[point][seen] += 1

    def _count(self, judged: Judged, finding: Finding) -> None:
        entry = self.entries[finding.clause]
        entry.passed += finding.outcome is Outcome.PASS
        if finding.clause == judged.case.clause:
            label = judged.case.fault.label if judged.case.fault else judged.case.id
            entry.by_case[label][finding.outcome] += 1
        if finding.outcome is Outcome.BLOCKED:
            entry.blocked += 1
            entry.reasons[finding.why] = None
        elif finding.outcome is Outcome.FAIL:
            entry.failed += 1
            entry.failures.append((judged, finding))
            entry.failures.sort(key=lambda each: len(each[0].exchange.sent.body))
            del entry.failures[EVIDENCE:]
