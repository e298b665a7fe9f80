#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What a descriptor is to the gateway. */
enum role {
    ROLE_NONE,
    ROLE_LEDGER_FILE, /* SQLite's database, its shared memory */
    ROLE_LEDGER_WAL,
    ROLE_LEDGER_SERVER, /* a connection to PostgreSQL */
    ROLE_VENDOR,
    ROLE_CALLER,
};

/* What the disk under the ledger's files does; the test sets it while the gateway runs. */
enum disk {
    DISK_WELL,
    DISK_FULL,
    DISK_SYNC_FAILS,
    DISK_WRITE_FAILS,
    DISK_SHORT, /* every write takes half of the bytes: legal, and to be coped with */
    DISK_TORN,  /* half of the bytes, then an error */
    DISK_READ_ONLY,
    DISK_READ_FAILS,
};

/* Shared with the test through the file that BWGW_CHAOS names; it outlives the process. Text ends in NUL. */
struct page {
    char plan[64];     /* the step that matters, such as `intent-commit.after`; empty: none */
    char newer[32];    /* operations with ids up to this one are of no interest */
    uint32_t disk;     /* enum disk */
    uint32_t reached;  /* 1 once that step was reached */
    uint32_t length;   /* of the trace */
    uint32_t unsynced; /* 1: SQLite is told not to sync, to show that the tests would see it */
    uint32_t befalls;  /* at that step: 0: the process dies, else the disk becomes so */
    char trace[65536 - 116];
};

extern struct page* chaos_page;

/* Opens the page; before anything else. */
void chaos_begin(void);

/* One call on a descriptor of that role, before and after the real one. */
void before_file_write(enum role role, const void* bytes, size_t size);
void after_file_write(enum role role, const void* bytes, size_t size, ssize_t done);
void after_sync(enum role role, int result);
void before_send(int fd, enum role role, const void* bytes, size_t size);
void after_send(int fd, enum role role, const void* bytes, size_t size, ssize_t done);
void after_receive(int fd, enum role role, const void* bytes, ssize_t done);

/* The descriptor is a new one. */
void forget(int fd);
