"""A PostgreSQL server of the tests' own, databases on it, and a wire before it that can be cut or frozen."""

import contextlib
import os
import pathlib
import selectors
import signal
import socket
import subprocess
import threading
import urllib.parse

from processes import ROOT

PROGRAM = ROOT / "tests/support/postgres"


class Server:
    def __init__(self, folder):
        self.folder = folder
        self.url = self.start()
        self.port = urllib.parse.urlsplit(self.url).port

    def start(self):
        return subprocess.run([PROGRAM, "start", self.folder], check=True, stdout=subprocess.PIPE,
                              text=True).stdout.strip()

    def stop(self, how="fast"):
        subprocess.run([PROGRAM, "stop", self.folder, how], check=True)

    def processes(self):
        first = int(subprocess.check_output([PROGRAM, "pid", self.folder]))
        children = pathlib.Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    @contextlib.contextmanager
    def frozen(self):
        """The server and all its sessions answer nothing, and their connections stay."""
        stopped = self.processes()
        for process in stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in stopped:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    def database(self, name):
        """The URL of a new database."""
        self.ask(f"CREATE DATABASE {name}")
        return self.of(name)

    def of(self, name, port=None, **more):
        query = "?" + urllib.parse.urlencode(more, quote_via=urllib.parse.quote) if more else ""
        return f"postgresql://postgres@127.0.0.1:{port or self.port}/{name}{query}"

    def ask(self, sql, database="postgres"):
        """The answer's rows, fields separated by |."""
        return subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, self.of(database)], check=True,
                              stdout=subprocess.PIPE, text=True).stdout.split("\n")[:-1]


class Wire:
    """Carries bytes between the gateway and the server, until it is cut or frozen."""

    def __init__(self, port):
        self.server_port = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.condition = "well"  # or: cut (refuses, and has reset what there was), frozen (carries nothing)
        self.cut_at = None       # cuts when these bytes come from the gateway, before or after carrying them
        self.pairs, self.changed, self.ended = {}, threading.Event(), False
        self.waker, self.woken = socket.socketpair()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def set(self, condition):
        self.condition = condition
        self.changed.clear()
        self.waker.send(b"x")
        assert self.changed.wait(10)

    def cut_when(self, said, when):
        """Once: when a message with these bytes is sent, `before` or `after` the server has it."""
        self.cut_at = (said, when)

    def stop(self):
        self.ended = True
        self.waker.send(b"x")
        self.thread.join(10)

    def cut(self):
        for end in list(self.pairs):
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            with contextlib.suppress(KeyError):
                self.selector.unregister(end)
            end.close()
        self.pairs.clear()

    def run(self):
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.selector.register(self.woken, selectors.EVENT_READ)
        while not self.ended:
            for key, _ in self.selector.select():
                if key.fileobj is self.woken:
                    self.notice()
                elif key.fileobj is self.listener:
                    self.admit()
                elif key.fileobj in self.pairs:
                    self.carry(key.fileobj)
        self.cut()
        self.listener.close()

    def notice(self):
        self.woken.recv(1)
        if self.condition == "cut":
            self.cut()
        self.changed.set()
        if self.condition == "frozen":
            self.woken.recv(1, socket.MSG_PEEK)  # until the next condition

    def admit(self):
        client, _ = self.listener.accept()
        if self.condition == "cut":
            client.close()
            return
        try:
            server = socket.create_connection(("127.0.0.1", self.server_port))
        except OSError:
            client.close()
            return
        for one, other in ((client, server), (server, client)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.pairs[one] = (other, one is client)
            self.selector.register(one, selectors.EVENT_READ)

    def carry(self, end):
        other, from_gateway = self.pairs[end]
        try:
            said = end.recv(65536)
        except OSError:
            said = b""
        wanted = self.cut_at if from_gateway and self.cut_at and self.cut_at[0] in said else None
        with contextlib.suppress(OSError):
            if said and not (wanted and wanted[1] == "before"):
                other.sendall(said)
        if wanted or not said:
            self.cut_at = None if wanted else self.cut_at
            for one in (end, other):
                self.pairs.pop(one, None)
                self.selector.unregister(one)
                one.close()
