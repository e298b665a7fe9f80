"""BWGW_BUILD: the build folder with the two programs, build/dev unless told otherwise.
BWGW_LEDGER=postgresql: every gateway has a database of its own on a server of the tests' own, instead of a file."""

import os
import subprocess

import pytest

import products
from processes import ROOT, Gateway, Sandbox

FAST = {
    "listen": "127.0.0.1:0",
    "workers": 2,
    "log_level": "debug",
    "drain": "10s",
    "deadlines": {"read": "5s", "write": "1s"},
    "purchase": {"settle_window": "3s", "poll_first": "20ms", "poll_most": "100ms", "lease": "300ms"},
    "inventory": {"refresh_least": "1h", "refresh_most": "1h"},  # so that vendors are asked by the tests alone
}

IMPATIENT = FAST["purchase"] | {"settle_window": "1300ms"}  # for what is never found


@pytest.fixture(scope="session")
def vendors(tmp_path_factory):
    sandbox = Sandbox(products.BRANDS, tmp_path_factory.mktemp("sandbox"))
    yield sandbox
    sandbox.stop()


@pytest.fixture(autouse=True)
def sandbox(vendors):
    """The emulated vendors, each test with none of the rows, faults and clocks of the one before."""
    vendors.reset()
    return vendors


@pytest.fixture(scope="session")
def ledger_for(tmp_path_factory):
    """A gateway's folder -> the URL of its ledger."""
    if os.environ.get("BWGW_LEDGER", "sqlite") == "sqlite":
        yield lambda folder: f"sqlite:{folder}/ledger.db"
        return
    program, place = ROOT / "tests/support/postgres", tmp_path_factory.mktemp("postgres")
    url = subprocess.check_output([program, "start", place], text=True).strip()

    def database(folder):
        name = folder.name.replace("-", "_")
        subprocess.run(["psql", "-XAtqc", f"CREATE DATABASE {name}", url], check=True)
        return url.rpartition("/")[0] + "/" + name

    yield database
    subprocess.run([program, "stop", place, "immediate"], check=True)


def settings_for(sandbox, ledger, **more):
    return FAST | {"ledger": ledger, "providers": products.accounts(sandbox.port)} | more


@pytest.fixture(scope="module")
def gateway(vendors, ledger_for, tmp_path_factory):
    """One for all tests of a file; none of them leaves an operation open."""
    folder = tmp_path_factory.mktemp("gateway")
    running = Gateway(folder, settings_for(vendors, ledger_for(folder)))
    yield running
    running.stop()


@pytest.fixture
def start(sandbox, ledger_for, tmp_path_factory):
    """Starts a gateway of the test's own, with these settings over the usual ones."""
    started = []

    def start(**more):
        folder = tmp_path_factory.mktemp("gateway")
        started.append(Gateway(folder, settings_for(sandbox, **{"ledger": ledger_for(folder)} | more)))
        return started[-1]

    yield start
    for running in started:
        running.stop()


def pytest_generate_tests(metafunc):
    own = [marker.args[0] for marker in metafunc.definition.iter_markers("parametrize")]
    if "product" in metafunc.fixturenames and "product" not in own:
        metafunc.parametrize("product", products.PRODUCTS, ids=lambda product: product.name)
