"""Slow, absent and numerous callers: others are served, nothing leaks, and no answer reaches the wrong caller."""

import random
import statistics
import threading
import time

import pytest

from wire import eventually, get, post


def p99_ms(server, count=400, path="/healthz"):
    """Of a request on one kept connection, while whatever goes on goes on."""
    spans = []
    with server.connect() as wire:
        for _ in range(count):
            begin = time.perf_counter()
            wire.send(get(path))
            assert wire.response().status == 200
            spans.append((time.perf_counter() - begin) * 1000)
    return statistics.quantiles(spans, n=100)[98]


def assert_unharmed(server, quiet_ms, what):
    """Three times the quiet p99, and never less than 5 ms: the machine is shared, a hung worker takes seconds."""
    busy_ms = min(p99_ms(server) for _ in range(3))
    assert busy_ms <= max(3 * quiet_ms, 5), f"p99 {busy_ms:.2f} ms with {what}, {quiet_ms:.2f} ms without"


@pytest.mark.probe
def test_slow_reader_and_2000_half_open_connections_harm_nobody(probe_with):
    server = probe_with("--head-ms", "60000", "--write-ms", "60000")
    quiet = min(p99_ms(server) for _ in range(3))
    slow = server.connect(receive_buffer=4096)
    slow.send(get("/big?n=10000000"))
    half_open = []
    for _ in range(2000):
        wire = server.connect()
        wire.send(b"GET /healthz HTTP/1.1\r\nHo")
        half_open.append(wire)
    eventually(lambda: server.stats()["open"] >= 2001, "all are connected")
    cpu = server.cpu_seconds()
    begin = time.monotonic()
    assert_unharmed(server, quiet, "a slow reader and 2,000 half-open connections")
    assert slow.sock.recv(1000)
    time.sleep(1)
    idle_share = (server.cpu_seconds() - cpu) / (time.monotonic() - begin)
    assert idle_share < 0.9, "the worker spins"
    for wire in half_open:
        wire.send(b"st: a\r\n\r\n")
    assert all(wire.response().status == 200 for wire in half_open)
    for wire in [slow, *half_open]:
        wire.sock.close()


@pytest.mark.probe
def test_reader_that_stops_is_closed_by_the_write_deadline(server):
    before = server.stats()["timed_out"]
    with server.connect(receive_buffer=4096) as wire:
        wire.send(get("/big?n=10000000"))
        eventually(lambda: server.stats()["timed_out"] > before, "the write deadline")


@pytest.mark.probe
def test_many_answers_that_nobody_reads_are_bounded(server):
    with server.connect(receive_buffer=4096) as wire:
        wire.send(get("/big?n=40000") * 90)
        memory = server.memory_kib()
        eventually(lambda: server.stats()["open"] <= 1, "the connection is closed")
        assert server.memory_kib() < memory + 40_000


@pytest.mark.probe
def test_slow_but_steady_reader_gets_everything(server):
    with server.connect(receive_buffer=16384) as wire:
        wire.send(get("/big?n=3000000"))
        total = 0
        while total < 3_000_000:
            data = wire.sock.recv(200_000)
            assert data
            total += len(data)
            time.sleep(0.005)


@pytest.mark.probe
def test_slowloris_is_answered_408_however_it_drips(server):
    """A byte now and then extends no deadline; the same for a second request on a used connection, and for a body."""
    cases = [b"", get("/echo"), post("Content-Length: 1000")]
    for opening in cases:
        with server.connect() as wire:
            wire.send(opening)
            if opening.startswith(b"GET"):
                assert wire.response().status == 200
            begin = time.monotonic()
            wire.sock.settimeout(0.1)
            answer = b""
            drip = iter(b"GET /echo HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
            while not answer and time.monotonic() < begin + 10:
                wire.send(bytes([next(drip)]))
                try:
                    answer = wire.sock.recv(4096)
                except TimeoutError:
                    continue
            assert answer.startswith(b"HTTP/1.1 408 "), answer
            assert time.monotonic() - begin < 4


@pytest.mark.probe
def test_2000_slow_heads_are_all_answered_408(server):
    wires = []
    for _ in range(2000):
        wire = server.connect()
        wire.send(b"GET /echo HTTP/1.1\r\n")
        wires.append(wire)
    assert p99_ms(server, 200) < 500
    for wire in wires:
        assert wire.response().status == 408
        wire.sock.close()


@pytest.mark.probe
def test_pipelined_answers_come_in_order(server):
    with server.connect() as wire:
        tokens = [f"t{i}" for i in range(100)]
        wire.send(b"".join(get(f"/whoami?token={t}&ms={7 if i % 10 == 0 else 0}") for i, t in enumerate(tokens)))
        assert [wire.response().body.decode() for _ in tokens] == tokens


@pytest.mark.probe
def test_endless_pipelining_is_bounded_and_answered_as_far_as_it_was_taken(server):
    """While one request is in flight, what is parked behind it has a bound."""
    memory = server.memory_kib()
    with server.connect() as wire:
        wire.send(get("/slow?ms=800"))
        wire.sock.settimeout(2)
        junk = get("/echo") * 1000
        try:
            for _ in range(300):
                wire.sock.sendall(junk)
        except (TimeoutError, ConnectionError):
            pass
        wire.sock.settimeout(20)
        responses = wire.all_responses()
    assert 1 <= len(responses) < 5000
    assert all(r.status == 200 for r in responses)
    assert server.memory_kib() < memory + 60_000


@pytest.mark.probe
def test_connection_limits_hold_and_recover(probe_with):
    server = probe_with("--max-connections", "50")
    wires = [server.connect() for _ in range(120)]
    for wire in wires[:50]:
        wire.send(get("/echo"))
    assert all(w.response().status == 200 for w in wires[:50])
    cpu = server.cpu_seconds()
    time.sleep(1)
    assert server.cpu_seconds() - cpu < 0.3, "accepting spins at the limit"
    for wire in wires[:50]:
        wire.sock.close()
    wires[60].send(get("/echo"))
    assert wires[60].response().status == 200
    for wire in wires:
        wire.sock.close()


@pytest.mark.probe
def test_out_of_descriptors_does_not_spin_and_recovers(probe_with):
    import resource

    server = probe_with()
    limit = server.descriptors() + 20
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (limit, limit))
    wires = [server.connect() for _ in range(60)]
    time.sleep(0.3)
    cpu = server.cpu_seconds()
    time.sleep(1)
    assert server.cpu_seconds() - cpu < 0.3, "accepting spins without descriptors"
    for wire in wires:
        wire.sock.close()
    eventually(lambda: server.ask(get("/echo")) is not None, "serves again")


