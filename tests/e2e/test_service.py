"""The gateway itself: health, metrics, its own document."""

import contextlib
import json
import re
import sqlite3

import pytest
import yaml

from processes import ROOT, slug, wait_for
from products import LEGACY

SAMPLE = re.compile(r'([a-z_]+)(\{([a-z_]+="[^"\n]*",?)*\})? (-?[0-9.e+-]+|\+Inf|NaN)')


def test_it_is_alive_and_ready(gateway):
    assert gateway.get("/healthz").json == {"status": "ok"}
    assert gateway.get("/readyz").json == {"status": "ready"}


def test_it_serves_the_document_that_it_obeys(gateway):
    source = (ROOT / "openapi/gateway.yaml").read_text()
    assert gateway.get("/openapi.yaml").body.decode() == source
    assert gateway.get("/openapi.json").json == yaml.safe_load(source)


def test_metrics_are_well_formed_and_count_what_happened(gateway, sandbox):
    gateway.bought(LEGACY.order())
    lines = gateway.get("/metrics").body.decode().splitlines()
    samples = {}
    for line in lines:
        if line.startswith("# "):
            assert re.match(r"# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|histogram))$", line), line
        else:
            match = SAMPLE.fullmatch(line)
            assert match, line
            samples[line.rsplit(" ", 1)[0]] = float(match[4])
    assert samples['bwgw_operations{state="needs_attention"}'] == 0
    created = [name for name in samples if LEGACY.create in name and name.startswith("bwgw_upstream_requests_total")]
    assert created and sum(samples[name] for name in created) == 1
    answered = [name for name in samples if name.startswith("bwgw_http_requests_total") and "createBandwidth" in name]
    assert answered


GETS = ["/healthz", "/readyz", "/metrics", "/metrics/bandwidths", "/openapi.json", "/openapi.yaml", "/providers", "/regions", "/operations",
        "/bandwidths", "/providers/zenlayer"]


@pytest.mark.parametrize("path", GETS)
def test_head_is_get_without_its_body(gateway, path):
    head, get = gateway.request("HEAD", path), gateway.get(path)
    assert head.status == get.status == 200
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    if path not in ("/metrics", "/bandwidths"):  # these differ from one moment to the next
        assert head.headers["Content-Length"] == str(len(get.body))


@pytest.mark.parametrize("path, methods", [("/bandwidths", "GET HEAD OPTIONS POST"), ("/quotes", "OPTIONS POST"),
                                           ("/bandwidths/x", "DELETE GET HEAD OPTIONS PATCH")])
def test_options_names_the_methods(gateway, path, methods):
    answer = gateway.request("OPTIONS", path, check=False)
    assert (answer.status, answer.body) == (204, b"")
    assert sorted(answer.headers["Allow"].split(", ")) == methods.split()


def test_while_the_ledger_cannot_be_written_nothing_is_sent(start, sandbox):
    gateway = start()
    with contextlib.closing(sqlite3.connect(gateway.folder / "ledger.db", isolation_level=None)) as thief:
        thief.execute("BEGIN EXCLUSIVE")
        wait_for("unreadiness", lambda: gateway.get("/readyz").status == 503)
        assert slug(gateway.get("/readyz")) == "unavailable"
        assert gateway.get("/healthz").status == 200
        assert gateway.list()["items"] == []
        refused = gateway.buy(LEGACY.order(), "the-key")
        assert (refused.status, slug(refused), refused.json["outcome"]) == (503, "unavailable", "none")
        assert refused.json["retryable"]
    assert not sandbox.requests("scloud", LEGACY.create)
    wait_for("readiness", lambda: gateway.get("/readyz").status == 200)
    assert gateway.buy(LEGACY.order(), "the-key").status == 201
    gateway.settled(gateway.operations()[0]["id"])


def test_operations_are_found_by_state_provider_and_key(gateway, sandbox):
    answer = gateway.buy(LEGACY.order(), "find-me")
    operation = gateway.settled(gateway.operation_of(answer))
    for query in ("&state=settled", "&provider=scloud", "&idempotency_key=find-me"):
        assert operation in gateway.operations(query)
    assert operation not in gateway.operations("&provider=zenlayer")
    ids, query = [], ""
    while query is not None:
        page = gateway.get("/operations?page_size=1" + query).json
        ids += [item["id"] for item in page["items"]]
        query = f"&page_token={page['next_page_token']}" if page["next_page_token"] else None
    assert ids == [item["id"] for item in gateway.operations()] and len(ids) == len(set(ids))


def test_a_log_without_ordinary_requests_keeps_writes_failures_and_traces_that_are_recorded(start, sandbox):
    gateway = start(log_sample=0)

    def lines(**members):
        return [event for event in gateway.events() if members.items() <= event.items()]
    gateway.list()
    recorded, other = "0af7651916cd43dd8448eb211c80319c", "1bf7651916cd43dd8448eb211c80319c"
    for trace, flag in ((recorded, "01"), (other, "00")):
        gateway.get("/bandwidths", traceparent=f"00-{trace}-b7ad6b7169203331-{flag}")
    gateway.bought(LEGACY.order())
    [purchase] = wait_for("its line", lambda: lines(operation="createBandwidth"))
    calls = lines(message="vendor call", trace_id=purchase["trace_id"])
    assert {call["action"] for call in calls} >= {LEGACY.create, LEGACY.list}
    sandbox.fault("scloud", LEGACY.list, "status_before", status=502, times=-1)
    answer = gateway.get("/bandwidths?provider=scloud&kind=inter_region&partial=deny", **{"Cache-Control": "no-cache"})
    assert answer.status == 502
    wait_for("the failed call", lambda: lines(message="vendor call", action=LEGACY.list, status=502))
    wait_for("the failure", lambda: lines(message="request", status=502))
    assert lines(message="request", trace_id=recorded) and lines(message="vendor call", trace_id=recorded)
    assert not lines(trace_id=other) and len(lines(operation="listBandwidths", status=200)) == 1
    sandbox.heal()
    sandbox.fault("scloud", LEGACY.list, "retcode_before", code="172", times=-1)
    assert not gateway.get("/bandwidths", **{"Cache-Control": "no-cache"}).json["complete"]
    [partial] = wait_for("the refusal with a 200", lambda: lines(message="request", status=200, problem="provider-auth-failed"))
    [refused] = lines(message="vendor call", trace_id=partial["trace_id"], action=LEGACY.list)
    assert (refused["level"], refused["status"], refused["failure"]) == ("warning", 200, "provider-auth-failed")
    assert "RetCode 172" in refused["detail"]
    gateway.get("/bandwidths/unknown")
    wait_for("the mistake", lambda: lines(message="request", status=404, problem="not-found"))
    assert re.search(r"^bwgw_log_lines_sampled_out_total [1-9]", gateway.get("/metrics").body.decode(), re.MULTILINE)


def test_the_log_is_one_json_object_a_line(gateway):
    gateway.get("/healthz")
    lines = gateway.log().splitlines()[:-1]
    assert lines and all(isinstance(json.loads(line), dict) for line in lines)
