"""BWGW_EDGE_PROBE: the probe's binary, which is started and judged by its exit code, memory and descriptors.
BWGW_HOSTILE_TARGET=host:port: a gateway that runs already; then only what every server answers (GET /healthz) is used."""

import os
import resource

import pytest

from wire import Target, start_probe, stop_probe

SHORT = ("--workers", "2", "--head-ms", "1500", "--body-ms", "1500", "--write-ms", "1500", "--idle-ms", "20000")


def pytest_configure(config):
    config.addinivalue_line("markers", "probe: needs the probe's own endpoints or its short deadlines")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 16384 if hard == resource.RLIM_INFINITY else min(16384, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def pytest_collection_modifyitems(items):
    if not os.environ.get("BWGW_HOSTILE_TARGET"):
        return
    for item in items:
        if item.get_closest_marker("probe"):
            item.add_marker(pytest.mark.skip(reason="asks for the probe"))


@pytest.fixture(scope="session")
def server():
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
