"""The page and the JUnit file of real pytest runs: there when whole, never half, never another run's."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.starting import BYTECODE

if TYPE_CHECKING:
    from collections.abc import Callable

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent
SAMPLE = Path(__file__).parent / "data" / "verdict.json"

JUDGE = """
import json
from pathlib import Path
import pytest
from reports import html, publishing

def pytest_configure(config):
    publishing.configure(config, Path("out"))
    publishing.clear(config)

@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    path = Path("verdict.json")
    if path.exists():
        session.config.stash[html.VERDICT_KEY] = json.loads(path.read_text(encoding="utf-8"))
"""
PASSING = "def test_one(): pass\n"
HOSTILE = r"""
import pytest
from pytest_html import extras as make

@pytest.fixture(autouse=True)
def late():
    yield
    print("late \x1b[31m\ud800")

@pytest.mark.parametrize("x", [1, 2], ids=["<img src=x onerror=alert(1)>", "s\ud800\x00"])
def test_hostile(x, extras):
    extras.append(make.text("\ud800", name="<img src=x onerror=alert(2)>"))
    extras.append(make.html("<img src=x onerror=alert(3)>"))
    print("\x1b[31m<img src=x onerror=alert(4)>\ud800")
    assert x == 1, "\x00\ud800<img src=x onerror=alert(5)>"
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Runs pytest on some tests, judged by a plugin, in a process of its own."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name, value in BYTECODE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BUILD_TAG", "tag-with-a-secret")

    def _run(
        *options: str,
        tests: str = PASSING,
        judge: str = JUDGE,
        plugins: tuple[str, ...] = ("reports.html", "judge"),
        verdict: bool = True,
    ) -> pytest.RunResult:
        pytester.makeini(
            "[pytest]\naddopts = --import-mode=importlib --strict-config -p no:cacheprovider\n"
            "filterwarnings = error\npythonpath = ."
        )
        pytester.makeconftest(f"pytest_plugins = {list(plugins)!r}")
        pytester.makepyfile(judge=judge, test_it=tests)
        if verdict:
            (pytester.path / "verdict.json").write_text(SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
        return pytester.runpytest_subprocess(*options)

    return _run


def left(pytester: pytest.Pytester, directory: str = "out") -> set[str]:
    return {path.name for path in (pytester.path / directory).iterdir()}


def page(pytester: pytest.Pytester, name: str = "out/report.html") -> str:
    return (pytester.path / name).read_text(encoding="utf-8")


def blob(text: str) -> str:
    """What pytest-html hands to its script."""
    match = re.search(r'data-jsonblob="([^"]*)"', text)
    assert match
    return unescape(match[1])


@pytest.mark.parametrize("plugins", [("reports.html", "judge"), ("judge", "reports.html")], ids="-then-".join)
def test_a_run_without_options_leaves_both_reports(
    run: Callable[..., pytest.RunResult], pytester: pytest.Pytester, plugins: tuple[str, ...]
) -> None:
    result = run(plugins=plugins)
    assert result.ret == pytest.ExitCode.OK
    assert left(pytester) == {"report.html", "junit.xml"}
    text = page(pytester)
    assert '<title id="head-title">Conformance report</title>' in text
    assert "Not conformant: 2 of 8 clauses fail" in text
    assert ET.parse(pytester.path / "out" / "junit.xml").getroot().find(".//testcase") is not None  # noqa: S314  our own
    result.stdout.fnmatch_lines(
        ["*generated xml file: */out/junit.xml -*", "*html report: file://*/out/report.html -*"]
    )
    result.stdout.no_fnmatch_line("*.part*")


def test_no_environment_is_shown(run: Callable[..., pytest.RunResult], pytester: pytest.Pytester) -> None:
    run()
    assert json.loads(blob(page(pytester)))["environment"] == {}
    assert "tag-with-a-secret" not in page(pytester)


def test_hostile_tests_end_no_session_and_add_no_markup(
    run: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    result = run(tests=HOSTILE)
    result.assert_outcomes(passed=1, failed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert left(pytester) == {"report.html", "junit.xml"}
    ET.parse(pytester.path / "out" / "junit.xml")  # noqa: S314  our own
    # The keys are test ids as they are, which the page's script never reads.
    rows = [row for rows in json.loads(blob(page(pytester)))["tests"].values() for row in rows]
    shown = json.dumps(rows)
    assert len(rows) == 2
    assert "onerror=alert(1)" in shown
    assert "onerror=alert(4)" in shown
    assert "late \\\\x1b[31m" in shown
    assert "<img" not in shown
    assert "\\u001b" not in shown
    assert not re.search(r"(?<!\\)\\ud800", shown)
    assert all(row["extras"] == [] for row in rows)


def test_a_run_without_a_verdict_says_so(run: Callable[..., pytest.RunResult], pytester: pytest.Pytester) -> None:
    run(verdict=False)
    assert "This run judged no target" in page(pytester)


def test_an_interrupted_run_leaves_no_junit_file_that_reads_as_success(
    run: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    run()
    result = run(tests=PASSING + "def test_two(): raise KeyboardInterrupt\n", verdict=False)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert left(pytester) == {"report.html", "junit.xml.part"}


def test_a_run_that_dies_leaves_nothing_under_the_final_names(
    run: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    run()
    assert "report.html" in left(pytester)
    result = run(tests="import os\ndef test_it(): os._exit(0)\n")
    assert result.ret == 0
    assert not {"report.html", "junit.xml"} & left(pytester)


def test_a_report_that_cannot_be_written_is_never_a_success(
    run: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    full = "\n@pytest.hookimpl(trylast=True)\ndef pytest_sessionfinish():\n    raise OSError(28, 'No space left')\n"
    judge = JUDGE.replace("def pytest_sessionfinish", "def _unused") + full
    result = run(judge=judge)
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    assert not {"report.html", "junit.xml"} & left(pytester)
    result.stdout.fnmatch_lines(["A report could not be written: *No space left*"])


def test_configuring_too_late_is_never_a_success(run: Callable[..., pytest.RunResult]) -> None:
    late = JUDGE.replace("def pytest_configure", "@pytest.hookimpl(trylast=True)\ndef pytest_configure")
    result = run(judge=late)
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    result.stdout.fnmatch_lines(["A report could not be written: *report.html*"])


def test_a_path_given_on_the_command_line_is_kept(
    run: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    result = run("--html=mine/page.html")
    assert result.ret == pytest.ExitCode.OK
    assert left(pytester, "mine") == {"page.html"}
    assert left(pytester) == {"junit.xml"}


def test_looking_at_the_tests_leaves_the_reports_alone(
    run: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    run()
    before = page(pytester)
    run("--collect-only")
    assert left(pytester) == {"report.html", "junit.xml"}
    assert page(pytester) == before


def test_a_directory_that_cannot_be_is_told_in_one_sentence(
    run: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    (pytester.path / "out").write_text("a file")
    result = run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *out/report.html: reports cannot be written there: *"])
    result.stderr.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize("plugin", ["html", "junitxml"])
def test_a_report_that_is_switched_off_is_told_in_one_sentence(
    run: Callable[..., pytest.RunResult], plugin: str
) -> None:
    result = run("-p", f"no:{plugin}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *cannot be written: its plugin is switched off or not installed"])
