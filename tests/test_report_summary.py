"""The verdict in short: what it says, that nothing in it is taken for a mark or a command, and the command line."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from reports import __main__ as cli
from reports import ledger, summary
from reports.text import printable
from suites.earlier import EarlierError
from tests.samples import compared
from tests.starting import BYTECODE
from tests.verdicts import EVIL, PATH, SAMPLE, poisoned

ROOT = Path(__file__).parent.parent
NEW, KNOWN = "restores.t4.power_on.type", "restores.t3.provider_id.mandatory"


def parsed(text: str) -> tuple[set[str], str]:
    """What GitHub's Markdown makes of a text: kinds of tokens, and all that a reader sees."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    inner = [child for token in tokens for child in token.children or ()]
    return {token.type for token in [*tokens, *inner]}, "".join(each.content for each in inner)


@pytest.mark.parametrize(
    "wanted",
    [
        "## \u2717 Not conformant: 2 of 8 clauses fail, 1 new since the baseline\n",
        "**Next:** Do not release. Begin with Table 4, row power\\_on",
        "Since the baseline (staging, nightly, 2026-11-23 02:10 UTC): 1 new, 1 known, 1 fixed, 1 no longer judged\n",
        "**Fixed since the baseline:** `restores.t1.project_id.mandatory`\n",
        "**Judged in the baseline, not now:** `restores.s.403`\n",
        "| `restores.t4.power_on.type` | Table 4, row power\\_on, documented | no answer came to a power\\_on of type",
        "- the profile names no read-only role: `restores.s.403`\n",
        "depth standard, seed 20261124: 431 requests in 31.4 s, 27 restorations accepted\n",
    ],
)
def test_the_markdown_says(wanted: str) -> None:
    verdict = compared(SAMPLE, NEW, fixed=["restores.t1.project_id.mandatory"], lost=["restores.s.403"])
    assert wanted in summary.markdown(verdict)


def test_the_table_of_failing_clauses_has_its_rows() -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(summary.markdown(compared(SAMPLE, NEW)))
    rows = [token for token in tokens if token.type == "tr_open"]
    cells = [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "td_open"]
    assert len(rows) == 3
    assert [cells[i] for i in (0, 3, 4, 7)] == [f"`{NEW}`", "new", f"`{KNOWN}`", "known"]


def test_what_does_not_count_says_so() -> None:
    document = copy.deepcopy(SAMPLE)
    document["clauses"][1]["strength"] = "advisory"
    assert summary.markdown(document).count("| does not count |") == 1
    assert "does not count |" not in summary.markdown(SAMPLE)


def test_a_pass_is_told_in_short() -> None:
    clauses = [clause for clause in SAMPLE["clauses"] if clause["outcome"] == "pass"]
    text = summary.markdown(SAMPLE | {"verdict": "conformant", "clauses": clauses, "deviations": []})
    assert "## \u2713 Conformant: all 2 clauses hold" in text
    assert "###" not in text
    assert "baseline" not in text


def test_a_verdict_of_any_size_makes_a_short_page() -> None:
    document = copy.deepcopy(SAMPLE)
    fail = document["clauses"][1]
    document["clauses"] = [fail | {"id": f"restores.t3.c{n}.type", "reason": "x" * 10_000} for n in range(1000)]
    text = summary.markdown(document)
    assert len(text) < 100_000
    assert "and 950 more" in text


def test_nothing_in_the_document_is_taken_for_a_mark() -> None:
    harmless, _ = parsed(summary.markdown(compared(SAMPLE | {"deviations": []}, NEW)))
    kinds, shown = parsed(summary.markdown(compared(poisoned(), NEW, target=EVIL)))
    assert kinds <= harmless
    assert shown.count(" ".join(printable(EVIL).split())) > len(SAMPLE["clauses"])
    assert "\x1b" not in shown


def commands(verdict: dict[str, Any]) -> list[tuple[str, str]]:
    """Kind and title of each annotation."""
    lines = summary.github(verdict).splitlines()
    return [(line.split(" title=")[0], line.split(" title=")[1].split("::")[0]) for line in lines]


GAPS = [("::warning", "1 clause not judged")] * 3


def test_what_was_blocked_or_lost_is_an_error_where_a_documented_clause_is_concerned() -> None:
    document = compared(SAMPLE | {"verdict": "incomplete"})
    document["clauses"] = [
        clause for clause in document["clauses"] if clause["outcome"] in ("pass", "skipped", "blocked")
    ]
    assert commands(document) == GAPS[:2]
    document["baseline"]["lost"] = ["restores.s.403"]
    assert commands(document) == [("::error", "1 clause not judged"), GAPS[0]]
    document["baseline"]["lost"] = ["restores.e.error_code.present"]
    assert commands(document) == GAPS[:2]
    blocked = next(clause for clause in document["clauses"] if clause["outcome"] == "blocked")
    blocked["strength"] = "documented"
    assert commands(document) == [("::error", "1 clause not judged"), GAPS[0]]
    assert "::error title=1 clause not judged::the gateway answered 429 to the end\n" in summary.github(document)


