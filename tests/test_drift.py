"""Each change between two versions is told with its direction and whom it breaks."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from contracts import __main__ as cli
from contracts import store
from contracts.drift import Version, drift
from contracts.model import Constraint, Idiom, Page, Row, Side, Table
from contracts.reading import read_page
from contracts.resolving import resolve

PAGES = Path(__file__).parent / "pages"
SMALL = read_page((PAGES / "small.rst").read_text(encoding="utf-8"), "small.rst")
TEXT = (PAGES / "restores.rst").read_text(encoding="utf-8")
ENUM, RANGE = Idiom.ENUM, Idiom.RANGE


def version(*tables: Table, page: Page = SMALL) -> Version:
    page = replace(page, tables=(SMALL.tables[0], *tables))
    return Version(page, resolve(page))


def side(side: Side, *rows: Row, number: int = 2, subject: str = "") -> Table:
    return Table(number, side, subject, rows)


def row(kind: str = "String", *constraints: Constraint, mandatory: bool | None = True) -> Row:
    return Row("tone", kind, mandatory, constraints)


def enum(*values: str) -> Constraint:
    return Constraint(ENUM, values)


def between(low: int, high: int) -> Constraint:
    return Constraint(RANGE, (low, high))


BOTH = "clients and servers"
OTHER = Row("other", "String", mandatory=False)
A, B = row(mandatory=True), row(mandatory=False)
AB, ABC, CD = row("String", enum("a", "b")), row("String", enum("a", "b", "c")), row("String", enum("c", "d"))
NARROW, WIDE, ASIDE = (row("Integer", between(*each)) for each in ((2, 3), (1, 9), (3, 12)))
# What the row was, what it is, how that is told of a request, and whom it breaks there and in a response.
ROWS: dict[str, tuple[Row | None, Row | None, str, str, str]] = {
    "added, mandatory": (None, A, "added: {}: string, {mandatory}", BOTH, "servers"),
    "added, optional": (None, B, "added: {}: string, {optional}", "servers", "neither"),
    "removed, mandatory": (A, None, "removed: {}: was string", BOTH, "clients"),
    "removed, optional": (B, None, "removed: {}: was string", "clients", "clients"),
    "demanded": (B, A, "tightened: {}: was {optional}, is {mandatory}", BOTH, "servers"),
    "let go": (A, B, "loosened: {}: was {mandatory}, is {optional}", "servers", "clients"),
    "another type": (A, row("Boolean"), "changed: {}: type was string, is boolean", BOTH, BOTH),
    "a list of it": (
        A,
        row("List<String>"),
        "changed: {}: type was string, is array of string",
        BOTH,
        BOTH,
    ),
    "fewer values": (ABC, AB, "tightened: {}: was a or b or c, is a or b", BOTH, "servers"),
    "more values": (AB, ABC, "loosened: {}: was a or b, is a or b or c", "servers", "clients"),
    "other values": (AB, CD, "changed: {}: was a or b, is c or d", BOTH, BOTH),
    "some values": (A, AB, "tightened: {}: was any value, is a or b", BOTH, "servers"),
    "any value": (AB, A, "loosened: {}: was a or b, is any value", "servers", "clients"),
    "one value": (
        A,
        row("String", Constraint(Idiom.FIXED, ("a",))),
        "tightened: {}: was any value, is a",
        BOTH,
        "servers",
    ),
    "narrower": (WIDE, NARROW, "tightened: {}: was from 1 to 9, is from 2 to 3", BOTH, "servers"),
    "wider": (NARROW, WIDE, "loosened: {}: was from 2 to 3, is from 1 to 9", "servers", "clients"),
    "aside": (WIDE, ASIDE, "changed: {}: was from 1 to 9, is from 3 to 12", BOTH, BOTH),
    "bounded": (
        row("Integer"),
        WIDE,
        "tightened: {}: was any number, is from 1 to 9",
        BOTH,
        "servers",
    ),
    "unbounded": (WIDE, row("Integer"), "loosened: {}: was from 1 to 9, is any number", "servers", "clients"),
}
WORDS = {
    Side.REQUEST: {"mandatory": "mandatory", "optional": "optional"},
    Side.RESPONSE: {"mandatory": "in every response", "optional": "in some responses"},
}


@pytest.mark.parametrize(("was", "now", "says", "asked", "told"), ROWS.values(), ids=ROWS)
def test_each_change_of_a_row(was: Row | None, now: Row | None, says: str, asked: str, told: str) -> None:
    for where, breaks in ((Side.REQUEST, asked), (Side.RESPONSE, told)):
        old, new = (version(side(where, OTHER, *([each] if each else []))) for each in (was, now))
        place = f"{where.value} tone"
        expected = f"{says.format(place, **WORDS[where])} (breaking for {breaks})"
        assert [str(each) for each in drift(old, new)] == [expected]
        assert drift(old, old) == ()


def test_an_object_that_is_described_at_last() -> None:
    plain = version(side(Side.REQUEST, row("Dict")))
    bell = side(Side.REQUEST, OTHER, number=3, subject="Bell")
    described = version(side(Side.REQUEST, row("Bell")), bell)
    assert [str(each) for each in drift(plain, described)] == [
        "tightened: request tone: had any members, has members of its own (breaking for clients and servers)"
    ]
    assert [str(each) for each in drift(described, plain)] == [
        "loosened: request tone: had members of its own, has any members (breaking for servers)"
    ]


def test_what_is_inside_of_something_new_is_not_told_again() -> None:
    bell = side(Side.REQUEST, OTHER, number=3, subject="Bell")
    old, new = version(side(Side.REQUEST, OTHER)), version(side(Side.REQUEST, OTHER, row("List<Bell>")), bell)
    assert [str(each) for each in drift(old, new)] == [
        "added: request tone: array of object, mandatory (breaking for clients and servers)"
    ]
    assert [each.place for each in drift(new, old)] == ["request tone"]


def test_a_change_inside_a_list_tells_its_place() -> None:
    old, new = (
        version(side(Side.RESPONSE, row("List<Bell>")), side(Side.RESPONSE, *rows, number=3, subject="Bell"))
        for rows in ((OTHER,), (OTHER, A))
    )
    assert [each.place for each in drift(old, new)] == ["response tone[].tone"]


def test_a_response_member_follows_what_the_caller_may_leave_out() -> None:
    told = side(Side.RESPONSE, row(mandatory=None), number=3)
    old, new = (version(side(Side.REQUEST, row(mandatory=each)), told) for each in (True, False))
    assert [str(each) for each in drift(old, new)] == [
        "loosened: request tone: was mandatory, is optional (breaking for servers)",
        "loosened: response tone: was in every response, is in some responses (breaking for clients)",
    ]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"method": "PUT"}, ["changed: method: was POST, is PUT (breaking for clients and servers)"]),
        ({"title": "Tolling"}, ["changed: title: was Ringing a Bell, is Tolling (breaking for neither)"]),
        (
            {"success": (202,)},
            [
                "removed: status 200: of success (breaking for servers)",
                "added: status 202: of success (breaking for clients)",
            ],
        ),
        ({"failure": (400, 404, 503)}, ["added: status 404: of failure (breaking for servers)"]),
        ({"failure": (400,)}, ["removed: status 503: of failure (breaking for servers)"]),
        ({"request_examples": (), "response_examples": (), "request_lines": ()}, []),
    ],
)
def test_each_change_of_a_page(changes: dict[str, object], says: list[str]) -> None:
    new = replace(SMALL, **changes)  # type: ignore[arg-type]
    found = drift(Version(SMALL, resolve(SMALL)), Version(new, resolve(new)))
    assert [str(each) for each in found] == says


def test_another_number_changes_the_ids_only() -> None:
    old, new = (version(side(Side.REQUEST, A, number=number)) for number in (2, 7))
    assert [str(each) for each in drift(old, new)] == [
        "changed: Table 2: is Table 7, and so are the ids of its clauses (breaking for neither)"
    ]


def test_a_page_is_held_against_a_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.rst"
    page.write_text(TEXT.replace("| restore_target | No        |", "| restore_target | Yes       |"), encoding="utf-8")
    assert cli.main(["diff", "restores", str(page)]) == cli.DIFFERENT
    assert capsys.readouterr().out.splitlines() == [
        "tightened: request restore.restore_target: was optional, is mandatory (breaking for clients and servers)",
        (
            "tightened: response restore.restore_target: was in some responses, is in every response "
            "(breaking for servers)"
        ),
        "2 changes: 1 breaking for clients, 2 for servers, 0 for neither",
    ]


def test_nothing_changed(capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(store.ROOT / "restores")
    for arguments in ([folder, "restores"], ["restores", str(PAGES / "restores.rst")]):
        assert cli.main(["diff", *arguments]) == cli.SAME
        assert capsys.readouterr().out == "0 changes: 0 breaking for clients, 0 for servers, 0 for neither\n"


def test_decisions_that_the_other_version_needs_no_more_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "labelling_a_bell"
    folder.mkdir()
    text = (PAGES / "labels.rst").read_text(encoding="utf-8")
    monkeypatch.setattr(store, "ROOT", tmp_path)
    page, mended = tmp_path / "page.rst", tmp_path / "mended.rst"
    page.write_text(text, encoding="utf-8")
    mended.write_text(text.replace("style       How", "Dict        How"), encoding="utf-8")
    assert cli.main(["diff", str(page), str(mended)]) == cli.UNREADABLE
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 4
    assert err[1].startswith(f"contracts diff: {page}: Table 3, how (line 50): unknown type 'style'; to be decided: ")
    decisions = (
        ('"Table 1, Content-type"', 'type = "String"'),
        ('"Table 3, how"', 'type = "Dict"'),
        ('"Table 3, times"', 'without = ["range"]'),
        ('"Table 5"', "unused = true"),
    )
    readings = "".join(f'[[decision]]\nplaces = [{place}]\n{what}\nreason = "r"\n' for place, what in decisions)
    (folder / store.READINGS).write_text(readings, encoding="utf-8")
    assert cli.main(["diff", str(page), str(mended)]) == cli.SAME
    captured = capsys.readouterr()
    assert captured.out.startswith("0 changes: ")
    assert captured.err == (
        f"contracts diff: {mended}: left out: decision Table 3, how: that is how the row is read without it\n"
    )


def test_what_is_neither_page_nor_contract_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for given in ("none", str(tmp_path)):
        assert cli.main(["diff", given, "restores"]) == cli.UNREADABLE
        assert "neither a page (.rst) nor a contract's folder" in capsys.readouterr().err
    shutil.copytree(store.ROOT / "restores", tmp_path / "copy")
    (tmp_path / "copy" / store.FACTS).write_text("{", encoding="utf-8")
    assert cli.main(["diff", str(tmp_path / "copy"), "restores"]) == cli.UNREADABLE
    assert "tables.json: not JSON" in capsys.readouterr().err
