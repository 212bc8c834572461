"""Declared deviations: when they end, and the file that is drafted from a run and filled in by a person."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import contracts
from suites import __main__ as cli
from suites.deviations import Deviation, DeviationError, load
from tests.power import run as run_in_process

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Callable

    Save = Callable[..., Path]

ROOT = Path(__file__).parent.parent
CONTRACT = contracts.load()
SAMPLE = json.loads((Path(__file__).parent / "data" / "verdict.json").read_text(encoding="utf-8"))
FAILING = ["restores.t3.provider_id.mandatory", "restores.t4.power_on.type"]
TODAY = date(2026, 11, 24)


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Writes a verdict, with changes, to ``tmp_path/verdict.json``."""

    def _save(document: dict[str, Any] | None = None, **changes: Any) -> Path:
        path = tmp_path / "verdict.json"
        path.write_text(json.dumps((document or SAMPLE) | changes), encoding="utf-8")
        return path

    return _save


@pytest.mark.parametrize(("ahead", "expired"), [(-1, True), (0, False), (1, False)])
def test_it_excuses_up_to_its_last_day(ahead: int, expired: bool) -> None:
    deviation = Deviation("c", "r", "t", TODAY + timedelta(days=ahead))
    assert deviation.expired(TODAY) is expired
    assert deviation.days_left(TODAY) == ahead


ENTRY = {"clause": '"restores.t3.provider_id.type"', "reason": '"r"', "reference": '"T-1"', "expires": "2999-01-01"}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({}, None),
        ({"reason": '""'}, "deviation 1 (restores.t3.provider_id.type): reason is empty: a person has to fill it in"),
        ({"reason": '" \\n"'}, "reason is empty"),
        ({"reference": '""'}, "reference is empty"),
        ({"reason": "7"}, "deviation 1: reason must be a text"),
        ({"expires": '"2999-01-01"'}, "expires must be a date such as 2027-01-31"),
        ({"expires": "2999-01-01T00:00:00"}, "expires must be a date"),
        ({"expires": "0"}, "expires must be a date"),
    ],
)
def test_an_entry_is_whole_or_refused(tmp_path: Path, change: dict[str, str], complaint: str | None) -> None:
    path = tmp_path / "deviations.toml"
    lines = [f"{key} = {value}" for key, value in (ENTRY | change).items()]
    path.write_text("\n".join(["[[deviation]]", *lines]), encoding="utf-8")
    if complaint is None:
        assert list(load(path, CONTRACT)) == ["restores.t3.provider_id.type"]
        return
    with pytest.raises(DeviationError, match=re.escape(complaint)):
        load(path, CONTRACT)


def test_a_draft_has_one_entry_for_each_failing_clause(save: Save, capsys: pytest.CaptureFixture[str]) -> None:
    before = datetime.now(timezone.utc).date()
    assert cli.main(["deviations", str(save())]) == 0
    text = capsys.readouterr().out
    entries = tomllib.loads(text)["deviation"]
    assert [each["clause"] for each in entries] == FAILING
    assert {(each["reason"], each["reference"]) for each in entries} == {("", "")}
    assert all(timedelta(90) <= each["expires"] - before <= timedelta(91) for each in entries)
    assert "# fails in 4 of 12 cases: a body without provider_id was accepted with 200\n[[deviation]]\n" in text


def test_only_what_counts_is_drafted(save: Save, capsys: pytest.CaptureFixture[str]) -> None:
    document = copy.deepcopy(SAMPLE)
    document["clauses"][1]["strength"] = "advisory"
    assert cli.main(["deviations", str(save(document))]) == 0
    assert [each["clause"] for each in tomllib.loads(capsys.readouterr().out)["deviation"]] == FAILING[1:]
    assert cli.main(["deviations", str(save(document, fail_on="advisory"))]) == 0
    assert [each["clause"] for each in tomllib.loads(capsys.readouterr().out)["deviation"]] == FAILING


