"""The two programs as processes: the emulated vendors with their oracle, and the gateway with its API."""

import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import urllib.request
import uuid

import yaml

from products import SECRETS

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BWGW_BUILD", ROOT / "build/dev"))
sys.path.append(str(ROOT / "tests/contract"))
from contract import Contract  # noqa: E402

CONTRACT = Contract(str(ROOT / "openapi/gateway.yaml"))
SECONDS = 30  # no wait is longer
FINAL = ("settled", "failed", "needs_attention")
SIGNATURE = re.compile(r"Signature|\b([0-9a-f]{40}|[0-9a-f]{64})\b")  # the vendors' are SHA-1 and SHA-256 in hex


def wait_for(what, condition):
    """The first true value of the condition."""
    until = time.monotonic() + SECONDS
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < until, f"waited {SECONDS} s for {what}"
        time.sleep(0.01)


class Sandbox:
    def __init__(self, brands, folder):
        settings, ready = folder / "sandbox.yaml", folder / "sandbox.ready"
        settings.write_text(yaml.safe_dump({"control": "127.0.0.1:0", "brands": brands}))
        self.process = subprocess.Popen([BUILD / "providers/sandbox/bandwidth-sandbox", "--config", settings,
                                         "--ready-file", ready], stdout=subprocess.DEVNULL)
        line = wait_for("the sandbox", lambda: ready.exists() and ready.read_text())
        self.ports = json.loads(line)

    def stop(self):
        self.process.terminate()
        assert self.process.wait(SECONDS) == 0

    def port(self, brand):
        return self.ports["brands"][brand]

    def control(self, method, path, **body):
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports['control']}{path}", method=method,
                                         data=json.dumps(body).encode() if body else None)
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return json.load(answer)

    def reset(self):
        self.control("POST", "/reset")

    def fault(self, brand, action, fault, **more):
        self.control("POST", "/faults", brand=brand, action=action, fault=fault, **more)

    def behave(self, brand, **knobs):
        self.control("POST", "/behaviour", brand=brand, **knobs)

    def heal(self):
        self.control("DELETE", "/faults")

    def purchases(self, brand):
        return self.control("GET", f"/ledger?brand={brand}")["purchases"]

    def requests(self, brand, action=""):
        return self.control("GET", f"/requests?brand={brand}" + (f"&action={action}" if action else ""))["requests"]


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:2000]!r}"


class Gateway:
    """The gateway on a port of the kernel's choice. Every answer is judged by the OpenAPI document."""

    preload = {}  # what else stands in its environment

    def __init__(self, folder, settings):
        self.folder, self.log_file, self.said = folder, folder / f"gateway-{uuid.uuid4().hex[:6]}.log", []
        self.file = folder / "gateway.yaml"
        self.settings = {}
        self.change(settings)
        self.start()

    def change(self, settings):
        """For the next start."""
        self.settings |= settings
        self.file.write_text(yaml.safe_dump(self.settings))

    def launch(self):
        """Until it listens."""
        with open(self.log_file, "ab") as log:
            before = log.tell()
            self.process = subprocess.Popen([BUILD / "gateway/bandwidth-gateway", self.file], stderr=log,
                                            env=os.environ | SECRETS | self.preload)

        def listening():
            assert self.process.poll() is None, self.log()
            return [event["port"] for event in self.events(before) if event["message"] == "listening"]
        self.port = wait_for("the gateway", listening)[-1]

    def start(self):
        self.launch()
        wait_for("readiness", lambda: self.get("/readyz").status == 200)
        self.known("/bandwidths", **{"Cache-Control": "max-age=1"})  # the first refresh is over

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """As an orchestrator ends it; whatever happened, it has betrayed no secret."""
        if self.process.poll() is None:
            self.get("/metrics")
            self.get("/metrics/bandwidths")
            self.process.terminate()
            assert self.process.wait(SECONDS) == 0, self.log()
        self.expect_no_secret()

    def expect_no_secret(self):
        told = {"log": self.log(), "answers": "\n".join(self.said)}
        for where, text in told.items():
            for secret in SECRETS.values():
                assert secret not in text, f"{secret} in the {where}"
        assert not SIGNATURE.search(told["log"]), SIGNATURE.search(told["log"])

    def log(self):
        return self.log_file.read_text()

    def events(self, offset=0):
        """The whole lines of the log."""
        text = self.log_file.read_bytes()[offset:].decode()
        return [json.loads(line) for line in text.split("\n")[:-1] if line.startswith("{")]

    # -- the API ------------------------------------------------------------------------------------------

    def request(self, method, path, body=None, headers=None, connection=None, check=True):
        """`body`: a JSON value, or bytes as they are. Reads ask the vendors unless a header says otherwise."""
        headers = dict(headers or {})
        if method in ("GET", "HEAD") and path.startswith("/bandwidths"):
            headers.setdefault("Cache-Control", "no-cache")
        headers = {name: value for name, value in headers.items() if value is not None}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            patch = "application/merge-patch+json" if method == "PATCH" else "application/json"
            headers.setdefault("Content-Type", patch)
        own = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            own.request(method, path, body, headers)
            response = own.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        finally:
            if connection is None:
                own.close()
        self.said.append(f"{list(answer.headers.items())} {answer.body.decode('utf-8', 'replace')}")
        if check:
            CONTRACT.check_response(method, path, answer.status, answer.headers.items(), answer.body)
        return answer

    def get(self, path, **headers):
        return self.request("GET", path, headers=headers)

    def known(self, path, **headers):
        """A read as callers do it: from the inventory."""
        return self.get(path, **{"Cache-Control": None} | headers)

    def patch(self, path, body, **headers):
        return self.request("PATCH", path, body, headers)

    def delete(self, path, **headers):
        return self.request("DELETE", path, headers=headers)

    def buy(self, order, key=None, prefer=None):
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        if prefer:
            headers["Prefer"] = prefer
        return self.request("POST", "/bandwidths", order, headers)

    def bought(self, order):
        """The bandwidth as its provider shows it, its purchase settled."""
        answer = self.buy(order)
        assert answer.status == 201, answer
        self.settled(self.operation_of(answer))
        return self.get(answer.headers["Location"]).json

    def operation_of(self, answer):
        """The operation of an accepted or finished write."""
        if answer.status == 202:
            return answer.json["id"]
        of_bandwidth = [operation for operation in self.operations() if operation["bandwidth_id"] == answer.json["id"]]
        return of_bandwidth[0]["id"]

    def operations(self, query=""):
        answer = self.get("/operations?page_size=1000" + query)
        assert answer.status == 200, answer
        return answer.json["items"]

    def ended(self, operation_id):
        """The operation once it is final, or waits for a person."""
        def final():
            operation = self.get(f"/operations/{operation_id}").json
            return operation if operation["state"] in FINAL else None
        return wait_for(f"operation {operation_id}", final)

    def settled(self, operation_id):
        operation = self.ended(operation_id)
        assert operation["state"] == "settled", operation
        return operation

    def list(self, query=""):
        answer = self.get("/bandwidths" + query)
        assert answer.status == 200, answer
        return answer.json


def all_final(operations):
    return all(one["state"] in FINAL for one in operations)


def slug(answer):
    assert answer.headers["Content-Type"].startswith("application/problem+json"), answer
    return answer.json["type"].removeprefix("/problems/")
