"""BWGW_BUILD: the build folder with the two programs and the shim, a release build.
--case REGEX: of the matrix, only the cases with such names."""

import pathlib
import sys

import pytest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from lanes import Lanes  # noqa: E402
from postgres import Server  # noqa: E402

ENGINES = ("sqlite", "postgresql")


def pytest_addoption(parser):
    parser.addoption("--case", default="", help="a regular expression for the matrix' cases")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("postgres"))
    yield running
    running.stop("immediate")


@pytest.fixture(scope="session", params=ENGINES)
def engine(request):
    return request.param


@pytest.fixture(scope="session")
def lanes(engine, request, tmp_path_factory):
    """Worlds for many cases, kept from one test to the next."""
    of = request.getfixturevalue("server").database if engine == "postgresql" else lambda name: None
    running = Lanes(tmp_path_factory.mktemp("lanes-" + engine), of)
    yield running
    running.stop()


@pytest.fixture
def ledger(engine, request, tmp_path):
    """A ledger of the test's own, as a setting; None for SQLite in the world's folder."""
    if engine == "sqlite":
        return None
    name = "t" + tmp_path.name.replace("-", "_").lower()[-40:]
    return request.getfixturevalue("server").database(name)
