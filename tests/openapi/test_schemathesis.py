"""Another tool, pointed at the document, speaks of the same contract: ``tox run -e openapi``.

Schemathesis gets what ``python -m contracts openapi`` writes, an endpoint, a token, and what exists there. It knows
nothing of this suite, nor does it share how schemas are read, bodies are made up or answers judged.
"""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from contracts import __main__ as cli
from contracts import load, operations
from contracts.validating import request_errors
from targets.embedded.launch import launch
from tests.openapi.tool import CONFORMANCE, run, settings

if TYPE_CHECKING:
    from pathlib import Path

    from contracts.model import Contract
    from tests.openapi.tool import Case, Outcome

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("schemathesis") is None,
    reason="needs the dependency group openapi, and Python 3.11: tox run -e openapi",
)

RESTORES = ("--include-operation-id", "restores", "--checks", ",".join(CONFORMANCE), "--max-examples", "25")
VALID = ("--phases", "fuzzing", "--mode", "positive")
ANY = ("--phases", "coverage,fuzzing", "--mode", "all")
NO_VOLUMES = "empty-volumes-are-taken"
"""The page leaves it open whether ``volumes`` may be empty, so that the document allows it; this service does too."""
CONTRACTS = {name: load(name) for name in operations()}
OF_DATA = {"missing_test_data", "validation_mismatch"}
"""The tool's warnings that tell of what is there to be asked for, not of the document."""


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document of all operations, as the command writes it."""
    path = tmp_path_factory.mktemp("document") / "csbs.json"
    assert cli.main(["openapi", "--out", str(path)]) == cli.SAME
    return path


@pytest.fixture(scope="module")
def everything(document: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What comes of all operations of the document, though the service has but one of them."""
    with launch() as endpoint:
        directory = tmp_path_factory.mktemp("everything") / "run"
        options = ("--max-examples", "5", "--checks", "not_a_server_error")
        return run(directory, document, settings(endpoint), *ANY, *options)


def contracts(case: Case) -> list[Contract]:
    """The contracts of a case's operation: several where only their bodies tell them apart."""
    return [each for each in CONTRACTS.values() if case.operation == f"{each.page.method} {each.page.path}"]


def accepted_by_contract(case: Case) -> bool:
    return any(contract.request_schema and not request_errors(contract, case.body) for contract in contracts(case))


def test_all_operations_are_loaded_without_a_complaint_about_the_document(everything: Outcome) -> None:
    assert everything.exit == 0, everything.said
    assert everything.loaded["specification"] == {"kind": "openapi", "version": "3.1.0"}
    paths = {f"{each.page.method} {each.page.path}" for each in CONTRACTS.values()}
    assert {case.operation for case in everything.cases} == paths
    counts = {key: everything.summary["operations"][key] for key in ("total", "tested", "errored", "skipped")}
    assert counts == {"total": len(paths), "tested": len(paths), "errored": 0, "skipped": 0}
    assert everything.summary["errors"] == []
    assert everything.warnings <= OF_DATA


def test_bodies_that_it_takes_for_valid_are_valid_by_the_contract(everything: Outcome) -> None:
    valid = [case for case in everything.cases if case.body_valid]
    assert [(case.operation, case.body) for case in valid if not accepted_by_contract(case)] == []
    having_bodies = {
        f"{each.page.method} {each.page.path}" for each in CONTRACTS.values() if "required" in each.request_schema
    }
    assert "POST /v1/{project_id}/restores" in having_bodies
    assert having_bodies <= {case.operation for case in valid}


def test_bodies_that_it_takes_for_invalid_are_invalid_by_the_contract(everything: Outcome) -> None:
    invalid = [case for case in everything.cases if case.body_valid is False]
    assert [(case.operation, case.body) for case in invalid if accepted_by_contract(case)] == []
    assert "POST /v1/{project_id}/restores" in {case.operation for case in invalid}


def test_bodies_of_a_document_that_says_otherwise_are_told_apart(document: Path, tmp_path: Path) -> None:
    said = json.loads(document.read_text(encoding="utf-8"))
    del said["components"]["schemas"]["restores.request"]["properties"]["restore"]["properties"]["provider_id"]["const"]
    other = tmp_path / "other.json"
    other.write_text(json.dumps(said), encoding="utf-8")
    with launch() as endpoint:
        outcome = run(tmp_path / "run", other, settings(endpoint), *RESTORES, *VALID)
    assert not all(accepted_by_contract(case) for case in outcome.cases if case.body_valid)


def test_a_sound_service_accepts_what_the_tool_takes_for_valid(document: Path, tmp_path: Path) -> None:
    with launch(variations=[NO_VOLUMES]) as endpoint:
        outcome = run(tmp_path / "run", document, settings(endpoint), *RESTORES, *VALID)
    assert outcome.exit == 0, outcome.said
    assert outcome.warnings == set()
    assert len(outcome.cases) > 1
    assert {case.status for case in outcome.cases} == {200}


def test_a_sound_service_answers_as_the_document_says(document: Path, tmp_path: Path) -> None:
    with launch() as endpoint:
        outcome = run(tmp_path / "run", document, settings(endpoint), *RESTORES, *ANY)
    assert outcome.exit == 0, outcome.said
    assert [case for case in outcome.cases if case.failed] == []
    statuses = Counter(case.status for case in outcome.cases)
    assert {200, 400, 401, 404} <= set(statuses), statuses


@pytest.mark.parametrize(
    ("flaw", "how", "check"),
    [
        ("answer-lacks-id", VALID, "response_schema_conformance"),
        ("answer-nulls-volume-id", VALID, "response_schema_conformance"),
        ("answer-declared-as-text", VALID, "content_type_conformance"),
        ("error-mistypes-error-code", ANY, "response_schema_conformance"),
    ],
)
def test_a_flawed_service_is_found_by_the_document(
    document: Path, tmp_path: Path, flaw: str, how: tuple[str, ...], check: str
) -> None:
    with launch([flaw]) as endpoint:
        outcome = run(tmp_path / "run", document, settings(endpoint), *RESTORES, *how)
    assert outcome.exit == 1, outcome.said
    assert {name for case in outcome.cases for name in case.failed} == {check}


def test_an_undocumented_status_is_found_by_the_document(document: Path, tmp_path: Path) -> None:
    with launch(["unknown-names-get-409"]) as endpoint:
        outcome = run(tmp_path / "run", document, settings(endpoint, known=False), *RESTORES, *VALID)
    assert outcome.exit == 1, outcome.said
    assert {(name, case.status) for case in outcome.cases for name in case.failed} == {("status_code_conformance", 409)}
