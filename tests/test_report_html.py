"""The page says all that the verdict holds, and shows hostile text without interpreting it."""

from __future__ import annotations

import copy
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jinja2
import pytest

from reports.html import render
from tests.samples import compared

SAMPLE = json.loads((Path(__file__).parent / "data" / "verdict.json").read_text(encoding="utf-8"))
EVIL = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)></pre></style></details>"
    "\x00\x1b[31m\u202e\ud800 {{7*7}}{% raw %}&amp;"
)
VOID = {"br", "input"}


class Page(HTMLParser):
    """What a page is made of: tags, ids, link targets, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag, its id and its link."""
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        if tag in {"dt", "dd", "td", "th", "p", "li", "a", "pre", "caption"}:
            self.words += " "
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id":
                self.ids.append(value or "")
            elif name == "href":
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        """Tags are closed in the order in which they were opened."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect what a reader sees."""
        if "style" not in self.open:
            self.words += data

    @property
    def text(self) -> str:
        """The words, white space collapsed."""
        return " ".join(self.words.split())


def poisoned(node: Any, key: str = "") -> Any:
    """The document with hostile text wherever the schema takes any text."""
    free = {
        *("reason", "statement", "row", "why", "url", "body", "before", "after", "label", "curl", "name", "endpoint"),
        *("project_id", "title", "point", "seen", "place", "detail", "read_as", "reference", "headers", "pointer"),
    }
    if isinstance(node, dict):
        return {name: poisoned(value, name) for name, value in node.items()}
    if isinstance(node, list):
        return [poisoned(value, key) for value in node]
    if not isinstance(node, str) or key not in free:
        return node
    return f"{key} {EVIL}" if key == "before" else EVIL


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render(SAMPLE))


@pytest.mark.parametrize(
    "wanted",
    [
        "Not conformant: 2 of 8 clauses fail",
        "provider_id must be present in every request: a body without provider_id was accepted with 200",
        "accepted with 200 (fault: missing) (Table 3, row provider_id; 4 of 12 cases)",
        "Next: Do not release. Begin with Table 3, row provider_id",
        "staging http://127.0.0.1:8080",
        "Depth, seed standard, 20261124",
        "2026-11-24 02:10:00 UTC, 37 s",
        "Requests 431 in 31.4 s",
        "Restorations started 27 of 40 allowed",
        "provider_id must be present in every request",
        "Table 3, row provider_id \u00b7 documented \u00b7 failed in 4 of 12 cases",
        "200, expected 400",
        "Fault: missing at /restore/provider_id",
        "the same request without the fault, sent beside it, was answered 200",
        "2 more failed and were counted, not kept.",
        "Received the connection was broken off, expected 400",
        "the profile names no read-only role",
        "the gateway answered 429 to the end",
        "comes with the next release CSBS-1234",
        "2027-01-31",
        "unknown members ignored (200) 6",
        "is not JSON: a bare word stands for a value",
        "Read as: the table wins: resources_status is a Dict",
        "half within 2.1 ms, 90 % within 12 ms, 99 % within 1.25 s, the slowest 4.5 s",
        "Do: the target was busy or throttled: lower limits.requests_per_second, or wait.",
    ],
)
def test_the_page_says(page: Page, wanted: str) -> None:
    assert wanted in page.text


def test_every_outcome_has_sign_word_and_meaning(page: Page) -> None:
    for sign, word in zip("\u2713\u2717\u2248\u25cb?!", ("pass", "fail", "deviation", "skipped", "blocked", "error")):
        assert f"{sign} {word}" in page.text
    assert "a fault of the suite itself, not of the target" in page.text


def test_the_curl_line_is_there_as_it_is(page: Page) -> None:
    assert SAMPLE["clauses"][1]["failures"][0]["curl"] in page.words


def test_the_fault_is_marked_in_the_body() -> None:
    text = render(SAMPLE)
    assert '<del title="there without the fault">&#34;provider_id&#34;:' in text
    assert '<mark title="the fault">&#34;true&#34;</mark>' in text


