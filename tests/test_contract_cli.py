"""``python -m contracts``: what it writes, what it tells, and how it ends."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contracts import __main__ as cli
from contracts import store

PAGES = Path(__file__).parent / "pages"
PAGE = PAGES / "restores.rst"
TEXT = PAGE.read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the committed decisions and nothing else."""
    folder = tmp_path / "contracts" / "restores"
    folder.mkdir(parents=True)
    shutil.copy(store.ROOT / "restores" / store.READINGS, folder)
    return folder


def changed(tmp_path: Path, *edits: tuple[str, str]) -> str:
    """The page with edits, each of a text that stands in it once."""
    text = TEXT
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = tmp_path / "page.rst"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_derive_writes_what_is_committed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    codes = str(PAGES / "error_codes.rst")
    assert cli.main(["derive", str(PAGE), "--out", str(folder), "--error-codes", codes]) == cli.SAME
    committed = store.ROOT / "restores"
    names = sorted(path.relative_to(committed) for path in committed.rglob("*") if path.is_file())
    assert sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file()) == names
    for name in names:
        assert (folder / name).read_bytes() == (committed / name).read_bytes()
    assert (folder.parent / store.CODES).read_bytes() == (store.ROOT / store.CODES).read_bytes()
    out = capsys.readouterr().out
    assert f"{folder}: 7 files, 98 clauses" in out
    assert out.count("document defect") == 5
    assert "no reading" not in out


def test_derive_without_a_folder_tells_what_the_page_comes_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["derive", str(PAGES / "towers.rst")]) == cli.SAME
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "listing_the_towers: GET /v2/{project_id}/towers, 8 tables, 58 clauses"
    assert "listing_the_towers.t2.limit.value (documented): limit must be from 1 to 100" in out
    assert "constraint of Table 4, height (line 92): range 0, 900" in out
    assert "constraint of Table 4, height (line 92): integer" in out
    assert any(line.startswith("document defect table_8.caption (no reading): Table 8: ") for line in out)


def test_derive_takes_the_name_and_decisions_of_the_contract_with_the_title(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["derive", str(PAGE)]) == cli.SAME
    out = capsys.readouterr().out
    assert out.startswith("restores: POST /v1/{project_id}/restores, 11 tables, 98 clauses\n")
    assert "no reading" not in out


def test_derive_tells_every_refused_place_and_where_to_decide(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = PAGES / "labels.rst"
    assert cli.main(["derive", str(page), "--out", str(tmp_path)]) == cli.UNREADABLE
    captured = capsys.readouterr()
    assert (captured.out, list(tmp_path.iterdir())) == ("", [])
    readings = tmp_path / store.READINGS
    assert captured.err.splitlines() == [
        f"contracts derive: {page}:{line}: {place}; decide in {readings}: {decide}"
        for line, place, decide in (
            (
                23,
                "Table 1, Content-type: prose in the type cell",
                "its type, and its fixed value if it has one",
            ),
            (
                50,
                "Table 3, how: unknown type 'style'",
                "its type, or that it is an object of which nothing is said (Dict)",
            ),
            (
                51,
                "Table 3, times: a range of whole numbers of type 'String'",
                "its type, or that it is read without the range",
            ),
            (66, "Table 5: no row of the request is of type Ink", "which row's type it is, or that it is unused"),
        )
    ]


def test_error_codes_need_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["derive", str(PAGE), "--error-codes", str(PAGES / "error_codes.rst")]) == cli.UNREADABLE
    assert "beside the folder of --out" in capsys.readouterr().err


def test_derive_does_without_decisions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["derive", str(PAGE), "--out", str(tmp_path / "new")]) == cli.SAME
    assert "(no reading)" in capsys.readouterr().out
    assert not (tmp_path / store.CODES).exists()


def test_a_page_that_cannot_be_read_leaves_the_folder_alone(folder: Path, tmp_path: Path) -> None:
    page = changed(tmp_path, ("| power_on           | Yes       ", "| power_on           | Maybe     "))
    assert cli.main(["derive", page, "--out", str(folder)]) == cli.UNREADABLE
    assert [path.name for path in folder.iterdir()] == [store.READINGS]


