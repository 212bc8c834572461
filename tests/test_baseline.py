"""What a run is compared with: which verdicts may serve, what is told apart, and how the run then ends."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import contracts
from contracts.model import Strength
from reports.ending import Exit, exit_code, forgiven
from reports.ledger import Ledger
from suites.baseline import Baseline, BaselineError, Comparison, compare, load
from suites.earlier import EarlierError, content, earlier
from suites.exploring import DEPTHS
from suites.outcomes import Case, Finding, Judged, Outcome
from suites.record import Record
from suites.setting import Setting
from targets.exchange import Request
from tests.samples import answered, target

if TYPE_CHECKING:
    from collections.abc import Callable

    Edit = Callable[[dict[str, Any]], object]

CONTRACT = contracts.load()
SAMPLE = json.loads((Path(__file__).parent / "data" / "verdict.json").read_text(encoding="utf-8"))
SAMPLE["contract"]["digest"] = CONTRACT.digest
PATH = Path("yesterday.json")
CLAUSE = "restores.t3.provider_id.value"


def loaded(edit: Edit = lambda _: None) -> Baseline:
    document = copy.deepcopy(SAMPLE)
    edit(document)
    return load(PATH, json.dumps(document).encode(), CONTRACT)


def put(*place: str | int, value: Any) -> Edit:
    def edit(document: Any) -> None:
        for step in place[:-1]:
            document = document[step]
        document[place[-1]] = value

    return edit


def test_a_finished_run_on_the_same_contract_serves() -> None:
    baseline = loaded()
    assert (baseline.target, baseline.depth, baseline.started) == ("staging", "standard", "2026-11-24T02:10:00Z")
    assert baseline.outcomes["restores.t3.provider_id.mandatory"] is Outcome.FAIL
    assert baseline.outcomes["restores.t8.status.present"] is Outcome.DEVIATION


@pytest.mark.parametrize("verdict", ["conformant", "non-conformant", "incomplete"])
def test_whatever_the_verdict_was(verdict: str) -> None:
    assert loaded(put("verdict", value=verdict)).verdict == verdict


@pytest.mark.parametrize(
    ("edit", "complaint"),
    [
        (put("operation", value="backups"), "is a verdict on backups, and this run asks about restores"),
        (put("contract", "digest", value="0" * 64), "was judged by another contract (000000000000, now "),
        (put("verdict", value="error"), "is no finished run (2 of 8 clauses fail"),
        (put("verdict", value="unfinished"), "is no finished run (2 of 8 clauses fail"),
    ],
    ids=["operation", "contract", "error", "unfinished"],
)
def test_what_cannot_be_compared_is_refused(edit: Edit, complaint: str) -> None:
    with pytest.raises(BaselineError) as caught:
        loaded(edit)
    assert str(caught.value).startswith("yesterday.json: ")
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("edit", "complaint"),
    [
        (put("schema_version", value=2), "is a verdict of version 2, not 1"),
        (put("schema_version", value=True), "is a verdict of version True, not 1"),
        (lambda document: document.pop("schema_version"), "it has no schema_version"),
        (lambda document: document.pop("clauses"), "clauses is missing"),
        (lambda document: document["clauses"][3].pop("outcome"), "outcome is missing"),
        (put("verdict", value="fine"), "'fine' is none of conformant, "),
        (put("reason", value=None), "None stands where a text belongs"),
        (put("contract", value=[]), "is no verdict: list indices"),
        (put("depth", value="deep"), "'deep' is none of smoke, "),
        (put("fail_on", value=["implied"]), "a value is none of documented, "),
        (put("started", value="yesterday"), "'yesterday' does not have the form of a time"),
        (put("started", value="2026-11-24T02:10:00Z\n"), "does not have the form of a time"),
        (put("clauses", value=7), "7 stands where a list belongs"),
        (put("clauses", 0, "id", value='x"\n[[deviation]]'), "does not have the form of an id"),
        (put("clauses", 0, "strength", value="strong"), "'strong' is none of documented, "),
        (put("clauses", 0, "outcome", value="passed"), "'passed' is none of pass, "),
        (put("clauses", 0, "cases", value=True), "True stands where a count belongs"),
        (put("clauses", 0, "failed", value=-1), "-1 stands where a count belongs"),
        (lambda document: document["clauses"].append(document["clauses"][0]), "a clause is in it twice"),
    ],
)
def test_what_does_not_have_the_form_of_a_verdict_is_refused(edit: Edit, complaint: str) -> None:
    with pytest.raises(BaselineError) as caught:
        loaded(edit)
    assert complaint in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("text", [b"", b"\xff", b"[]", b"null", b"{", b"[" * 100_000, b"1" * 5000, b'"schema_version"'])
def test_what_is_no_json_object_is_refused(text: bytes) -> None:
    with pytest.raises(BaselineError, match=r"^yesterday\.json: is no verdict: ") as caught:
        load(PATH, text, CONTRACT)
    assert len(str(caught.value)) < 300


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.json"):
        with pytest.raises(EarlierError, match="cannot be read: "):
            content(path)


def test_texts_come_in_one_printable_line() -> None:
    document = SAMPLE | {"reason": "\x1b[31m\n\ud800 \u202e" + "x" * 10_000}
    reason = earlier(PATH, json.dumps(document).encode()).reason
    assert reason.startswith("\\x1b[31m\\n\\ud800 \\u202ex")
    assert reason.isprintable()
    assert len(reason) < 400


@pytest.mark.parametrize(
    ("before", "now", "group"),
    [
        ("fail", "fail", "known"),
        ("pass", "fail", "new"),
        ("blocked", "fail", "new"),
        ("skipped", "fail", "new"),
        ("deviation", "fail", "new"),
        ("error", "fail", "new"),
        (None, "fail", "new"),
        ("fail", "pass", "fixed"),
        ("pass", "pass", None),
        ("deviation", "pass", None),
        ("blocked", "pass", None),
        (None, "pass", None),
        ("fail", "deviation", None),
        ("pass", "blocked", "lost"),
        ("fail", "blocked", "lost"),
        ("deviation", "skipped", "lost"),
        ("blocked", "skipped", None),
        ("skipped", "blocked", None),
        (None, "blocked", None),
        ("pass", "error", None),
    ],
)
def test_every_pair_of_outcomes_is_told_apart(before: str | None, now: str, group: str | None) -> None:
    told = compare({} if before is None else {CLAUSE: Outcome(before)}, {CLAUSE: Outcome(now)})
    assert told == (Comparison(**{group: (CLAUSE,)}) if group else Comparison())


def test_groups_keep_the_order_of_the_contract() -> None:
    now = dict.fromkeys(("b", "a", "c"), Outcome.FAIL)
    assert compare({"a": Outcome.FAIL, "gone": Outcome.FAIL}, now) == Comparison(new=("b", "c"), known=("a",))


def verdict(*clauses: tuple[str, str, str | None], kept: bool = False, **changes: Any) -> dict[str, Any]:
    """A verdict of clauses of a strength, an outcome and a finding, compared with a baseline."""
    told = [{"strength": strength, "outcome": outcome} for strength, outcome, _ in clauses]
    for clause, (_, _, finding) in zip(told, clauses):
        clause.update({"finding": finding} if finding else {})
    return {
        "verdict": "non-conformant",
        "fail_on": "implied",
        "clauses": told,
        "deviations": [{"clause": CLAUSE, "state": "passes" if kept else "applied"}],
        "baseline": {"fail_on_new": True},
        **changes,
    }


KNOWN, NEW = ("documented", "fail", "known"), ("documented", "fail", "new")
HELD, BLOCKED, SKIPPED = (("documented", outcome, None) for outcome in ("pass", "blocked", "skipped"))


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (verdict(KNOWN, HELD), Exit.CONFORMANT),
        (verdict(KNOWN, NEW), Exit.NON_CONFORMANT),
        (verdict(KNOWN, ("implied", "fail", "new")), Exit.NON_CONFORMANT),
        (verdict(KNOWN, ("advisory", "fail", "new")), Exit.CONFORMANT),
        (verdict(KNOWN, ("advisory", "fail", "new"), fail_on="advisory"), Exit.NON_CONFORMANT),
        (verdict(KNOWN, kept=True), Exit.NON_CONFORMANT),
        (verdict(HELD, kept=True), Exit.NON_CONFORMANT),
        (verdict(KNOWN, BLOCKED), Exit.INCOMPLETE),
        (verdict(KNOWN, SKIPPED), Exit.INCOMPLETE),
        (verdict(KNOWN, ("implied", "blocked", None)), Exit.CONFORMANT),
        (verdict(KNOWN, baseline={"fail_on_new": False}), Exit.NON_CONFORMANT),
        (verdict(HELD, verdict="conformant"), Exit.CONFORMANT),
        (verdict(HELD, BLOCKED, verdict="incomplete"), Exit.INCOMPLETE),
        (verdict(KNOWN, verdict="error"), Exit.ERROR),
        (verdict(KNOWN, verdict="unfinished"), Exit.INTERRUPTED),
    ],
)
def test_how_a_run_ends(document: dict[str, Any], code: Exit) -> None:
    assert exit_code(document) is code


def test_without_a_baseline_nothing_is_forgiven() -> None:
    document = verdict(("documented", "fail", None))
    del document["baseline"]
    assert not forgiven(document)
    assert exit_code(document) is Exit.NON_CONFORMANT


def ledger_of(before: dict[str, Outcome] | None, *failing: str, aborted: str = "") -> dict[str, Any]:
    """The verdict on a target that fails these clauses, compared with these outcomes."""
    record = Record()
    for clause in failing:
        finding = Finding(clause, Outcome.FAIL, "seen")
        case = Case(clause, clause, Request("POST", "/", b"{}"), frozenset({400}))
        record.add([Judged(case, answered(200), None, (finding,))])
    record.confirm()
    baseline = before and Baseline("non-conformant", "staging", "nightly", "2026-11-23T02:10:00Z", before)
    setting = Setting(CONTRACT, target(), DEPTHS["smoke"], 1, Strength.IMPLIED, {}, Path(), baseline or None)
    campaign: Any = SimpleNamespace(record=record, accepted=record.accepted, stopped="")
    return Ledger(setting, campaign, aborted=aborted).verdict()


TYPE = "restores.t4.power_on.type"


def test_the_reason_names_what_is_new_before_what_is_known() -> None:
    assert ledger_of(None, CLAUSE, TYPE)["reason"] == f"{CLAUSE}: seen, and 1 more"
    assert ledger_of({CLAUSE: Outcome.FAIL}, CLAUSE, TYPE)["reason"] == f"{TYPE}: seen, and 1 more"


def test_a_run_that_did_not_come_to_its_end_is_not_compared() -> None:
    assert "baseline" in ledger_of({CLAUSE: Outcome.FAIL}, CLAUSE)
    document = ledger_of({CLAUSE: Outcome.FAIL}, CLAUSE, aborted="the run did not come to its end")
    assert "baseline" not in document
    assert not any("finding" in clause for clause in document["clauses"])
