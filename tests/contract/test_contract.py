"""The judge itself: it lets good answers pass and names what is wrong with bad ones."""

import json
import pathlib

import pytest

from contract import Contract

REQUEST_ID = {"X-Request-Id": "7f3a1c9e5b2d4806"}
JSON = {**REQUEST_ID, "Content-Type": "application/json"}
LISTED = {**JSON, "ETag": 'W/"a"', "Age": "0", "Cache-Control": "no-cache"}
PROBLEM = {**REQUEST_ID, "Content-Type": "application/problem+json"}
SOURCE = {"provider": "scloud-sg", "status": "fresh", "as_of": "2026-06-18T08:00:00Z"}
LIST = {"items": [], "next_page_token": None, "complete": True, "sources": [SOURCE]}
ABSENT = {"type": "/problems/not-found", "title": "Not found", "status": 404, "detail": "No such path.",
          "retryable": False, "outcome": "none"}


@pytest.fixture(scope="module")
def contract():
    return Contract(pathlib.Path(__file__).parents[2] / "openapi" / "gateway.yaml")


def body(value):
    return json.dumps(value).encode()


@pytest.mark.parametrize("method, path, status, headers, content", [
    ("GET", "/bandwidths?page_size=5", 200, LISTED, body(LIST)),
    ("GET", "/bandwidths", 200, list(LISTED.items()), body(LIST)),
    ("GET", "/healthz", 200, {"x-request-id": "1", "content-type": "application/json; charset=utf-8"},
     b'{"status":"ok"}'),
    ("HEAD", "/healthz", 200, JSON, b""),
    ("GET", "/metrics", 200, {**REQUEST_ID, "Content-Type": "text/plain; version=0.0.4; charset=utf-8"}, b"up 1\n"),
    ("GET", "/bandwidths", 304, {**REQUEST_ID, "ETag": 'W/"a"'}, b""),
    ("DELETE", "/bandwidths/YQ", 204, REQUEST_ID, b""),
    ("GET", "/bandwidths/YQ", 404, PROBLEM, body(ABSENT)),
    ("GET", "/nowhere", 404, PROBLEM, body(ABSENT)),
    ("PUT", "/bandwidths", 405, {**PROBLEM, "Allow": "GET, HEAD, POST"},
     body({**ABSENT, "type": "/problems/method-not-allowed", "status": 405})),
    ("GET", "/nowhere", 431, PROBLEM, body({**ABSENT, "type": "/problems/headers-too-large", "status": 431})),
])
def test_a_good_answer_passes(contract, method, path, status, headers, content):
    contract.check_response(method, path, status, headers, content)


