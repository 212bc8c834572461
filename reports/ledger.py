"""The ledger of a run: every clause with its cases, outcome and evidence, written down as ``verdict.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.model import Side, Strength
from contracts.validating import validator
from reports import again
from reports.ending import kept_deviations, unjudged
from reports.latency import told
from suites.baseline import compare
from suites.earlier import EarlierError, content, document
from suites.evidence import ACCEPTANCE
from suites.outcomes import Outcome
from suites.response import NOTHING_TO_SAY, may_be_absent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema import Draft202012Validator

    from contracts.model import Clause, Table
    from suites.campaign import Campaign
    from suites.evidence import Evidence
    from suites.record import Entry
    from suites.setting import Setting
    from targets.wire import Wire

SCHEMA_VERSION = 1
UNASKED = "not asked: its tests were not run"


@dataclass
class Ledger:
    """What a run leaves behind.

    ``errors`` are faults of the suite itself: clause (or test) to what happened. ``aborted`` says why the run has not
    come to its end, empty once it has. ``shown`` names the test that shows what acceptable requests break, by clause.
    """

    setting: Setting
    campaign: Campaign | None = None
    wire: Wire | None = None
    errors: dict[str, str] = field(default_factory=dict)
    aborted: str = ""
    shown: dict[str, str] = field(default_factory=dict)

    def verdict(self) -> dict[str, Any]:
        """The verdict document, shaped as ``verdict.schema.json`` says."""
        setting, target = self.setting, self.setting.target
        clauses = [self._clause(clause) for clause in setting.contract.clauses]
        compared = self._compare(clauses)
        deviations = self._deviations(clauses)
        verdict, reason = self._conclusion(clauses, deviations)
        return {
            "schema_version": SCHEMA_VERSION,
            "verdict": verdict,
            "reason": reason,
            "operation": setting.contract.operation,
            "contract": {
                "title": setting.contract.page.title,
                "digest": setting.contract.digest,
                "tables": [_table(table) for table in setting.contract.page.tables],
            },
            "target": {
                "name": target.name,
                "endpoint": target.endpoint,
                "project_id": target.project_id,
                "consent": target.consent,
                "budget": target.budget,
                **({"served": again.served(setting)} if setting.embedded else {}),
            },
            "depth": setting.depth.name,
            "seed": setting.seed,
            "fail_on": setting.fail_on.value,
            "started": setting.started.isoformat(timespec="seconds"),
            "finished": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "clauses": clauses,
            "observations": self._observations(),
            "document_defects": self._defects(),
            "deviations": deviations,
            "accidents": self.wire.accidents if self.wire else [],
            "requests": self._requests(),
            **compared,
        }

    def _clause(self, clause: Clause) -> dict[str, Any]:
        entry = self.campaign.record.entries.get(clause.id) if self.campaign else None
        outcome, reason = self._outcome(clause, entry)
        vacuous = outcome is Outcome.SKIPPED and self._left_out(clause)
        return {
            "id": clause.id,
            "kind": clause.kind.value,
            "strength": clause.strength.value,
            "statement": clause.statement,
            "source": {"table": clause.source.table, "row": clause.source.row},
            "outcome": outcome.value,
            "cases": entry.cases if entry else 0,
            "failed": entry.failed if entry else 0,
            "reason": NOTHING_TO_SAY if vacuous else reason,
            **({"vacuous": True} if vacuous else {}),
            "failures": [self._failure(clause, each) for each in entry.failures] if entry else [],
        }

    def _left_out(self, clause: Clause) -> bool:
        """Whether every accepted answer lacked what the clause speaks of, as a sound one may."""
        accepted = self.campaign is not None and bool(self.campaign.accepted)
        return accepted and clause.side is Side.RESPONSE and may_be_absent(self.setting.contract, clause)

    def _failure(self, clause: Clause, shown: Evidence) -> dict[str, Any]:
        document = shown.document()
        tests = document.pop("tests") or [self.shown.get(clause.id, ACCEPTANCE)]
        return {**document, "pytest": again.pytest_line(self.setting, tests)}

    def _outcome(self, clause: Clause, entry: Entry | None) -> tuple[Outcome, str]:
        if clause.id in self.errors:
            return Outcome.ERROR, self.errors[clause.id]
        stopped = (self.campaign.stopped if self.campaign else "") or self.aborted
        if entry is None:
            return (Outcome.BLOCKED, stopped) if stopped else (Outcome.SKIPPED, UNASKED)
        outcome = entry.outcome
        if outcome is Outcome.FAIL:
            excused = clause.id in self.setting.applied_deviations
            return Outcome.DEVIATION if excused else outcome, entry.failures[0].why
        if outcome is Outcome.SKIPPED and stopped:
            return Outcome.BLOCKED, stopped
        return outcome, "; ".join(entry.reasons) or ("" if outcome is Outcome.PASS else UNASKED)

    def _compare(self, clauses: list[dict[str, Any]]) -> dict[str, Any]:
        """What the verdict says of the baseline; the failing clauses are marked on the way."""
        baseline = self.setting.baseline
        if baseline is None or self.aborted:
            return {}
        told = compare(baseline.outcomes, {clause["id"]: Outcome(clause["outcome"]) for clause in clauses})
        for clause in clauses:
            if clause["outcome"] == Outcome.FAIL.value:
                clause["finding"] = "new" if clause["id"] in told.new else "known"
        return {
            "baseline": {
                "verdict": baseline.verdict,
                "target": baseline.target,
                "depth": baseline.depth,
                "started": baseline.started,
                "fail_on_new": self.setting.fail_on_new,
                "fixed": list(told.fixed),
                "lost": list(told.lost),
            }
        }

    def _deviations(self, clauses: list[dict[str, Any]]) -> list[dict[str, Any]]:
        outcomes = {clause["id"]: clause["outcome"] for clause in clauses}
        told = []
        for deviation in self.setting.deviations.values():
            state = {Outcome.DEVIATION.value: "applied", Outcome.PASS.value: "passes"}.get(
                outcomes[deviation.clause], "unused"
            )
            if deviation.clause not in self.setting.applied_deviations:
                state = "expired"
            told.append(
                {
                    "clause": deviation.clause,
                    "reason": deviation.reason,
                    "reference": deviation.reference,
                    "expires": deviation.expires.isoformat(),
                    "state": state,
                    "days_left": deviation.days_left(self.setting.today),
                }
            )
        return told

    def _conclusion(self, clauses: list[dict[str, Any]], deviations: list[dict[str, Any]]) -> tuple[str, str]:
        """The verdict and the sentence that gives its reason; anything that is not shown is not conformant."""
        if self.errors:
            return "error", "the suite itself failed: " + "; ".join(dict.fromkeys(self.errors.values()))
        if self.aborted:
            return "unfinished", self.aborted
        counting = [each for each in clauses if Strength(each["strength"]).reaches(self.setting.fail_on)]
        failing = [each for each in counting if each["outcome"] == Outcome.FAIL.value]
        failing.sort(key=lambda each: each.get("finding") == "known")
        stale = kept_deviations(deviations)
        if failing:
            more = f", and {len(failing) - 1} more" if failing[1:] else ""
            return "non-conformant", f"{failing[0]['id']}: {failing[0]['reason']}{more}"
        if stale:
            return "non-conformant", f"declared to deviate, but kept: {', '.join(stale)}"
        open_ = unjudged(clauses)
        if open_:
            reasons = list(dict.fromkeys(each["reason"] for each in open_))
            return "incomplete", f"{len(open_)} documented clauses could not be judged: {'; '.join(reasons[:3])}"
        if self.campaign and self.campaign.stopped:
            return "incomplete", self.campaign.stopped
        return "conformant", f"all {len(counting)} clauses that count are kept"

    def _observations(self) -> list[dict[str, Any]]:
        points = self.campaign.record.observations if self.campaign else {}
        return [
            {"point": point, "seen": seen, "cases": count}
            for point, counts in points.items()
            for seen, count in counts.items()
        ]

    def _defects(self) -> list[dict[str, Any]]:
        contract = self.setting.contract
        readings = {reading.id: reading for reading in contract.readings}
        told = []
        for defect in contract.defects:
            reading = readings.get(defect.reading or "")
            told.append(
                {
                    "id": defect.id,
                    "place": defect.place,
                    "detail": defect.detail,
                    "read_as": reading.read_as if reading else None,
                    "reason": reading.reason if reading else None,
                }
            )
        return told

    def _requests(self) -> dict[str, Any]:
        wire = self.wire
        if wire is None:
            return {"sent": 0, "accepted": 0, "accidents": 0, "by_status": {}, "seconds": 0.0}
        latency = told(wire.times)
        return {
            "sent": wire.sent,
            "accepted": wire.budget.accepted,
            "accidents": wire.budget.accidents,
            "by_status": dict(sorted(wire.by_status.items())),
            "seconds": round(wire.seconds, 3),
            **({"latency": latency} if latency else {}),
        }


def _table(table: Table) -> dict[str, Any]:
    """A table of the page as the verdict has it, for whoever draws it."""
    rows = [{"name": row.name, "type": row.type, "mandatory": row.mandatory, "fixed": row.fixed} for row in table.rows]
    return {"number": table.number, "side": table.side.value, "subject": table.subject, "rows": rows}


def write(verdict: Mapping[str, Any], path: Path) -> None:
    """Write a verdict that its schema accepts, whole or not at all.

    Raises:
        jsonschema.ValidationError: the document is not what the schema promises to its readers.
        OSError: the file cannot be written.
    """
    _validator().validate(verdict)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".json.part")
    part.write_text(json.dumps(verdict, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


def read(path: Path) -> dict[str, Any]:
    """The verdict that a run has left.

    Raises:
        EarlierError: the file cannot be read, its schema does not accept it, or a clause is in it twice.
    """
    verdict = document(path, content(path))
    from jsonschema.exceptions import best_match  # noqa: PLC0415  for whoever reads another run's verdict

    error = best_match(_validator().iter_errors(verdict))
    if error is not None:
        place = ".".join(map(str, error.absolute_path)) or "the document"
        raise EarlierError(f"{path}: is no verdict: {place} breaks the rule {error.validator!r} of its schema")
    if len({clause["id"] for clause in verdict["clauses"]}) < len(verdict["clauses"]):
        raise EarlierError(f"{path}: is no verdict: a clause is in it twice")
    return verdict


def identity(verdict: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells a run from every other: what it was held to, whom it asked, when it began and what it drew."""
    target = verdict["target"]
    return (
        verdict["operation"],
        verdict["contract"]["digest"],
        *(target[key] for key in ("name", "endpoint", "project_id")),
        verdict["depth"],
        verdict["seed"],
        verdict["started"],
    )


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(Path(__file__).with_name("verdict.schema.json").read_text(encoding="utf-8"))
    return validator(schema)
