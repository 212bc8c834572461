"""A real browser for the tests of the pages: Debian's Chromium, driven by Playwright, never allowed out.

PYTEST_DONT_REWRITE: nothing is asserted here, and a test imports this module before it is registered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

CHROMIUM = Path("/usr/bin/chromium")
WIDE, NARROW = {"width": 1200, "height": 900}, {"width": 400, "height": 800}


@dataclass
class Visit:
    """A page that was opened, and what it asked for and complained about since."""

    page: Page
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def violations(self) -> list[str]:
        """What axe finds wrong, with the first place of each."""
        found = Axe().run(self.page).response["violations"]
        return [f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:300]}" for each in found]

    def unfold(self, within: str = "") -> None:
        """Open all that is folded in what a selector names."""
        self.page.locator(f"{within}details").evaluate_all("all => all.forEach(each => { each.open = true })")

    def fold(self) -> None:
        """Close all that can be."""
        self.page.locator("details").evaluate_all("all => all.forEach(each => { each.open = false })")

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        width: int = self.page.evaluate(
            """() => Math.max(...[document.documentElement, ...document.querySelectorAll("section")].map(
                each => each.scrollWidth - each.clientWidth))"""
        )
        return width


class Visitor:
    """Opens pages, each as a new visitor would."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def leave(self) -> None:
        """Close what was opened."""
        while self._contexts:
            self._contexts.pop().close()

    def __call__(self, path: Path, place: str = "", **context: Any) -> Visit:
        """Open a file at a place of it; with ``viewport``, ``color_scheme`` and so on as Playwright knows them."""
        self._contexts.append(self._browser.new_context(**{"viewport": WIDE, "offline": True, **context}))
        page = self._contexts[-1].new_page()
        visit = Visit(page)

        def asked(request: Request) -> None:
            visit.requested.append(request.url)

        def said(message: ConsoleMessage) -> None:
            visit.complaints.append(f"{message.type}: {message.text}")

        def failed(error: object) -> None:
            visit.complaints.append(str(error))

        page.on("request", asked)
        page.on("console", said)
        page.on("pageerror", failed)
        page.goto(f"{path.as_uri()}{place}")
        return visit


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the tests of a module."""
    if not CHROMIUM.exists():
        pytest.skip(f"needs a browser: {CHROMIUM} is not there")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """Opens pages, which are closed after the test."""
    visitor = Visitor(browser)
    yield visitor
    visitor.leave()
