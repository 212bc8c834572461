"""The badge: what it says, that it is a picture with a name, and the JSON that shields.io asks for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from reports import __main__ as cli
from reports import badge, words
from tests.verdicts import EVIL, PATH, SAMPLE, unlike

if TYPE_CHECKING:
    from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("verdict", "message"),
    [
        ("conformant", "conformant"),
        ("non-conformant", "2 of 8 clauses fail"),
        ("incomplete", "incomplete"),
        ("unfinished", "unfinished"),
        ("error", "no verdict"),
    ],
)
def test_the_badge_says_the_verdict(verdict: str, message: str) -> None:
    document = SAMPLE | {"verdict": verdict}
    picture = ET.fromstring(badge.svg(document, "vendor"))  # noqa: S314  our own document
    assert picture.attrib["aria-label"] == picture.findtext(f"{SVG}title") == f"vendor: {message}"
    assert [text.text for text in picture.iter(f"{SVG}text")] == ["vendor", message]
    told = json.loads(badge.shields(document, "vendor"))
    assert (told["schemaVersion"], told["label"], told["message"]) == (1, "vendor", message)
    assert told["isError"] is (verdict == "error")
    assert told["color"] == list(picture.iter(f"{SVG}rect"))[2].attrib["fill"]


def test_what_fails_by_its_declaration_alone_has_no_number() -> None:
    document = unlike("x", **{clause["id"]: "pass" for clause in SAMPLE["clauses"]}) | {"verdict": "non-conformant"}
    assert badge.message(document) == "not conformant"
    one = unlike("x", **{"restores.t4.power_on.type": "pass"})
    assert badge.message(one) == "1 of 8 clauses fails"


def test_white_on_every_colour_can_be_read() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    colours = [rect for rect in badge.svg(SAMPLE, "x").split('fill="') if rect.startswith("#4")]
    found = [json.loads(badge.shields(SAMPLE | {"verdict": each}, "x"))["color"] for each in words.VERDICTS]
    for colour in [colours[0][:7], *found]:
        assert 1.05 / (luminance(colour) + 0.05) >= 5


def test_a_label_of_any_kind_is_text_and_short() -> None:
    picture = ET.fromstring(badge.svg(SAMPLE, EVIL))  # noqa: S314  our own document
    label = next(picture.iter(f"{SVG}text")).text or ""
    assert label.startswith("</td></table><script>")
    assert len(label) < 100
    assert json.loads(badge.shields(SAMPLE, EVIL))["label"] == label


@pytest.mark.parametrize(
    ("options", "start"),
    [
        (["b.svg"], "<svg "),
        (["b.json"], '{"schemaVersion": 1'),
        (["b.txt", "--format", "shields"], '{"schemaVersion": 1'),
    ],
)
def test_the_suffix_says_the_format_unless_it_is_given(tmp_path: Path, options: list[str], start: str) -> None:
    name, *others = options
    assert cli.main(["badge", str(PATH), "--out", str(tmp_path / name), *others]) == 0
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_the_picture_comes_on_the_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert cli.main(["badge", str(PATH), "--label", "Northern Cloud"]) == 0
    assert capfdbinary.readouterr().out.decode() == badge.svg(SAMPLE, "Northern Cloud")


def test_mistakes_end_with_2_and_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["badge", str(tmp_path / "none.json")]) == 2
    assert cli.main(["badge", str(PATH), "--out", "b.png"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"reports badge: {tmp_path / 'none.json'}: cannot be read: No such file or directory",
        "reports badge: b.png: its suffix is that of no format: give --format, one of svg, shields",
    ]
