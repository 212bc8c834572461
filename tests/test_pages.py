"""The page of a run in a real browser: whole, safe, and good for everyone who has to act on it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from targets.embedded import world
from tests.browsing import NARROW
from tests.raw import answer, raw_server
from tests.starting import profile, run

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from tests.browsing import Visitor

pytest_plugins = ["tests.browsing"]

FAILS = "restores.t9.power_on.type"
HOSTILE = (
    b"<script>window.hacked = 1</script></pre></details></main><img src=x onerror='window.hacked = 2'>"
    b"\"'><svg onload='window.hacked = 3'><style>* { display: none }</style><base href='http://127.0.0.1:9/'>"
    b"<a href='javascript:window.hacked = 4'>\x00\x1b[31m\xff\xe2\x80\xae\xed\xa0\x80{{7*7}}"
)


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run that fails."""
    directory = tmp_path_factory.mktemp("failing")
    assert run(directory, "--depth", "smoke", "--flaw", "answer-mistypes-power-on").returncode == 1
    return directory / "out" / "report.html"


@pytest.fixture(scope="module")
def passing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run that passes."""
    directory = tmp_path_factory.mktemp("passing")
    assert run(directory, "--depth", "smoke").returncode == 0
    return directory / "out" / "report.html"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run against a target that answers with markup, and with 5 MB of it."""
    directory = tmp_path_factory.mktemp("hostile")
    sound = answer("404 Not Found", b'{"error_code": "CSBS.3001", "error_msg": "no"}', "Content-Type: application/json")
    evil = answer("200 OK", HOSTILE + HOSTILE * (5_000_000 // len(HOSTILE)), f"X-{'A' * 9}: <img src=x>")

    def play(connection: socket.socket, request: bytes) -> None:
        (sound if b"power_on" in request else evil)(connection, request)

    with raw_server(play) as server:
        done = run(directory, "--depth", "smoke", "--target", profile(directory, server.endpoint), "-k", "power_on")
    assert done.returncode == 1, done.stdout
    return directory / "out" / "report.html"


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Path:
    """The page that a parameter names."""
    path: Path = request.getfixturevalue(request.param)
    return path


every = pytest.mark.parametrize("report", ["failing", "passing", "hostile"], indirect=True)


@every
def test_nothing_is_loaded_and_nothing_is_complained_about(report: Path, visitor: Visitor) -> None:
    visit = visitor(report)
    visit.unfold()
    assert visit.page.evaluate("window.hacked") is None
    assert [url.partition("?")[0] for url in visit.requested] == [report.as_uri()]
    assert visit.complaints == []
    assert visit.page.locator("script").count() == 1
    assert report.stat().st_size < 5_000_000


@pytest.mark.parametrize(("report", "scheme"), [("failing", "light"), ("passing", "dark")], indirect=["report"])
def test_axe_finds_nothing(report: Path, scheme: str, visitor: Visitor) -> None:
    visit = visitor(report, color_scheme=scheme)
    visit.unfold(".verdict-report ")
    assert visit.violations() == []


def test_axe_finds_nothing_in_a_hostile_page_narrow_and_with_its_tests(hostile: Path, visitor: Visitor) -> None:
    visit = visitor(hostile, viewport=NARROW)
    visit.unfold()
    assert visit.violations() == []


@every
def test_no_window_needs_scrolling_sideways(report: Path, visitor: Visitor) -> None:
    visit = visitor(report)
    visit.unfold()
    for width in (400, 700, 1100, 1200):
        visit.page.set_viewport_size({"width": width, "height": 800})
        assert visit.overflow() == 0


def test_hostile_bytes_are_there_to_be_read(hostile: Path, visitor: Visitor) -> None:
    card = visitor(hostile).page.locator(".card").first.inner_text()
    assert "<script>window.hacked = 1</script>" in card
    assert "\\x00\\x1b[31m" in card


def test_policy_stops_what_gets_in_all_the_same(failing: Path, visitor: Visitor) -> None:
    visit = visitor(failing)
    visit.page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.hacked = 1";
            document.body.append(script);
            document.body.insertAdjacentHTML("beforeend", "<b onclick='window.hacked = 2' id='b'>b</b>");
            document.getElementById("b").click();
            const image = document.createElement("img");
            image.src = "http://127.0.0.1:9/x.png";
            document.body.append(image);
        }"""
    )
    assert visit.page.evaluate("window.hacked") is None
    assert len(visit.complaints) == 3
    assert all("Content Security Policy" in complaint for complaint in visit.complaints)


def test_first_thing_seen_is_what_to_do(failing: Path, passing: Path, visitor: Visitor) -> None:
    page = visitor(failing).page
    assert "Not conformant: 1 of 93 clauses fails" in page.locator(".headline").inner_text()
    assert "power_on is true or false in the response: power_on is a string" in page.locator(".worst").inner_text()
    assert page.locator(".next a").get_attribute("href") == f"#{FAILS}"
    assert "Conformant: all 93 clauses hold" in visitor(passing).page.locator(".headline").inner_text()


def test_every_link_leads_somewhere(failing: Path, visitor: Visitor) -> None:
    page = visitor(failing).page
    lost = page.evaluate(
        "[...document.querySelectorAll('main a[href^=\"#\"]')].map(each => each.hash.slice(1))"
        ".filter(id => !document.getElementById(id))"
    )
    assert lost == []
    outside = page.locator("main a:not([href^='#'])").evaluate_all("all => all.map(each => each.href)")
    assert all("pytest-html" in link for link in outside)


def test_cell_of_the_picture_leads_to_its_evidence(failing: Path, visitor: Visitor) -> None:
    visit = visitor(failing)
    visit.fold()
    cell = visit.page.locator(f".picture a[href='#{FAILS}']")
    assert re.sub(r"[\s,]+", " ", cell.inner_text()) == "\u2717 Boolean fail"
    cell.press("Enter")
    evidence = visit.page.locator(f"[id='{FAILS}']")
    assert visit.page.url.endswith(f"#{FAILS}")
    assert evidence.is_visible()
    assert "power_on is a string" in evidence.inner_text()
    assert '"power_on": "' in evidence.locator("mark").last.inner_text()


@pytest.mark.parametrize(("clause", "scripts"), [(FAILS, True), (FAILS, False), ("restores.s.401", False)])
def test_deep_link_shows_its_clause(clause: str, scripts: bool, failing: Path, visitor: Visitor) -> None:
    page = visitor(failing, f"#{clause}", java_script_enabled=scripts).page
    assert page.locator(f"[id='{clause}']").is_visible()
    box, height = page.locator(f"[id='{clause}']").bounding_box(), page.viewport_size
    assert box
    assert height
    assert 0 <= box["y"] < height["height"]


@pytest.mark.parametrize(
    ("name", "gone", "left"),
    [
        ("o-pass", "restores.s.401", FAILS),
        ("o-fail", FAILS, "restores.s.401"),
        ("s-implied", "restores.p.json", "restores.s.401"),
        ("g-2", "restores.t3.provider_id.value", "restores.t4.power_on.type"),
    ],
)
def test_filter_hides_what_is_not_asked_for(name: str, gone: str, left: str, failing: Path, visitor: Visitor) -> None:
    page = visitor(failing, java_script_enabled=False).page
    box = page.locator(f"#show-{name}")
    box.press("Space")
    assert not page.locator(f"[id='{gone}']").is_visible()
    assert page.locator(f"[id='{left}']").is_visible()
    assert page.locator(f".picture a[href='#{gone}']").evaluate("each => getComputedStyle(each).opacity") == "0.15"
    page.locator(".filters button").press("Enter")
    assert box.is_checked()
    assert page.locator(f"[id='{gone}']").is_visible()


def test_return_in_a_filter_goes_nowhere(failing: Path, visitor: Visitor) -> None:
    visit = visitor(failing)
    visit.page.locator("#show-o-pass").press("Enter")
    assert len(visit.requested) == 1
    assert visit.complaints == []


def test_dark_is_dark_and_light_is_light(failing: Path, visitor: Visitor) -> None:
    colours = {
        scheme: visitor(failing, color_scheme=scheme).page.evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    }
    assert colours == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 29)"}


def test_print_shows_the_evidence_and_no_controls(failing: Path, visitor: Visitor) -> None:
    visit = visitor(failing)
    visit.fold()
    visit.page.emulate_media(media="print")
    assert visit.page.locator(f"[id='{FAILS}']").is_visible()
    assert not visit.page.locator("form.filters").is_visible()
    assert not visit.page.locator("#results-table").is_visible()


def test_tests_as_run_are_folded_away_until_asked_for(failing: Path, visitor: Visitor) -> None:
    page = visitor(failing).page
    table = page.locator("#results-table")
    assert not table.is_visible()
    page.locator("#tests-as-run > summary").press("Enter")
    assert table.is_visible()
    assert "test_row_is_kept" in table.inner_text()
    assert world.OPERATOR_TOKEN not in page.content()
