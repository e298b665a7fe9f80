"""Buys one link at each provider of deploy/quickstart.yaml, lists them, resizes one, releases one, shows metrics.

    /usr/bin/python3 deploy/tour.py http://127.0.0.1:8080
"""

import json
import re
import sys
import time
import urllib.error
import urllib.request
import uuid

REQUEST_SECONDS = 100
SETTLE_SECONDS = 60
MONTHLY = {"payment": "prepaid", "term": {"unit": "month", "count": 1}}
ORDERS = [
    {"provider": "scloudsg", "network_id": "ugn-demo01", "region_a": "hkg", "region_b": "sin", "bandwidth_mbps": 10,
     "billing": {"model": "traffic", **MONTHLY}},
    {"provider": "dezai", "network_id": "ugn-demo11", "region_a": "hkg", "region_b": "fra", "bandwidth_mbps": 20,
     "billing": {"model": "fixed", **MONTHLY}, "name": "tour"},
    {"provider": "surfercloud", "network_id": "ugn-demo21", "region_a": "lax", "region_b": "tyo", "bandwidth_mbps": 30,
     "billing": {"model": "fixed", **MONTHLY}, "name": "tour"},
    {"provider": "zenlayer", "network_id": "1100000000000000001", "region_a": "asia-east-1",
     "region_b": "europe-west-1", "bandwidth_mbps": 40, "burst_mbps": 400,
     "billing": {"model": "percentile_95"}, "name": "tour"},
]
SHOWN_METRICS = re.compile(r'bwgw_http_requests_total.*Bandwidth|bwgw_upstream_requests_total.*"(Create|Modify|Delete)')


class Surprise(Exception):
    """The gateway did not do what this tour expects; the text is for a person."""


class Gateway:
    def __init__(self, url):
        self.url = url
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def ask(self, method, path, body=None, headers=None, expect=(200,)):
        """The status and the decoded body, which must be one of the expected."""
        headers = dict(headers or {})
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(self.url + path, method=method, headers=headers,
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with self._open(request, timeout=REQUEST_SECONDS) as response:
                status, content = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, content = error.code, error.read()
        except OSError as error:
            raise Surprise(f"{method} {path}: {error}") from error
        if status not in expect:
            raise Surprise(f"{method} {path} was answered {status}: {content.decode(errors='replace')[:2000]}")
        return status, content.decode()

    def json(self, *arguments, **options):
        status, content = self.ask(*arguments, **options)
        return status, json.loads(content) if content else None

    def until(self, what, look):
        """What `look` gives, once it gives something."""
        end = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < end:
            found = look()
            if found:
                return found
            time.sleep(0.2)
        raise Surprise(f"{what}: not within {SETTLE_SECONDS} s")

    def settled(self, operation):
        def look():
            current = self.json("GET", f"/operations/{operation['id']}")[1]
            if current["state"] in ("failed", "needs_attention"):
                raise Surprise(f"operation {operation['id']} is {current['state']}: {json.dumps(current, indent=1)}")
            return current if current["state"] == "settled" else None

        return self.until(f"operation {operation['id']} settled", look)

    def bandwidth(self, bandwidth_id):
        return self.json("GET", f"/bandwidths/{bandwidth_id}")[1]


def say(heading):
    print(f"\n== {heading}", flush=True)


def line(row):
    ends = f"{row.get('region_a')} - {row.get('region_b')}"
    return (f"  {row['provider']:<12} {row.get('provider_resource_id') or '-':<22} {ends:<28} "
            f"{row['bandwidth_mbps'] or '?':>5} Mbit/s  {row['billing']['model']:<14} {row['state']}")


def buy(gateway, order):
    key = {"Idempotency-Key": f"tour-{uuid.uuid4()}"}
    status, answer = gateway.json("POST", "/bandwidths", {"kind": "inter_region", **order}, key, (201, 202))
    bandwidth_id = answer["id"] if status == 201 else gateway.settled(answer)["bandwidth_id"]

    def active():
        row = gateway.bandwidth(bandwidth_id)
        return row if row["state"] == "active" else None

    row = gateway.until(f"the link at {order['provider']} active", active)
    print(line(row), flush=True)
    return row


def everything(gateway):
    listing = gateway.json("GET", "/bandwidths?kind=inter_region&page_size=1000")[1]
    print("\n".join(map(line, listing["items"])))
    sources = ", ".join(f"{source['provider']} {source['status']}" for source in listing["sources"])
    print(f"  complete: {'yes' if listing['complete'] else 'NO'} ({sources})", flush=True)
    if not listing["complete"]:
        raise Surprise("the list is not complete")
    return {row["id"] for row in listing["items"]}


def resize(gateway, row, mbps):
    path = f"/bandwidths/{row['id']}"
    status, answer = gateway.json("PATCH", path, {"bandwidth_mbps": mbps},
                                  {"Content-Type": "application/merge-patch+json"}, (200, 202))
    if status == 202:
        gateway.settled(answer)
    changed = gateway.bandwidth(row["id"])
    if changed["bandwidth_mbps"] != mbps:
        raise Surprise(f"the link has {changed['bandwidth_mbps']} Mbit/s, not {mbps}")
    print(line(changed), flush=True)


def release(gateway, row):
    status, answer = gateway.json("DELETE", f"/bandwidths/{row['id']}", expect=(202, 204))
    if status == 202:
        gateway.settled(answer)
    print(f"  {row['provider']:<12} {row['provider_resource_id']} is given back", flush=True)


def show_metrics(gateway):
    lines = sorted(gateway.ask("GET", "/metrics")[1].splitlines())
    shown = [text for text in lines if SHOWN_METRICS.match(text) and not text.endswith(" 0")]
    if not shown:
        raise Surprise("GET /metrics does not show what was just done")
    print("\n".join(f"  {text}" for text in shown), flush=True)


def tour(gateway):
    say("Buy one link at each vendor (emulated: no money moves)")
    bought = [buy(gateway, order) for order in ORDERS]

    say("List them all, merged")
    missing = {row["id"] for row in bought} - everything(gateway)
    if missing:
        raise Surprise(f"bought, but not in the list: {', '.join(missing)}")

    say(f"Resize the one at {bought[0]['provider']} from {bought[0]['bandwidth_mbps']} to 25 Mbit/s")
    resize(gateway, bought[0], 25)

    say(f"Release the one at {bought[1]['provider']}")
    release(gateway, bought[1])

    say("List again")
    left = everything(gateway)
    if bought[1]["id"] in left:
        raise Surprise(f"{bought[1]['provider']} still shows the released link")

    say("Some of the metrics")
    show_metrics(gateway)


if __name__ == "__main__":
    try:
        tour(Gateway(sys.argv[1]))
    except Surprise as surprise:
        sys.exit(f"\ntour: {surprise}")
