"""Verdicts side by side: what tells targets apart comes first, and what cannot be compared is refused in a sentence."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from markdown_it import MarkdownIt

from reports import __main__ as cli
from reports import comparing
from reports.matrix import Column, Matrix, lay_out
from tests.verdicts import EVIL, SAMPLE, poisoned, unlike

if TYPE_CHECKING:
    from pathlib import Path

POWER, PROVIDER = "restores.t4.power_on.type", "restores.t3.provider_id.mandatory"
PROJECT, STATUS = "restores.t1.project_id.mandatory", "restores.s.403"


def sides(*documents: dict[str, Any]) -> Matrix:
    return lay_out([Column(f"vendor {n}", document) for n, document in enumerate(documents, 1)])


TWO = sides(SAMPLE, unlike("second", **{POWER: "pass", PROJECT: "fail", STATUS: "pass"}))


def test_what_one_keeps_and_another_breaks_comes_before_what_was_not_judged_everywhere() -> None:
    assert [row.id for row in TWO.differing] == [PROJECT, POWER, STATUS]
    assert [row.contested for row in TWO.differing] == [True, True, False]


def test_what_differs_stands_in_the_order_of_the_contract_where_nothing_else_tells() -> None:
    changed = sides(SAMPLE, unlike("second", **{PROJECT: "blocked", POWER: "pass", PROVIDER: "pass"}))
    assert [row.id for row in changed.differing] == [PROVIDER, POWER, PROJECT]


def test_what_is_alike_is_broken_by_all_or_kept_by_all() -> None:
    assert PROVIDER in [row.id for row in TWO.broken]
    assert [row.id for row in TWO.kept] == ["restores.t3.restore_target.mandatory", "restores.a.strict_json"]
    assert TWO.headline == "2 targets, 9 clauses: 3 clauses tell them apart, 2 kept by all, 4 alike and not kept"
    assert sides(SAMPLE, unlike("other")).headline.startswith("2 targets, 9 clauses: 0 clauses tell them apart")


def test_open_points_are_told_by_target_what_differs_first() -> None:
    one = SAMPLE | {"observations": [point("a", "x"), point("b", "x"), point("b", "w")]}
    two = unlike("other") | {"observations": [point("a", "x"), point("b", "z"), point("c", "z")]}
    rows = [(row.point, row.seen) for row in sides(one, two).points]
    assert rows == [("b", ("w; x", "z")), ("c", ("not asked", "z")), ("a", ("x", "x"))]


def point(name: str, seen: str) -> dict[str, Any]:
    return {"point": name, "seen": seen, "cases": 1}


def test_what_the_runs_differ_in_is_remarked() -> None:
    one, other = unlike("one"), unlike("other")
    one["requests"]["accidents"] = other["requests"]["accidents"] = 0
    assert sides(one, other).remarks == ()
    other |= {"depth": "smoke", "fail_on": "documented"}
    other["target"]["consent"] = False
    depth, strength, consent = sides(one, other).remarks
    assert depth.startswith("The runs differ in their depth (vendor 1 standard, vendor 2 smoke)")
    assert strength.startswith("The runs differ in their strength that fails a run (vendor 1 implied, vendor 2 doc")
    assert consent == "No restoration was allowed at vendor 2: what needs one was not asked there."


def test_accidents_are_told_before_the_rest() -> None:
    other = unlike("other") | {"depth": "smoke"}
    del other["requests"]["accidents"]
    accident, _ = sides(SAMPLE, other).remarks
    assert accident == "vendor 1: 1 restoration may have been started that the suite did not mean to start."


def test_a_clause_that_one_verdict_does_not_have_was_not_judged_there() -> None:
    other = unlike("other")
    other["clauses"] = [clause for clause in other["clauses"] if clause["id"] != PROJECT]
    (row,) = sides(SAMPLE, other).differing
    assert (row.id, row.cells[1].outcome) == (PROJECT, "skipped")


def test_the_table_has_a_row_a_clause_and_an_open_point_and_a_column_a_target() -> None:
    head, *rows = csv.reader(io.StringIO(comparing.to_csv(TWO)))
    assert head[:7] == ["kind", "id", "place", "strength", "differs", "vendor 1", "vendor 2"]
    assert all(len(row) == len(head) for row in rows)
    assert rows[1][:7] == ["clause", POWER, "Table 4, row power_on", "documented", "yes", "fail", "pass"]
    assert rows[1][7] == "no answer came to a power_on of type string"
    assert rows[-1][:2] == ["open point", "unknown members"]
    assert len(rows) == len(SAMPLE["clauses"]) + 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_is_a_formula(start: str) -> None:
    bad = unlike("other") | {"observations": [point(f"{start}1", f"{start}HYPERLINK(1)")]}
    matrix = lay_out([Column(f"{start}a", bad), Column("b", SAMPLE)])
    cells = [cell for row in csv.reader(io.StringIO(comparing.to_csv(matrix))) for cell in row]
    assert sum(cell.startswith(f"'{start}") for cell in cells) == 4
    assert not [cell for cell in cells if cell.startswith(start)]


def test_the_markdown_is_a_table_a_part() -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(comparing.markdown(TWO))
    heads = [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "th_open"]
    assert heads == ["Run", "vendor 1", "vendor 2", *["Clause", "vendor 1", "vendor 2"] * 2, "Question", *heads[-2:]]
    assert "| \u2717 fail 1 of 48 | \u2713 pass |" in comparing.markdown(TWO)


def test_nothing_in_a_verdict_is_taken_for_markup() -> None:
    def kinds(matrix: Matrix) -> set[str]:
        tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(comparing.markdown(matrix))
        return {each.type for token in tokens for each in (token, *(token.children or ()))}

    evil = lay_out([Column(EVIL, poisoned()), Column("sound", SAMPLE)])
    assert kinds(evil) <= kinds(TWO)
    assert "<script" not in comparing.html(evil)
    for form in comparing.FORMATS.values():
        assert "\x1b" not in form(evil)
        assert form(evil).encode("utf-8")


# -- the command


def written(path: Path, document: dict[str, Any]) -> str:
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


@pytest.fixture
def two(tmp_path: Path) -> tuple[str, str]:
    return written(tmp_path / "a.json", SAMPLE), written(tmp_path / "b.json", unlike("other"))


@pytest.mark.parametrize(
    ("options", "start"),
    [
        (["m.html"], "<!doctype html>"),
        (["m.md"], "## 2 targets"),
        (["m.CSV"], "kind,id"),
        (["m.txt", "--format", "csv"], "kind,id"),
        (["m.md", "--format", "html"], "<!doctype html>"),
    ],
)
def test_the_suffix_says_the_format_unless_it_is_given(
    tmp_path: Path, two: tuple[str, str], options: list[str], start: str
) -> None:
    name, *others = options
    assert cli.main(["compare", *two, "--out", str(tmp_path / name), *others]) == 0
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["a.json", "b.json", name])


def test_markdown_comes_on_the_standard_output(two: tuple[str, str], capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert cli.main(["compare", *two]) == 0
    assert capfdbinary.readouterr().out.decode().startswith("## 2 targets")


def test_targets_are_called_as_asked(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    release = unlike("staging") | {"started": "2026-11-25T02:10:00Z"}
    old, new = written(tmp_path / "a=1.json", SAMPLE), written(tmp_path / "b.json", release)
    assert cli.main(["compare", old, f"release 8={new}"]) == 0
    assert "| Run | staging | release 8 |" in capfdbinary.readouterr().out.decode()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"operation": "backups"}, "is a verdict on backups, and {a} one on restores"),
        (
            {"contract": {"title": "x", "digest": "c" * 64}},
            "was judged by another contract than {a} (cccccccccccc, not abababababab)",
        ),
        ({}, "is the same run as {a}"),
        ({"seed": 1}, "is on the target 'staging' as {a} is: name them apart, as in LABEL={b}"),
        ({"seed": 1, "verdict": "unfinished", "target": unlike("x")["target"]}, "is no finished run ("),
        ({"seed": 1, "verdict": "error", "target": unlike("x")["target"]}, "is no finished run ("),
        ({"seed": "1"}, "is no verdict: seed breaks the rule 'type' of its schema"),
        ({"schema_version": 2}, "is a verdict of version 2, not 1"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, Any], complaint: str
) -> None:
    one, two = written(tmp_path / "a.json", SAMPLE), written(tmp_path / "b.json", SAMPLE | change)
    assert cli.main(["compare", one, two, "--out", str(tmp_path / "m.html")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"reports compare: {two}: {complaint.format(a=one, b=two)}")
    assert err.count("\n") == 1
    assert not (tmp_path / "m.html").exists()


def test_other_mistakes_are_told_in_a_sentence_too(
    tmp_path: Path, two: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, complaint in (
        (two[:1], "two verdicts or more are needed"),
        ((two[0], str(tmp_path)), f"{tmp_path}: cannot be read: Is a directory"),
        ((two[0], "nowhere.json"), "nowhere.json: cannot be read: No such file or directory"),
        ((*two, "--out", "m.pdf"), "m.pdf: its suffix is that of no format: give --format, one of html, markdown, csv"),
        ((*two, "--out", str(tmp_path / "no" / "m.md")), f"{tmp_path}/no/m.md: cannot be written: No such file"),
    ):
        assert cli.main(["compare", *arguments]) == 2
        assert capsys.readouterr().err.startswith(f"reports compare: {complaint}")
