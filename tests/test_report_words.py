"""What the report says, and where it marks a fault."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from reports import words
from reports.marking import Piece, pieces
from reports.text import clip, printable
from tests.samples import compared

SAMPLE = json.loads((Path(__file__).parent / "data" / "verdict.json").read_text(encoding="utf-8"))


def verdict(kind: str, *outcomes: str, strength: str = "documented", **changes: Any) -> dict[str, Any]:
    """A verdict with one clause for each outcome, all of one strength."""
    document: dict[str, Any] = copy.deepcopy(SAMPLE)
    sample = {clause["outcome"]: clause for clause in SAMPLE["clauses"]}
    clauses = [sample[each] | {"id": f"restores.t3.c{i}.type"} for i, each in enumerate(outcomes)]
    document["clauses"] = [clause | {"strength": strength} for clause in clauses]
    return document | {"verdict": kind, "deviations": []} | changes


DECLARED = SAMPLE["deviations"][0]


@pytest.mark.parametrize(
    ("document", "line"),
    [
        (verdict("conformant", "pass", "pass"), "Conformant: all 2 clauses hold"),
        (verdict("conformant", "pass"), "Conformant: its one clause holds"),
        (
            verdict("conformant", "pass", "deviation", "blocked"),
            "Conformant: 1 of 3 clauses hold, 1 deviates as declared, 1 not judged",
        ),
        (verdict("non-conformant", "pass", "fail", "fail"), "Not conformant: 2 of 3 clauses fail"),
        (verdict("non-conformant", "pass", "fail"), "Not conformant: 1 of 2 clauses fails"),
        (
            verdict("non-conformant", "pass", deviations=[DECLARED | {"state": "passes"}]),
            "Not conformant: 1 declared deviation does not hold",
        ),
        (verdict("incomplete", "pass", "skipped", "blocked"), "Incomplete: 2 of 3 clauses could not be judged"),
        (
            verdict("error", "pass", "error"),
            "No verdict: the suite could not do its work, 1 clause met a fault of its own",
        ),
        (verdict("error"), "No verdict: the suite could not do its work"),
    ],
)
def test_headline(document: dict[str, Any], line: str) -> None:
    assert words.headline(document) == line


def test_what_does_not_count_is_not_in_the_headline() -> None:
    document = verdict("non-conformant", "fail", "pass")
    document["clauses"][1]["strength"] = "advisory"
    assert words.headline(document) == "Not conformant: 1 of 1 clause fails"
    assert words.headline(document | {"fail_on": "advisory"}) == "Not conformant: 1 of 2 clauses fails"


def test_after_a_pass_nothing_is_left_to_do() -> None:
    assert words.next_step(verdict("conformant", "pass")) == words.Step("Nothing here stands against a release.")


def test_after_a_pass_what_it_leans_on_is_told() -> None:
    later = DECLARED | {"expires": "2028-01-01"}
    document = verdict("conformant", "deviation", deviations=[later, DECLARED, DECLARED | {"state": "unused"}])
    text = words.next_step(document).text
    assert "2 declared deviations; the first ends on 2027-01-31" in text
    assert "1 declared deviation excuses nothing" in text


def test_after_a_pass_the_way_leads_to_what_does_not_count() -> None:
    step = words.next_step(verdict("conformant", "pass", "fail", strength="advisory"))
    assert step.clause == "restores.t3.c1.type"
    assert "1 finding below does not count" in step.text


def test_after_a_failure_the_way_leads_to_the_first_that_counts() -> None:
    document = verdict("non-conformant", "fail", "fail")
    document["clauses"][0]["strength"] = "advisory"
    assert words.next_step(document).clause == "restores.t3.c1.type"


def test_a_refusal_of_what_is_acceptable_comes_first() -> None:
    document = verdict("non-conformant", "fail", "fail")
    refused = document["clauses"][1]
    refused["kind"] = "status"
    refused["failures"] = [refused["failures"][0] | {"expected": [200], "got": 400}]
    assert [clause["id"] for clause in words.failing(document)] == ["restores.t3.c1.type", "restores.t3.c0.type"]


def test_a_void_declaration_is_named() -> None:
    document = verdict("non-conformant", "pass", deviations=[DECLARED | {"state": "expired"}])
    assert "restores.t8.status.present (expired)" in words.next_step(document).text


def test_a_gap_is_named_by_its_commonest_reason() -> None:
    document = verdict("incomplete", "skipped", "blocked", "blocked")
    step = words.next_step(document)
    assert "(2 clauses): the gateway answered 429 to the end" in step.text
    assert step.clause == "restores.t3.c1.type"


def test_an_error_is_ours() -> None:
    step = words.next_step(verdict("error", "pass", "error"))
    assert step.text.startswith("This says nothing of the target.")
    assert step.clause == "restores.t3.c1.type"


FAILS = verdict("non-conformant", "fail", "fail", "pass")
NEW = "restores.t3.c1.type"


@pytest.mark.parametrize(
    ("document", "line"),
    [
        (compared(FAILS, NEW), "Not conformant: 2 of 3 clauses fail, 1 new since the baseline"),
        (compared(FAILS), "Not conformant: 2 of 3 clauses fail, none new since the baseline"),
        (compared(verdict("conformant", "pass")), "Conformant: its one clause holds"),
    ],
)
def test_the_headline_counts_what_is_new(document: dict[str, Any], line: str) -> None:
    assert words.headline(document) == line


def test_what_does_not_count_is_not_new_in_the_headline() -> None:
    document = compared(FAILS, NEW)
    document["clauses"][1]["strength"] = "advisory"
    assert words.headline(document) == "Not conformant: 1 of 2 clauses fails, none new since the baseline"


def test_how_a_run_stands_to_its_baseline() -> None:
    run = "Since the baseline (staging, nightly, 2026-11-23 02:10 UTC): "
    assert words.since(FAILS) == ""
    assert words.since(compared(FAILS, NEW, fixed=["a.b"])) == f"{run}1 new, 1 known, 1 fixed"
    assert words.since(compared(FAILS, lost=["a.b", "a.c"])) == f"{run}0 new, 2 known, 0 fixed, 2 no longer judged"


def test_what_is_new_comes_first_among_what_counts() -> None:
    assert [clause["id"] for clause in words.failing(FAILS)] == ["restores.t3.c0.type", NEW]
    document = compared(FAILS, NEW)
    assert [clause["id"] for clause in words.failing(document)] == [NEW, "restores.t3.c0.type"]
    document["clauses"][1]["strength"] = "advisory"
    assert [clause["id"] for clause in words.failing(document)] == ["restores.t3.c0.type", NEW]


def test_a_run_that_is_forgiven_says_so_and_calls_nothing_good() -> None:
    document = compared(FAILS, fail_on_new=True)
    assert words.forgiveness(document).endswith("by --fail-on-new the run does not fail (exit 0).")
    assert "the target does not conform. Do not release. Begin with" in words.next_step(document).text
    assert words.next_step(document).clause == "restores.t3.c0.type"


def test_a_run_that_is_forgiven_and_not_complete_says_so() -> None:
    document = compared(verdict("non-conformant", "fail", "blocked"), fail_on_new=True)
    assert words.forgiveness(document).endswith("is incomplete, for 1 documented clause not judged (exit 6).")


@pytest.mark.parametrize("document", [FAILS, compared(FAILS), compared(FAILS, NEW, fail_on_new=True)])
def test_nothing_else_is_forgiven(document: dict[str, Any]) -> None:
    assert words.forgiveness(document) == ""
    assert words.next_step(document).text.startswith("Do not release.")


@pytest.mark.parametrize(
    ("state", "days_left", "told"),
    [
        ("applied", 15, None),
        ("applied", 14, "ends in 14 days, on 2027-01-31."),
        ("unused", 2, "ends in 2 days, on 2027-01-31."),
        ("applied", 1, "ends tomorrow, on 2027-01-31."),
        ("applied", 0, "ends today, on 2027-01-31."),
        ("expired", -1, "expired on 2027-01-31: it counts as absent."),
        ("expired", -400, "expired on 2027-01-31: it counts as absent."),
    ],
)
def test_the_end_of_a_deviation_is_announced(state: str, days_left: int, told: str | None) -> None:
    document = verdict("conformant", "pass", deviations=[DECLARED | {"state": state, "days_left": days_left}])
    lines = [f"The declared deviation of restores.t8.status.present {told}"] if told else []
    assert words.declared(document) == lines


def test_a_verdict_from_before_the_announcements_has_none() -> None:
    assert words.declared(SAMPLE) == []


def test_places() -> None:
    titles = [words.place(clause) for clause in SAMPLE["clauses"]]
    assert titles[1] == "Table 3, row provider_id"
    assert titles[5:] == ["Status codes", "Error body", "Form of the answers", "Good practice"]


def test_a_case_that_any_answer_meets() -> None:
    assert words.expected({"expected": []}) == "any answer but a failure of the service"
    assert words.expected({"expected": [400, 404]}) == "400 or 404"


@pytest.mark.parametrize("broke", ["refused", "reset", "silent", "garbled"])
def test_every_break_has_words(broke: str) -> None:
    assert words.came({"response": None}, broke) == words.BREAKS[broke]


@pytest.mark.parametrize(
    ("finished", "told"),
    [
        ("2026-11-24T00:00:07Z", "7 s"),
        ("2026-11-24T00:02:05.123Z", "2 min 5 s"),
        ("2026-11-24T03:00:59+00:00", "3 h 0 min"),
    ],
)
def test_duration(finished: str, told: str) -> None:
    assert words.duration("2026-11-24T00:00:00Z", finished) == told


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc \u00e9 \u4e2d \U0001f600", "a\tb\nc \u00e9 \u4e2d \U0001f600"),
        ("\x00\x1b[31m\r\x7f\x9b", "\\x00\\x1b[31m\\r\\x7f\\x9b"),
        ("\ud800 \udfff", "\\ud800 \\udfff"),
        ("a\u202eb\u200bc\u2028d\ufeff", "a\\u202eb\\u200bc\\u2028d\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
    ],
    ids=["seen", "controls", "surrogates", "directions", "tags"],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown
    shown.encode("utf-8")


def test_clip() -> None:
    assert clip("abc", 3) == "abc"
    assert clip("abcde", 3) == "abc [... 2 more characters]"


def marks(before: str, after: str, body: str | None = None, limit: int = 1000) -> list[tuple[str, str]]:
    fault = {"before": before, "after": after}
    return [(piece.role, piece.text) for piece in pieces(after if body is None else body, fault, limit)]


def test_a_missing_member_is_marked_whole() -> None:
    before = '{"checkpoint_id":"x","checkpoint_item_id":"y","z":1}'
    after = '{"checkpoint_item_id":"y","z":1}'
    assert marks(before, after) == [
        ("same", "{"),
        ("gone", '"checkpoint_id":"x",'),
        ("same", '"checkpoint_item_id":"y","z":1}'),
    ]


def test_another_value_is_marked_whole() -> None:
    assert marks('{"p":"fc4d-01"}', '{"p":"fc4e-01"}') == [
        ("same", '{"p":"'),
        ("gone", "fc4d-01"),
        ("came", "fc4e-01"),
        ("same", '"}'),
    ]


def test_another_type_is_marked() -> None:
    assert marks('{"p":true}', '{"p":"true"}')[1:3] == [("gone", "true"), ("came", '"true"')]


def test_what_was_added_and_what_was_cut_is_marked() -> None:
    assert marks("{}", "{}x") == [("same", "{}"), ("came", "x")]
    assert marks('{"a":1}', '{"a"') == [("same", '{"a"'), ("gone", ":1}")]
    assert marks("{}", "") == [("gone", "{}")]


def test_a_part_is_found_in_its_body() -> None:
    assert marks("true", "1234", '{"p":1234}') == [
        ("same", '{"p":'),
        ("gone", "true"),
        ("came", "1234"),
        ("same", "}"),
    ]


def test_what_cannot_be_placed_is_left_unmarked() -> None:
    assert marks("true", "1", '{"p":1,"q":1}') == [("same", '{"p":1,"q":1}')]
    assert marks("same", "same", "same") == [("same", "same")]
    assert pieces("plain", None, 100) == (Piece("same", "plain"),)
    assert pieces("", None, 100) == ()


def test_a_long_body_is_shown_around_its_fault() -> None:
    shown = marks("a " * 5000 + "true" + " b" * 5000, "a " * 5000 + "null" + " b" * 5000)
    assert [role for role, _ in shown] == ["same", "gone", "came", "same"]
    assert shown[0][1].startswith("[9600 characters ...]")
    assert shown[3][1].endswith("[... 9600 more characters]")
    assert sum(len(text) for _, text in shown) < 1000
