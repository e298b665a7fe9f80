"""`--check`: all mistakes at once, each by its path; no secret in the file."""

import os
import re
import subprocess

import pytest
import yaml

from processes import BUILD, ROOT
from products import SECRETS, accounts


def check(folder, settings, env=None):
    file = folder / "settings.yaml"
    file.write_text(settings if isinstance(settings, str) else yaml.safe_dump(settings))
    done = subprocess.run([BUILD / "gateway/bandwidth-gateway", "--check", file], capture_output=True, text=True,
                          timeout=30, env=os.environ | SECRETS | (env or {}))
    return done.returncode, done.stdout + done.stderr


def good(**more):
    return {"listen": "127.0.0.1:0", "ledger": "sqlite:x.db", "providers": accounts(lambda brand: 1)} | more


def test_a_good_file_passes(tmp_path):
    assert check(tmp_path, good())[0] == 0


@pytest.mark.parametrize("name", ["settings.example.yaml", "quickstart.yaml"])
def test_the_shipped_files_pass(tmp_path, name):
    text = (ROOT / "deploy" / name).read_text()
    secrets = {variable: "a-secret" for variable in re.findall(r"env: ([A-Z_]+)", text)}
    status, said = check(tmp_path, text, secrets)
    assert status == 0, said


def test_all_mistakes_are_told_at_once_each_by_its_path(tmp_path):
    wrong = good(listen="0.0.0.0:8080", workers=0, colour="red", deadlines={"read": "soon"}, purchase={"poll_first": "1ms"})
    wrong["providers"][0]["inter_region"] = "cheap"
    wrong["providers"][0]["endpoint"] = "http://vendor.example/"
    wrong["providers"][0]["credentials"]["private_key"] = "sk-in-the-file"
    wrong["providers"][1]["name"] = "scloud"
    wrong["providers"][2]["credentials"]["access_key_password"] = {"env": "NOT_SET_ANYWHERE"}
    wrong["providers"][2]["price"]["currency"] = "dollars"
    status, said = check(tmp_path, wrong)
    assert status != 0
    for path in ("listen", "workers", "colour", "deadlines.read", "purchase.poll_first", "providers[0].inter_region",
                 "providers[0].endpoint", "providers[0].credentials.private_key", "providers[1].name",
                 "providers[2].credentials.access_key_password", "providers[2].price.currency"):
        assert re.search(rf"^{re.escape(path)}\b", said, re.M), (path, said)
    assert "sk-in-the-file" not in said


@pytest.mark.parametrize("settings, path", [
    (good(listen="0.0.0.0:8080"), "listen"), (good(listen="10.0.0.1:8080"), "listen"), (good(listen="[::]:8080"), "listen"),
    (good(ledger="postgresql://gateway:secret@db/gateway"), "ledger"), (good(deadlines={"write": "10m"}), "settle_window"),
    (good(providers=[]), "providers"), (good(ledger=None), "ledger"), ("listen: [", "settings.yaml"), ("", "ledger")],
    ids=["any", "private", "any6", "password", "window", "nobody", "ledger", "yaml", "empty"])
def test_a_wrong_file_is_refused(tmp_path, settings, path):
    status, said = check(tmp_path, settings)
    assert status != 0 and path in said


def test_a_database_url_with_a_password_comes_from_elsewhere(tmp_path):
    url = {"LEDGER": "postgresql://gateway:secret@db/gateway"}
    assert check(tmp_path, good(ledger={"env": "LEDGER"}), url)[0] == 0
    assert check(tmp_path, good(ledger="postgresql://gateway@db/gateway?sslmode=verify-full"))[0] == 0
    assert "secret" not in check(tmp_path, good(ledger="postgresql://gateway:secret@db/gateway"))[1]


def test_beyond_loopback_only_where_it_is_said(tmp_path):
    assert check(tmp_path, good(listen="0.0.0.0:8080", allow_unauthenticated=True))[0] == 0


def test_a_gateway_with_a_wrong_file_does_not_start(tmp_path):
    file = tmp_path / "settings.yaml"
    file.write_text(yaml.safe_dump(good(listen="0.0.0.0:1")))
    done = subprocess.run([BUILD / "gateway/bandwidth-gateway", file], capture_output=True, text=True, timeout=30,
                          env=os.environ | SECRETS)
    assert done.returncode != 0 and "listen" in done.stderr


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    done = subprocess.run([BUILD / "gateway/bandwidth-gateway", "--check", tmp_path / "none.yaml"], capture_output=True,
                          text=True, timeout=30)
    assert done.returncode != 0 and "none.yaml" in done.stderr
