"""BWGW_BUILD: the build folder with the two programs, build/dev unless told otherwise."""

import pytest

import products
from processes import Gateway, Sandbox

FAST = {
    "listen": "127.0.0.1:0",
    "workers": 2,
    "log_level": "debug",
    "drain": "10s",
    "deadlines": {"read": "5s", "write": "1s"},
    "purchase": {"settle_window": "6s", "poll_first": "20ms", "poll_most": "100ms", "lease": "300ms"},
}

IMPATIENT = FAST["purchase"] | {"settle_window": "1s"}  # for what is never found


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


def settings_for(sandbox, folder, **more):
    return FAST | {"ledger": f"sqlite:{folder}/ledger.db", "providers": products.accounts(sandbox.port)} | more


@pytest.fixture(scope="module")
def gateway(vendors, tmp_path_factory):
    """One for all tests of a file; none of them leaves an operation open."""
    folder = tmp_path_factory.mktemp("gateway")
    running = Gateway(folder, settings_for(vendors, folder))
    yield running
    running.stop()


@pytest.fixture
def start(sandbox, tmp_path_factory):
    """Starts a gateway of the test's own, with these settings over the usual ones."""
    started = []

    def start(**more):
        folder = tmp_path_factory.mktemp("gateway")
        started.append(Gateway(folder, settings_for(sandbox, folder, **more)))
        return started[-1]

    yield start
    for running in started:
        running.stop()


def pytest_generate_tests(metafunc):
    own = [marker.args[0] for marker in metafunc.definition.iter_markers("parametrize")]
    if "product" in metafunc.fixturenames and "product" not in own:
        metafunc.parametrize("product", products.PRODUCTS, ids=lambda product: product.name)
