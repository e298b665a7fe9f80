"""A Prometheus with the rules of deploy/prometheus, scraping a gateway in which something has happened at every provider.
BWGW_BUILD: the build folder with the two programs, build/dev unless told otherwise."""

import json
import pathlib
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/e2e"))
import products  # noqa: E402
from processes import SECONDS, Gateway, Sandbox, wait_for  # noqa: E402

RULES = ROOT / "deploy/prometheus"
SETTINGS = {
    "listen": "127.0.0.1:0",
    "workers": 2,
    "deadlines": {"read": "5s", "write": "1s"},
    "purchase": {"settle_window": "1300ms", "poll_first": "20ms", "poll_most": "100ms", "lease": "300ms"},
}
SCRAPES = 3  # after all that happens: a rate needs two


class Prometheus:
    """The shipped configuration, but for the gateway's port and the intervals."""

    def __init__(self, folder, gateway):
        config = yaml.safe_load((RULES / "prometheus.yml").read_text())
        config["global"] = {"scrape_interval": "500ms", "scrape_timeout": "500ms", "evaluation_interval": "500ms"}
        config["rule_files"] = [str(RULES / name) for name in config["rule_files"]]
        for job in config["scrape_configs"]:
            job.pop("scrape_interval", None)
            job["static_configs"] = [{"targets": [f"127.0.0.1:{gateway.port}"]}]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        self.log_file = folder / "prometheus.log"
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb",
                 "--web.listen-address=127.0.0.1:0"], stderr=log, stdout=log)

        def address():
            assert self.process.poll() is None, self.log_file.read_text()
            return re.search(r'"Listening on" address=(\S+)', self.log_file.read_text())
        self.url = "http://" + wait_for("Prometheus", address)[1]

    def stop(self):
        self.process.terminate()
        assert self.process.wait(SECONDS) == 0, self.log_file.read_text()

    def api(self, path, **parameters):
        query = urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{query}", timeout=SECONDS) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path} {parameters}: {error.read().decode()}") from None

    def query(self, expression):
        """Values by labels."""
        found = self.api("query", query=expression)
        assert found["resultType"] == "vector", found
        return [(sample["metric"], float(sample["value"][1])) for sample in found["result"]]

    def wait_for_scrapes(self):
        """Until all that was counted so far has been scraped some times, and the rules have seen it."""
        def scrapes():
            return [value for _, value in self.query('count_over_time(up{job=~"bandwidth-gateway.*"}[1h])')]
        before = scrapes() or [0, 0]
        wait_for("scrapes", lambda: len(scrapes()) == 2 and min(scrapes()) >= max(before) + SCRAPES)


@pytest.fixture(scope="session")
def vendors(tmp_path_factory):
    sandbox = Sandbox(products.BRANDS, tmp_path_factory.mktemp("sandbox"))
    yield sandbox
    sandbox.stop()


@pytest.fixture(scope="session")
def gateway(vendors, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gateway")
    accounts = products.accounts(vendors.port)
    running = Gateway(folder, SETTINGS | {"ledger": f"sqlite:{folder}/ledger.db", "providers": accounts})
    yield running
    running.stop()


def live(gateway, vendors, turn):
    """Something of everything: a refresh, purchases, a change, a release, reads, a caller's mistake, a vendor's fault."""
    gateway.get("/bandwidths", **{"Cache-Control": "max-age=1"})  # the last turn's scrapes took longer
    for product in products.PRODUCTS:
        one = gateway.bought(product.order(turn))
    assert gateway.patch("/bandwidths/" + one["id"], {"bandwidth_mbps": 20}).status in (200, 202)
    assert gateway.delete("/bandwidths/" + one["id"]).status in (202, 204)
    gateway.get("/bandwidths/unknown")
    vendors.fault("scloud", products.LEGACY.list, "status_before", status=502)
    for _ in range(2):
        gateway.get("/bandwidths", **{"Cache-Control": "no-cache"})


@pytest.fixture(scope="session")
def prometheus(gateway, vendors, tmp_path_factory):
    running = Prometheus(tmp_path_factory.mktemp("prometheus"), gateway)
    live(gateway, vendors, 0)
    running.wait_for_scrapes()
    live(gateway, vendors, 1)
    gateway.bought(products.CRB.order(billing={"model": "percentile_95"}, bandwidth_mbps=20, burst_mbps=200))
    running.wait_for_scrapes()
    yield running
    running.stop()
