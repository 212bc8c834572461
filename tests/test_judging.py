"""Every rule of judging, each shown by an exchange that passes it and one that fails by it alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import contracts
from suites import judging
from suites.outcomes import Case, Outcome
from targets.exchange import Break, Request
from tests.samples import answered, broke, refused

if TYPE_CHECKING:
    from suites.outcomes import Finding
    from targets.exchange import Exchange

CONTRACT = contracts.load()
ROW = "restores.t3.provider_id.value"
ASK = Request("POST", "/", b"")
FAULTY = Case("faulty", ROW, ASK, frozenset({400}))
LOOKUP = Case("lookup", ROW, ASK, frozenset({400, 404}), beside=("restores.s.404",))
SOUND = Case("sound", "restores.s.200", ASK, frozenset({200}))
ACCEPTED = answered(200, {"restore": {}})
UNKNOWN = refused(404, "CSBS.3001")


def outcomes(findings: tuple[Finding, ...], outcome: Outcome) -> set[str]:
    return {finding.clause for finding in findings if finding.outcome is outcome}


@pytest.mark.parametrize("control", [ACCEPTED, UNKNOWN, refused(400, "CSBS.6000"), refused(403)])
def test_expected_refusal_beside_another_answer_passes(control: Exchange) -> None:
    findings = judging.refusal(CONTRACT, FAULTY, refused(400), control)
    assert outcomes(findings, Outcome.PASS) == {ROW, "restores.s.400", "restores.s.500"}
    assert len(findings) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_same_refusal_with_and_without_the_fault_shows_nothing(status: int) -> None:
    findings = judging.refusal(CONTRACT, FAULTY, refused(status), refused(status))
    assert outcomes(findings, Outcome.BLOCKED) == {ROW}
    assert not outcomes(findings, Outcome.FAIL)
    assert findings[0].why.startswith(judging.MASKED)


@pytest.mark.parametrize("code", ["CSBS.6000", "CSBS.6014", "CSBS.6017", "CSBS.3001", "Own.Unknown"])
def test_refusal_for_another_unknown_name_shows_nothing(code: str) -> None:
    known = {(400, "Own.Unknown")}
    beside_unknown = judging.refusal(CONTRACT, FAULTY, refused(400, code), UNKNOWN, known)
    assert outcomes(beside_unknown, Outcome.BLOCKED) == {ROW}
    beside_accepted = judging.refusal(CONTRACT, FAULTY, refused(400, code), ACCEPTED, known)
    assert outcomes(beside_accepted, Outcome.PASS) == {ROW, "restores.s.400", "restores.s.500"}
    other_status = judging.refusal(CONTRACT, FAULTY, UNKNOWN, refused(400, code))
    assert outcomes(other_status, Outcome.BLOCKED) == {ROW}


def test_unknown_names_are_shown_by_what_is_said_of_unknown_names() -> None:
    findings = judging.refusal(CONTRACT, LOOKUP, UNKNOWN, refused(400), {(404, "CSBS.3001")})
    assert outcomes(findings, Outcome.PASS) == {ROW, "restores.s.404", "restores.s.500"}


@pytest.mark.parametrize("control", [ACCEPTED, UNKNOWN])
def test_accepted_fault_breaks_the_row_alone(control: Exchange) -> None:
    findings = judging.refusal(CONTRACT, FAULTY, ACCEPTED, control)
    assert outcomes(findings, Outcome.FAIL) == {ROW}


@pytest.mark.parametrize("status", [301, 401, 403, 404, 409, 422])
def test_wrong_refusal_breaks_the_row_and_the_promised_status(status: int) -> None:
    findings = judging.refusal(CONTRACT, FAULTY, refused(status), ACCEPTED)
    assert outcomes(findings, Outcome.FAIL) == {ROW, "restores.s.400"}


@pytest.mark.parametrize(
    "exchange", [answered(500), answered(502), answered(504), broke(Break.RESET), broke(Break.SILENT)]
)
def test_crash_breaks_the_row_and_the_clause_of_internal_errors(exchange: Exchange) -> None:
    findings = judging.refusal(CONTRACT, FAULTY, exchange, ACCEPTED)
    assert outcomes(findings, Outcome.FAIL) == {ROW, "restores.s.500"}


def test_internal_error_with_a_callers_code_is_told_apart() -> None:
    findings = judging.refusal(CONTRACT, FAULTY, refused(500, "CSBS.6019"), ACCEPTED)
    assert outcomes(findings, Outcome.FAIL) == {ROW, "restores.s.400"}
    assert not judging.failed_service(CONTRACT, refused(500, "CSBS.6019"))
    assert judging.failed_service(CONTRACT, refused(500, "CSBS.9999"))


@pytest.mark.parametrize("status", [429, 503])
def test_throttling_of_both_blocks_and_of_the_fault_alone_fails(status: int) -> None:
    both = judging.refusal(CONTRACT, FAULTY, answered(status), answered(status))
    assert outcomes(both, Outcome.BLOCKED) == {ROW}
    assert not outcomes(both, Outcome.FAIL)
    alone = judging.refusal(CONTRACT, FAULTY, answered(status), ACCEPTED)
    assert outcomes(alone, Outcome.FAIL) == {ROW, "restores.s.400"}


@pytest.mark.parametrize("exchange", [broke(Break.REFUSED), broke(Break.WITHHELD), refused(400, "CSBS.6015")])
def test_what_was_not_heard_blocks(exchange: Exchange) -> None:
    findings = judging.refusal(CONTRACT, FAULTY, exchange, ACCEPTED)
    assert outcomes(findings, Outcome.BLOCKED) == {ROW}
    assert len(findings) == 1
    assert outcomes(judging.acceptance(CONTRACT, SOUND, exchange, None), Outcome.BLOCKED) == {"restores.s.200"}


def test_clauses_beside_fail_along() -> None:
    for exchange in (ACCEPTED, refused(401)):
        findings = judging.refusal(CONTRACT, LOOKUP, exchange, ACCEPTED if exchange is not ACCEPTED else UNKNOWN)
        assert outcomes(findings, Outcome.FAIL) == {ROW, "restores.s.404"}
    passed = judging.refusal(CONTRACT, LOOKUP, refused(400, "CSBS.6000"), ACCEPTED)
    assert outcomes(passed, Outcome.PASS) == {ROW, "restores.s.400", "restores.s.500"}


def test_without_a_control_a_refusal_shows_nothing() -> None:
    assert outcomes(judging.refusal(CONTRACT, FAULTY, refused(400), None), Outcome.BLOCKED) == {ROW}


def test_acceptable_request() -> None:
    assert outcomes(judging.acceptance(CONTRACT, SOUND, ACCEPTED, None), Outcome.PASS) == {
        "restores.s.200",
        "restores.s.500",
    }
    for exchange in (refused(400), answered(201), answered(202), answered(301)):
        assert outcomes(judging.acceptance(CONTRACT, SOUND, exchange, None), Outcome.FAIL) == {"restores.s.200"}
    for exchange in (answered(500), broke(Break.GARBLED)):
        failed = outcomes(judging.acceptance(CONTRACT, SOUND, exchange, None), Outcome.FAIL)
        assert failed == {"restores.s.200", "restores.s.500"}


def test_endurance_takes_any_answer_but_a_failure() -> None:
    case = Case("stress", "restores.s.500", ASK, frozenset())
    for exchange in (ACCEPTED, refused(400), refused(413), refused(500, "CSBS.6023")):
        assert outcomes(judging.endurance(CONTRACT, case, exchange), Outcome.PASS) == {"restores.s.500"}
    for exchange in (answered(500), broke(Break.SILENT)):
        assert outcomes(judging.endurance(CONTRACT, case, exchange), Outcome.FAIL) == {"restores.s.500"}


SOUND_ERROR = {"error_code": "CSBS.3001", "error_msg": "not found", "request_id": "r"}


@pytest.mark.parametrize(
    ("exchange", "broken"),
    [
        (answered(404, SOUND_ERROR), set()),
        (answered(404, {**SOUND_ERROR, "error_code": "Gateway.7"}), set()),
        (answered(404, SOUND_ERROR, Content_Type="application/json;charset=utf-8"), set()),
        (answered(404, {"error_msg": "not found"}), {"e.error_code.present"}),
        (answered(404, {"error_code": "CSBS.3001"}), {"e.error_msg.present"}),
        (answered(404, {**SOUND_ERROR, "error_code": 3001}), {"e.error_code.type"}),
        (answered(404, {**SOUND_ERROR, "error_msg": None}), {"e.error_msg.type"}),
        (answered(400, SOUND_ERROR), {"a.error_code.status"}),
        (answered(404, {**SOUND_ERROR, "error_code": "CSBS.6000"}), set()),
        (answered(403, {**SOUND_ERROR, "error_code": "CSBS.6000"}), {"a.error_code.status"}),
        (answered(404, SOUND_ERROR, Content_Type="text/plain"), {"p.content_type"}),
        (answered(404, [SOUND_ERROR]), {"e.error_code.present", "e.error_msg.present"}),
        (answered(404, body=b"<html>"), {"p.json", "e.error_code.present", "e.error_msg.present"}),
        (answered(404, body=b""), {"p.json", "e.error_code.present", "e.error_msg.present"}),
        (answered(404, body=b'{"error_code": NaN}'), {"p.json", "e.error_code.present", "e.error_msg.present"}),
    ],
)
def test_error_body(exchange: Exchange, broken: set[str]) -> None:
    findings = (*judging.error_body(CONTRACT, exchange), *judging.error_code(CONTRACT, exchange))
    assert outcomes(findings, Outcome.FAIL) == {f"restores.{clause}" for clause in broken}
    assert outcomes(findings, Outcome.PASS)


def test_discretion() -> None:
    quiet = judging.discretion(CONTRACT, answered(400, SOUND_ERROR), frozenset())
    assert outcomes(quiet, Outcome.PASS) == {"restores.a.disclosure", "restores.a.secrets", "restores.a.internals"}


@pytest.mark.parametrize(
    "trace",
    [
        b'Traceback (most recent call last):\n  File "/srv/app.py"',
        b'{"error_msg": "java.lang.NullPointerException\\n\\tat com.csbs.Restore.run(Restore.java:42)"}',
        b"goroutine 7 [running]:\nmain.restore()",
        b'{"error_msg": "TypeError: x is undefined\\n    at Object.restore (/srv/app.js:12:3)"}',
        b'{"error_msg": "   at Csbs.Restore.Run(String id) in C:\\\\src\\\\Restore.cs:line 7"}',
        b'{"error_msg": "Undefined index in /var/www/restore.php on line 7"}',
        b'{"error_msg": "app.rb:12:in `restore\'"}',
    ],
)
def test_stack_trace_is_seen(trace: bytes) -> None:
    findings = judging.discretion(CONTRACT, answered(500, body=trace), frozenset())
    assert outcomes(findings, Outcome.FAIL) == {"restores.a.internals"}


@pytest.mark.parametrize(
    "words",
    ["look at the body, line 7", "in /restore/parameters: expected a string", "at least one volume (none given)"],
)
def test_words_are_no_stack_trace(words: str) -> None:
    findings = judging.discretion(CONTRACT, answered(400, {"error_msg": words}), frozenset())
    assert not outcomes(findings, Outcome.FAIL)


KNOWN = frozenset({"checkpoint-1", "server-17"})


@pytest.mark.parametrize(
    ("sent", "came", "broken"),
    [
        (b"{}", refused(404), set()),
        (b'{"checkpoint_id": "checkpoint-1"}', answered(404, {"error_msg": "checkpoint-1 is locked"}), set()),
        (b'{"checkpoint_id": "\\u0063heckpoint-1"}', answered(404, {"error_msg": "checkpoint-1 is locked"}), set()),
        (b"{}", answered(200, {"restore": {"checkpoint_id": "checkpoint-1"}}), set()),
        (b"{}", answered(404, {"error_msg": "try server-17"}), {"restores.a.disclosure"}),
        (b'{"server_id": "server-1"}', answered(400, {"error_msg": "not server-17?"}), {"restores.a.disclosure"}),
    ],
)
def test_refusal_names_nothing_that_it_was_not_asked_about(sent: bytes, came: Exchange, broken: set[str]) -> None:
    exchange = replace(came, sent=replace(came.sent, body=sent))
    assert outcomes(judging.discretion(CONTRACT, exchange, KNOWN), Outcome.FAIL) == broken


STARTED = {"id": "r-1", "project_id": "p", "status": "in_progress", "resources_reason": {}, "resources_status": {}}


@pytest.mark.parametrize(
    ("exchange", "broken"),
    [
        (answered(400, SOUND_ERROR), set()),
        (answered(400, {**SOUND_ERROR, "restore": {"checkpoint_id": "as sent"}}), set()),
        (answered(400, {**SOUND_ERROR, "restore": STARTED}), {"restores.s.400"}),
        (answered(404, {"restore": STARTED}), {"restores.s.404"}),
        (answered(400, body=b"<html>"), set()),
    ],
)
def test_refusal_carries_no_restoration(exchange: Exchange, broken: set[str]) -> None:
    assert outcomes(judging.contradiction(CONTRACT, exchange), Outcome.FAIL) == broken


def test_acceptable_request_that_alone_is_unavailable_is_a_failure_and_one_told_to_wait_is_not() -> None:
    alone = judging.acceptance(CONTRACT, SOUND, answered(503), UNKNOWN)
    assert outcomes(alone, Outcome.FAIL) == {"restores.s.200"}
    told = judging.acceptance(CONTRACT, SOUND, answered(503, Retry_After="60"), UNKNOWN)
    assert outcomes(told, Outcome.BLOCKED) == {"restores.s.200"}


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (True, "a boolean"),
        (1, "a number"),
        (1.5, "a number"),
        ("", "a string"),
        ([], "an array"),
        ({}, "an object"),
        (None, "null"),
    ],
)
def test_json_types_are_named(value: Any, name: str) -> None:
    assert judging.json_type(value) == name
