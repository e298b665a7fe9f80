"""Raw sockets to the server under test, the server itself, and what the kernel says about it."""

import json
import os
import signal
import socket
import subprocess
import time

PATIENCE = 20.0  # a test that waits longer has found a hang


class Target:
    """A running server. Without a process it belongs to somebody else, and only what every server has is asked of it."""

    def __init__(self, host, port, process=None):
        self.host, self.port, self.process = host, port, process

    @property
    def is_probe(self):
        return self.process is not None

    def connect(self, timeout=PATIENCE, receive_buffer=None):
        sock = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET)
        sock.settimeout(timeout)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.connect((self.host, self.port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Wire(sock)

    def ask(self, request):
        with self.connect() as wire:
            wire.send(request)
            return wire.response()

    def stats(self):
        return json.loads(self.ask(get("/stats")).body)

    def memory_kib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Response:
    def __init__(self, head, body=b""):
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(": ")
            self.headers[name.lower()] = value
        self.body = body


class Wire:
    def __init__(self, sock):
        self.sock, self.buffer = sock, b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, data, step=None):
        try:
            for at in range(0, len(data), step or len(data) or 1):
                self.sock.sendall(data[at : at + step] if step else data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused in the middle: the answer says why

    def _fill(self):
        try:
            data = self.sock.recv(65536)
        except ConnectionResetError:
            data = b""
        self.buffer += data
        return bool(data)

    def response(self, head_only=False):
        """One response, or None if the connection ends first."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._fill():
                return None
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        response = Response(head)
        length = 0 if head_only else int(response.headers.get("content-length", 0))
        while len(self.buffer) < length:
            if not self._fill():
                return None
        response.body, self.buffer = self.buffer[:length], self.buffer[length:]
        return response

    def all_responses(self):
        """Everything until the server closes."""
        responses = []
        while (response := self.response()) is not None:
            responses.append(response)
        return responses

    def reset(self):
        """Ends the connection without a goodbye."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.sock.close()


def get(target, *headers):
    return "".join([f"GET {target} HTTP/1.1\r\nHost: a\r\n", *(h + "\r\n" for h in headers), "\r\n"]).encode("latin-1")


def post(headers, body=b"", target="/echo"):
    return f"POST {target} HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n".encode("latin-1") + body


def start_probe(binary, *arguments):
    # A small quarantine, so that the memory which the tests see is that of the server.
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=1:exitcode=99:quarantine_size_mb=8")
    process = subprocess.Popen([binary, *arguments], stdout=subprocess.PIPE, text=True, env=environment)
    line = process.stdout.readline()
    assert line.startswith("listening "), f"the server did not start: {line!r}"
    return Target("127.0.0.1", int(line.split()[1]), process)


def stop_probe(target):
    """SIGTERM: it must drain and exit with 0, which also says that no sanitizer found anything."""
    target.process.send_signal(signal.SIGTERM)
    assert target.process.wait(PATIENCE) == 0
    target.process.stdout.close()


def eventually(condition, what, patience=PATIENCE):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, f"did not happen: {what}"
        time.sleep(0.02)
