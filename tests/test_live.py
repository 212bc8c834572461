"""What a run says while it goes on, and at its end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from reports.live import Output, Standing, Ticker, expected, pauses, told
from suites.exploring import DEPTHS
from tests.starting import ENVIRONMENT, PATIENCE, ROOT, arguments, run

if TYPE_CHECKING:
    from pathlib import Path

STANDING = Standing(judged=41, clauses=98, failing=0, requests=3121, sent=3000, seconds=30.0, left=5000)


@pytest.mark.parametrize(
    ("standing", "line"),
    [
        (STANDING, "41 of 98 clauses judged, 3121 requests, 100/s, none failing, about 50 s left"),
        (Standing(1, 1, 2, 1, 1, 1.0, 90), "1 of 1 clause judged, 1 request, 1/s, 2 failing, about 2 min left"),
        (Standing(0, 9, 0, 5, 0, 0.0, 90), "0 of 9 clauses judged, 5 requests, 0/s, none failing"),
    ],
)
def test_standing_in_one_line(standing: Standing, line: str) -> None:
    assert told(standing) == line


def test_acceptable_requests_are_expected_once() -> None:
    tests = [("test_acceptance", True), ("test_response", True), ("test_rejection", False), ("test_protocol", False)]
    assert expected(tests, DEPTHS["standard"], 300) == [300, 0, 10, 0]
    assert expected(tests[2:], DEPTHS["standard"], 300) == [10, 0]


def test_plain_lines_come_less_and_less_often() -> None:
    assert list(islice(pauses(terminal=False), 5)) == [10, 20, 40, 60, 60]
    assert set(islice(pauses(terminal=True), 5)) == {0.5}


def test_ticker_calls_until_its_block_is_left() -> None:
    thrice = threading.Semaphore(0)
    with Ticker(thrice.release, iter([0.0, 0.0, 0.0])):
        for _ in range(3):
            assert thrice.acquire(timeout=PATIENCE)
    with Ticker(thrice.release, iter([PATIENCE])):
        pass
    assert not thrice.acquire(blocking=False)


@pytest.mark.parametrize(
    ("terminal", "shown"), [(False, "one\ntwo\n"), (True, "\rone       \rtwo       \r          \r")]
)
def test_line_is_over_the_one_before_on_a_terminal(
    terminal: bool, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "11")
    path = tmp_path / "stdout"
    with path.open("w") as file:
        monkeypatch.setattr(sys, "stdout", file)
        output = Output(terminal=terminal)
        output.say("one")
        output.say("two")
        output.close()
    with path.open(newline="") as written:
        assert written.read() == shown


def test_run_ends_with_ten_lines_that_say_what_matters(tmp_path: Path) -> None:
    done = run(tmp_path, "--depth", "smoke", "--flaw", "everything-gets-200")
    lines = done.stdout.splitlines()
    start = next(index for index, line in enumerate(lines) if "Not conformant:" in line)
    *said, last = lines[start:]
    assert "short test summary info" in "\n".join(lines[:start])
    assert len(said) <= 10
    assert said[6].startswith("and ")
    assert said[7].startswith("next: Do not release. Begin with ")
    assert said[-1] == f"report: {tmp_path / 'out' / 'report.html'}"
    assert "failed" in last
    assert not re.search(r"^[.Fsx]{5}", done.stdout, re.MULTILINE)


def test_verbose_run_has_the_lines_of_pytest(tmp_path: Path) -> None:
    done = run(tmp_path, "--depth", "smoke", "-vv", "-k", "test_protocol")
    assert "test_clause_is_kept_throughout[restores.p.json] SKIPPED" in done.stdout


def test_run_on_a_terminal_leaves_no_live_line(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    environment = {**ENVIRONMENT, "COLUMNS": "60", "TERM": "xterm"}
    with subprocess.Popen(
        arguments(tmp_path, "--depth", "smoke"), cwd=ROOT, env=environment, stdout=theirs, stderr=subprocess.STDOUT
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:  # how Linux says that the other end is closed
            pass
        assert process.wait(PATIENCE) == 0
    os.close(ours)
    before, cleared, after = shown.decode().rpartition("\r" + " " * 59 + "\r")
    assert cleared
    assert "Conformant: all 93 clauses hold" in after
    assert "judged" not in after
    assert "...." not in before
