"""What a run has seen so far, clause by clause, and part by part of the run."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from suites.evidence import evidence
from suites.outcomes import Accepted, Finding, Judged, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from suites.evidence import Evidence
    from suites.judging import Refusal

EVIDENCE = 5
"""Failures of one clause that are kept whole, the shortest requests first; the others are counted."""
THE_RUN = ""
"""The part to which controls and preflights belong."""


@dataclass
class Entry:
    """What has been seen of one clause.

    ``by_case`` counts the findings of the cases that serve the clause by what they have in common. ``unreached``: the
    run ended before a test of the clause.
    """

    passed: int = 0
    failed: int = 0
    blocked: int = 0
    by_case: defaultdict[str, Counter[Outcome]] = field(default_factory=lambda: defaultdict(Counter))
    reasons: dict[str, None] = field(default_factory=dict)
    failures: list[Evidence] = field(default_factory=list)
    unreached: bool = False

    @property
    def outcome(self) -> Outcome:
        """FAIL by one failure, BLOCKED by one kind of case that was never judged, PASS by all of them."""
        if self.failed:
            return Outcome.FAIL
        if self.unreached:
            return Outcome.BLOCKED
        if self.blocked and (not self.passed or not all(counts[Outcome.PASS] for counts in self.by_case.values())):
            return Outcome.BLOCKED
        return Outcome.PASS if self.passed else Outcome.SKIPPED

    @property
    def cases(self) -> int:
        """How many findings there are."""
        return self.passed + self.failed + self.blocked

    def count(self, judged: Judged, finding: Finding) -> None:
        """Add one finding."""
        outcome = finding.outcome
        if finding.clause == judged.case.clause:
            label = judged.case.fault.label if judged.case.fault else judged.case.id
            self.by_case[label][outcome] += 1
        if outcome is Outcome.PASS:
            self.passed += 1
        elif outcome is Outcome.BLOCKED:
            self.blocked += 1
            self.reasons[finding.why] = None
        elif outcome is Outcome.FAIL:
            self.failed += 1
            self._keep([evidence(judged, finding)])

    def add(self, other: Entry) -> None:
        """Add what another part of the run has seen of the clause."""
        self.passed += other.passed
        self.failed += other.failed
        self.blocked += other.blocked
        for label, counts in other.by_case.items():
            self.by_case[label].update(counts)
        self.reasons.update(other.reasons)
        self.unreached |= other.unreached
        if other.failures:
            self._keep(other.failures)

    def _keep(self, failures: Iterable[Evidence]) -> None:
        self.failures.extend(failures)
        self.failures.sort(key=lambda each: each.size)
        del self.failures[EVIDENCE:]


Tally = defaultdict[str, Entry]
"""What has been seen, by clause."""


def tally(judged: Iterable[Judged]) -> Tally:
    """What judged cases say, by clause."""
    entries: Tally = defaultdict(Entry)
    for each in judged:
        for finding in each.findings:
            entries[finding.clause].count(each, finding)
    return entries


@dataclass
class Share:
    """What one part of a run has put on record: a test, an acceptable request, or the run itself.

    ``unknown`` are the refusals by which the target says that a name is unknown.
    """

    entries: Tally = field(default_factory=lambda: defaultdict(Entry))
    observations: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    accepted: list[Accepted] = field(default_factory=list)
    unknown: set[Refusal] = field(default_factory=set)

    def add(self, other: Share) -> None:
        """Add another share."""
        for clause, entry in other.entries.items():
            self.entries[clause].add(entry)
        for point, seen in other.observations.items():
            self.observations[point] += seen
        self.accepted += other.accepted
        self.unknown |= other.unknown


class Record:
    """Findings by clause. What is added counts once it is confirmed, and is void if the target was lost meanwhile.

    ``part`` is the part of the run that is going on. What each part adds is its share: once the part has ended and all
    of it is confirmed, ``keep`` is called with it.
    """

    def __init__(self) -> None:
        self.part = THE_RUN
        self.keep: Callable[[str, Share], None] = lambda _, __: None
        self._total = Share()
        self._shares: defaultdict[str, Share] = defaultdict(Share)
        self._ended = {THE_RUN}
        self._staged: list[tuple[str, Judged]] = []

    @property
    def entries(self) -> Tally:
        """What is confirmed, by clause."""
        return self._total.entries

    @property
    def observations(self) -> Mapping[str, Counter[str]]:
        """How often the target has resolved an open point in which way."""
        return self._total.observations

    @property
    def accepted(self) -> list[Accepted]:
        """The acceptable bodies that the target has taken."""
        return self._total.accepted

    @property
    def unknown(self) -> set[Refusal]:
        """The refusals by which the target says that a name is unknown."""
        return self._total.unknown

    @property
    def staged(self) -> int:
        """How many judged cases wait for their confirmation."""
        return len(self._staged)

    def add(self, judged: Iterable[Judged], part: str | None = None) -> None:
        """Take note of judged cases, until they are confirmed or void; of the part going on unless one is named."""
        for each in judged:
            asked = each if each.part is not None else replace(each, test=self.part)
            self._staged.append((self._named(each.part if part is None else part), asked))

    def accept(self, accepted: Accepted, part: str | None = None) -> None:
        """Keep a body that later pairs can build on."""
        for share in self._places(self._named(part)):
            share.accepted.append(accepted)

    def learn(self, refusal: Refusal) -> None:
        """Take note of a refusal by which the target says that a name is unknown, whichever part is asking."""
        for share in self._places(THE_RUN):
            share.unknown.add(refusal)

    def observe(self, point: str, seen: str, part: str | None = None) -> None:
        """Take note of how the target resolves what the page leaves open."""
        for share in self._places(self._named(part)):
            share.observations[point][seen] += 1

    def skip(self, clause: str, reason: str, *, unreached: bool = False) -> None:
        """Say why a clause, or a part of its cases, was not asked about, and whether only the run's end is to blame."""
        entry = self.entries[clause]
        entry.reasons[reason] = None
        entry.unreached |= unreached

    def recall(self, share: Share) -> None:
        """Let a share count that was confirmed before."""
        self._total.add(share)

    def confirm(self) -> None:
        """The target was sound after all that was added: let it count."""
        parts: defaultdict[str, list[Judged]] = defaultdict(list)
        for part, judged in self._staged:
            parts[part].append(judged)
        for part, several in parts.items():
            share = Share(tally(several))
            for place in self._places(part):
                place.add(share)
        self._staged.clear()
        self._hand_over(list(self._shares))

    def void(self, reason: str) -> None:
        """The target was lost: nothing that was added since the last confirmation has been shown."""
        for part, judged in self._staged:
            self.entries[judged.case.clause].count(judged, Finding(judged.case.clause, Outcome.BLOCKED, reason))
            self._shares.pop(part, None)
        self._staged.clear()

    def end(self, part: str) -> None:
        """Nothing more will be added to a part."""
        self._ended.add(part)
        if part in self._shares and not any(staged == part for staged, _ in self._staged):
            self._hand_over([part])

    def _places(self, part: str) -> tuple[Share, ...]:
        """Where what is shown in a part is kept."""
        return self._total, self._shares[part]

    def _named(self, part: str | None) -> str:
        return self.part if part is None else part

    def _hand_over(self, parts: Iterable[str]) -> None:
        for part in parts:
            if part in self._ended and part in self._shares:
                self.keep(part, self._shares.pop(part))
