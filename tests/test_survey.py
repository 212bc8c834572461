"""A survey tells the state of every page of a document, and its defects as a report in two forms."""

from __future__ import annotations

import html.parser
import shutil
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from contracts import __main__ as cli
from contracts import defect_report, sources, store, surveying
from contracts.model import Defect, Reading
from contracts.surveying import PageState, Survey, survey

PAGES = Path(__file__).parent / "pages"
READINGS = "labelling_a_bell/readings.toml"
DECISIONS = """
[[decision]]
places = ["Table 1, Content-type"]
type = "String"
fixed = "application/json"
reason = "The cells stand one column to the left."
[[decision]]
places = ["Table 3, how"]
type = "Dict"
reason = "No table describes it."
[[decision]]
places = ["Table 3, times"]
without = ["range"]
reason = "It is sent as a String."
[[decision]]
places = ["Table 5"]
unused = true
reason = "Nothing is of type Ink."
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where contracts are: one that has decided about the labels."""
    folder = tmp_path / "contracts" / "labelling_a_bell"
    folder.mkdir(parents=True)
    (folder / store.READINGS).write_text(DECISIONS, encoding="utf-8")
    return folder.parent


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A document of five pages in two folders, one of them beyond reading."""
    folder = tmp_path / "pages"
    (folder / "more").mkdir(parents=True)
    for name in ("small.rst", "labels.rst", "error_codes.rst"):
        shutil.copy(PAGES / name, folder)
    shutil.copy(PAGES / "towers.rst", folder / "more")
    text = (PAGES / "small.rst").read_text(encoding="utf-8")
    (folder / "more" / "broken.rst").write_text(text.replace("| Yes       | Integer", "| Often     | Integer"), "utf-8")
    return folder


def test_every_page_is_accounted_for(pages: Path, root: Path) -> None:
    found = survey(pages, root)
    assert found.others == ("error_codes.rst",)
    states = {page.file: (page.operation, page.tables, len(page.refusals)) for page in found.pages}
    assert states == {
        "labels.rst": ("labelling_a_bell", 5, 4),
        "more/broken.rst": ("", 0, 0),
        "more/towers.rst": ("listing_the_towers", 8, 0),
        "small.rst": ("ringing_a_bell", 4, 0),
    }
    assert [page.file for page in found.pages if page.trouble] == ["more/broken.rst"]


def test_a_survey_is_a_table_and_what_was_decided(
    pages: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(store, "ROOT", root)
    (pages / "more" / "broken.rst").unlink()
    text = (pages / "small.rst").read_text(encoding="utf-8")
    small = tmp_path / "small.rst"
    small.write_text(text.replace("   503         Out", "   500         Out"), encoding="utf-8")
    assert cli.main(["derive", str(small), "--out", str(root / "ringing_a_bell")]) == cli.SAME
    capsys.readouterr()
    assert cli.main(["survey", str(pages)]) == cli.SAME
    assert capsys.readouterr().out.splitlines() == [
        "page             operation           tables  clauses  defects  refused  contract  state",
        "labels.rst       labelling_a_bell         5       29        4        4  none      derived, as decided",
        "more/towers.rst  listing_the_towers       8       58        5        0  none      derived",
        "small.rst        ringing_a_bell           4       37        1        0  differs   derived",
        "",
        "3 operations, 3 derived; no operation: error_codes.rst",
        "labels.rst:23: Table 1, Content-type: prose in the type cell",
        f"    decided in {READINGS}: of type String, always application/json; The cells stand one column to the left.",
        "labels.rst:50: Table 3, how: unknown type 'style'",
        f"    decided in {READINGS}: of type Dict; No table describes it.",
        "labels.rst:51: Table 3, times: a range of whole numbers of type 'String'",
        f"    decided in {READINGS}: without the range; It is sent as a String.",
        "labels.rst:66: Table 5: no row of the request is of type Ink",
        f"    decided in {READINGS}: unused; Nothing is of type Ink.",
    ]


def test_what_is_left_to_decide_makes_the_difference(
    pages: Path, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(store, "ROOT", root)
    readings = root / "labelling_a_bell" / store.READINGS
    readings.write_text(DECISIONS[: DECISIONS.index('[[decision]]\nplaces = ["Table 5"]')], encoding="utf-8")
    assert cli.main(["survey", str(pages)]) == cli.DIFFERENT
    out = capsys.readouterr().out
    assert "refused\n" in out
    assert "unreadable\n" in out
    assert "more/broken.rst:38: expected Yes or No as Mandatory of 'strokes', found 'Often'" in out
    assert (
        "labels.rst:66: Table 5: no row of the request is of type Ink\n"
        "    to be decided in labelling_a_bell/readings.toml: which row's type it is, or that it is unused\n"
    ) in out


def test_a_decision_that_the_page_gives_no_occasion_for_is_told(pages: Path, root: Path) -> None:
    readings = root / "labelling_a_bell" / store.READINGS
    readings.write_text(DECISIONS.replace("Table 5", "Table 6"), encoding="utf-8")
    lines = list(surveying.lines(survey(pages, root)))
    assert "labels.rst: decision Table 6: the page has no such place" in lines


def test_a_folder_without_pages_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        assert cli.main(["survey", str(folder)]) == cli.UNREADABLE
        assert capsys.readouterr().err == f"contracts survey: {folder}: no pages (.rst) below it\n"


def test_the_report_is_written_in_both_forms(
    pages: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(store, "ROOT", root)
    out = tmp_path / "out"
    cli.main(["survey", str(pages), "--defects", str(out)])
    assert capsys.readouterr().out.endswith(f"document defects: {out / 'defects.md'} and {out / 'defects.html'}\n")
    cells = cells_of(out / "defects.html")
    assert cells == markdown_cells(out / "defects.md")
    assert cells[cells.index("23") :][:3] == ["23", "Table 1, Content-type", "prose in the type cell"]
    assert "of type String, always application/json (The cells stand one column to the left.)" in cells
    assert "not decided" in cells


class _Cells(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._open = tag in {"td", "th"}
        if self._open:
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if self._open:
            self.cells[-1] += data


def cells(text: str) -> list[str]:
    parser = _Cells()
    parser.feed(text)
    return parser.cells


def cells_of(path: Path) -> list[str]:
    return cells(path.read_text(encoding="utf-8"))


def markdown_cells(path: Path) -> list[str]:
    return cells(MarkdownIt().enable("table").render(path.read_text(encoding="utf-8")))


HOSTILE = "<script>alert(1)</script> | *a* `b` [c](d) &amp; \\x <img src=x> \n| e"


def test_whatever_stands_in_a_defect_is_shown_as_text() -> None:
    defect = Defect("x.type", HOSTILE, HOSTILE, "x.type", 3)
    reading = Reading("x.type", HOSTILE, HOSTILE, HOSTILE)
    found = Survey((PageState(HOSTILE, HOSTILE, defects=(defect,), readings=(reading,)),), ())
    plain = " ".join(HOSTILE.split())
    page, text = defect_report.html(found), MarkdownIt().enable("table").render(defect_report.markdown(found))
    for shown in (page, text):
        assert "<script" not in shown
        assert "<img" not in shown
        assert [" ".join(cell.split()) for cell in cells(shown)][-4:] == ["3", plain, plain, f"{plain} ({plain})"]


def test_a_page_in_trouble_and_a_page_without_defects_are_told_too() -> None:
    found = Survey((PageState("a.rst", trouble="a.rst:3: odd"), PageState("b.rst", "B")), ())
    for report in (defect_report.html(found), defect_report.markdown(found)):
        assert "Nothing could be derived: a.rst:3: odd" in report
        assert "No defects were found." in report
        assert "0 defects on 1 of 2 pages." in report


def test_contracts_are_found_by_title_and_else_by_the_only_uri() -> None:
    page = sources.read_page(PAGES / "restores.rst")
    assert sources.operation_of(page, store.ROOT) == "restores"
    assert sources.contract_of(page, store.ROOT) == "restores"
    tower = sources.read_page(PAGES / "towers.rst")
    assert sources.operation_of(tower, store.ROOT) == sources.contract_of(tower, store.ROOT) == "listing_the_towers"
