"""Every query of every dashboard and every rule, asked of a real Prometheus that scrapes the real gateway."""

import json
import math
import re
import time

import pytest

from conftest import ROOT, wait_for
from products import LEGACY
from test_files import ALERTS, GROUPS, promtool

PATHS = ("/metrics", "/metrics/bandwidths")

# Empty for a good reason, by what the query has in it.
MAY_BE_EMPTY = {
    'state!="closed"': "every breaker is closed",
    'state!="active"': "everything that is left is active",
}


def dashboards():
    for file in sorted((ROOT / "deploy/grafana").glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel["targets"]:
                yield pytest.param(target["expr"].replace("$__rate_interval", "1m"),
                                   id=f"{file.stem}: {panel['title']} {target['refId']}")


RECORDED = {rule["record"]: rule["expr"] for group in GROUPS for rule in group["rules"] if "record" in rule}
EXPRESSIONS = [pytest.param(rule["expr"], id=rule.get("record") or rule["alert"])
               for group in GROUPS for rule in group["rules"]] + list(dashboards())


def spelled_out(expression):
    """With what the recorded series that it names are made of."""
    return expression + " ".join(RECORDED[name] for name in re.findall(r"bwgw:\w+(?::\w+)?", expression))


def may_be_empty(expression):
    text = spelled_out(expression)
    return any(part in text for part in MAY_BE_EMPTY)


@pytest.mark.parametrize("path", PATHS)
def test_metrics_keep_the_conventions(gateway, prometheus, path):
    promtool("check", "metrics", input=gateway.get(path).body.decode())


@pytest.mark.parametrize("expression", dashboards())
def test_a_dashboard_shows_something(prometheus, expression):
    found = prometheus.query(expression)
    assert may_be_empty(expression) or any(not math.isnan(value) for _, value in found), expression


def test_every_rule_is_evaluated_and_no_alert_fires(prometheus):
    rules = [rule for group in prometheus.api("rules")["groups"] for rule in group["rules"]]
    assert len(rules) == sum(len(group["rules"]) for group in GROUPS)
    for rule in rules:
        assert (rule["health"], rule.get("lastError", "")) == ("ok", ""), rule
        assert rule.get("state", "inactive") in ("inactive", "pending"), rule
    for name, expression in RECORDED.items():
        assert prometheus.query(name) or may_be_empty(expression), name


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_query_names_only_metrics_and_labels_that_exist(prometheus, expression):
    known = set(prometheus.api("label/__name__/values"))
    for name in re.findall(r"bwgw[:_][\w:]+", expression):
        assert name in known or name in RECORDED, name
    for name, matchers in re.findall(r"(bwgw[:_][\w:]+)\{([^}]*)\}", expression):
        labels = {label for series in prometheus.api("series", **{"match[]": name}) for label in series}
        assert set(re.findall(r"(\w+)(?:=|!=|=~|!~)\"", matchers)) <= labels, name


def sums(gateway):
    """How long lists took, and how much of it was overhead."""
    text = gateway.get("/metrics").body.decode()
    return [float(re.search(rf'^{name}_sum{{operation="listBandwidths"}} (\S+)$', text, re.MULTILINE)[1])
            for name in ("bwgw_http_request_duration_seconds", "bwgw_http_overhead_seconds")]


def test_overhead_is_what_no_vendor_is_waited_for(gateway, vendors, prometheus):
    before = sums(gateway)
    for brand, action in (("scloud", LEGACY.list), ("zenlayer", "*"), ("dezai", "*")):
        vendors.fault(brand, action, "slow_before", delay_ms=400, times=-1)
    try:
        gateway.get("/bandwidths", **{"Cache-Control": "no-cache"})
    finally:
        vendors.heal()
    whole, overhead = (after - was for after, was in zip(sums(gateway), before))
    assert whole >= 0.4 and overhead < whole - 0.39, (whole, overhead)


def test_a_wait_that_the_caller_asked_for_is_neither_duration_nor_overhead(gateway, prometheus):
    before, began = sums(gateway), time.monotonic()
    assert gateway.get("/bandwidths", **{"If-None-Match": "*", "Prefer": "wait=2"}).status == 304
    assert time.monotonic() - began >= 2
    whole, overhead = (after - was for after, was in zip(sums(gateway), before))
    assert overhead <= whole < 1, (whole, overhead)


def test_what_needs_a_person_pages_until_a_person_has_decided(gateway, vendors, prometheus):
    alert = next(alert["alert"] for alert in ALERTS if 'needs_attention' in alert["expr"])

    def firing():
        return [one for one in prometheus.api("alerts")["alerts"]
                if one["labels"]["alertname"] == alert and one["state"] == "firing"]
    vendors.reset()
    vendors.fault("scloud", LEGACY.create, "reset_before")
    operation = gateway.ended(gateway.buy(LEGACY.order(), prefer="respond-async").json["id"])
    assert operation["state"] == "needs_attention"
    [page] = wait_for("the page", firing)
    assert page["labels"]["fault"] == "vendor" and "1 writes" in page["annotations"]["summary"]
    gateway.request("POST", f"/operations/{operation['id']}:resolve", {"outcome": "none"})
    wait_for("its end", lambda: not firing())
