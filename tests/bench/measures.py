"""What is measured, one function each. Whatever is compared takes turns: A B A B …"""

import base64
import random
import re
import resource
import socket
import statistics
import subprocess
import time

from processes import LOAD_CORE, SERVER_CORE, Gateway, Nginx, Stub, free_port, load, measured, result

CONNECTIONS = 32
IDLE = 5000
DELAY_MS = 100
NO_CACHE = {"Cache_Control": "no-cache"}


class Spread:
    """A median and its range."""

    def __init__(self, values):
        self.values = sorted(values)
        self.median, self.least, self.most = statistics.median(self.values), self.values[0], self.values[-1]

    def text(self, digits=2, unit=""):
        return f"{self.median:.{digits}f}{unit} ({self.least:.{digits}f}–{self.most:.{digits}f})"


def ratios(of, to, key="per_second"):
    return Spread([a[key] / b[key] for a, b in zip(of, to)])


class Bench:
    def __init__(self, build, folder, rounds, seconds):
        self.build, self.folder, self.rounds, self.seconds = build, folder, rounds, seconds
        self.running, self.random = [], random.Random(1)
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.stub = self.keep(Stub(build))

    def keep(self, process):
        self.running.append(process)
        return process

    def stop(self, *processes):
        for process in processes or reversed(self.running[:]):
            self.running.remove(process)
            process.stop()

    def gateway(self, name, endpoints, **more):
        return self.keep(Gateway(self.build, self.folder / name, endpoints, **more))

    def holding(self, rows):
        return self.gateway(f"rows-{rows}", [("vendor", self.stub.endpoint(rows), None)]).listed()

    def paths(self, name, lines):
        file = self.folder / name
        file.write_text("\n".join(lines) + "\n")
        return file

    def turns(self, *calls):
        """The results of each, after a first turn that warms up and is not counted."""
        results = [[] for _ in calls]
        for turn in range(self.rounds + 1):
            for call, kept in zip(calls, results):
                told = call()
                if turn:
                    kept.append(told)
        return results


def ids_of(gateway):
    """In their order."""
    ids, token = [], ""
    while True:
        page = gateway.page("page_size=1000" + token)
        ids += [item["id"] for item in page["items"]]
        if not page["next_page_token"]:
            return ids
        token = "&page_token=" + page["next_page_token"]


def places(bench, ids):
    """Pages of 50 from anywhere, as a token without a snapshot names them."""
    at = [bench.random.randrange(0, len(ids) - 51) for _ in range(500)]
    return ["/bandwidths?page_size=50&page_token=" +
            base64.urlsafe_b64encode(f" {ids[i]}".encode()).decode().rstrip("=") for i in at]


def static(bodies):
    """An nginx server that returns these bodies, by the first letters of the path. A word of its configuration may
    have 4 KB, so a body is put together from pieces."""
    block, locations = "", ""
    for number, (prefix, body, headers) in enumerate(bodies):
        pieces = [body[i:i + 3000] for i in range(0, len(body), 3000)]
        names = [f"piece_{number}_{i}" for i in range(len(pieces))]
        for name, piece in zip(names, pieces):
            block += f"geo ${name} {{ default '{piece}'; }}\n"
        text = "".join(f"${{{name}}}" for name in names)
        said = "".join(f"add_header {name} '{value}';" for name, value in headers.items())
        locations += f"location {prefix} {{ {said} return 200 '{text}'; }}\n"
    return block, locations


