"""The document is whole, and says only what the gateway can keep."""

import pathlib
import re

import pytest

from contract import Contract

DOCUMENT = pathlib.Path(__file__).parents[2] / "openapi" / "gateway.yaml"
OPERATION_IDS = {
    "listBandwidths", "createBandwidth", "getBandwidth", "changeBandwidth", "releaseBandwidth", "createQuotes",
    "listOperations", "getOperation", "resolveOperation", "listProviders", "getProvider", "listRegions", "getHealth", "getReadiness",
    "getMetrics", "getBandwidthMetrics", "getOpenapiJson", "getOpenapiYaml",
}
# What the vendor says, what the caller said, and what depends on the settings stays open.
OPEN_ANSWERS = ("provider_details", "Operation/request", "/openapi.json")
# Authentication is defined, and lands with its endpoints' 401 and 403.
TYPES_WITHOUT_A_STATUS = {"/problems/unauthenticated", "/problems/forbidden"}


@pytest.fixture(scope="module")
def contract():
    return Contract(DOCUMENT)


def test_every_example_is_what_its_schema_says(contract):
    contract.check_examples()


def test_request_schemas_say_only_what_the_validator_understands(contract):
    contract.check_request_keywords()


def test_no_schema_has_an_unknown_keyword(contract):
    contract.check_schema_keywords()


def test_no_reference_dangles(contract):
    contract.check_references()


def test_every_yaml_reader_sees_the_same(contract):
    contract.check_yaml()


def test_operation_ids_are_those_that_the_gateway_binds(contract):
    ids = [operation["operationId"] for _, _, operation in contract.operations()]
    assert len(ids) == len(set(ids))
    assert set(ids) == OPERATION_IDS


def test_every_response_names_its_request(contract):
    for method, path, operation in contract.operations():
        for status, response in operation["responses"].items():
            headers = contract.resolve(response).get("headers", {})
            assert "X-Request-Id" in headers, f"{method} {path} {status}"
            assert contract.resolve(headers["X-Request-Id"])["required"] is True


def test_every_path_parameter_is_declared(contract):
    for method, path, operation in contract.operations():
        declared = {p["name"] for p in map(contract.resolve, operation.get("parameters", [])) if p["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", path)), f"{method} {path}"


def test_every_operation_documents_its_problems(contract):
    for method, path, operation in contract.operations():
        where = f"{method} {path}"
        failures = {s: contract.resolve(r) for s, r in operation["responses"].items() if s >= "400"}
        assert {"400", "405", "408", "413", "414", "431", "500", "501", "503", "505"} <= set(failures), where
        assert ("415" in failures) == ("requestBody" in operation), where
        assert ("404" in failures) == ("{" in path or operation["operationId"] in ("createBandwidth", "createQuotes"))
        for status, response in failures.items():
            assert list(response["content"]) == ["application/problem+json"], f"{where} {status}"
            body = response["content"]["application/problem+json"]
            assert body["examples"], f"{where} {status}"
            assert body["schema"]["properties"]["status"]["const"] == int(status), f"{where} {status}"


def test_every_problem_type_has_a_status_and_a_meaning(contract):
    documented = contract.document["components"]["schemas"]["ProblemType"]
    used = set()
    for name, response in contract.document["components"]["responses"].items():
        problem = response["content"].get("application/problem+json")
        if problem:
            schema = problem["schema"]["properties"]["type"]
            used |= set(schema.get("enum", [schema.get("const")]))
    assert used == set(documented["enum"]) - TYPES_WITHOUT_A_STATUS
    for slug in documented["enum"]:
        assert f"| {slug.removeprefix('/problems/')} |" in documented["description"]


def test_every_member_has_a_description_and_an_example(contract):
    for where, schema in contract.schemas():
        for name, member in schema.get("properties", {}).items():
            if {"const"} >= set(member) or {"enum"} >= set(member):
                continue  # narrows a member that is described elsewhere
            named = {**contract.resolve(member), **member}
            assert named.get("description"), f"{where}/{name} has no description"
            assert "examples" in named or "properties" in named, f"{where}/{name} has no example"
            if name.endswith("_mbps"):
                assert "Mbit/s" in named["description"], f"{where}/{name} does not say its unit"


def test_every_parameter_has_a_description_and_an_example(contract):
    for method, path, operation in contract.operations():
        for parameter in map(contract.resolve, operation.get("parameters", [])):
            assert parameter["description"], f"{method} {path} {parameter['name']}"
            assert contract.resolve(parameter["schema"])["examples"], f"{method} {path} {parameter['name']}"


def test_objects_are_closed_unless_they_hold_the_words_of_others(contract):
    for where, schema in contract.schemas():
        if "properties" in schema and "$ref" not in schema or "object" in schema.get("type", ()):
            expected_open = any(part in where for part in OPEN_ANSWERS)
            assert (schema.get("additionalProperties") is False) != expected_open, where