@pytest.mark.probe
def test_no_answer_reaches_the_wrong_caller_in_20000_tries(server):
    """Callers leave about when their answer is written, and new ones take over their descriptors at once."""
    tries = 20_000
    lanes = 4
    wrong, right = [], [0] * lanes
    errors = []

    def lane(number):
        chance = random.Random(number)
        previous = None
        try:
            for i in range(tries // lanes):
                leaver = server.connect()
                token = f"L{number}-{i}"
                leaver.send(get(f"/whoami?token={token}&ms={chance.choice([0, 1, 1, 2])}&pad=20000"))
                if chance.random() < 0.5:
                    time.sleep(chance.random() * 0.002)
                leaver.reset() if chance.random() < 0.5 else leaver.sock.close()
                with server.connect() as stayer:
                    token = f"S{number}-{i}"
                    stayer.send(get(f"/whoami?token={token}&ms={chance.choice([0, 0, 1])}"))
                    response = stayer.response()
                    if response is None or response.body.rstrip(b".") != token.encode() or stayer.buffer:
                        wrong.append((token, response and response.body[:40]))
                    else:
                        right[number] += 1
        except Exception as error:  # noqa: BLE001, a thread's failure is the test's
            errors.append(error)

    threads = [threading.Thread(target=lane, args=(n,)) for n in range(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert not wrong
    assert sum(right) == tries


@pytest.mark.probe
def test_abort_storm_leaks_neither_memory_nor_descriptors(server):
    def storm(rounds, seed):
        chance = random.Random(seed)
        for _ in range(rounds):
            wire = server.connect()
            wire.send(chance.choice([
                get("/big?n=2000000"), get("/slow?ms=5"), get("/echo") * 20, b"GET /ec", post("Content-Length: 50", b"x"),
                get("/slow?ms=2000"), post("Content-Length: abc", b"x"),
            ]))
            wire.reset() if chance.random() < 0.7 else wire.sock.close()

    eventually(lambda: server.stats()["open"] <= 1, "the earlier tests' connections are closed")
    storm(600, 1)
    eventually(lambda: server.stats()["open"] <= 1, "the first storm is over")
    memory, descriptors = server.memory_kib(), server.descriptors()
    for seed in range(2, 5):
        storm(800, seed)
    eventually(lambda: server.stats()["open"] <= 1, "all connections are closed")
    eventually(lambda: server.descriptors() <= descriptors, "all descriptors are closed")
    assert server.memory_kib() < memory + 30_000


@pytest.mark.probe
def test_many_requests_leak_nothing(server):
    with server.connect() as wire:
        def burst():
            for _ in range(100):
                wire.send(get("/echo") * 50)
                for _ in range(50):
                    assert wire.response().status == 200
        burst()
        before = server.memory_kib()
        burst()
        burst()
        assert server.memory_kib() < before + 20_000


@pytest.mark.probe
def test_sigterm_finishes_what_is_in_flight_and_refuses_new_callers(probe_with):
    import signal

    server = probe_with()
    with server.connect() as idle, server.connect() as busy:
        idle.send(get("/echo"))
        assert idle.response().status == 200
        busy.send(get("/slow?ms=1500"))
        eventually(lambda: server.stats()["requests"] >= 3, "the request is in flight")
        server.process.send_signal(signal.SIGTERM)
        assert idle.response() is None
        with pytest.raises(ConnectionRefusedError):
            server.connect()
        answer = busy.response()
        assert answer.status == 200 and answer.headers["connection"] == "close"
    server.process.wait(10)


def test_caller_that_leaves_at_any_moment_is_survived(server):
    request = get("/healthz")
    for cut in range(len(request) + 1):
        wire = server.connect()
        wire.send(request[:cut])
        wire.reset() if cut % 2 else wire.sock.close()


def test_answers_keep_their_framing_under_reused_connections(server):
    """As curl does it: one connection, many requests, no second connect."""
    with server.connect() as wire:
        local = wire.sock.getsockname()
        for _ in range(200):
            wire.send(get("/healthz"))
            assert wire.response().status == 200
        assert wire.sock.getsockname() == local and not wire.buffer
