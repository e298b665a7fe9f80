"""What is measured and what it is measured with, as processes on two cores: servers on one, load and vendors on the
other."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

SERVER_CORE, LOAD_CORE = sorted(os.sched_getaffinity(0))[:2] if len(os.sched_getaffinity(0)) > 1 else (0, 0)
HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 60  # no wait is longer
WIDE = {"reads_per_second": 100000, "burst": 100000, "concurrent_reads": 10000, "queue": 10000}


def on(core):
    return lambda: os.sched_setaffinity(0, {core})


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, condition, pause=0.01):
    until = time.monotonic() + SECONDS
    while not (value := condition()):
        if time.monotonic() > until:
            raise RuntimeError(f"waited {SECONDS} s for {what}")
        time.sleep(pause)
    return value


class Server:
    """One process that is measured; `pid` is that of the one that answers."""

    port = pid = process = None

    def cpu_seconds(self):
        """Of all its threads, to the nanosecond."""
        spent = 0
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                spent += int((task / "schedstat").read_text().split()[0])
        return spent / 1e9

    def vendor_calls(self):
        """Since the start; nothing where nobody counts."""
        return 0

    def rest(self):
        """Waits until it has done what was left to do."""
        def resting():
            before = self.cpu_seconds()
            time.sleep(0.2)
            return self.cpu_seconds() - before < 0.01
        wait_for("rest", resting)

    def rss_bytes(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def get(self, path, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (ConnectionError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(SECONDS)


class Nginx(Server):
    """One worker, keep-alive, no access log; `servers` are server blocks, `http` stands before them."""

    def __init__(self, folder, core, http_block):
        folder.mkdir()
        config = folder / "nginx.conf"
        config.write_text(f"""
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 16384; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s; default_type application/json; server_tokens off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; tcp_nodelay on; variables_hash_max_size 4096;
  {http_block}
}}
""")
        self.process = subprocess.Popen(["nginx", "-p", folder, "-c", config], preexec_fn=on(core),
                                        stderr=open(folder / "said", "w"))
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")

        def started():
            if self.process.poll() is not None:
                raise RuntimeError((folder / "said").read_text())
            return children.read_text().split()
        self.pid = int(wait_for("nginx", started)[0])


class Stub:
    """Vendors of the Zenlayer family; which rows and how late is said by the endpoint's path."""

    def __init__(self, build):
        self.process = subprocess.Popen([build / "tests/bench/vendor_stub"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, preexec_fn=on(LOAD_CORE))
        self.port = int(self.process.stdout.readline())

    def endpoint(self, rows, delay_ms=0):
        return f"http://127.0.0.1:{self.port}/rows/{rows}/delay/{delay_ms}"

    def reply(self, rows):
        """A listing as the vendor sends it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        connection.request("POST", f"/rows/{rows}/api/v2/zec", '{"pageSize":1000,"pageNum":1}')
        return connection.getresponse().read()

    def hang(self, hung):
        self.process.send_signal(signal.SIGUSR1 if hung else signal.SIGUSR2)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(SECONDS)


class Gateway(Server):
    def __init__(self, build, folder, endpoints, **more):
        folder.mkdir(exist_ok=True)
        self.program, self.folder, self.port = build / "gateway/bandwidth-gateway", folder, free_port()
        accounts = [{"name": name, "family": "zenlayer", "endpoint": endpoint, "credentials": {"token": {"env": "TOKEN"}},
                     "limits": WIDE, "max_reply_bytes": 1 << 26} | ({"ca_file": str(ca)} if ca else {})
                    for name, endpoint, ca in endpoints]
        settings = {"listen": f"127.0.0.1:{self.port}", "workers": 1, "log_sample": 0, "drain": "1s",
                    "ledger": f"sqlite:{folder}/ledger.db",
                    "edge": {"max_connections": 20000, "max_connections_per_address": 20000, "idle": "300s"},
                    "inventory": {"refresh_least": "1h", "refresh_most": "1h", "stale_after": "24h"},
                    "providers": accounts}
        for key, value in more.items():
            settings[key] = settings.get(key, {}) | value
        self.file = folder / "gateway.yaml"  # JSON is YAML
        self.file.write_text(json.dumps(settings))
        self.ready_seconds = self.start()

    def start(self):
        """From exec to the first 200 of /readyz, in seconds."""
        began = time.monotonic()
        self.process = subprocess.Popen([self.program, self.file], preexec_fn=on(SERVER_CORE),
                                        stderr=open(self.folder / "log", "ab"), env=os.environ | {"TOKEN": "t"})
        self.pid = self.process.pid

        def ready():
            if self.process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text())
            return self.get("/readyz")[0] == 200
        wait_for("the gateway", ready, pause=0.001)
        return time.monotonic() - began

    def listed(self):
        """Waits until every account has been read."""
        def whole():
            status, body = self.get("/bandwidths?page_size=1")
            return status == 200 and json.loads(body)["complete"]
        wait_for("the inventory", whole)
        return self

    def vendor_calls(self):
        counts = re.findall(r"^bwgw_upstream_requests_total\{.*\} (\d+)$", self.get("/metrics")[1].decode(), re.M)
        return sum(map(int, counts))

    def page(self, query):
        status, body = self.get("/bandwidths?" + query)
        if status != 200:
            raise RuntimeError(f"{status}: {body[:500]}")
        return json.loads(body)


def load(port, paths, connections, seconds, pause_ms=0, spread_ms=None, **headers):
    """wrk on the load's core, started: `result()` waits for it. Who pauses does not begin at once with the others."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s", HERE / "load.lua"]
    for name, value in headers.items():
        command += ["-H", f"{name.replace('_', '-')}: {value}"]
    command += [f"http://127.0.0.1:{port}/", "--", paths]
    return subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=on(LOAD_CORE),
                            env=os.environ | {"BENCH_PAUSE": str(pause_ms), "BENCH_CONNECTIONS": str(connections),
                                              "BENCH_SPREAD": str(pause_ms if spread_ms is None else spread_ms)})


def result(wrk):
    return json.loads(wrk.communicate(timeout=600)[0].split(b"\n")[-2])


def measured(server, paths, connections, seconds, pause_ms=0, spread_ms=None, **headers):
    """Requests a second, and what they cost the server."""
    before = server.cpu_seconds()
    told = result(load(server.port, paths, connections, seconds, pause_ms, spread_ms, **headers))
    if told["failed"]:
        raise RuntimeError(f"{told['failed']} of {told['requests']} requests failed")
    told["per_second"] = told["requests"] / told["seconds"]
    told["cpu_us"] = (server.cpu_seconds() - before) / max(told["requests"], 1) * 1e6
    return told