def test_what_fails_is_an_error_and_what_was_skipped_a_warning() -> None:
    assert commands(SAMPLE) == [("::error", KNOWN), ("::error", NEW), *GAPS]
    assert "::error title=restores.t3.provider_id.mandatory::a body without provider_id was accepted with 200\n" in (
        summary.github(SAMPLE)
    )


def test_what_is_known_is_a_warning_only_where_it_does_not_fail_the_run() -> None:
    known = ("::warning", f"{KNOWN} (known)")
    assert commands(compared(SAMPLE, NEW, fail_on_new=True)) == [("::error", f"{NEW} (new)"), known, *GAPS]
    assert commands(compared(SAMPLE, NEW)) == [("::error", f"{NEW} (new)"), ("::error", known[1]), *GAPS]


def test_what_does_not_count_is_a_warning() -> None:
    document = copy.deepcopy(SAMPLE)
    document["clauses"][1]["strength"] = "advisory"
    assert commands(document)[:2] == [("::error", NEW), ("::warning", KNOWN)]


def test_a_run_that_fails_without_a_failing_clause_has_an_error_all_the_same() -> None:
    passing = [clause for clause in SAMPLE["clauses"] if clause["outcome"] == "pass"]
    kept = [SAMPLE["deviations"][0] | {"state": "passes"}]
    assert commands(SAMPLE | {"clauses": passing, "deviations": kept}) == [("::error", "Not conformant")]
    assert commands(SAMPLE | {"clauses": passing, "verdict": "error"}) == [("::error", "No verdict")]
    assert commands(SAMPLE | {"clauses": passing, "verdict": "unfinished"}) == [("::error", "Unfinished")]
    assert commands(SAMPLE | {"clauses": passing, "verdict": "conformant"}) == []


def test_the_end_of_a_deviation_is_a_warning() -> None:
    soon = [SAMPLE["deviations"][0] | {"days_left": 3}]
    assert ("::warning", "declared deviation") in commands(SAMPLE | {"deviations": soon})


def test_no_more_annotations_than_are_shown() -> None:
    fail = SAMPLE["clauses"][1]
    many = [fail | {"id": f"restores.t3.c{n}.type"} for n in range(100)]
    assert len(commands(SAMPLE | {"clauses": many})) == summary.ANNOTATED


def test_nothing_in_the_document_is_taken_for_a_command() -> None:
    lines = summary.github(compared(poisoned(), NEW, target=EVIL)).splitlines()
    assert len(lines) == len(commands(compared(SAMPLE, NEW))) - 2 + 1  # one reason for all that was not judged
    assert all(line.startswith(("::error title=", "::warning title=")) for line in lines)
    assert all(line.count("%") == line.count("%25") for line in lines)


@pytest.mark.parametrize("form", ["markdown", "github"])
def test_every_form_is_to_be_had_on_the_command_line(form: str) -> None:
    command = [sys.executable, "-m", "reports", "summary", str(PATH), "--format", form]
    ascii_only = {"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "ascii", **BYTECODE}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=60, env=ascii_only)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode("utf-8") == getattr(summary, form)(SAMPLE)


def test_markdown_is_what_comes_unless_asked(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert cli.main(["summary", str(PATH)]) == 0
    sys.stdout.flush()
    assert capfdbinary.readouterr().out.decode() == summary.markdown(SAMPLE)


def test_mistakes_end_with_2_and_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "verdict.json"
    broken.write_text(json.dumps(SAMPLE | {"seed": "\x1b[31m"}), encoding="utf-8")
    twice = tmp_path / "twice.json"
    twice.write_text(json.dumps(SAMPLE | {"clauses": SAMPLE["clauses"] * 2}), encoding="utf-8")
    for path, complaint in (
        (tmp_path / "absent.json", "cannot be read: No such file or directory"),
        (ROOT / "README.md", "is no verdict: it is not JSON"),
        (broken, "is no verdict: seed breaks the rule 'type' of its schema"),
        (twice, "is no verdict: a clause is in it twice"),
    ):
        assert cli.main(["summary", str(path)]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"reports summary: {path}: {complaint}")
        assert err.count("\n") == 1


def test_a_verdict_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "verdict.json"
    ledger.write(SAMPLE, path)
    assert ledger.read(path) == SAMPLE
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(EarlierError, match="has no schema_version"):
        ledger.read(path)
