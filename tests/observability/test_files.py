"""The shipped files by themselves: configuration, rules, their unit tests, the runbook that they lead to."""

import re
import subprocess

import pytest
import yaml

from conftest import ROOT, RULES

GROUPS = yaml.safe_load((RULES / "rules.yml").read_text())["groups"]
ALERTS = [rule for group in GROUPS for rule in group["rules"] if "alert" in rule]
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


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_every_alert_says_whose_fault_it_is_and_what_to_do(alert):
    assert alert["labels"]["severity"] in ("page", "ticket")
    assert alert["labels"]["fault"] in ("gateway", "vendor", "none")
    file, anchor = alert["annotations"]["runbook"].split("#")
    headings = re.findall(r"^## (.+)$", (ROOT / file).read_text(), re.MULTILINE)
    assert anchor in {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
