/* Stands between the gateway and the C library: knows what each descriptor is, and lets the disk fail. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "steps.h"

enum { kDescriptors = 65536 };
static unsigned char roles[kDescriptors];

#define REAL(name)                 \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static enum role role_of(int fd) {
    return fd >= 0 && fd < kDescriptors ? (enum role)roles[fd] : ROLE_NONE;
}

static int become(int fd, enum role role) {
    const int saved = errno;
    if (fd >= 0 && fd < kDescriptors) {
        roles[fd] = (unsigned char)role;
        forget(fd);
    }
    errno = saved;
    return fd;
}

static bool of_ledger(int fd) {
    return role_of(fd) == ROLE_LEDGER_FILE || role_of(fd) == ROLE_LEDGER_WAL;
}

static uint32_t disk(int fd) {
    return of_ledger(fd) ? __atomic_load_n(&chaos_page->disk, __ATOMIC_SEQ_CST) : DISK_WELL;
}

__attribute__((constructor)) static void begin(void) {
    chaos_begin();
}

/* -- descriptors ---------------------------------------------------------------------------------------- */

static enum role role_of_path(const char* path) {
    const char* ledger = getenv("BWGW_CHAOS_FILE");
    if (!ledger || strncmp(path, ledger, strlen(ledger)) != 0) return ROLE_NONE;
    const size_t size = strlen(path);
    return size > 4 && strcmp(path + size - 4, "-wal") == 0 ? ROLE_LEDGER_WAL : ROLE_LEDGER_FILE;
}

static bool refused(const char* path, int flags) {
    const bool writes = (flags & O_ACCMODE) != O_RDONLY;
    if (!writes || !chaos_page || chaos_page->disk != DISK_READ_ONLY || role_of_path(path) == ROLE_NONE)
        return false;
    errno = EROFS;
    return true;
}

#define OPENS(name)                                                 \
    int name(const char* path, int flags, ...) {                    \
        va_list more;                                               \
        va_start(more, flags);                                      \
        const mode_t mode = (mode_t)va_arg(more, unsigned);         \
        va_end(more);                                               \
        REAL(name);                                                 \
        if (refused(path, flags)) return -1;                        \
        return become(real(path, flags, mode), role_of_path(path)); \
    }
OPENS(open)
OPENS(open64)

int close(int fd) {
    REAL(close);
    become(fd, ROLE_NONE);
    return real(fd);
}

