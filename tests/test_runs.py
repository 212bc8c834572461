"""Whole runs as people start them: exit codes, sentences and what they leave, over real sockets."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from reports import ledger
from targets.embedded import world
from tests.power import run as run_in_process
from tests.raw import answer, raw_server
from tests.starting import BYTECODE

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parent.parent
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    **BYTECODE,
    "SUITE_TOKEN": "marked-secret-token-0123456789",
    "SUITE_READER": "marked-reader-token-0123456789",
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Starts ``pytest suites`` at smoke depth, with its reports in ``tmp_path/out``."""

    def start(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "suites", "-q", "-p", "no:cacheprovider", "--depth", "smoke"]
        command += ["--report-dir", str(tmp_path / "out"), *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=120
        )

    return start


def verdict(tmp_path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((tmp_path / "out" / "verdict.json").read_text(encoding="utf-8"))
    return document


def profile(tmp_path: Path, endpoint: str, more: str = "") -> str:
    path = tmp_path / "target.toml"
    path.write_text(
        f"""
[target]
name = "under test"
endpoint = "{endpoint}"
project_id = "{world.PROJECT}"
[credentials.operator]
token_env = "SUITE_TOKEN"
[credentials.read_only]
token_env = "SUITE_READER"
[limits]
requests_per_second = 10000
throttle_wait = 0
{more}
""",
        encoding="utf-8",
    )
    return str(path)


def test_sound_service_is_conformant_and_leaves_its_reports(run: Run, tmp_path: Path) -> None:
    done = run("--seed", "7")
    assert done.returncode == 0, done.stdout + done.stderr
    document = verdict(tmp_path)
    assert (document["verdict"], document["seed"], document["depth"]) == ("conformant", 7, "smoke")
    assert {clause["outcome"] for clause in document["clauses"]} == {"pass"}
    cases = ET.parse(tmp_path / "out" / "junit.xml").getroot().iter("testcase")  # noqa: S314  our own file
    assert len(list(cases)) > 200
    assert "Conformant" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    left = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert left == ["exchanges.jsonl", "junit.xml", "report.html", "verdict.json"]


def test_run_without_pytest_asks_the_same(run: Run, tmp_path: Path) -> None:
    run("--seed", "1")
    with_pytest, without = verdict(tmp_path), run_in_process(seed=1)
    counts = [{clause["id"]: clause["cases"] for clause in document["clauses"]} for document in (with_pytest, without)]
    assert counts[0] == counts[1]
    assert with_pytest["requests"]["by_status"] == without["requests"]["by_status"]


def test_flaw_fails_the_run_for_its_clause_alone(run: Run, tmp_path: Path) -> None:
    done = run("--flaw", "provider-id-value-unchecked")
    assert done.returncode == 1
    assert [each["id"] for each in verdict(tmp_path)["clauses"] if each["outcome"] == "fail"] == [
        "restores.t3.provider_id.value"
    ]
    assert "Table 3, row provider_id" in done.stdout
    assert "curl" in done.stdout
    assert world.OPERATOR_TOKEN not in done.stdout


def test_selected_tests_alone_make_no_conformant_run(run: Run) -> None:
    done = run("-k", "power_on")
    assert done.returncode == 6, done.stdout


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 503])
def test_service_that_answers_everything_alike_is_never_conformant(run: Run, tmp_path: Path, status: int) -> None:
    body = b'{"error_code": "X.1", "error_msg": "no"}'
    with raw_server(answer(f"{status} Whatever", body, "Content-Type: application/json")) as server:
        done = run("--target", profile(tmp_path, server.endpoint))
    assert done.returncode in {1, 6}, done.stdout
    assert verdict(tmp_path)["verdict"] in {"incomplete", "non-conformant"}


