"""The formats that CI systems read: each as its published schema says, whatever stands in a verdict."""

from __future__ import annotations

import io
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
from reports.exchanges import latency
from targets.exchange import Break, Request, Sent
from targets.journal import SHOWN, Journal
from tests.samples import answered, broke, compared
from tests.verdicts import EVIL, PATH, SAMPLE, poisoned, unlike

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from targets.exchange import Exchange

ROOT = Path(__file__).parent.parent
SCHEMAS = ROOT / "tests" / "schemas"
FAILING = ["restores.t3.provider_id.mandatory", "restores.t4.power_on.type"]


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


def journal(directory: Path, *exchanges: tuple[str, Exchange]) -> None:
    book = Journal(directory / "exchanges.jsonl")
    for case, exchange in exchanges:
        book.came(Request("POST", "/", b"{}", case=case), exchange, accepted=False)
    book.close()


EXCHANGES = [
    (f"{FAILING[0]}-missing.0", answered(400, {"error_code": "CSBS.0400"})),
    (f"{FAILING[0]}-as-sent.1", answered(204, body=b"")),
    ("control", answered(200, body=EVIL.encode("utf-8", "surrogatepass") * 100, location="http://127.0.0.1/x")),
    ("restores.s.404-preflight", broke(Break.SILENT, "no answer within 5 s")),
]


def told(form: str, directory: Path, verdict: dict[str, Any]) -> str:
    file = io.StringIO()
    formats.FORMATS[form](formats.Run(directory / "verdict.json", verdict), file)
    return file.getvalue()


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


# -- the archive


def test_the_archive_has_every_exchange(run: Path) -> None:
    log = json.loads(told("har", run, SAMPLE))["log"]
    assert log["version"] == "1.2"
    assert [entry["response"]["status"] for entry in log["entries"]] == [400, 204, 200, 0]
    assert [entry["comment"] for entry in log["entries"]][1:] == [
        EXCHANGES[1][0],
        "control",
        "restores.s.404-preflight: no answer within 5 s",
    ]
    assert log["entries"][0]["time"] == log["entries"][0]["timings"]["wait"] == 1.0
    assert log["entries"][0]["request"]["postData"] == {"mimeType": "application/octet-stream", "text": "{}"}
    assert log["entries"][0]["response"]["statusText"] == "Bad Request"
    long = log["entries"][2]["response"]
    assert long["content"]["size"] == len(EVIL.encode("utf-8", "surrogatepass")) * 100 > SHOWN
    assert long["redirectURL"] == "http://127.0.0.1/x"


def test_a_request_that_left_and_was_never_heard_of_is_in_the_archive(tmp_path: Path) -> None:
    book = Journal(tmp_path / "exchanges.jsonl")
    sent = Sent("POST", "http://127.0.0.1:9/v1/p/restores?a=b&c", (), b"{}")
    asked = Request("POST", "/", b"{}", case="left", resource="resource 1")
    heard = book.leaves(asked, sent, 0.0, 1)
    book.leaves(asked, sent, 0.0, 1)
    book.came(asked, answered(200), accepted=True, number=heard)
    book.close()
    entries = json.loads(told("har", tmp_path, SAMPLE))["log"]["entries"]
    assert [entry["response"]["status"] for entry in entries] == [200, 0]
    assert entries[1]["comment"] == "left: left, and what became of it was not written down"
    assert entries[1]["request"]["queryString"] == [{"name": "a", "value": "b"}, {"name": "c", "value": ""}]


def test_latency_is_that_of_the_answers(tmp_path: Path) -> None:
    assert latency(tmp_path / "verdict.json") is None
    took = [(f"c-{n}", answered(200)) for n in range(20)]
    for n, (_, exchange) in enumerate(took, 1):
        object.__setattr__(exchange, "seconds", n / 100)
    journal(tmp_path, *reversed(took), ("x", broke(Break.SILENT)))
    found = latency(tmp_path / "verdict.json")
    assert found is not None
    assert (found.answers, found.p50, found.p90, found.p99, found.max) == (20, 0.1, 0.18, 0.2, 0.2)


# -- the command


def test_a_format_is_written_to_a_file(run: Path) -> None:
    ledger.write(SAMPLE, run / "verdict.json")
    for form in formats.FORMATS:
        out = run / f"told.{form}"
        assert cli.main(["summary", str(run / "verdict.json"), "--format", form, "--out", str(out)]) == 0
        assert out.read_text(encoding="utf-8") == told(form, run, SAMPLE)


def entry(**changes: Any) -> bytes:
    """A line of a journal, with some members changed."""
    request = {"method": "POST", "url": "http://127.0.0.1/", "headers": [], "body": ""}
    sound = {"number": 1, "seconds": 1, "case": "c", "started": "2026-11-24T02:10:00+00:00", "why": ""}
    return json.dumps({**sound, "request": request, "response": None, **changes}).encode() + b"\n"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "is not there or empty, and an archive is made of it"),
        (b"", "is not there or empty, and an archive is made of it"),
        (b"no\n", "line 1 is no JSON object"),
        (b'{"seconds": null}\n', "an entry is not as a run writes it (KeyError: 'response')"),
        (entry(seconds="1"), "an entry is not as a run writes it: a value is of another type"),
        (entry(case=None), "an entry is not as a run writes it: a value is of another type"),
        (
            entry(response={"status": "2", "headers": [], "body": ""}),
            "an entry is not as a run writes it: a value is of anoth",
        ),
        (entry(request=[]), "an entry is not as a run writes it (TypeError: "),
        (
            entry(response={"status": 200, "headers": [["a"]], "body": ""}),
            "an entry is not as a run writes it (ValueError: ",
        ),
    ],
)
def test_a_journal_that_is_none_ends_with_a_sentence_and_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, complaint: str
) -> None:
    ledger.write(SAMPLE, tmp_path / "verdict.json")
    if content is not None:
        (tmp_path / "exchanges.jsonl").write_bytes(content)
    before = sorted(tmp_path.iterdir())
    arguments = ["summary", str(tmp_path / "verdict.json"), "--format", "har", "--out", str(tmp_path / "out.har")]
    assert cli.main(arguments) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"reports summary: {tmp_path / 'exchanges.jsonl'}: {complaint}")
    assert err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


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
