"""The shipped files by themselves: configuration, rules, their unit tests, the runbook that they lead to."""

import json
import re
import subprocess

import pytest
import yaml

from conftest import ROOT, RULES

GROUPS = yaml.safe_load((RULES / "rules.yml").read_text())["groups"]
ALERTS = [rule for group in GROUPS for rule in group["rules"] if "alert" in rule]
JOINED = sorted({target["expr"] for file in (ROOT / "deploy/grafana").glob("*.json")
                 for panel in json.loads(file.read_text())["panels"] for target in panel["targets"]
                 if "group_left" in target["expr"]})
TESTS = sorted(RULES.glob("*_test.yml"))


def promtool(*arguments, **more):
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_configuration_and_its_rules_are_valid():
    promtool("check", "config", RULES / "prometheus.yml")


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_the_rules_do_what_their_own_tests_say(file):
    promtool("test", "rules", file)


def test_every_alert_is_seen_firing_and_silent():
    seen = {True: set(), False: set()}
    for file in TESTS:
        for world in yaml.safe_load(file.read_text())["tests"]:
            for expected in world["alert_rule_test"]:
                seen[bool(expected["exp_alerts"])].add(expected["alertname"])
    names = {alert["alert"] for alert in ALERTS}
    assert seen == {True: names, False: names}


@pytest.mark.parametrize("expression", JOINED)
def test_a_panel_survives_that_two_gateways_show_a_bandwidth_differently(tmp_path, expression):
    shown = [f'bwgw_bandwidth_{name}{{id="1",provider="acme",instance="{gateway}"{more}}}'
             for gateway in "ab"
             for name, more in (("purchased_mbps", ""), ("effective_mbps", ""), ("created_timestamp_seconds", ""),
                                ("expires_timestamp_seconds", ""), ("info", f',name="of-{gateway}"'))]
    (tmp_path / "test.yml").write_text(yaml.safe_dump({"tests": [{
        "input_series": [{"series": series, "values": "10x5"} for series in shown],
        "promql_expr_test": [{"eval_time": "3m", "expr": f"count({expression})",
                              "exp_samples": [{"labels": "{}", "value": 1}]}]}]}))
    promtool("test", "rules", tmp_path / "test.yml")


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_every_alert_says_whose_fault_it_is_and_what_to_do(alert):
    assert alert["labels"]["severity"] in ("page", "ticket")
    assert alert["labels"]["fault"] in ("gateway", "vendor", "none")
    file, anchor = alert["annotations"]["runbook"].split("#")
    headings = re.findall(r"^## (.+)$", (ROOT / file).read_text(), re.MULTILINE)
    assert anchor in {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