def test_target_that_accepts_everything_is_stopped_by_the_budget(run: Run, tmp_path: Path) -> None:
    with raw_server(answer("200 OK", b"{}", "Content-Type: application/json")) as server:
        done = run("--target", profile(tmp_path, server.endpoint))
    assert done.returncode == 1, done.stdout
    assert verdict(tmp_path)["requests"]["accepted"] == len(server.requests) == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--target", "absent.toml"], "absent.toml: cannot be read"),
        (["--flaw", "provider-id-value"], "no flaw 'provider-id-value': did you mean provider-id-value-unchecked"),
        (["--plan", "--flaw", "no-such-flaw"], "the embedded service has no flaw 'no-such-flaw'"),
        (["--flaw", "x", "--target", "y"], "--flaw is for the embedded service"),
        (["--deviations", "absent.toml"], "absent.toml: cannot be read"),
        (["--report-dir", "README.md"], "README.md"),
        (["--baseline", "absent.json"], "absent.json: cannot be read: No such file or directory"),
        (["--baseline", "README.md"], "README.md: is no verdict: it is not JSON"),
        (["--baseline", "tests/data/verdict.json"], "was judged by another contract (abababababab, now "),
        (["--fail-on-new"], "--fail-on-new needs a --baseline"),
    ],
)
def test_mistakes_end_with_4_and_a_sentence(run: Run, arguments: list[str], complaint: str) -> None:
    done = run(*arguments)
    assert done.returncode == 4, done.stdout + done.stderr
    assert complaint in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_bad_profile_missing_token_and_unreachable_target_end_with_4(run: Run, tmp_path: Path) -> None:
    with raw_server(answer("200 OK")) as server:
        pass
    for endpoint, more, complaint in (
        (server.endpoint, "", "nobody answers (Connection refused)"),
        (server.endpoint, "[limit]", "limit is an unknown key (did you mean limits?)"),
        ("csbs.example", "", "target.endpoint: must be http"),
        (server.endpoint, '[credentials.expired]\ntoken_env = "SUITE_ABSENT"', "SUITE_ABSENT is not set"),
    ):
        done = run("--target", profile(tmp_path, endpoint, more))
        assert done.returncode == 4, done.stdout + done.stderr
        assert complaint in done.stderr
        assert "Traceback" not in done.stdout + done.stderr