/* `ports` is 1234 or 1234,5678. */
static bool listed(const char* ports, unsigned port) {
    for (const char* at = ports; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if ((unsigned)atoi(at) == port) return true;
    return false;
}

int connect(int fd, const struct sockaddr* to, socklen_t size) {
    REAL(connect);
    if (to->sa_family == AF_INET) {
        const unsigned port = ntohs(((const struct sockaddr_in*)(const void*)to)->sin_port);
        if (listed(getenv("BWGW_CHAOS_VENDORS"), port)) become(fd, ROLE_VENDOR);
        if (listed(getenv("BWGW_CHAOS_SERVER"), port)) become(fd, ROLE_LEDGER_SERVER);
    }
    return real(fd, to, size);
}

int accept4(int fd, struct sockaddr* from, socklen_t* size, int flags) {
    REAL(accept4);
    return become(real(fd, from, size, flags), ROLE_CALLER);
}

/* -- the ledger's files --------------------------------------------------------------------------------- */

static ssize_t fails(int code) {
    errno = code;
    return -1;
}

#define PWRITES(name, offset_type)                                             \
    ssize_t name(int fd, const void* bytes, size_t size, offset_type offset) { \
        REAL(name);                                                            \
        if (!of_ledger(fd)) return real(fd, bytes, size, offset);              \
        before_file_write(role_of(fd), bytes, size);                           \
        static bool torn;                                                      \
        switch (disk(fd)) {                                                    \
            case DISK_FULL:                                                    \
                return fails(ENOSPC);                                          \
            case DISK_WRITE_FAILS:                                             \
                return fails(EIO);                                             \
            case DISK_READ_ONLY:                                               \
                return fails(EROFS);                                           \
            case DISK_TORN:                                                    \
                torn = !torn;                                                  \
                if (!torn) return fails(EIO);                                  \
                __attribute__((fallthrough));                                  \
            case DISK_SHORT:                                                   \
                if (size > 1) return real(fd, bytes, size / 2, offset);        \
                break;                                                         \
            default:                                                           \
                break;                                                         \
        }                                                                      \
        const ssize_t done = real(fd, bytes, size, offset);                    \
        after_file_write(role_of(fd), bytes, size, done);                      \
        return done;                                                           \
    }
PWRITES(pwrite, off_t)
PWRITES(pwrite64, off64_t)

#define PREADS(name, offset_type)                                        \
    ssize_t name(int fd, void* bytes, size_t size, offset_type offset) { \
        REAL(name);                                                      \
        if (disk(fd) == DISK_READ_FAILS) return fails(EIO);              \
        return real(fd, bytes, size, offset);                            \
    }
PREADS(pread, off_t)
PREADS(pread64, off64_t)

#define TRUNCATES(name, offset_type)                              \
    int name(int fd, offset_type size) {                          \
        REAL(name);                                               \
        if (disk(fd) == DISK_FULL) return (int)fails(ENOSPC);     \
        if (disk(fd) == DISK_READ_ONLY) return (int)fails(EROFS); \
        return real(fd, size);                                    \
    }
TRUNCATES(ftruncate, off_t)
TRUNCATES(ftruncate64, off64_t)

#define SYNCS(name)                                              \
    int name(int fd) {                                           \
        REAL(name);                                              \
        if (!of_ledger(fd)) return real(fd);                     \
        if (disk(fd) == DISK_SYNC_FAILS) return (int)fails(EIO); \
        const int result = real(fd);                             \
        after_sync(role_of(fd), result);                         \
        return result;                                           \
    }
SYNCS(fsync)
SYNCS(fdatasync)

/* -- sockets -------------------------------------------------------------------------------------------- */

ssize_t send(int fd, const void* bytes, size_t size, int flags) {
    REAL(send);
    before_send(fd, role_of(fd), bytes, size);
    const ssize_t done = real(fd, bytes, size, flags);
    after_send(fd, role_of(fd), bytes, size, done);
    return done;
}

ssize_t sendmsg(int fd, const struct msghdr* message, int flags) {
    REAL(sendmsg);
    const bool any = message->msg_iovlen > 0;
    const void* bytes = any ? message->msg_iov[0].iov_base : NULL;
    const size_t size = any ? message->msg_iov[0].iov_len : 0;
    before_send(fd, role_of(fd), bytes, size);
    const ssize_t done = real(fd, message, flags);
    after_send(fd, role_of(fd), bytes, size, done);
    return done;
}

ssize_t recv(int fd, void* bytes, size_t size, int flags) {
    REAL(recv);
    const ssize_t done = real(fd, bytes, size, flags);
    after_receive(fd, role_of(fd), bytes, done);
    return done;
}

/* What fortified callers use. */
ssize_t __recv_chk(int fd, void* bytes, size_t size, size_t room, int flags);
ssize_t __recv_chk(int fd, void* bytes, size_t size, size_t room, int flags) {
    return recv(fd, bytes, size < room ? size : room, flags);
}

/* -- a gateway that does not sync -------------------------------------------------------------------------
 */

static const char* unsynced(const char* sql) {
    return chaos_page && chaos_page->unsynced && strcasestr(sql, "synchronous") ? "PRAGMA synchronous = OFF"
                                                                                : sql;
}

typedef int (*prepare_fn)(void*, const char*, int, void**, const char**);
int sqlite3_prepare_v2(void* database, const char* sql, int size, void** statement, const char** tail);
int sqlite3_prepare_v2(void* database, const char* sql, int size, void** statement, const char** tail) {
    static prepare_fn real;
    if (!real) real = (prepare_fn)dlsym(RTLD_NEXT, "sqlite3_prepare_v2");
    const char* meant = unsynced(sql);
    if (meant == sql) return real(database, sql, size, statement, tail);
    if (tail) *tail = sql + strlen(sql);
    return real(database, meant, -1, statement, NULL);
}