def by_id_and_list(bench):
    few, many = settled(bench.holding(1000)), settled(bench.holding(100_000))
    known = {gateway: ids_of(gateway) for gateway in (few, many)}
    by_id = {gateway: bench.paths(f"ids-{len(ids)}", [f"/bandwidths/{id}" for id in bench.random.sample(ids, 1000)])
             for gateway, ids in known.items()}
    lists = {gateway: bench.paths(f"pages-{len(ids)}", places(bench, ids)) for gateway, ids in known.items()}
    one = many.get("/bandwidths/" + known[many][5000])[1].decode()
    page = many.get(lists[many].read_text().split("\n")[7])[1].decode()
    said = {"X-Request-Id": "abcdefghijklmnopqrstuvwxyz", "ETag": '"0123456789abcdef0123456789abcdef"',
            "Cache-Control": "no-cache", "Age": "10"}
    port = free_port()
    block, locations = static([("/bandwidths/", one, said), ("= /bandwidths", page, said)])
    nginx = bench.keep(Nginx(bench.folder / "static", SERVER_CORE,
                             f"{block} server {{ listen 127.0.0.1:{port} reuseport; {locations} }}"))
    nginx.port = port

    def turn(server, paths):
        return lambda: measured(server, paths, CONNECTIONS, bench.seconds)
    plain, id_few, id_many = bench.turns(turn(nginx, by_id[many]), turn(few, by_id[few]), turn(many, by_id[many]))
    long, list_few, list_many = bench.turns(turn(nginx, lists[many]), turn(few, lists[few]), turn(many, lists[many]))
    first = bench.paths("first-page", ["/bandwidths?page_size=50"])
    first_few, first_many = bench.turns(turn(few, first), turn(many, first))
    bench.stop(nginx, few, many)
    return {"by_id_bytes": len(one), "list_bytes": len(page), "nginx": plain, "by_id_1k": id_few, "by_id_100k": id_many,
            "nginx_list": long, "list_1k": list_few, "list_100k": list_many, "first_1k": first_few, "first_100k": first_many}


def counted(server, paths, connections, seconds, **more):
    """Live reads, and how many calls of the vendors each took."""
    before = server.vendor_calls()
    told = measured(server, paths, connections, seconds, **more, **NO_CACHE)
    return told | {"vendor_calls": (server.vendor_calls() - before) / told["requests"]}


def live(bench):
    """Two rows, 1 KB at the vendor, over HTTP and HTTPS, beside nginx as a reverse proxy to the same vendor."""
    key, certificate = bench.folder / "key.pem", bench.folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-keyout", key, "-out", certificate, "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    reply = bench.stub.reply(2).decode()
    plain, tls, front = free_port(), free_port(), free_port()
    block, locations = static([("/", reply, {})])
    vendor = bench.keep(Nginx(bench.folder / "vendor", LOAD_CORE, f"""{block}
        server {{ listen 127.0.0.1:{plain} reuseport; {locations} }}
        server {{ listen 127.0.0.1:{tls} ssl reuseport; ssl_certificate {certificate}; ssl_certificate_key {key};
                  {locations} }}"""))
    proxy = bench.keep(Nginx(bench.folder / "proxy", SERVER_CORE, f"""
        upstream plain {{ server 127.0.0.1:{plain}; keepalive 256; keepalive_requests 1000000000; }}
        upstream tls {{ server 127.0.0.1:{tls}; keepalive 256; keepalive_requests 1000000000; }}
        server {{ listen 127.0.0.1:{front} reuseport; proxy_http_version 1.1; proxy_set_header Connection "";
                  proxy_ssl_verify on; proxy_ssl_trusted_certificate {certificate}; proxy_ssl_name localhost;
                  location /plain {{ proxy_pass http://plain; }} location /tls {{ proxy_pass https://tls; }} }}"""))
    proxy.port = front
    gateway = bench.gateway("live", [("plain", f"http://127.0.0.1:{plain}", None),
                                     ("tls", f"https://localhost:{tls}", certificate)]).listed()
    # Callers of as many accounts as there are connections: hardly two ask for the same at once and share a call.
    alone = bench.gateway("alone", [(f"plain-{i}", f"http://127.0.0.1:{plain}", None) for i in range(CONNECTIONS)]).listed()
    ways = [("proxy", proxy, ["/plain"]), ("live", gateway, ["/bandwidths?provider=plain"]),
            ("live_alone", alone, [f"/bandwidths?provider=plain-{i}" for i in range(CONNECTIONS)]),
            ("proxy_tls", proxy, ["/tls"]), ("live_tls", gateway, ["/bandwidths?provider=tls"])]

    def turn(name, server, paths):
        file = bench.paths(f"{name}-paths", paths)
        return lambda: counted(server, file, CONNECTIONS, bench.seconds)
    results = bench.turns(*(turn(*way) for way in ways))
    bench.stop(gateway, alone, proxy, vendor)
    return dict(zip([name for name, *_ in ways], results)) | {"live_bytes": len(reply)}


