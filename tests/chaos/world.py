"""One gateway, its database and its vendors: a world of its own for each lane of the tests."""

import http.client
import time

import processes
import products
from processes import SECONDS, Gateway, Sandbox, wait_for
from shim import Shim

FAST = {
    "listen": "127.0.0.1:0",
    "workers": 1,
    "log_level": "debug",
    "drain": "5s",
    "deadlines": {"read": "1s", "write": "1s"},
    "purchase": {"settle_window": "1600ms", "poll_first": "10ms", "poll_most": "50ms", "lease": "500ms"},
    "inventory": {"refresh_least": "1h", "refresh_most": "1h"},  # so that a listing is a step of a write
}
BRANDS = ("scloud", "dezai", "zenlayer")


class ChaosGateway(Gateway):
    """The plain gateway with the shim before it. Its answers are judged by the document elsewhere."""

    def __init__(self, folder, settings, shim=None):
        self.preload = shim.env if shim else {}
        super().__init__(folder, settings)

    def request(self, method, path, body=None, headers=None, connection=None, check=False):
        return super().request(method, path, body, headers, connection, check)

    def ask(self, *request, **more):
        """None if there is no answer."""
        try:
            return self.request(*request, **more)
        except (http.client.HTTPException, OSError):
            return None

    def died(self):
        return self.process.poll() is not None

    def latest(self, count=1):
        """The last operations, newest first."""
        answer = self.get(f"/operations?page_size={count}")
        assert answer.status == 200, answer
        return answer.json["items"]


class World:
    def __init__(self, folder, ledger, prepare=lambda shim: None, **settings):
        """`ledger`: the setting, or None for SQLite in the folder."""
        folder.mkdir(exist_ok=True)
        ledger = ledger or f"sqlite:{folder}/ledger.db"
        self.vendors = Sandbox(products.BRANDS, folder)
        self.shim = Shim(folder, ledger, [self.vendors.port(brand) for brand in BRANDS])
        prepare(self.shim)
        self.settings = FAST | {"ledger": ledger, "providers": products.accounts(self.vendors.port)} | settings
        self.newest = ""
        try:
            self.gateway = ChaosGateway(folder, self.settings, self.shim)
            self.gateway.known("/bandwidths")  # the first refresh is over
        except BaseException:
            self.vendors.stop()
            raise

    def stop(self):
        self.gateway.stop()
        self.vendors.stop()

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        if failed:
            self.gateway.kill()
            self.vendors.process.kill()
            self.vendors.process.wait()
        else:
            self.stop()

    def watch(self, plan="", condition="well"):
        """The next operation's steps, and death at one of them, or that condition of the disk."""
        latest = self.gateway.latest()
        self.newest = latest[0]["id"] if latest else ""
        self.shim.watch(self.newest, plan, condition)

    def operations(self):
        """Those since watch(), newest first."""
        return [one for one in self.gateway.latest(20) if one["id"] > self.newest]

    def ended(self):
        return processes.all_final(self.operations())

    def quiet(self):
        """The operations since watch(), once each has ended or waits for a person."""
        seen = []

        def ended():
            seen[:] = self.operations()
            return processes.all_final(seen)
        wait_for("the end of all operations", ended)
        return seen

    @staticmethod
    def wait_until(condition, seconds=SECONDS, pause=0.005):
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                return False
            time.sleep(pause)
        return True

    def listed(self, provider):
        """Once the list is whole again."""
        def whole():
            answer = self.gateway.get(f"/bandwidths?provider={provider}")
            assert answer.status == 200, answer
            return answer if answer.json["complete"] else None
        return wait_for("a complete list", whole).json["items"]
