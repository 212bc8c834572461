"""How far a run has come: a file with what is confirmed of each of its parts, for ``--resume`` to go on from.

The first line says what was asked of the run; every further one is the share of a part. Nothing in it is secret: a
share holds findings and evidence, which have no tokens, and the bodies that the target accepted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from suites.evidence import Evidence
from suites.exploring import DEPTHS
from suites.outcomes import Accepted, Outcome
from suites.record import Entry, Share
from targets import lines
from targets.journal import recalled, transcript

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from suites.setting import Setting

PROGRESS = "progress.jsonl"
"""The file's name in the directory of reports."""
VERSION = 1


class ResumeError(Exception):
    """There is no run to go on with, or another one; the message says which and what to do."""


@dataclass(frozen=True)
class Beginning:
    """What the earlier parts of a run have left. ``asked`` is what was asked of it, ``shares`` are by part."""

    asked: Mapping[str, Any]
    shares: Mapping[str, Share]

    @property
    def started(self) -> datetime:
        """When its first part began."""
        return datetime.fromisoformat(self.asked["started"])


class Progress:
    """The file of a run that goes on; ``alone`` unless others write to it too.

    Raises:
        OSError: it cannot be written.
    """

    def __init__(self, path: Path, *, alone: bool = True) -> None:
        self._lines = lines.Lines(path, alone=alone)

    def begin(self, asked: Mapping[str, Any], started: datetime) -> None:
        """Say what is asked of a new run."""
        self._lines.append({"version": VERSION, **asked, "started": started.isoformat()})

    def keep(self, part: str, share: Share) -> None:
        """Write down what is confirmed of a part that is over."""
        self._lines.append({"part": part, **share_document(share)})

    def close(self) -> None:
        """End the writing."""
        self._lines.close()


def asked(setting: Setting) -> dict[str, Any]:
    """What has to be the same for a run to be gone on with.

    The embedded service is a new one at each start, wherever it listens.
    """
    target = setting.target
    return {
        "target": target.name,
        "endpoint": None if setting.embedded else target.endpoint,
        "project": target.project_id,
        "foreign project": target.foreign_project_id,
        "budget": target.budget,
        "resources": list(target.resources),
        "contract": setting.contract.digest,
        "depth": setting.depth.name,
        "seed": setting.seed,
    }


def load(path: Path) -> Beginning:
    """What a run that was broken off has left.

    Raises:
        ResumeError: there is nothing to go on with, or nothing that can be read.
    """
    shares: defaultdict[str, Share] = defaultdict(Share)
    try:
        documents = list(lines.read(path))
        if not documents:
            raise ResumeError(f"there is nothing to resume in {path.parent}: no run was broken off there")
        first, *rest = documents
        if first["version"] != VERSION:
            raise ResumeError(f"{path}: was written by another version of the suite; start a new run")
        beginning = Beginning(first, shares)
        _ = DEPTHS[first["depth"]], int(first["seed"]), beginning.started
        for document in rest:
            shares[document["part"]].add(read_share(document))
    except OSError as error:
        raise ResumeError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (lines.LinesError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ResumeError(f"{path}: is not what a run leaves ({error}); start a new run") from error
    return beginning


def check(path: Path, beginning: Beginning, now: Mapping[str, Any]) -> None:
    """Refuse to go on with a run that was asked something else.

    Raises:
        ResumeError: it was.
    """
    for name, value in now.items():
        before = beginning.asked.get(name)
        if before != value:
            told = f": {before} then, {value} now" if not isinstance(value, list) else ""
            raise ResumeError(f"the run in {path.parent} cannot be resumed, its {name} differs{told}; start a new run")


def share_document(share: Share) -> dict[str, Any]:
    """A share as a JSON object."""
    return {
        "clauses": {clause: _entry(entry) for clause, entry in share.entries.items()},
        "observations": share.observations,
        "accepted": [
            {"document": each.document, "resource": each.resource, "path": each.path, **transcript(each.exchange)}
            for each in share.accepted
        ],
        "unknown": [list(refusal) for refusal in share.unknown],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "passed": entry.passed,
        "failed": entry.failed,
        "blocked": entry.blocked,
        "by_case": entry.by_case,
        "reasons": list(entry.reasons),
        "failures": [each.document() for each in entry.failures],
        "unreached": entry.unreached,
    }


def read_share(document: Mapping[str, Any]) -> Share:
    """The share that such an object holds. Raises KeyError, TypeError or ValueError for any other."""
    share = Share()
    for clause, entry in document["clauses"].items():
        share.entries[clause] = _read_entry(entry)
    for point, seen in document["observations"].items():
        share.observations[point] = Counter(seen)
    share.accepted += [
        Accepted(each["document"], each["resource"], recalled(each), each["path"]) for each in document["accepted"]
    ]
    share.unknown |= {(status, code) for status, code in document["unknown"]}
    return share


def _read_entry(document: Mapping[str, Any]) -> Entry:
    entry = Entry(document["passed"], document["failed"], document["blocked"])
    for label, counts in document["by_case"].items():
        entry.by_case[label] = Counter({Outcome(outcome): count for outcome, count in counts.items()})
    entry.reasons = dict.fromkeys(document["reasons"])
    entry.failures = [Evidence.read(each) for each in document["failures"]]
    entry.unreached = document.get("unreached", False)
    return entry
