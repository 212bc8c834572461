"""What the page is put together from: picture of the tables, marks, charts, numbers, advice, lines to see it again."""

from __future__ import annotations

import copy
import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from contracts import load
from contracts.model import Strength
from reports import charts, latency
from reports.advice import advice
from reports.again import pytest_line, served
from reports.dressing import PageError, dress
from reports.html import render
from reports.ledger import Ledger
from reports.marking import Piece, members
from reports.page import policy
from reports.picture import picture
from suites.exploring import DEPTHS
from suites.setting import Setting
from tests.samples import target

SAMPLE = json.loads((Path(__file__).parent / "data" / "verdict.json").read_text(encoding="utf-8"))


def setting(**changes: Any) -> Setting:
    facts: dict[str, Any] = {"contract": load(), "target": target("http://127.0.0.1:8774"), "seed": 7}
    rest: dict[str, Any] = {"depth": DEPTHS["smoke"], "fail_on": Strength.IMPLIED, "deviations": {}}
    return Setting(**{**facts, **rest, "report_dir": Path(), **changes})


def test_every_clause_is_in_the_picture_once() -> None:
    verdict = Ledger(setting()).verdict()
    parts = picture(verdict)
    cells = [cell for grids in parts.values() for grid in grids for _, row in grid.rows for cell in row]
    drawn = sorted(cell.clause["id"] for cell in cells if cell.clause)
    assert drawn == sorted(clause["id"] for clause in verdict["clauses"])
    assert [grid.caption for grid in parts["Request"]] == [f"Table {number}" for number in range(1, 7)]
    assert [grid.caption for grid in parts["Response"]] == [f"Table {number}" for number in range(7, 12)]
    assert [grid.caption for grid in parts["Answers"]][:2] == ["Status codes", "Error body"]


@pytest.mark.parametrize(
    ("clause", "text"),
    [
        ("restores.t3.provider_id.value", "fc4d5750\u2026"),
        ("restores.t3.restore_target.mandatory", "No"),
        ("restores.t4.power_on.type", "Boolean"),
        ("restores.t5.server_id.value", "known"),
        ("restores.t5.volumes.type", "List of restore_volume_mapping"),
        ("restores.t8.id.value", "unique"),
        ("restores.t8.restore_target.present", "if sent"),
        ("restores.t8.restore_target.echo", "Yes"),
        ("restores.e.error_msg.type", "String"),
        ("restores.s.401", "a request without a valid token is answered 401"),
        ("querying_a_single_backup.t3.status.value", "listed"),
        ("querying_a_single_backup.t3.tags.present", "optional"),
        ("querying_a_single_backup.t4.progress.value", "0 to 100"),
        ("querying_a_single_backup.t4.hypervisor_type.value", "QEMU"),
    ],
)
def test_a_cell_reads_as_on_the_page(clause: str, text: str) -> None:
    parts = picture(Ledger(setting(contract=load(clause.partition(".")[0]))).verdict())
    cells = [cell for grids in parts.values() for grid in grids for _, row in grid.rows for cell in row]
    assert [cell.text for cell in cells if cell.clause and cell.clause["id"] == clause] == [text]


def test_a_verdict_of_an_older_checkout_is_shown_without_what_it_lacks() -> None:
    older = copy.deepcopy(SAMPLE)
    del older["contract"]["tables"], older["target"]["served"], older["requests"]["latency"]
    for clause in older["clauses"]:
        for failure in clause["failures"]:
            del failure["pytest"]
    assert list(picture(older)) == ["Answers"]
    assert "did not note it" in render(older)
    assert "did not note it" not in render(SAMPLE)


def test_a_run_in_which_all_fails_by_hostile_bytes_stays_small() -> None:
    verdict = Ledger(setting()).verdict()
    sample = SAMPLE["clauses"][1]["failures"][0]
    body = "<\"'&\u202e" * 4096
    failure = copy.deepcopy(sample)
    failure["request"]["body"] = failure["response"]["body"] = failure["control"]["response"]["body"] = body
    for clause in verdict["clauses"]:
        clause.update(outcome="fail", cases=5, failed=5, reason="all is wrong", failures=[failure] * 5)
    verdict["verdict"] = "non-conformant"
    assert len(render(verdict).encode()) < 5_000_000


