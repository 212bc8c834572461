"""The pages about many runs in a real browser: readable by anybody, on anything, and nothing leaves or runs in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from reports import badge, comparing, trending
from reports.history import histories
from reports.matrix import Column, lay_out
from reports.store import opened, record_all, recorded
from reports.words import OUTCOMES
from tests.verdicts import EVIL, SAMPLE, night, poisoned, unlike

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytest_plugins = ["tests.browsing"]

POWER, STRICT = "restores.t4.power_on.type", "restores.a.strict_json"
NAMES = ("compare", "trend", "hostile-compare", "hostile-trend")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the pages by name."""
    directory = tmp_path_factory.mktemp("pages")
    outcomes = [{}, {POWER: "pass", "restores.s.403": "pass"}, {STRICT: "fail"}]
    vendors = [Column(f"vendor {n}", unlike(f"vendor {n}", **each)) for n, each in enumerate(outcomes)]
    (directory / "compare.html").write_text(comparing.html(lay_out(vendors)), encoding="utf-8")
    for day, each in enumerate(outcomes * 10, start=1):
        night(directory / "nights", day, unlike("staging", **each))
    night(directory / "hostile", 1, poisoned())
    for source, name in (("nights", "trend"), ("hostile", "hostile-trend")):
        with opened(None) as store:
            record_all(store, directory / source)
            page = trending.html(histories(recorded(store), 30))
        (directory / f"{name}.html").write_text(page, encoding="utf-8")
    hostile = comparing.html(lay_out([Column(EVIL, poisoned()), Column("sound", SAMPLE)]))
    (directory / "hostile-compare.html").write_text(hostile, encoding="utf-8")
    return directory


@pytest.fixture
def page(browser: Browser, pages: Path) -> Iterator[Page]:
    """A page to be sent to ``pages``; whatever it complains of, asks for or runs by itself fails the test."""
    context = browser.new_context(viewport={"width": 1200, "height": 900}, base_url=pages.as_uri() + "/")
    shown = context.new_page()
    complaints: list[str] = []
    shown.on("console", lambda message: complaints.append(message.text))
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.on("dialog", lambda dialog: complaints.append(dialog.message))
    asked: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    yield shown
    context.close()
    assert complaints + [url for url in asked if not url.startswith(pages.as_uri())] == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 400])
def test_there_is_nothing_that_keeps_people_out(page: Page, name: str, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{name}.html")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_the_check_for_what_keeps_people_out_finds_it(page: Page) -> None:
    page.goto("compare.html")
    page.evaluate("document.querySelector('.headline').style.color = '#eee'")
    assert [each["id"] for each in Axe().run(page).response["violations"]] == ["color-contrast"]


@pytest.mark.parametrize("name", NAMES)
def test_a_narrow_page_does_not_scroll_sideways(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 400, "height": 900})
    page.goto(f"{name}.html")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == 400


@pytest.mark.parametrize(("name", "region"), [("compare", "differ"), ("trend", "over time")])
def test_a_wide_table_is_scrolled_by_keyboard_and_keeps_its_rows_names(page: Page, name: str, region: str) -> None:
    page.set_viewport_size({"width": 400, "height": 900})
    page.goto(f"{name}.html")
    table = page.get_by_role("region", name=region).first
    table.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.activeElement.scrollLeft > 0")
    head = table.locator("tbody th").first.bounding_box()
    frame = table.bounding_box()
    assert head is not None
    assert frame is not None
    assert head["x"] == pytest.approx(frame["x"], abs=2)


def test_dark_is_dark_and_light_is_light(page: Page) -> None:
    shades = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.goto("compare.html")
        shades.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert shades == ["rgb(255, 255, 255)", "rgb(20, 24, 29)"]


def test_no_outcome_is_told_by_colour_alone(page: Page) -> None:
    page.goto("compare.html")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    cells = page.locator("tr[id] > td").all_inner_texts()
    signs = {f"{each.sign} {each.word}" for each in OUTCOMES.values()}
    assert len(cells) == len(SAMPLE["clauses"]) * 3
    assert {" ".join(cell.split()[:2]) for cell in cells} == signs


def test_a_run_in_the_grid_is_told_in_words_to_those_who_hear_it(page: Page) -> None:
    page.goto("trend.html")
    row = page.get_by_role("row", name=POWER).last
    assert "fail" in row.inner_text()
    grid = page.get_by_role("table", name="Clauses that did not pass in every run")
    expect(grid.get_by_role("columnheader", name="2026-11-02 02:10 UTC")).to_have_count(1)
    expect(grid.get_by_role("rowheader", name=POWER)).to_have_count(1)
    expect(grid.get_by_role("row", name=POWER).get_by_role("cell", name="pass")).to_have_count(10)


def test_a_link_to_a_clause_opens_what_it_is_in(page: Page) -> None:
    page.goto("compare.html#restores.t3.restore_target.mandatory")
    expect(page.locator("[id='restores.t3.restore_target.mandatory']")).to_be_in_viewport()
    page.goto("compare.html")
    expect(page.locator("[id='restores.t3.restore_target.mandatory']")).to_be_hidden()
    page.get_by_role("link", name="power_on").first.click()
    assert page.url.endswith(f"#{POWER}")


def test_the_first_key_leads_past_the_head_of_the_page(page: Page) -> None:
    page.goto("trend.html")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


@pytest.mark.parametrize("name", ["hostile-compare", "hostile-trend"])
def test_what_a_target_says_is_text(page: Page, name: str) -> None:
    page.goto(f"{name}.html")
    assert page.locator("script, img, iframe, form, a[href^='http']").count() == 0
    assert "<script>alert(1)</script>" in page.locator("main").inner_text()
    assert "\\x1b[31m\\ud800" in page.locator("main").inner_text()


def test_nothing_runs_in_the_page_and_nothing_is_loaded_by_it(browser: Browser, pages: Path) -> None:
    context = browser.new_context()
    shown = context.new_page()
    shown.goto((pages / "compare.html").as_uri())
    refused: list[str] = []
    shown.on("console", lambda message: refused.append(message.text))
    shown.evaluate(
        """() => {
            window.refused = 0;
            document.addEventListener('securitypolicyviolation', () => { window.refused += 1; });
            const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.body.append(script);
            const image = document.createElement('img');
            image.src = 'http://127.0.0.1:9/x.png';
            document.body.append(image);
            fetch('http://127.0.0.1:9/x').catch(() => undefined);
        }"""
    )
    shown.wait_for_function("window.refused === 3")
    assert shown.evaluate("window.ran") is None
    context.close()
    assert all("Content Security Policy" in text for text in refused)


@pytest.mark.parametrize("label", ["conformance", "Wwwmmm", "iiiiiiiii"])
def test_the_texts_of_a_badge_stay_in_their_halves(page: Page, pages: Path, label: str) -> None:
    (pages / "badge.svg").write_text(badge.svg(SAMPLE, label), encoding="utf-8")
    page.goto("badge.svg")
    boxes = [box for part in ("rect", "text") for box in page.locator(f"svg > g {part}").all()]
    left, right, *texts = [box.bounding_box() for box in boxes]
    for half, inside in zip((left, right), texts):
        assert half is not None
        assert inside is not None
        assert half["x"] < inside["x"]
        assert inside["x"] + inside["width"] <= half["x"] + half["width"]
