"""How reports tell of a run that was broken off, and of what it may have started by mistake."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from reports import html, words

SAMPLE = json.loads((Path(__file__).parent / "data" / "verdict.json").read_text(encoding="utf-8"))


def unfinished(**changes: Any) -> dict[str, Any]:
    """The sample as the verdict of a run that was broken off."""
    document: dict[str, Any] = copy.deepcopy(SAMPLE)
    return document | {"verdict": "unfinished", "reason": "interrupted by SIGINT: --resume goes on with it"} | changes


def test_unfinished_run_says_how_far_it_came_and_how_to_go_on() -> None:
    assert words.headline(unfinished()).startswith("Unfinished: ")
    assert words.headline(unfinished()).endswith("judged so far")
    step = words.next_step(unfinished())
    assert "--resume asks what is left" in step.text
    assert "2 clauses fail already" in step.text
    assert step.clause == words.failing(SAMPLE)[0]["id"]
    sound = [clause for clause in SAMPLE["clauses"] if clause["outcome"] != "fail"]
    assert "fail" not in words.next_step(unfinished(clauses=sound)).text


def test_page_of_an_unfinished_run_says_so_first() -> None:
    page = html.render(unfinished(accidents=[]))
    assert 'class="banner unfinished"' in page
    assert page.index("Unfinished") < page.index("interrupted by SIGINT")
    assert "may have been started" not in page


@pytest.mark.parametrize(("count", "told"), [(1, "1 restoration may"), (3, "3 restorations may")])
def test_accidents_come_before_the_verdict(count: int, told: str) -> None:
    requests = SAMPLE["requests"] | {"accidents": count}
    page = html.render(unfinished(requests=requests))
    assert f"{told} have been started that the suite did not mean to start:" in page
    assert page.index(told) < page.index("Unfinished")
    assert ("2 more were counted, not kept" in page) is (count == 3)
    assert "restores.t3.provider_id.value-another.0: 200 " in page


def test_accident_is_shown_as_text_whatever_the_target_said() -> None:
    accident = copy.deepcopy(SAMPLE["accidents"][0])
    accident["response"]["body"] = "<img src=x>\n" + "x" * 1000
    page = html.render(unfinished(accidents=[accident]))
    assert "<img" not in page
    assert len(words.accident(accident)) < 400


def test_many_accidents_do_not_hide_the_verdict() -> None:
    page = html.render(unfinished(accidents=SAMPLE["accidents"] * 7))
    assert page.index("2 more of them") < page.index("Unfinished")
    assert "more of them" not in html.render(unfinished(accidents=SAMPLE["accidents"] * 5))
