"""Histories: when a finding was first and last seen, whether it stands, and whether it came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from reports import __main__ as cli
from reports import store, trending
from reports.history import ABSENT, History, histories
from reports.store import Clause, Latency, Recorded
from tests.verdicts import EVIL, SAMPLE, night, poisoned, unlike

if TYPE_CHECKING:
    from pathlib import Path

ONE = Clause("a.b.one", "one holds", "Table 1", "documented")
OTHER = Clause("a.b.two", "two holds", "Table 2", "implied")
WORDS = {"p": "pass", "f": "fail", "d": "deviation", "s": "skipped", "b": "blocked"}


def runs(one: str, other: str = "", *, target: str = "staging", contract: str = "c" * 64) -> list[Recorded]:
    """Runs of successive days, with the outcomes of two clauses by their first letters."""
    return [
        Recorded(
            operation="restores",
            target=target,
            contract=contract,
            verdict="non-conformant" if "f" in pair else "conformant",
            reason="as it is",
            depth="smoke",
            started=f"2026-11-{day:02}T02:10:00Z",
            sent=400,
            latency=Latency(day / 1000, day / 100, day / 20, day / 10),
            outcomes={ONE.id: WORDS[pair[0]], OTHER.id: WORDS[pair[1]]},
            clauses=(ONE, OTHER),
        )
        for day, pair in enumerate(zip(one, other or "p" * len(one)), start=1)
    ]


def history(one: str, other: str = "", *, last: int = 30) -> History:
    [found] = histories(runs(one, other), last)
    return found


@pytest.mark.parametrize(
    ("outcomes", "first", "last", "broken", "judged", "stretches", "stands"),
    [
        ("ppf", 3, 3, 1, 3, 1, True),
        ("fff", 1, 3, 3, 3, 1, True),
        ("pffp", 2, 3, 2, 4, 1, False),
        ("fpf", 1, 3, 2, 3, 2, True),
        ("fpfp", 1, 3, 2, 4, 2, False),
        ("fsbf", 1, 4, 2, 2, 1, True),
        ("fssp", 1, 1, 1, 2, 1, False),
        ("ffss", 1, 2, 2, 2, 1, True),
        ("fdp", 1, 2, 2, 3, 1, False),
    ],
)
def test_a_finding_is_told_by_the_runs_that_judged_it(
    outcomes: str, first: int, last: int, broken: int, judged: int, stretches: int, stands: bool
) -> None:
    [finding] = history(outcomes).findings
    assert (finding.first[8:10], finding.last[8:10]) == (f"{first:02}", f"{last:02}")
    assert (finding.broken, finding.judged, finding.stretches) == (broken, judged, stretches)
    assert (finding.open, finding.flaps) == (stands, stretches > 1)


@pytest.mark.parametrize("outcomes", ["ppp", "sss", "bsp"])
def test_what_was_never_broken_is_no_finding(outcomes: str) -> None:
    assert history(outcomes).findings == ()


def test_what_stands_comes_first_then_what_came_back() -> None:
    assert [f.clause.id for f in history("fpppp", "ppppf").findings] == [OTHER.id, ONE.id]
    assert [f.clause.id for f in history("fpfpp", "pppfp").findings] == [ONE.id, OTHER.id]
    assert history("fpfpp", "ppppf").headline == "staging: 1 finding open, 1 mended, 1 came back after it was mended"
    assert history("p").headline == "staging: 0 findings open, 0 mended"


def test_the_last_runs_are_shown_and_all_are_counted() -> None:
    found = history("fpppp", "pppfp", last=2)
    assert [run.started[8:10] for run in found.shown] == ["04", "05"]
    assert [(line.clause.id, line.outcomes) for line in found.lines] == [(OTHER.id, ("fail", "pass"))]
    assert found.steady == 1
    assert len(found.findings) == 2
    assert found.span == "5 runs, 2026-11-01 02:10 UTC to 2026-11-05 02:10 UTC"
    assert history("p").span == "1 run, 2026-11-01 02:10 UTC"


def test_targets_are_told_apart() -> None:
    found = histories([*runs("pf"), *runs("fp", target="another")], 30)
    assert [(each.target, each.findings[0].open) for each in found] == [("another", False), ("staging", True)]


def test_a_clause_that_a_contract_does_not_have_is_absent() -> None:
    old = runs("f", contract="d" * 64)
    new = Recorded(**{**vars(runs("pp")[1]), "outcomes": {OTHER.id: "fail"}, "clauses": (OTHER,)})
    [found] = histories([*old, new], 30)
    assert {line.clause.id: line.outcomes for line in found.lines} == {
        ONE.id: ("fail", ABSENT),
        OTHER.id: ("pass", "fail"),
    }
    assert found.remarks == ("The contract changed before 2026-11-02 02:10 UTC (dddddddddddd to cccccccccccc).",)


def test_runs_of_different_depth_are_remarked() -> None:
    mixed = [Recorded(**{**vars(run), "depth": depth}) for run, depth in zip(runs("pp"), ("smoke", "nightly"))]
    assert histories(mixed, 30)[0].remarks[0].startswith("The runs are of different depth (smoke, nightly)")


def test_the_chart_is_as_high_as_the_longest() -> None:
    bars = trending.bars(runs("pppp"))
    assert [bar["slow"] for bar in bars] == [30, 60, 90, trending.HEIGHT]
    assert [bar["median"] for bar in bars] == [3, 6, 9, 12]
    assert bars[-1]["x"] + bars[-1]["width"] <= trending.WIDTH
    assert [bar["x"] for bar in bars] == sorted({bar["x"] for bar in bars})


def test_a_run_that_measured_nothing_has_no_bar() -> None:
    silent = [Recorded(**{**vars(run), "latency": None}) for run in runs("pp")]
    assert trending.bars(silent) == []
    [found] = histories(silent, 30)
    assert "<svg" not in trending.html([found])
    assert "| 400 | - | - | - | - |" in trending.markdown([found])
    assert len(trending.bars([silent[0], runs("pp")[1]])) == 1


@pytest.mark.parametrize(
    ("seconds", "told"), [(None, "-"), (0.0015, "1.5 ms"), (0.0999, "99.9 ms"), (0.1, "100 ms"), (2.0, "2000 ms")]
)
def test_times_are_told_in_milliseconds(seconds: float | None, told: str) -> None:
    assert trending.milliseconds(seconds) == told


def test_the_markdown_tells_findings_and_runs() -> None:
    text = trending.markdown([history("fpf", "pdp")])
    assert (
        "| `a.b.one` Table 1 | open, came back once | 2026-11-01 02:10 UTC | 2026-11-03 02:10 UTC | 2 of 3 runs |"
        in text
    )
    assert "| `a.b.two` Table 2 | mended | 2026-11-02 02:10 UTC | 2026-11-02 02:10 UTC | 1 of 3 runs |" in text
    assert "| 2026-11-03 02:10 UTC | \u2717 Not conformant | smoke | 400 | 3.0 ms | 30.0 ms | 150 ms | 300 ms |" in text
    assert "came back twice" in trending.markdown([history("fpfpf")])
    assert "came back 3 times" in trending.markdown([history("fpfpfpf")])


def test_the_page_has_a_cell_a_run_and_clause_with_its_word() -> None:
    page = trending.html([history("fps", "ppp")])
    for word in ("fail", "pass", "skipped"):
        assert f'<span class="unseen">{word}</span>' in page
    assert "two holds" not in page
    assert "1 clause passed in every run that is shown and is not listed." in page
    assert "2 clauses passed in every run that is shown and are not listed." in trending.html([history("fp", last=1)])


def test_nothing_in_a_verdict_is_taken_for_markup(tmp_path: Path) -> None:
    def kinds(text: str) -> set[str]:
        tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
        return {each.type for token in tokens for each in (token, *(token.children or ()))}

    night(tmp_path, 1, poisoned())
    with store.opened(None) as file:
        store.record_all(file, tmp_path)
        evil = histories(store.recorded(file), 30)
    assert kinds(trending.markdown(evil)) <= kinds(trending.markdown([history("fpf")]))
    page = trending.html(evil)
    assert "<script" not in page
    assert "\x1b" not in page
    assert EVIL[:10] not in page


# -- the command


def test_a_directory_and_a_store_tell_the_same(tmp_path: Path) -> None:
    nights = [night(tmp_path / "n", 1), night(tmp_path / "n", 2, unlike("staging"), seed=2)]
    out = tmp_path / "out"
    out.mkdir()
    assert cli.main(["record", *map(str, nights), "--store", str(tmp_path / "h.sqlite")]) == 0
    for source, name in (("n", "a.html"), ("h.sqlite", "b.html"), ("n", "a.md")):
        assert cli.main(["trend", str(tmp_path / source), "--out", str(out / name)]) == 0
    assert (out / "a.html").read_bytes() == (out / "b.html").read_bytes()
    assert (out / "a.md").read_text(encoding="utf-8").startswith("## staging: 3 findings open")


def test_what_is_no_finished_run_is_left_out_and_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    night(tmp_path, 1)
    (tmp_path / "other.json").write_text('{"schema_version": 7}', encoding="utf-8")
    (tmp_path / "power.json").write_text("{}", encoding="utf-8")
    copied = night(tmp_path, 1).read_text(encoding="utf-8")
    (tmp_path / "baseline.json").write_text(copied, encoding="utf-8")
    broken = night(tmp_path, 2, verdict="unfinished")
    assert cli.main(["trend", str(tmp_path)]) == 0
    out, err = capfd.readouterr()
    assert err == f"reports trend: {broken}: left out, since it is no finished run\n"
    assert "1 run, 2026-11-01 02:10 UTC\n" in out


def test_only_one_target_if_asked(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    night(tmp_path, 1)
    night(tmp_path, 2, unlike("other"))
    assert cli.main(["trend", str(tmp_path), "--target", "other"]) == 0
    assert [line for line in capfd.readouterr().out.splitlines() if line.startswith("## ")] == [
        "## other: 3 findings open, 0 mended"
    ]
    assert cli.main(["trend", str(tmp_path), "--target", "nobody"]) == 2
    assert capfd.readouterr().err == (
        f"reports trend: {tmp_path}: holds no verdict of the target 'nobody' on a finished run\n"
    )


def test_mistakes_end_with_2_and_a_sentence(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    empty, bad = tmp_path / "empty", tmp_path / "bad"
    empty.mkdir()
    night(bad, 1, SAMPLE, seed="x")
    for arguments, complaint in (
        ([str(empty)], f"{empty}: holds no verdict on a finished run"),
        ([str(bad)], f"{bad / '01' / 'verdict.json'}: is no verdict: seed breaks the rule 'type' of its schema"),
        ([str(tmp_path / "none")], f"{tmp_path / 'none'}: is no store: there is no such file"),
        ([str(bad), "--out", "t.csv"], "t.csv: its suffix is that of no format: give --format, one of html, markdown"),
    ):
        assert cli.main(["trend", *arguments]) == 2
        assert capfd.readouterr().err == f"reports trend: {complaint}\n"
    with pytest.raises(SystemExit):
        cli.main(["trend", str(bad), "--last", "0"])
    assert "argument --last: invalid" in capfd.readouterr().err