@pytest.mark.parametrize(
    ("body", "came"),
    [
        ('{"a": {"power_on": "False", "b": 1}}', ['"power_on": "False"']),
        ('[{"power_on":1},{"power_on" : [2, 3]}]', ['"power_on":1', '"power_on" : [2, 3]']),
        ('{"power_on": {"power_on": 1}}', ['"power_on": {"power_on": 1}']),
        ('{"power_on": nonsense, "power_on": 2}', ['"power_on": 2']),
        ("no JSON at all", []),
    ],
)
def test_the_member_that_is_wrong_is_marked_in_an_answer(body: str, came: list[str]) -> None:
    parts = members(body, "power_on", 1000)
    assert "".join(part.text for part in parts) == body
    assert [part.text for part in parts if part.role == "came"] == came


def test_a_long_answer_is_cut_rather_than_marked() -> None:
    assert members('{"power_on": 1}', "power_on", 5) == (Piece("same", '{"pow [... 10 more characters]'),)
    assert members("", None, 5) == ()


def test_latency_is_told_by_nearest_rank_and_in_classes() -> None:
    told = latency.told([0.0004, *[0.003] * 97, 0.04, 99.0])
    assert (told["p50"], told["p90"], told["p99"], told["max"]) == (0.003, 0.003, 0.04, 99.0)
    assert told["histogram"][0] == {"up_to": 0.001, "answers": 1}
    assert told["histogram"][-1] == {"up_to": None, "answers": 1}
    assert sum(each["answers"] for each in told["histogram"]) == 100
    assert latency.told([]) == {}


def test_a_time_on_the_bound_of_a_class_belongs_to_it() -> None:
    assert latency.told([0.002])["histogram"] == [{"up_to": 0.002, "answers": 1}]


def test_charts_say_their_numbers_and_fix_no_colour() -> None:
    svg = charts.statuses({"200": 26, "400": 240, "none": 3})
    assert 'aria-label="Answers by status: 200 26, 400 240, no answer 3"' in svg
    for label in ("200: 26", "400: 240", "no answer: 3"):
        assert f">{label}<" in svg
    assert not any(word in svg for word in ("fill=", "stroke=", "font-family", "<script", "style"))
    svg = charts.latency({"histogram": [{"up_to": 0.002, "answers": 4}, {"up_to": None, "answers": 1}]})
    assert "\u2264 2 ms 4, more 1" in svg
    assert "200: 0" in charts.statuses({"200": 0})


@pytest.mark.parametrize(
    ("reason", "outcome", "told"),
    [
        ("needs [credentials.read_only] in the profile", "skipped", "add [credentials.read_only] to the profile."),
        (
            "needs consent and [[resources]] in the profile: no",
            "skipped",
            "give the profile [consent] and [[resources]]",
        ),
        ("masked: 404 with and without the fault", "blocked", "see why the target refuses the same request"),
        ("preflight: a sound body with the operator's token got 401", "blocked", "renew it"),
        ("the time of --max-time (5 s) is over", "blocked", "--resume"),
        ("something new", "blocked", "put right what the reason names"),
        ("masked: by ourselves", "error", "this is a fault of the suite"),
    ],
)
def test_advice_fits_the_reason(reason: str, outcome: str, told: str) -> None:
    assert told in advice(reason, outcome)


def test_the_lines_that_show_it_again_are_quoted_for_a_shell() -> None:
    chosen = setting(options=("--target", "my staging.toml"))
    line = shlex.split(pytest_line(chosen, ["suites/test_x.py::test[a-b]"]))
    assert line[:4] == ["pytest", "suites/test_x.py::test[a-b]", "--target", "my staging.toml"]
    assert line[4:] == ["--depth", "smoke", "--seed", "7", "--report-dir", "reports/again"]
    assert served(setting(options=("--flaw", "x"))) == "python -m targets.embedded --port 8774 --flaw x"


PAGE = (
    '<!DOCTYPE html>\n<html>\n  <head>\n    <meta charset="utf-8"/>\n  </head>\n'
    "  <body>{}<footer><script>1</script></footer></body></html>"
)


def test_a_page_is_dressed_with_the_policy_before_all_else() -> None:
    text = dress(PAGE.format('<input data-test-result="passed" ><div onclick="location.reload()">'))
    head = text[: text.index("</head>")]
    assert head.index("Content-Security-Policy") < head.index("<style>")
    assert "sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=" in head
    assert '<html lang="en">' in text
    assert 'aria-label="show tests that are passed"' in text
    assert "onclick" not in text
    assert "<body><main>" in text
    assert "</main><footer>" in text


@pytest.mark.parametrize("broken", [PAGE.replace("<head>", "<nohead>"), PAGE.replace("script", "p"), PAGE * 2])
def test_a_page_that_cannot_be_made_safe_is_refused(broken: str) -> None:
    with pytest.raises(PageError):
        dress(broken.format("", ""))


def test_a_page_without_a_script_allows_none() -> None:
    assert policy().startswith("default-src 'none'; script-src 'none';")