def fan_out(bench):
    """A gateway for each number in flight: none works through connections that a larger one has left idle."""
    vendors = [(f"vendor-{i}", bench.stub.endpoint(5, DELAY_MS), None) for i in range(8)]
    paths = bench.paths("fan-out-path", ["/bandwidths"])
    flights = (1, 64, 512)
    seconds = max(bench.seconds, 4)

    gateways = [bench.gateway(f"fan-out-{connections}", vendors).listed() for connections in flights]

    def turn(gateway, connections):
        def run():
            gateway.rest()  # what the turn before had left in flight
            # All at once they would be a burst, and in a short turn p99 would be what the last of it waits.
            return counted(gateway, paths, connections, seconds, spread_ms=DELAY_MS)
        return run
    results = bench.turns(*map(turn, gateways, flights))
    bench.stop(*gateways)
    return {f"fan_out_{connections}": told for connections, told in zip(flights, results)}


def memory_and_start(bench):
    empty = bench.gateway("empty", [("vendor", bench.stub.endpoint(0), None)]).listed()
    told = {"rss_empty": empty.rss_bytes(), "start_empty": [], "start_100k": []}
    full = bench.holding(100_000)
    told["rss_read"] = settled(full).rss_bytes()
    text = 0
    token = ""
    while token is not None:
        body = full.get("/bandwidths?page_size=1000" + token)[1]
        items, _, rest = body.rpartition(b'],"next_page_token":')
        text += len(items) - len(b'{"items":[') - 999  # commas
        more = re.match(rb'"([^"]+)"', rest)
        token = f"&page_token={more[1].decode()}" if more else None
    told["text_bytes"] = text / 100_000
    for _ in range(bench.rounds):
        for gateway, name in ((empty, "start_empty"), (full, "start_100k")):
            gateway.stop()
            told[name].append(gateway.start())
    full.listed()
    told["rss_restored"] = settled(full).rss_bytes()
    told["idle"] = idle_bytes(empty)
    bench.stop(empty, full)
    return told


def settled(gateway):
    """When what was read is stored, too, which it does once a second."""
    for _ in range(2):
        gateway.rest()
        time.sleep(2)
    return gateway


def idle_bytes(server):
    """Resident bytes of each of many connections that have asked once and are kept alive."""
    before = server.rss_bytes()
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    callers = []
    for _ in range(IDLE):
        caller = socket.create_connection(("127.0.0.1", server.port))
        caller.sendall(request)
        if not caller.recv(4096).startswith(b"HTTP/1.1 200"):
            raise RuntimeError("a connection was refused")
        callers.append(caller)
    used = server.rss_bytes() - before
    for caller in callers:
        caller.close()
    return used / IDLE


def hung(bench):
    """Inventory reads by eight callers with a pause of 1 ms, while sixteen others ask for lists: of the inventory when all is
    quiet, of the vendors when all hang."""
    stub = bench.keep(Stub(bench.build))
    gateway = bench.gateway("hung", [(f"vendor-{i}", stub.endpoint(1000), None) for i in range(8)],
                            deadlines={"read": "1s"}, inventory={"refresh_least": "2s", "refresh_most": "2s"}).listed()
    ids = bench.paths("hung-ids", [f"/bandwidths/{id}" for id in bench.random.sample(ids_of(gateway), 1000)])
    asking = bench.paths("hung-asking", ["/bandwidths"])
    seconds = max(bench.seconds, 4)

    def turn(hangs, **asked):
        def run():
            stub.hang(hangs)
            others = load(gateway.port, asking, 16, seconds, pause_ms=100, **asked)
            told = measured(gateway, ids, 8, seconds, pause_ms=1)
            told["others"] = result(others)["requests"]
            return told
        return run
    quiet, while_hung = turn(False), turn(True, **NO_CACHE)
    results = bench.turns(quiet, while_hung)
    bench.stop(gateway, stub)
    return dict(zip(["quiet", "hung"], results))
