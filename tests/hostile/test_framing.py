"""Every row of the table of hostile input: answered once as a problem, closed, and nothing behind it is executed."""

import json
import random

import pytest

from wire import get, post

CHUNKED = "Transfer-Encoding: chunked"

REFUSED = {
    "many slashes": (get("/" * 14_800), {400, 414, 431}),
    "few slashes": (get("//"), {400}),
    "content-length and chunked": (post("Content-Length: 5\r\n" + CHUNKED, b"0\r\n\r\n"), {400}),
    "chunked and content-length": (post(CHUNKED + "\r\nContent-Length: 5", b"0\r\n\r\n"), {400}),
    "unknown transfer coding": (post("Transfer-Encoding: gzip", b"x"), {501}),
    "prefix of chunked": (post("Transfer-Encoding: ch", b"0\r\n\r\n"), {501}),
    "gzip, chunked": (post("Transfer-Encoding: gzip, chunked", b"0\r\n\r\n"), {501}),
    "chunked on HTTP/1.0": (b"POST /echo HTTP/1.0\r\n" + CHUNKED.encode() + b"\r\n\r\n0\r\n\r\n", {400}),
    "blank before colon": (post("Transfer-Encoding : chunked\r\nContent-Length: 0"), {400}),
    "blank before colon of length": (post("Content-Length : 5", b"hello"), {400}),
    "duplicate length": (post("Content-Length: 0\r\nContent-Length: 34"), {400}),
    "equal duplicate length": (post("Content-Length: 5\r\nContent-Length: 5", b"hello"), {400}),
    "length 10 GB": (post("Content-Length: 10000000000"), {413}),
    "length 1e12": (post("Content-Length: 1000000000000"), {413}),
    "chunk of 1 GB": (post(CHUNKED, b"40000000\r\n"), {413}),
    "chunk size overflow": (post(CHUNKED, b"ffffffffffffffffff\r\n"), {400, 413}),
    "chunk size negative": (post(CHUNKED, b"-1\r\n"), {400}),
    "chunk size empty": (post(CHUNKED, b"\r\n"), {400}),
    "chunk size 0x5": (post(CHUNKED, b"0x5\r\nhello\r\n0\r\n\r\n"), {400}),
    "chunk size garbage": (post(CHUNKED, b"zz\r\n"), {400}),
    "chunk without line end": (post(CHUNKED, b"5\r\nhelloX\r\n0\r\n\r\n"), {400}),
    "NUL in target": (get("/a\0b"), {400}),
    "0xFF in target": (get("/a\xff"), {400}),
    "NUL in header": (get("/healthz", "A: \0"), {400}),
    "0xFF in header": (get("/healthz", "A: \xff"), {400}),
    "bare LF": (b"GET /healthz HTTP/1.1\nHost: a\n\n", {400}),
    "bare CR": (get("/healthz", "A: b\rB: c"), {400}),
    "bare LF in header": (get("/healthz", "A: b\nB: c"), {400}),
    "folded header": (get("/healthz", "A: b\r\n c"), {400}),
    "empty header name": (get("/healthz", ": b"), {400}),
    "60 KB query": (get("/healthz?" + "a" * 60_000), {414, 431}),
    "60 KB header": (get("/healthz", "A: " + "a" * 60_000), {431}),
    "6,000 headers": (get("/healthz", *(f"A{i}: b" for i in range(6000))), {431}),
    "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", {400}),
    "two hosts": (get("/healthz", "Host: b"), {400}),
    "escaped NUL": (get("/%00"), {400}),
    "broken escape": (get("/%zz"), {400}),
    "fragment": (get("/healthz#a"), {400}),
    "absolute form": (get("http://a/healthz"), {400}),
    "HTTP/2.0": (b"GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n", {505}),
    "h2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}),
    "empty version": (b"GET /healthz \r\nHost: a\r\n\r\n", {400}),
    "version cut short": (b"GET /healthz HTTP/1\r\nHost: a\r\n\r\n", {400}),
    "unknown method": (b"BREW /healthz HTTP/1.1\r\nHost: a\r\n\r\n", {501}),
    "lower-case method": (b"get /healthz HTTP/1.1\r\nHost: a\r\n\r\n", {400, 501}),
    "CONNECT": (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", {501}),
    "unknown expectation": (post("Expect: tea\r\nContent-Length: 0"), {417}),
    "TLS hello": (bytes.fromhex("16030100ea010000e603038f") + bytes(200), {400}),
    "random bytes": (random.Random(7).randbytes(500), {400}),
}
for wrong in ("abc", "0x5", "", "5abc", "+5", "5, 5", "-1", str(2**64 - 1), str(2**64)):
    REFUSED[f"content-length {wrong!r}"] = (post(f"Content-Length: {wrong}", b"hello"), {400, 413})