def test_check_says_that_nothing_differs(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", str(PAGE)]) == cli.SAME
    assert capsys.readouterr().out == "restores: the page says what the committed contract says\n"


DIFFERENCES: dict[str, tuple[tuple[str, str], str]] = {
    "mandatory": (
        ("| restore_target | No        |", "| restore_target | Yes       |"),
        "Table 3, restore_target: mandatory was No, page says Yes",
    ),
    "type": (
        ("| power_on           | Yes       | Boolean        |", "| power_on           | Yes       | String         |"),
        "Table 4, power_on: type was Boolean, page says String",
    ),
    "row gone": (
        ("volume_id Yes       String The disk that takes it", ""),
        "Table 6, volume_id: was there, page lacks it",
    ),
    "row renamed": (
        ("volume_id Yes       String", "target_id Yes       String"),
        "Table 6, target_id: is new on the page",
    ),
    "table renumbered": (("**Table 11** ", "**Table 12** "), "Table 12: is new on the page"),
    "status": (("   503         Not now", "   504         Not now"), "Status Codes, Abnormal: 504 is new on the page"),
    "statuses": (
        (
            "   400         Not understood\n   401         Not known",
            "   401         Not known\n   400         Not understood",
        ),
        "Status Codes, Abnormal: the statuses are in another order",
    ),
    "success": (("   200         ", "   202         "), "Status Codes, Normal: 200 was there, page lacks it"),
    "path": (
        ("/v1/{project_id}/restores\n\n", "/v2/{project_id}/restores\n\n"),
        "URI format, path was /v1/{project_id}/restores, page says /v2/{project_id}/restores",
    ),
    "method": (
        (
            "   POST https://{endpoint}/v1/{project_id}/restores\n\n",
            "   PUT https://{endpoint}/v1/{project_id}/restores\n\n",
        ),
        "URI format, method was POST, page says PUT",
    ),
    "title": (
        ("Creating a Restoration Task\n", "Restoring a Server\n"),
        "Title was Creating a Restoration Task, page says Restoring a Server",
    ),
    "request line": (
        (
            "POST https://{endpoint}/v1/{project_id}/restores\n      {",
            "PUT https://{endpoint}/v1/{project_id}/restores\n      {",
        ),
        "Example request, line 1 was POST /v1/{project_id}/restores, page says PUT /v1/{project_id}/restores",
    ),
    "example": (
        ('"status" : "in_progress"', '"status" : "success"'),
        'Example response, line 4: was "status" : "in_progress",, page says "status" : "success",',
    ),
}


@pytest.mark.parametrize(("edit", "line"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_check_tells_each_difference(
    edit: tuple[str, str], line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", changed(tmp_path, edit)]) == cli.DIFFERENT
    assert line in capsys.readouterr().out.splitlines()


def test_check_tells_of_a_fixed_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.rst"
    page.write_text(re.sub(r"value is \*\*fc4d", "value is **0c4d", TEXT, count=1), encoding="utf-8")
    assert cli.main(["check", str(page)]) == cli.DIFFERENT
    value = "c4d5750-22e7-4798-8a46-f48f62c4c1da"
    assert capsys.readouterr().out == f"Table 3, provider_id: fixed value was f{value}, page says 0{value}\n"


def test_check_tells_of_rows_in_another_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = re.findall(r"      (?:backup|volume)_id Yes .*\n", TEXT)
    page = changed(tmp_path, ("".join(rows), "".join(reversed(rows))))
    assert cli.main(["check", page]) == cli.DIFFERENT
    assert capsys.readouterr().out == "Table 6: the rows are in another order\n"


def test_check_tells_of_an_example_that_is_gone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start, end = TEXT.index("-  Example response"), TEXT.index("Status Codes\n---")
    page = tmp_path / "page.rst"
    page.write_text(TEXT[:start] + TEXT[end:], encoding="utf-8")
    assert cli.main(["check", str(page)]) == cli.DIFFERENT
    assert capsys.readouterr().out == "Example response: was there, page lacks it\n"


def test_check_tells_where_nothing_can_be_derived(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = changed(tmp_path, ("volume_id Yes       String ", "volume_id Yes       Strang "))
    assert cli.main(["check", page]) == cli.DIFFERENT
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "Table 6, volume_id: type was String, page says Strang"
    assert re.fullmatch(r"nothing can be derived from the page: Table 6, volume_id \(line \d+\): .*'Strang'", out[1])


def test_check_tells_of_a_schema_that_was_edited_by_hand(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(store.ROOT / "restores", folder, dirs_exist_ok=True)
    shutil.copy(store.ROOT / store.CODES, folder.parent)
    schema = folder / "request.schema.json"
    schema.write_text(schema.read_text(encoding="utf-8").replace('"boolean"', '"string"'), encoding="utf-8")
    monkeypatch.setattr(store, "ROOT", folder.parent)
    assert cli.main(["check", str(PAGE)]) == cli.DIFFERENT
    assert capsys.readouterr().out.startswith("request.schema.json: the committed schema is not")


@pytest.mark.parametrize("command", [["check"], ["derive", "--out", "unused"]])
def test_what_cannot_be_read_is_one_sentence(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    latin = tmp_path / "latin.rst"
    latin.write_bytes(b"caf\xe9")
    broken = changed(tmp_path, ("| restore_target | No        |", "| restore_target | Perhaps   |"))
    line = TEXT[: TEXT.index("| restore_target | No")].count("\n") + 1
    for page, says in (
        (str(tmp_path / "none.rst"), "none.rst: No such file or directory"),
        (str(tmp_path), "Is a directory"),
        (str(latin), "latin.rst: not UTF-8 at byte 3"),
        (broken, f"page.rst:{line}: expected Yes or No as Mandatory of 'restore_target', found 'Perhaps'"),
    ):
        assert cli.main([*command, page]) == cli.UNREADABLE
        captured = capsys.readouterr()
        assert (captured.out, captured.err.count("\n")) == ("", 1)
        assert captured.err.startswith(f"contracts {command[0]}: ")
        assert says in captured.err


def test_the_appendix_may_be_unreadable_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["derive", str(PAGE), "--out", str(folder), "--error-codes", str(PAGE)]
    assert cli.main(arguments) == cli.UNREADABLE
    assert "expected one table of error codes" in capsys.readouterr().err


def test_derive_tells_what_it_cannot_derive_or_write(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "examples").write_text("in the way", encoding="utf-8")
    page = changed(tmp_path, ("volume_id Yes       String ", "volume_id Yes       Strang "))
    for arguments, says in (
        ([page, "--out", str(folder)], "unknown type 'Strang'"),
        ([str(PAGE), "--out", str(folder), "--operation", "A B"], "lower-case letters"),
        ([str(PAGE), "--out", str(folder)], "request.json: File exists"),
    ):
        assert cli.main(["derive", *arguments]) == cli.UNREADABLE
        assert says in capsys.readouterr().err


def test_unknown_operation(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", str(PAGE), "--operation", "bells"]) == cli.UNREADABLE
    assert "no contract of this name (there are: " in capsys.readouterr().err


def test_bad_arguments_end_as_argparse_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["check"], ["derive"], ["survey"], ["guess", str(PAGE)]):
        with pytest.raises(SystemExit) as caught:
            cli.main(arguments)
        assert caught.value.code == cli.UNREADABLE
    assert "usage: python -m contracts" in capsys.readouterr().err


def test_without_docutils_it_says_how_to_get_it() -> None:
    code = (
        "import runpy, sys; sys.modules['docutils'] = None; "
        f"sys.argv = ['contracts', 'check', {str(PAGE)!r}]; runpy.run_module('contracts', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=store.ROOT.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == cli.UNREADABLE
    assert "pip install docutils" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "contracts", "check", str(PAGE)],
        cwd=store.ROOT.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (cli.SAME, "")


def test_a_reader_that_has_seen_enough_ends_it_quietly() -> None:
    command = [sys.executable, "-m", "contracts", "derive", str(PAGE)]
    with subprocess.Popen(
        command, cwd=store.ROOT.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as done:
        assert done.stdout is not None
        done.stdout.close()
        assert done.stderr is not None
        assert (done.stderr.read(), done.wait()) == ("", cli.SAME)