def test_every_clause_can_be_linked_to_and_no_link_leads_nowhere(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    assert {clause["id"] for clause in SAMPLE["clauses"]} <= set(page.ids)
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_clauses_stand_in_the_order_of_the_page(page: Page) -> None:
    text = page.text[page.text.index("All clauses") :]
    tables = ["Table 1 ", "Table 3 ", "Table 4 ", "Table 8 "]
    titles = [*tables, "Status codes ", "Error body ", "Form of the answers ", "Good practice "]
    found = [text.index(title) for title in titles]
    assert found == sorted(found)


def test_a_pass_is_told_as_one() -> None:
    clauses = [clause for clause in SAMPLE["clauses"] if clause["outcome"] == "pass"]
    page = Page(render(SAMPLE | {"verdict": "conformant", "clauses": clauses, "deviations": []}))
    assert "\u2713 Conformant: all 2 clauses hold" in page.text
    assert "Failing clauses" not in page.text
    assert "Not judged" not in page.text


def test_without_consent_no_budget_is_told() -> None:
    page = Page(render(SAMPLE | {"target": SAMPLE["target"] | {"consent": False}}))
    assert "(no consent given)" in page.text


def test_a_run_without_findings_beside_it_says_so() -> None:
    page = Page(render(SAMPLE | {"observations": [], "document_defects": []}))
    assert "None was asked about." in page.text
    assert "None was found." in page.text


NEW, FIXED, LOST = "restores.t4.power_on.type", "restores.t1.project_id.mandatory", "restores.s.403"
COMPARED = compared(SAMPLE, NEW, fail_on_new=True, fixed=[FIXED], lost=[LOST])


def test_without_a_baseline_none_is_spoken_of(page: Page) -> None:
    assert "baseline" not in page.text


def test_what_became_of_the_baseline_is_told() -> None:
    page = Page(render(COMPARED))
    top = page.text[: page.text.index("Failing clauses")]
    assert "Since the baseline (staging, nightly, 2026-11-23 02:10 UTC): 1 new, 1 known, 1 fixed, 1 no longer" in top
    assert f"Fixed since the baseline: {FIXED}" in top
    assert f"Judged in the baseline, not now: {LOST}" in top
    assert {f"#{FIXED}", f"#{LOST}"} <= set(page.links)


def test_every_failing_clause_is_marked_new_or_known() -> None:
    text = Page(render(COMPARED)).text
    cards, table = text[text.index("Failing clauses") : text.index("All clauses")], text[text.index("All clauses") :]
    for part in (cards, table):
        assert "power_on must be a Boolean new since the baseline" in part
        assert "provider_id must be present in every request known since the baseline" in part
        assert part.count("since the baseline") == 2
    assert cards.index("power_on must be") < cards.index("provider_id must be")


def test_a_baseline_of_which_nothing_is_fixed_or_lost_says_no_more() -> None:
    page = Page(render(compared(SAMPLE, NEW)))
    assert "Since the baseline" in page.text
    assert "Fixed since" not in page.text
    assert "not now" not in page.text


def test_a_clause_that_the_contract_no_longer_has_is_named_without_a_link() -> None:
    page = Page(render(compared(SAMPLE, fixed=["restores.t9.gone.type"])))
    assert "Fixed since the baseline: restores.t9.gone.type" in page.text
    assert "#restores.t9.gone.type" not in page.links


def test_the_page_says_why_a_run_is_forgiven() -> None:
    assert "by --fail-on-new the run is incomplete" in Page(render(compared(SAMPLE, fail_on_new=True))).text
    assert "--fail-on-new" not in Page(render(COMPARED)).text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"days_left": 15}, None),
        ({"days_left": 9}, "! The declared deviation of restores.t8.status.present ends in 9 days, on 2027-01-31."),
        ({"days_left": -1, "state": "expired"}, "expired on 2027-01-31: it counts as absent."),
    ],
)
def test_the_end_of_a_deviation_is_announced_on_top(changes: dict[str, Any], told: str | None) -> None:
    text = Page(render(SAMPLE | {"deviations": [SAMPLE["deviations"][0] | changes]})).text
    top = text[: text.index("Failing clauses")]
    assert told in top if told else "declared deviation" not in top
    assert ("ends in" in text[text.index("Declared deviations") :]) == (changes["days_left"] >= 0)


def test_hostile_text_is_shown_and_never_interpreted() -> None:
    harmless = Page(render(COMPARED))
    document = poisoned(COMPARED)
    document["baseline"]["target"] = EVIL
    text = render(document)
    page = Page(text)
    assert set(page.tags) <= set(harmless.tags)
    assert page.attributes <= harmless.attributes
    assert page.open == []
    assert page.tags.count("style") == 1
    shown = EVIL.encode("ascii", "backslashreplace").decode().replace("\x00", "\\x00").replace("\x1b", "\\x1b")
    assert page.words.count(shown) > len(SAMPLE["clauses"])
    text.encode("utf-8")


def test_the_page_takes_nothing_from_elsewhere() -> None:
    text = render(SAMPLE)
    page = Page(text)
    assert not {"script", "img", "link", "iframe"} & set(page.tags)
    assert not any(attribute.startswith("on") or attribute == "src" for attribute in page.attributes)
    assert all(link.startswith("#") for link in page.links)
    assert "url(" not in text
    assert "@import" not in text


def test_bulky_bodies_are_cut() -> None:
    document = copy.deepcopy(SAMPLE)
    document["clauses"][1]["failures"][0]["response"]["body"] = "x" * 3_000_000
    text = render(document)
    assert len(text) < 200_000
    assert "[... 2997000 more characters]" in text


def test_a_document_that_lacks_a_member_is_not_half_shown() -> None:
    with pytest.raises((jinja2.UndefinedError, KeyError)):
        render({name: value for name, value in SAMPLE.items() if name != "seed"})


def test_what_a_deviation_excuses_is_shown_too() -> None:
    text = Page(render(SAMPLE)).text
    declared = text[text.index("Declared deviations") : text.index("All clauses")]
    failure = SAMPLE["clauses"][4]["failures"][0]
    assert "\u2248 deviation" in declared
    assert f"The smallest case that shows it: {failure['case']}" in declared
    assert failure["curl"] in Page(render(SAMPLE)).words


def test_a_status_that_is_right_is_not_called_wrong() -> None:
    clauses = copy.deepcopy(SAMPLE["clauses"])
    clauses[1]["failures"][0]["expected"] = [200]
    assert (
        "200, as expected; it is what comes with it that is wrong" in Page(render(SAMPLE | {"clauses": clauses})).text
    )