@pytest.mark.parametrize("step", [None, 1], ids=["at once", "byte by byte"])
@pytest.mark.parametrize("name", REFUSED)
def test_is_refused_once_and_nothing_behind_it_is_executed(server, name, step):
    hostile, statuses = REFUSED[name]
    if step and len(hostile) > 1000:
        step = 512  # the same cuts, in reasonable time
    with server.connect() as wire:
        wire.send(hostile, step)
        wire.send(get("/healthz") + get("/healthz"))
        responses = wire.all_responses()
    assert len(responses) == 1
    refusal = responses[0]
    assert refusal.status in statuses
    assert refusal.headers["connection"] == "close"
    assert refusal.headers["content-type"] == "application/problem+json"
    problem = json.loads(refusal.body)
    assert problem["status"] == refusal.status and problem["outcome"] == "none"
    assert refusal.headers["x-request-id"] in problem["instance"]


@pytest.mark.probe
@pytest.mark.parametrize("cut", range(1, 40))
def test_chunked_body_is_taken_wherever_it_is_cut(server, cut):
    body = b"5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nX: y\r\n\r\n"
    with server.connect() as wire:
        wire.send(post(CHUNKED, body[:cut]))
        wire.send(body[cut:] + get("/echo"))
        assert wire.response().body == b"POST hello world"
        assert wire.response().body == b"GET "


@pytest.mark.probe
def test_chunked_body_is_taken_byte_by_byte(server):
    with server.connect() as wire:
        wire.send(post(CHUNKED, b"5\r\nhello\r\n0\r\n\r\n"), step=1)
        assert wire.response().body == b"POST hello"


@pytest.mark.probe
def test_body_behind_a_413_is_no_request(server):
    before = server.stats()["requests"]
    smuggled = get("/echo") * 100
    with server.connect() as wire:
        wire.send(post(f"Content-Length: {len(smuggled) + 10_000_000}", smuggled))
        responses = wire.all_responses()
    assert [r.status for r in responses] == [413]
    assert server.stats()["requests"] == before + 1  # that of the stats


@pytest.mark.probe
def test_an_answer_cannot_be_split_by_a_header(server):
    response = server.ask(get("/split"))
    assert response.status == 200
    assert "x-injected" not in response.headers


@pytest.mark.probe
def test_an_exception_tells_nothing(server):
    response = server.ask(get("/throw"))
    assert response.status == 500
    assert b"secret" not in response.body


def test_head_options_and_keep_alive(server):
    with server.connect() as wire:
        wire.send(b"HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.response(head_only=True).status in (200, 405)
        wire.send(b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
        assert wire.response() is not None
        for _ in range(20):
            wire.send(get("/healthz"))
            assert wire.response().status == 200


def test_mutated_and_random_input_is_survived(server):
    """Deterministic: the libFuzzer target looks deeper, this one at the sockets."""
    chance = random.Random(20_220_901)
    seeds = [hostile for hostile, _ in REFUSED.values() if len(hostile) < 2000]
    seeds += [get("/healthz"), post(CHUNKED, b"5\r\nhello\r\n0\r\n\r\n"), post("Content-Length: 5", b"hello")]
    for _ in range(1500):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + chance.randint(1, 8)]
                case 2:
                    data[at:at] = chance.choice([b"\r\n", b"\0", b"\r", b"Content-Length: 3\r\n", b"%00", b"0\r\n\r\n"])
            if not data:
                break
        wire = server.connect()
        wire.send(bytes(data), chance.choice([None, None, None, 17]))
        if chance.random() < 0.3:
            wire.reset()
        else:
            wire.sock.close()
