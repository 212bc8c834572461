"""The formats that CI systems read: each as its published schema says, whatever stands in a verdict."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from jsonschema import Draft4Validator, Draft6Validator, Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT6

import reports
from reports import __main__ as cli
from reports import formats, ledger
from reports.cases import cases
from tests.samples import compared
from tests.verdicts import EXCHANGES, FAILING, PATH, SAMPLE, journal, poisoned, told, unlike

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROOT = Path(__file__).parent.parent
SCHEMAS = ROOT / "tests" / "schemas"


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text(encoding="utf-8"))


def json_problems(validator: Any, text: str) -> list[str]:
    return [error.message for error in validator.iter_errors(json.loads(text))]


def har_problems(text: str) -> list[str]:
    parts = [schema(f"har/{path.name}") for path in (SCHEMAS / "har").iterdir()]
    resources = [(part["$id"], Resource.from_contents(part, default_specification=DRAFT6)) for part in parts]
    registry: Registry[Any] = Registry().with_resources(resources)
    validator = Draft6Validator(
        schema("har/har.json"), registry=registry, format_checker=Draft6Validator.FORMAT_CHECKER
    )
    return json_problems(validator, text)


def junit_problems(text: str) -> list[str]:
    return [str(error.reason) for error in xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd").iter_errors(text)]


PROBLEMS: dict[str, Callable[[str], Iterable[str]]] = {
    "junit": junit_problems,
    "sarif": partial(json_problems, Draft4Validator(schema("sarif-2.1.0-rtm.5.json"))),
    "ctrf": partial(json_problems, Draft7Validator(schema("ctrf-schema-0.0.json"))),
    "har": har_problems,
}

ALL_PASS = {clause["id"]: "pass" for clause in SAMPLE["clauses"]}
DOCUMENTS = {
    "a failing run": SAMPLE,
    "nothing new": compared(SAMPLE, fail_on_new=True),
    "with new findings": compared(SAMPLE, FAILING[0], fixed=["restores.s.403"]),
    "a passing run": unlike("x", **ALL_PASS) | {"verdict": "conformant", "deviations": []},
    "an unfinished run": unlike("x") | {"verdict": "unfinished"},
    "a fault of the suite": unlike("x") | {"verdict": "error"},
    "harmful texts": poisoned(),
}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    journal(tmp_path, *EXCHANGES)
    return tmp_path


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("form", PROBLEMS)
def test_every_format_is_as_its_schema_says(run: Path, form: str, document: str) -> None:
    text = told(form, run, DOCUMENTS[document])
    assert list(PROBLEMS[form](text)) == []
    assert "\x1b" not in text
    assert text.encode("utf-8")


@pytest.mark.parametrize(
    ("form", "old", "new"),
    [
        ("junit", 'tests="', 'test="'),
        ("junit", "<skipped message=", "<skipped reason="),
        ("sarif", '"ruleId"', '"rule_id"'),
        ("sarif", '"level": "error"', '"level": "bad"'),
        ("ctrf", '"duration"', '"seconds"'),
        ("ctrf", '"status": "failed"', '"status": "fail"'),
        ("har", '"startedDateTime"', '"started"'),
        ("har", '"content"', '"contents"'),
        ("har", '"status": 400', '"status": "400"'),
    ],
)
def test_a_slip_in_a_format_is_found(run: Path, form: str, old: str, new: str) -> None:
    text = told(form, run, SAMPLE)
    assert old in text
    assert list(PROBLEMS[form](text.replace(old, new)))


# -- what they tell


def in_junit(text: str) -> dict[str, list[str]]:
    """The test cases by what they came to."""
    found: dict[str, list[str]] = {}
    for case in ET.fromstring(text).iter("testcase"):  # noqa: S314  our own document
        found.setdefault(case[0].tag if len(case) else "passed", []).append(case.attrib["name"])
    return found


def test_in_junit_what_fails_the_run_fails_and_what_does_not_is_skipped(run: Path) -> None:
    found = in_junit(told("junit", run, SAMPLE))
    assert found["failure"] == ["the run", *FAILING]
    assert found["error"] == ["restores.p.json"]
    assert found["skipped"] == ["restores.t8.status.present", "restores.s.403", "restores.e.error_code.present"]
    assert len(found["passed"]) == 3
    new = in_junit(told("junit", run, compared(SAMPLE, FAILING[1], fail_on_new=True)))
    assert new["failure"] == ["the run", FAILING[1]]
    assert FAILING[0] in new["skipped"]


@pytest.mark.parametrize(
    ("verdict", "status"),
    [("unfinished", "error"), ("error", "error"), ("incomplete", "skipped"), ("non-conformant", "failure")],
)
def test_no_run_without_a_good_verdict_reads_as_a_success(run: Path, verdict: str, status: str) -> None:
    document = unlike("x", **ALL_PASS) | {"verdict": verdict}
    assert "the run" in in_junit(told("junit", run, document))[status]
    assert json.loads(told("sarif", run, document))["runs"][0]["invocations"][0]["executionSuccessful"] is (
        status != "error"
    )


def test_the_counts_of_junit_and_ctrf_are_those_of_their_cases(run: Path) -> None:
    root = ET.fromstring(told("junit", run, SAMPLE))  # noqa: S314  our own document
    for suite in root:
        assert [suite.attrib[key] for key in ("tests", "failures", "errors", "skipped")] == [
            str(len(suite.findall(path)))
            for path in ("testcase", "testcase/failure", "testcase/error", "testcase/skipped")
        ]
    assert root.attrib["tests"] == str(len(list(root.iter("testcase")))) == "10"
    results = json.loads(told("ctrf", run, SAMPLE))["results"]
    assert results["summary"] == {
        "tests": 10,
        "passed": 3,
        "failed": 4,
        "skipped": 3,
        "pending": 0,
        "other": 0,
        "start": 1795486200000,
        "stop": 1795486237000,
    }
    assert [test["rawStatus"] for test in results["tests"]][:3] == ["non-conformant", "pass", "fail"]


def test_the_evidence_is_in_the_failure(run: Path) -> None:
    root = ET.fromstring(told("junit", run, SAMPLE))  # noqa: S314  our own document
    [failure] = [case[0] for case in root.iter("testcase") if case.attrib["name"] == FAILING[0]]
    assert failure.attrib["message"] == "fail: a body without provider_id was accepted with 200"
    assert "4 of 12 cases failed" in (failure.text or "")
    assert "expected 400, got 200" in (failure.text or "")
    assert "curl " in (failure.text or "")


def test_the_time_of_a_clause_is_that_of_its_requests(tmp_path: Path) -> None:
    bare = {case.name: case.seconds for case in cases(SAMPLE, {})}
    assert set(bare.values()) == {0.0}
    journal(tmp_path, *EXCHANGES)
    tests = {test["name"]: test["duration"] for test in json.loads(told("ctrf", tmp_path, SAMPLE))["results"]["tests"]}
    assert tests[FAILING[0]] == 2
    assert tests[FAILING[1]] == 0


def test_sarif_has_a_result_for_what_fails(run: Path) -> None:
    [told_run] = json.loads(told("sarif", run, compared(SAMPLE, FAILING[0])))["runs"]
    found = {result["ruleId"]: result for result in told_run["results"]}
    assert list(found) == [*FAILING, "restores.t8.status.present"]
    assert [found[clause].get("baselineState") for clause in found] == ["new", "unchanged", None]
    assert found["restores.t8.status.present"]["suppressions"][0]["justification"].startswith("CSBS-1234, until 2027")
    assert found[FAILING[1]]["webResponse"] == {"noResponseReceived": True}
    rules = told_run["tool"]["driver"]["rules"]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in found.values())


@pytest.mark.parametrize(
    ("source", "begins"),
    [
        (
            {"table": 3, "row": "provider_id"},
            '      {"name": "provider_id", "type": "String", "mandatory": true, "fixed"',
        ),
        ({"table": 8, "row": "provider_id"}, '      {"name": "provider_id", "type": "String", "fixed"'),
        ({"table": 8, "row": None}, '    {"number": 8,'),
        ({"table": 8, "row": "not there"}, '    {"number": 8,'),
        ({"table": None, "row": None}, "{"),
    ],
)
def test_a_result_is_placed_at_its_row_in_the_facts_of_the_page(run: Path, source: dict[str, Any], begins: str) -> None:
    document = unlike("x")
    document["clauses"][1]["source"] = source
    place = json.loads(told("sarif", run, document))["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "contracts/restores/tables.json"
    facts = (ROOT / "contracts" / "restores" / "tables.json").read_text(encoding="utf-8").splitlines()
    assert facts[place["region"]["startLine"] - 1].startswith(begins)


def test_what_does_not_fail_the_run_is_a_note_in_sarif(run: Path) -> None:
    [told_run] = json.loads(told("sarif", run, compared(SAMPLE, FAILING[0], fail_on_new=True)))["runs"]
    assert [result["level"] for result in told_run["results"]] == ["error", "note", "note"]


# -- the command


def test_a_format_is_written_to_a_file(run: Path) -> None:
    ledger.write(SAMPLE, run / "verdict.json")
    for form in formats.FORMATS:
        out = run / f"told.{form}"
        assert cli.main(["summary", str(run / "verdict.json"), "--format", form, "--out", str(out)]) == 0
        assert out.read_text(encoding="utf-8") == told(form, run, SAMPLE)


@pytest.mark.parametrize(
    ("output", "complaint"),
    [("pipe", ""), ("/dev/full", "reports summary: the standard output cannot be written: No space left on device\n")],
)
def test_an_output_that_takes_no_more_is_no_traceback(output: str, complaint: str) -> None:
    command = [sys.executable, "-m", "reports", "summary", str(PATH), "--format", "sarif"]
    if output == "pipe":
        reads, writes = os.pipe()
        os.close(reads)
    else:
        writes = os.open(output, os.O_WRONLY)
    done = subprocess.run(command, cwd=ROOT, stdout=writes, stderr=subprocess.PIPE, check=False, timeout=60, text=True)
    os.close(writes)
    assert (done.returncode, done.stderr) == (2 if complaint else 0, complaint)


def test_a_job_summary_stays_within_its_limit(run: Path) -> None:
    document = poisoned()
    fails = document["clauses"][1] | {"reason": "\u20ac" * 5000, "statement": "\u20ac" * 5000}
    document["clauses"] = [fails | {"id": f"restores.t3.c{n}.type"} for n in range(5000)]
    assert len(told("markdown", run, document).encode("utf-8")) < 1024 * 1024


def test_the_tool_calls_itself_as_the_project_does() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    assert f'name = "{reports.NAME}"' in project
    assert f'version = "{reports.VERSION}"' in project
