"""The journal, told as an archive of its exchanges; one that is none is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from reports import __main__ as cli
from reports import ledger
from targets.exchange import Request, Sent
from targets.journal import SHOWN, Journal
from tests.samples import answered
from tests.verdicts import EVIL, EXCHANGES, SAMPLE, journal, told

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    journal(tmp_path, *EXCHANGES)
    return tmp_path


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
