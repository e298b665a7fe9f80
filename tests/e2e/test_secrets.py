"""Canaries: every gateway of these tests is searched for secrets when it ends; here vendors try to make it talk."""

import pytest

from processes import slug
from products import LEGACY, SECRETS

ECHOES = ["SCLOUD_PRIVATE", "SCLOUD_PUBLIC"]


@pytest.mark.parametrize("name", ECHOES)
def test_a_vendor_that_echoes_a_key_is_not_repeated(gateway, sandbox, name):
    echo = f"no such user {SECRETS[name]}, sent by {SECRETS[name]}"
    sandbox.fault("scloud", LEGACY.create, "retcode_before", code="171", message=echo)
    answer = gateway.buy(LEGACY.order())
    assert (answer.status, slug(answer)) == (502, "provider-auth-failed")
    assert answer.json["provider_error"]["code"] == "171"
    assert "no such user" in answer.json["provider_error"]["message"]
    sandbox.fault("scloud", LEGACY.list, "retcode_before", code="171", message=echo, times=-1)
    assert not gateway.list()["complete"]
    gateway.get("/providers")
    gateway.get("/metrics")
    gateway.get("/metrics/bandwidths")
    gateway.expect_no_secret()


def test_what_a_sampled_log_still_holds_betrays_nothing(start, sandbox):
    gateway = start(log_sample=0)
    echo = f"no such user {SECRETS['SCLOUD_PRIVATE']}"
    sandbox.fault("scloud", LEGACY.create, "retcode_before", code="171", message=echo)
    gateway.buy(LEGACY.order())
    sandbox.fault("scloud", LEGACY.list, "status_before", status=502, body=echo)
    gateway.get("/bandwidths?provider=scloud&kind=inter_region")
    assert any(event["message"] == "vendor call" for event in gateway.events())
    gateway.expect_no_secret()


def test_a_wrong_credential_is_our_fault_and_not_the_callers(start, sandbox, monkeypatch):
    monkeypatch.setitem(SECRETS, "ZENLAYER_PASSWORD", "pw-wrong-canary")
    gateway = start()
    answer = gateway.get("/bandwidths?provider=zenlayer")
    assert (answer.status, slug(answer)) == (503, "provider-unavailable")
    listed = gateway.list()
    [source] = [source for source in listed["sources"] if source["provider"] == "zenlayer"]
    assert source["problem"]["type"] == "/problems/provider-auth-failed"
    gateway.expect_no_secret()
