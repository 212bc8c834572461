"""All contracts as one OpenAPI document, valid by a validator of such documents and true to the contracts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from contracts import __main__ as cli
from contracts import load, openapi, operations
from contracts.derivation import derive
from contracts.model import Contract, Decisions, Side
from contracts.reading import read_page

PAGES = Path(__file__).parent / "pages"
CONTRACTS = {name: load(name) for name in operations()}
DOCUMENT = openapi.document(CONTRACTS.values())
REFERENCE = re.compile(r"#/components/schemas/(\S+)")


def operation(name: str, document: Any = DOCUMENT) -> Any:
    page = CONTRACTS[name].page
    return document["paths"][page.path][page.method.lower()]


def body(of: Any) -> Any:
    return of["content"]["application/json"]["schema"]


def errors(document: Any) -> list[str]:
    return [each.message for each in OpenAPIV31SpecValidator(document).iter_errors()]


def test_the_document_is_valid() -> None:
    assert errors(DOCUMENT) == []


def test_the_validator_finds_what_is_not() -> None:
    document = json.loads(json.dumps(DOCUMENT))
    del operation("restores", document)["parameters"]
    assert errors(document)


def test_every_operation_is_there_with_its_statuses() -> None:
    ids = {each["operationId"] for path in DOCUMENT["paths"].values() for each in path.values()}
    assert {name for each in ids for name in each.split("-or-")} == set(CONTRACTS)
    for name, contract in CONTRACTS.items():
        statuses = {str(status) for status in (*contract.page.success, *contract.page.failure)}
        assert statuses <= set(operation(name)["responses"])
        assert contract.page.title in operation(name)["summary"]


def test_schemas_are_those_of_the_contracts() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for name, contract in CONTRACTS.items():
        for word, schema in (("request", contract.request_schema), ("response", contract.response_schema)):
            if schema:
                assert {**schemas[f"{name}.{word}"], "$schema": schema["$schema"]} == schema
            else:
                assert f"{name}.{word}" not in schemas
    assert schemas["error"]["required"] == ["error_code", "error_msg"]


def test_bodies_are_referred_to() -> None:
    restores = operation("restores")
    assert body(restores["requestBody"]) == {"$ref": "#/components/schemas/restores.request"}
    assert restores["requestBody"]["required"] is True
    assert body(restores["responses"]["200"]) == {"$ref": "#/components/schemas/restores.response"}
    assert body(restores["responses"]["404"]) == {"$ref": "#/components/schemas/error"}
    removing = operation("removing_a_tag_from_a_backup_policy")
    assert removing["responses"]["204"] == {"description": "No Content"}
    assert "requestBody" not in removing


def test_parameters_are_those_of_path_and_query() -> None:
    found = {(each["in"], each["name"]): each for each in operation("querying_all_backups")["parameters"]}
    assert found["path", "project_id"]["required"] is True
    assert found["query", "limit"] == {"name": "limit", "in": "query", "required": False, "schema": {"type": "integer"}}
    assert "available" in found["query", "status"]["schema"]["enum"]


def test_token_and_media_type_are_told_in_other_words_than_headers() -> None:
    names = {each["name"] for path in DOCUMENT["paths"].values() for one in path.values() for each in one["parameters"]}
    assert not {"X-Auth-Token", "Content-type"} & names
    assert DOCUMENT["components"]["securitySchemes"]["token"]["name"] == "X-Auth-Token"
    assert DOCUMENT["security"] == [{"token": []}]


def test_operations_of_one_method_and_path_are_a_choice_of_bodies() -> None:
    capability = operation("querying_the_restoration_capability_of_a_resource")
    names = ["querying_the_backup_capability_of_a_resource", "querying_the_restoration_capability_of_a_resource"]
    assert capability["operationId"] == "-or-".join(names)
    for part, word in ((capability["requestBody"], "request"), (capability["responses"]["200"], "response")):
        assert body(part) == {"anyOf": [{"$ref": f"#/components/schemas/{name}.{word}"} for name in names]}
    assert len([each for each in capability["parameters"] if each["name"] == "project_id"]) == 1


def test_pages_that_disagree_about_a_parameter_are_refused() -> None:
    one, other = (CONTRACTS[f"querying_the_{word}_capability_of_a_resource"] for word in ("backup", "restoration"))
    schema: Any = json.loads(json.dumps(other.parameters[Side.PATH]))
    schema["properties"]["provider_id"]["const"] = "another"
    with pytest.raises(openapi.OpenApiError, match="describe the path parameter provider_id differently"):
        openapi.document([one, replace(other, parameters={Side.PATH: schema})])


def towers() -> Contract:
    """A contract with a type that contains itself, and a header."""
    page = read_page((PAGES / "towers.rst").read_text(encoding="utf-8"), "towers.rst")
    derived = derive("towers", page, Decisions())
    header: Any = {"type": "object", "properties": {"Bell-Tone": {"type": "string", "x-source": "Table 9, Bell-Tone"}}}
    return replace(
        CONTRACTS["restores"],
        operation="towers",
        page=page,
        request_schema=derived.request_schema,
        response_schema=derived.response_schema,
        parameters={**derived.parameters, Side.HEADER: header},
    )


def test_a_type_that_contains_itself_is_a_schema_of_its_own() -> None:
    document = openapi.document([towers()])
    assert errors(document) == []
    schemas = document["components"]["schemas"]
    assert set(schemas) == {"towers.response", "towers.response.t4", "error"}
    assert all(name in schemas for name in REFERENCE.findall(json.dumps(document).replace('"', " ")))
    whole = {"$ref": "#/components/schemas/towers.response", "components": document["components"]}
    text = (PAGES / "towers.rst").read_text(encoding="utf-8")
    example = json.loads(read_page(text, "towers.rst").response_examples[0])
    assert Draft202012Validator(whole).is_valid(example)
    example["towers"][0]["annexes"] = [{"name": 1}]
    assert not Draft202012Validator(whole).is_valid(example)


def test_other_headers_are_parameters() -> None:
    parameters = openapi.document([towers()])["paths"]["/v2/{project_id}/towers"]["get"]["parameters"]
    assert parameters[-1] == {"name": "Bell-Tone", "in": "header", "required": False, "schema": {"type": "string"}}


def test_the_version_follows_the_facts() -> None:
    changed = replace(CONTRACTS["restores"], digest="0" * 64)
    others = [contract for name, contract in CONTRACTS.items() if name != "restores"]
    again, other = (openapi.document([*others, each])["info"]["version"] for each in (CONTRACTS["restores"], changed))
    assert again == DOCUMENT["info"]["version"] != other


def test_the_command_writes_all_or_some(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["openapi"]) == cli.SAME
    assert json.loads(capsys.readouterr().out) == DOCUMENT
    out = tmp_path / "one.json"
    assert cli.main(["openapi", "--operation", "restores", "--out", str(out)]) == cli.SAME
    assert capsys.readouterr().out == f"{out}: 1 paths\n"
    assert json.loads(out.read_text(encoding="utf-8")) == openapi.document([CONTRACTS["restores"]])
    assert cli.main(["openapi", "--operation", "none"]) == cli.UNREADABLE
    assert "no contract of this name" in capsys.readouterr().err