def test_a_draft_is_refused_until_a_person_has_filled_it_in(save: Save, tmp_path: Path) -> None:
    out = tmp_path / "deviations.toml"
    verdict = run_in_process(["provider-id-value-unchecked"])
    assert cli.main(["deviations", str(save(verdict)), "--out", str(out)]) == 0
    drafted = out.read_text(encoding="ascii")
    with pytest.raises(DeviationError, match=r"\(restores\.t3\.provider_id\.value\): reason is empty: a person has"):
        load(out, CONTRACT)
    out.write_text(drafted.replace('reason = ""', 'reason = "r"'), encoding="ascii")
    with pytest.raises(DeviationError, match="reference is empty"):
        load(out, CONTRACT)
    out.write_text(drafted.replace('= ""', '= "filled in"'), encoding="ascii")
    assert list(load(out, CONTRACT)) == ["restores.t3.provider_id.value"]


@pytest.mark.parametrize(
    "hostile",
    [
        'ends here"\n[[deviation]]\nclause = "restores.t3.provider_id.type"',
        "\r\n\v\f\x1c\x85\u2028\u2029[[deviation]]",
        "".join(map(chr, [*range(0x20), 0x7F, *range(0x80, 0xA0)])),
        "'''\"\"\"\\u0000 # = {}",
        "\ud800\udfff \u202e \U000e0041 \u00e9 \u4e2d \U0001f600",
        "x" * 1_000_000,
        "",
    ],
    ids=["entry", "line-ends", "controls", "quotes", "unicode", "long", "empty"],
)
def test_nothing_that_a_target_said_can_break_the_draft(
    save: Save, capsys: pytest.CaptureFixture[str], hostile: str
) -> None:
    document = copy.deepcopy(SAMPLE)
    document["target"]["name"] = hostile
    for clause in document["clauses"]:
        clause.update(statement=hostile, reason=hostile)
    assert cli.main(["deviations", str(save(document))]) == 0
    text = capsys.readouterr().out
    assert [each["clause"] for each in tomllib.loads(text)["deviation"]] == FAILING
    assert text.isascii()
    assert max(map(len, text.splitlines())) < 3000


def test_a_file_that_is_there_is_only_written_over_by_force(
    save: Save, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict, out = str(save()), tmp_path / "deviations.toml"
    out.write_text("filled in with care", encoding="utf-8")
    assert cli.main(["deviations", verdict, "--out", str(out)]) == 2
    assert capsys.readouterr().err == f"suites deviations: {out}: is there already, and --force was not given\n"
    assert out.read_text(encoding="utf-8") == "filled in with care"
    assert cli.main(["deviations", verdict, "--out", str(out), "--force"]) == 0
    assert len(tomllib.loads(out.read_text(encoding="utf-8"))["deviation"]) == 2


PASSING = [clause for clause in SAMPLE["clauses"] if clause["outcome"] != "fail"]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"clauses": PASSING}, "no clause that counts fails: there is nothing to declare"),
        ({"clauses": []}, "no clause that counts fails"),
        ({"verdict": "error"}, "is no finished run (2 of 8 clauses fail"),
        ({"verdict": "unfinished"}, "is no finished run (2 of 8 clauses fail"),
        ({"schema_version": 7}, "is a verdict of version 7, not 1"),
        ({"clauses": {}}, "is no verdict: a value stands where a list belongs"),
    ],
)
def test_what_has_nothing_to_declare_ends_with_2_and_a_sentence(
    save: Save, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], complaint: str
) -> None:
    path = save(**changes)
    assert cli.main(["deviations", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"suites deviations: {path}: ")
    assert complaint in err
    assert err.count("\n") == 1


def test_the_command_line_ends_with_2_and_a_sentence(tmp_path: Path, save: Save) -> None:
    for arguments, complaint in (
        (["absent.json"], "absent.json: cannot be read: No such file or directory"),
        (["README.md"], "README.md: is no verdict: it is not JSON"),
        ([str(save()), "--out", str(tmp_path / "absent" / "x.toml")], "x.toml: cannot be written: No such file"),
        ([str(save()), "--out", str(tmp_path), "--force"], "cannot be written: Is a directory"),
        ([], "the following arguments are required: VERDICT"),
    ):
        command = [sys.executable, "-m", "suites", "deviations", *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 2
        assert complaint in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
