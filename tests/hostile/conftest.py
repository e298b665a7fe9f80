"""BWGW_EDGE_PROBE: the probe's binary, which is started and judged by its exit code, memory and descriptors.
BWGW_GATEWAY: the gateway's binary, started with a provider that is down. BWGW_HOSTILE_TARGET=host:port: a gateway that
runs already. With these two only what every server answers (GET /healthz) is used."""

import json
import os
import resource
import signal
import subprocess

import pytest

from wire import Target, start_probe, stop_probe

SHORT = ("--workers", "2", "--head-ms", "1500", "--body-ms", "1500", "--write-ms", "1500", "--idle-ms", "20000")


def pytest_configure(config):
    config.addinivalue_line("markers", "probe: needs the probe's own endpoints or its short deadlines")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 16384 if hard == resource.RLIM_INFINITY else min(16384, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def pytest_collection_modifyitems(config, items):
    if not os.environ.get("BWGW_HOSTILE_TARGET") and not os.environ.get("BWGW_GATEWAY"):
        return
    config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("probe")])
    items[:] = [item for item in items if not item.get_closest_marker("probe")]


SETTINGS = """
listen: 127.0.0.1:0
ledger: sqlite:{folder}/ledger.db
workers: 2
edge: {{head: 1500ms, body: 1500ms, write: 1500ms, idle: 20s}}
providers:
  - {{name: down, family: zenlayer, endpoint: "http://127.0.0.1:9", credentials: {{token: {{env: HOSTILE_TOKEN}}}}}}
"""


def start_gateway(binary, folder):
    (folder / "settings.yaml").write_text(SETTINGS.format(folder=folder))
    process = subprocess.Popen([binary, folder / "settings.yaml"], stderr=subprocess.PIPE, text=True,
                               env=dict(os.environ, HOSTILE_TOKEN="canary", ASAN_OPTIONS="detect_leaks=1:exitcode=99"))
    for line in process.stderr:
        event = json.loads(line)
        if event["message"] == "listening":
            break
    drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)  # so that its log never blocks
    return Target("127.0.0.1", event["port"]), process, drain


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    binary = os.environ.get("BWGW_GATEWAY")
    if binary:
        target, process, drain = start_gateway(binary, tmp_path_factory.mktemp("gateway"))
        yield target
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, "and no sanitizer found anything"
        drain.wait(30)
        return
    elsewhere = os.environ.get("BWGW_HOSTILE_TARGET")
    if elsewhere:
        host, _, port = elsewhere.rpartition(":")
        yield Target(host.strip("[]"), int(port))
        return
    target = start_probe(os.environ["BWGW_EDGE_PROBE"], *SHORT)
    yield target
    stop_probe(target)


@pytest.fixture
def probe_with():
    """Starts a probe of its own with these arguments."""
    started = []

    def start(*arguments):
        started.append(start_probe(os.environ["BWGW_EDGE_PROBE"], *arguments))
        return started[-1]

    yield start
    for target in started:
        stop_probe(target)


@pytest.fixture(autouse=True)
def still_serves(server):
    """After every test the server answers others as before."""
    yield
    from wire import get

    response = server.ask(get("/healthz"))
    assert response is not None and response.status == 200
