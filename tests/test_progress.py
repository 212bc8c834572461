"""What a run keeps of its parts: whole and unchanged through a file, and nothing that is not confirmed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contracts.model import Strength
from suites import progress
from suites.campaign import Campaign
from suites.conducting import conduct
from suites.exploring import DEPTHS
from suites.outcomes import Accepted, Case, Finding, Judged, Outcome
from suites.progress import Progress, ResumeError
from suites.record import THE_RUN, Record, Share, tally
from suites.setting import Setting
from targets import lines
from targets.embedded.build import build
from targets.embedded.in_process import InProcessWire
from targets.embedded.target import embedded_target
from targets.exchange import Request
from tests.fakes import CONTRACT
from tests.power import verdict_of
from tests.samples import answered, refused

if TYPE_CHECKING:
    from datetime import datetime


def setting(**changes: Any) -> Setting:
    """The setting of a run at smoke depth."""
    target = embedded_target("http://127.0.0.1:9")
    facts = {"contract": CONTRACT, "target": target, "depth": DEPTHS["smoke"], "seed": 1}
    rest = {"fail_on": Strength.IMPLIED, "deviations": {}, "report_dir": Path()}
    return Setting(**{**facts, **rest, **changes})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "progress.jsonl"


def begun(path: Path, **changes: Any) -> datetime:
    """Have a run begun in a file."""
    asked = setting(**changes)
    kept = Progress(path)
    kept.begin(progress.asked(asked), asked.started)
    kept.close()
    return asked.started


@pytest.mark.parametrize("changes", [[], ["provider-id-value-unchecked", "answer-lacks-volumes"], ["existence-first"]])
def test_record_of_a_run_comes_back_from_its_file(path: Path, changes: list[str]) -> None:
    started = begun(path)
    target = embedded_target("http://127.0.0.1:9")
    with InProcessWire(target, frozenset({200}), CONTRACT.busy, build(changes)) as wire:
        run = Campaign(CONTRACT, target, wire, DEPTHS["smoke"], seed=1)
        kept = Progress(path)
        run.record.keep = kept.keep
        conduct(run)
        kept.close()
        beginning = progress.load(path)
        again = Campaign(CONTRACT, target, wire, DEPTHS["smoke"], seed=1)
        for share in beginning.shares.values():
            again.recall(share)
        assert verdict_of(again, wire)["clauses"] == verdict_of(run, wire)["clauses"]
    assert beginning.started == started
    assert again.record.entries == run.record.entries
    assert again.record.observations == run.record.observations
    documents = [(each.document, each.resource, each.exchange.status) for each in again.accepted]
    assert documents == [(each.document, each.resource, each.exchange.status) for each in run.accepted]
    parts = [part for part in beginning.shares if part.startswith("acceptable body ")]
    assert len(documents) == len(parts) == DEPTHS["smoke"].acceptances
    assert again.record.unknown == run.record.unknown != set()
    assert again.known_ground(documents[-1][0], lambda _: True) is not None


def judged(clause: str, outcome: Outcome, why: str = "", part: str | None = None) -> Judged:
    case = Case("case", clause, Request("POST", "/", b"{}"), frozenset({400}))
    return Judged(case, refused(400), None, (Finding(clause, outcome, why),), part)


def kept_by(record: Record) -> dict[str, Share]:
    """What a record hands over, by part."""
    handed: dict[str, Share] = {}
    record.keep = handed.__setitem__
    return handed


def test_part_is_kept_once_it_is_over_and_confirmed() -> None:
    record = Record()
    handed = kept_by(record)
    record.part = "one"
    record.add([judged("a.b", Outcome.PASS)])
    record.end("one")
    assert handed == {}, "it is over, but not confirmed"
    record.part = "two"
    record.add([judged("a.b", Outcome.PASS), judged("a.c", Outcome.PASS, part="three")])
    record.confirm()
    assert set(handed) == {"one"}, "the others are confirmed, but not over"
    record.end("three")
    record.end("two")
    assert list(handed) == ["one", "three", "two"]
    assert record.entries["a.b"].passed == 2
    assert handed["two"].entries == tally([judged("a.b", Outcome.PASS)])


def test_part_that_was_void_is_not_kept() -> None:
    record = Record()
    handed = kept_by(record)
    record.part = "one"
    record.add([judged("a.b", Outcome.PASS)])
    record.confirm()
    record.add([judged("a.b", Outcome.FAIL, "wrong")])
    record.void("the target was lost")
    record.end("one")
    assert handed == {}
    assert (record.entries["a.b"].passed, record.entries["a.b"].blocked) == (1, 1)


def test_controls_are_the_share_of_the_run_itself() -> None:
    record = Record()
    handed = kept_by(record)
    record.part = "one"
    record.add([judged("a.b", Outcome.PASS)], THE_RUN)
    record.confirm()
    assert list(handed) == [THE_RUN]


def test_what_a_part_observed_and_accepted_is_kept_with_it() -> None:
    record = Record()
    handed = kept_by(record)
    accepted = Accepted({"a": 1}, "resource 1", answered(200), "/v1/p/restores")
    record.accept(accepted, "one")
    record.observe("a point", "seen so", "one")
    record.end("one")
    assert handed["one"].accepted == record.accepted == [accepted]
    assert handed["one"].observations == record.observations == {"a point": {"seen so": 1}}


def test_cut_last_line_is_a_part_that_is_not_kept(path: Path) -> None:
    begun(path)
    kept = Progress(path)
    for part in ("one", "two"):
        kept.keep(part, Share(tally([judged("a.b", Outcome.PASS)])))
    kept.close()
    path.write_bytes(path.read_bytes()[:-5])
    assert list(progress.load(path).shares) == ["one"]
    kept = Progress(path)
    kept.keep("three", Share())
    kept.close()
    assert list(progress.load(path).shares) == ["one", "three"]


@pytest.mark.parametrize("content", ["", "no json\n", "{}\n", '{"version": 2}\n', '{"version": 1, "depth": "deep"}\n'])
def test_what_is_no_run_is_not_resumed(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ResumeError, match=r"start a new run|nothing to resume"):
        progress.load(path)


@pytest.mark.parametrize("line", ['{"part": "one"}', '{"part": "one", "clauses": {"a.b": {}}}', "[]"])
def test_what_is_no_share_is_not_taken_for_one(path: Path, line: str) -> None:
    begun(path)
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(ResumeError, match="is not what a run leaves"):
        progress.load(path)


def test_run_is_the_same_if_all_that_was_asked_is(path: Path) -> None:
    begun(path)
    beginning = progress.load(path)
    progress.check(path, beginning, progress.asked(setting()))
    other = replace(CONTRACT, digest="0" * 64)
    with pytest.raises(ResumeError, match="its contract differs"):
        progress.check(path, beginning, progress.asked(setting(contract=other)))


def test_embedded_service_is_the_same_wherever_it_listens(path: Path) -> None:
    elsewhere = embedded_target("http://127.0.0.1:10")
    begun(path, embedded=True)
    progress.check(path, progress.load(path), progress.asked(setting(embedded=True, target=elsewhere)))
    path.unlink()
    begun(path)
    with pytest.raises(ResumeError, match=r"its endpoint differs: .*:9 then, .*:10 now"):
        progress.check(path, progress.load(path), progress.asked(setting(target=elsewhere)))


def test_file_holds_no_token(path: Path) -> None:
    begun(path)
    asked = json.dumps(list(lines.read(path)))
    assert not [token.value for token in setting().target.tokens.values() if token.value in asked]