def test_earlier_reports_do_not_survive_a_run_that_cannot_start(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for name in ("verdict.json", "report.html", "junit.xml"):
        (tmp_path / "out" / name).write_text("yesterday's success", encoding="utf-8")
    assert run("--target", "absent.toml").returncode == 4
    assert list((tmp_path / "out").iterdir()) == []


def test_tokens_appear_nowhere(run: Run, tmp_path: Path) -> None:
    echo = b'{"error_code": "X.1", "error_msg": "you sent marked-secret-token-0123456789"}'
    with raw_server(answer("400 Bad", echo, "X-Echo: marked-reader-token-0123456789")) as server:
        done = run("--target", profile(tmp_path, server.endpoint), "-v", "-rA")
    shown = done.stdout + done.stderr
    shown += "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "out").iterdir())
    assert "marked-" not in shown
    assert "***" in shown


DEVIATION = """
[[deviation]]
clause = "restores.{clause}"
reason = "until the next release"
reference = "T-1"
expires = {expires}
"""


@pytest.mark.parametrize(
    ("clause", "expires", "exit_code"),
    [
        ("t3.provider_id.value", "2999-01-01", 0),
        ("t3.provider_id.value", "2001-01-01", 1),
        ("t3.provider_id.type", "2999-01-01", 1),
        ("t3.nothing.type", "2999-01-01", 4),
    ],
    ids=["applied", "expired", "passes-after-all", "matches-nothing"],
)
def test_deviations_are_strict_both_ways(run: Run, tmp_path: Path, clause: str, expires: str, exit_code: int) -> None:
    path = tmp_path / "deviations.toml"
    path.write_text(DEVIATION.format(clause=clause, expires=expires), encoding="utf-8")
    done = run("--deviations", str(path), "--flaw", "provider-id-value-unchecked")
    assert done.returncode == exit_code, done.stdout


@pytest.mark.parametrize(
    ("ahead", "told"),
    [
        (-1, "The declared deviation of restores.t3.provider_id.value expired on {day}: it counts as absent."),
        (3, "The declared deviation of restores.t3.provider_id.value ends in 3 days, on {day}."),
        (400, None),
    ],
)
def test_the_end_of_a_deviation_is_announced_everywhere(run: Run, tmp_path: Path, ahead: int, told: str | None) -> None:
    today = datetime.now(timezone.utc).date()
    day = today + timedelta(days=ahead)
    path = tmp_path / "deviations.toml"
    path.write_text(DEVIATION.format(clause="t3.provider_id.value", expires=day), encoding="utf-8")
    done = run("--deviations", str(path), "--flaw", "provider-id-value-unchecked")
    if datetime.now(timezone.utc).date() != today:
        pytest.skip("the day changed on the way")
    assert done.returncode == (1 if ahead < 0 else 0)
    (declared,) = verdict(tmp_path)["deviations"]
    assert (declared["days_left"], declared["state"]) == (ahead, "expired" if ahead < 0 else "applied")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    for text in (done.stdout, page):
        assert "The declared deviation of" in text if told else "The declared deviation of" not in text
        assert (told or "").format(day=day) in text


@pytest.fixture(scope="module")
def yesterday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The verdict on a service that does not check provider_id's value."""
    path = tmp_path_factory.mktemp("yesterday") / "verdict.json"
    ledger.write(run_in_process(["provider-id-value-unchecked"]), path)
    return path


OLD, OTHER = "provider-id-value-unchecked", "power-on-may-be-string"
VALUE, TYPE = "restores.t3.provider_id.value", "restores.t4.power_on.type"


@pytest.mark.parametrize(
    ("arguments", "exit_code", "findings", "told"),
    [
        (["--flaw", OLD], 1, {VALUE: "known"}, "0 new, 1 known, 0 fixed"),
        (["--flaw", OLD, "--fail-on-new"], 0, {VALUE: "known"}, "by --fail-on-new the run does not fail (exit 0)."),
        (["--flaw", OTHER, "--fail-on-new"], 1, {TYPE: "new"}, f"fixed since the baseline: {VALUE}"),
        (["--fail-on-new"], 0, {}, f"fixed since the baseline: {VALUE}"),
        (
            ["--flaw", OLD, "--fail-on-new", "-k", "not power_on"],
            6,
            {VALUE: "known"},
            "judged in the baseline, not now: restores.t4.power_on.mandatory",
        ),
    ],
    ids=["known", "known-is-forgiven", "new", "fixed", "known-and-incomplete"],
)
def test_what_is_new_is_told_from_what_is_known(
    run: Run, tmp_path: Path, yesterday: Path, arguments: list[str], exit_code: int, findings: dict[str, str], told: str
) -> None:
    done = run("--baseline", str(yesterday), *arguments)
    assert done.returncode == exit_code, done.stdout
    document = verdict(tmp_path)
    assert {each["id"]: each["finding"] for each in document["clauses"] if "finding" in each} == findings
    assert document["verdict"] == ("non-conformant" if findings else "conformant")
    assert told in done.stdout
    for clause, finding in findings.items():
        assert f"{finding:<6}{clause}" in done.stdout
        assert f"{finding} since the baseline</span>" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_the_last_report_may_be_the_baseline_of_the_next(run: Run, tmp_path: Path) -> None:
    last = tmp_path / "out" / "verdict.json"
    assert run("--flaw", OLD).returncode == 1
    assert run("--flaw", OLD, "--baseline", str(last), "--fail-on-new").returncode == 0
    assert verdict(tmp_path)["baseline"]["lost"] == []


def test_a_run_that_did_not_end_is_no_baseline(run: Run, tmp_path: Path, yesterday: Path) -> None:
    path = tmp_path / "unfinished.json"
    path.write_text(yesterday.read_text(encoding="utf-8").replace('"non-conformant"', '"unfinished"'), encoding="utf-8")
    done = run("--baseline", str(path))
    assert done.returncode == 4
    assert "unfinished.json: is no finished run (restores.t3.provider_id.value" in done.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_a_run_that_is_stopped_is_not_green_by_its_baseline(run: Run, tmp_path: Path, yesterday: Path) -> None:
    body = b'{"error_code": "X.1", "error_msg": "no"}'
    with raw_server(answer("401 No", body, "Content-Type: application/json")) as server:
        done = run("--target", profile(tmp_path, server.endpoint), "--baseline", str(yesterday), "--fail-on-new")
    assert done.returncode == 6, done.stdout
    lost = len(verdict(tmp_path)["baseline"]["lost"])
    assert lost > 50
    assert f"{lost} no longer judged" in done.stdout
    assert f"and {lost - 5} more" in done.stdout
