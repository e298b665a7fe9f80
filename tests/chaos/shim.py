"""The library that is preloaded into the plain gateway: dies at a named step, keeps a trace, lets the disk fail."""

import mmap
import struct
import urllib.parse

from processes import BUILD
from products import PRODUCTS

LIBRARY = BUILD / "tests/chaos/libchaos_shim.so"
DISK = ("well", "full", "sync-fails", "write-fails", "short", "torn", "read-only", "reads-fail")
PLAN, NEWER, DISK_AT, REACHED, LENGTH, UNSYNCED, BEFALLS, TRACE, SIZE = 0, 64, 96, 100, 104, 108, 112, 116, 65536


class Shim:
    """`ledger`: the gateway's setting."""

    def __init__(self, folder, ledger, vendor_ports):
        assert LIBRARY.exists(), f"build the target chaos_shim: {LIBRARY} is missing"
        file = folder / "chaos.page"
        file.write_bytes(bytes(SIZE))
        with open(file, "r+b") as opened:
            self.page = mmap.mmap(opened.fileno(), SIZE)
        place = urllib.parse.urlsplit(ledger)
        self.env = {"LD_PRELOAD": str(LIBRARY), "BWGW_CHAOS": str(file),
                    **({"BWGW_CHAOS_FILE": place.path} if place.scheme == "sqlite"
                       else {"BWGW_CHAOS_SERVER": str(place.port)}),
                    "BWGW_CHAOS_VENDORS": ",".join(map(str, vendor_ports)),
                    "BWGW_CHAOS_READS": ",".join(product.list for product in PRODUCTS),
                    "BWGW_CHAOS_WRITES": ",".join(name for product in PRODUCTS for name in
                                                  (product.create, product.resize, product.release) if name)}

    def number(self, at):
        return struct.unpack_from("I", self.page, at)[0]

    def text(self, at, room, text):
        self.page[at:at + room] = text.encode().ljust(room, b"\0")

    def watch(self, newer, plan="", condition="well"):
        """From now on: the steps of what is newer than that operation, and death at the planned one, or that
        condition of the disk."""
        self.text(NEWER, 32, newer)
        for at in (REACHED, LENGTH):
            struct.pack_into("I", self.page, at, 0)
        struct.pack_into("I", self.page, BEFALLS, DISK.index(condition))
        self.text(PLAN, 64, plan)

    def disarm(self):
        self.text(PLAN, 64, "")

    @property
    def reached(self):
        return self.number(REACHED) == 1

    def trace(self):
        """Every step so far, in order: each written down before a "before" goes on, and after an "after" has ended."""
        return self.page[TRACE:TRACE + self.number(LENGTH)].decode().split()

    def disk(self, condition):
        struct.pack_into("I", self.page, DISK_AT, DISK.index(condition))

    def never_sync(self):
        struct.pack_into("I", self.page, UNSYNCED, 1)