@pytest.mark.parametrize("method, path, status, headers, content, complaint", [
    ("GET", "/bandwidths", 418, JSON, b"{}", "status not documented"),
    ("GET", "/nowhere", 200, JSON, b"{}", "status not documented"),
    ("PUT", "/bandwidths", 200, JSON, b"{}", "status not documented"),
    ("GET", "/bandwidths", 200, {"Content-Type": "application/json"}, body(LIST), "X-Request-Id is missing"),
    ("GET", "/bandwidths", 200, {**REQUEST_ID, "ETag": 'W/"a"'}, body(LIST), "Content-Type is missing"),
    ("GET", "/bandwidths", 200, {**LISTED, **PROBLEM}, body(LIST), "is not documented, only application/json"),
    ("GET", "/bandwidths", 200, JSON, body(LIST), "ETag is missing"),
    ("GET", "/bandwidths", 200, {**LISTED, "ETag": '"a"'}, body(LIST), "header ETag"),
    ("GET", "/bandwidths", 200, {**LISTED, "Age": "-1"}, body(LIST), "header Age"),
    ("GET", "/metrics", 200, {**REQUEST_ID, "Content-Type": "text/plain"}, b"up 1\n", "is not documented"),
    ("GET", "/bandwidths", 200, LISTED, b'{"items":[]', "is not application/json"),
    ("GET", "/bandwidths", 200, LISTED, b'{"complete":true,"complete":true}', "a member is repeated"),
    ("GET", "/bandwidths", 200, LISTED, b'{"complete":NaN}', "NaN is not JSON"),
    ("GET", "/bandwidths", 200, LISTED, body({**LIST, "total": 0}), "'total' was unexpected"),
    ("GET", "/bandwidths", 200, LISTED, body({"items": []}), "'complete' is a required property"),
    ("GET", "/bandwidths", 200, LISTED, body({**LIST, "sources": [{**SOURCE, "status": "old"}]}),
     "/sources/0/status: 'old' is not one of"),
    ("GET", "/bandwidths", 200, LISTED, body({**LIST, "sources": [{**SOURCE, "as_of": "2026-02-30T00:00:00Z"}]}),
     "/sources/0/as_of: '2026-02-30T00:00:00Z' is not a 'date-time'"),
    ("GET", "/bandwidths", 200, LISTED, body({**LIST, "sources": [{**SOURCE, "problem": {**ABSENT, "outcome": "?"}}]}),
     "/sources/0/problem/outcome: '?' is not one of"),
    ("GET", "/bandwidths/YQ", 404, PROBLEM, body({**ABSENT, "status": 400}), "/status: 404 was expected"),
    ("GET", "/bandwidths/YQ", 404, PROBLEM, body({**ABSENT, "type": "/problems/internal"}), "/type:"),
    ("GET", "/bandwidths/YQ", 304, {**REQUEST_ID, "ETag": 'W/"a"'}, b"", "header ETag"),
    ("GET", "/bandwidths/YQ", 304, {**REQUEST_ID, "ETag": '"a"'}, b"{}", "no body is documented"),
    ("DELETE", "/bandwidths/YQ", 204, REQUEST_ID, b"{}", "no body is documented"),
    ("HEAD", "/healthz", 200, JSON, b'{"status":"ok"}', "HEAD has no body"),
    ("PUT", "/bandwidths", 405, {**PROBLEM, "Allow": "GET"},
     body({**ABSENT, "type": "/problems/method-not-allowed", "status": 405}), "Allow has ['GET']"),
])
def test_a_bad_answer_is_named(contract, method, path, status, headers, content, complaint):
    with pytest.raises(AssertionError) as caught:
        contract.check_response(method, path, status, headers, content)
    assert complaint in str(caught.value)


def spoiled(tmp_path, contract, old, new):
    assert old in contract.text
    path = tmp_path / "gateway.yaml"
    path.write_text(contract.text.replace(old, new, 1), encoding="utf-8")
    return Contract(path)


@pytest.mark.parametrize("check, old, new, complaint", [
    ("check_request_keywords", "minimum: 1, maximum: 1000,", "exclusiveMinimum: 0, maximum: 1000,", "exclusiveMinimum"),
    ("check_request_keywords", 'pattern: "^[A-Z]{3}$", description', r"pattern: '^\w{3}$', description", r"\w"),
    ("check_schema_keywords", "description: Opaque.,", "description: Opaque., never parsed,", "never parsed"),
    ("check_references", "schemas/BandwidthList", "schemas/BandwidthLists", "dangles"),
    ("check_examples", "status: fresh, as_of", "status: old, as_of", "'old'"),
    ("check_yaml", 'created_at: "2026-06-17T10:22:20Z"', "created_at: 2026-06-17T10:22:20Z", "quote 2026"),
    ("check_yaml", "complete: true\n", "complete: yes\n", "quote yes"),
    ("check_yaml", "tags: [quotes]", "tags: &tags [quotes]", "anchors"),
    ("check_yaml", "tags: [quotes]", "tags: [quotes]\n      tags: [quotes]", "repeated"),
])
def test_a_spoiled_document_is_named(tmp_path, contract, check, old, new, complaint):
    with pytest.raises(AssertionError) as caught:
        getattr(spoiled(tmp_path, contract, old, new), check)()
    assert complaint in str(caught.value)
