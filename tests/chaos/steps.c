/* Knows which step of the write path a call is, by the bytes that it moves; writes it down, and dies there if
 * told. */
#define _GNU_SOURCE
#include "steps.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { kDescriptors = 65536, kId = 26, kFrameHeader = 24, kLeaf = 0x0D };

struct page* chaos_page;

/* What a connection is doing. */
enum talk { SILENT, READING, WRITING };
static struct {
    unsigned char talk; /* to a vendor; of a caller: WRITING while it waits for the answer to a write */
    unsigned char word; /* to the server: 1 + the state that the open transaction records */
    bool in_transaction, committing;
} talks[kDescriptors];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char operation[kId + 1]; /* the one whose steps are named: the first one that is newer */
static int state = -1;          /* as last committed */
static int in_wal = -1;         /* as written to the WAL and not synced yet */
static bool frame_commits;      /* the WAL frame under way ends its transaction */
static bool again;              /* the vendor is asked a second time */

static const struct {
    const char *word, *step;
} kStates[] = {
    {"accepted", "accept-commit"},
    {"sent", "intent-commit"},
    {"outcome_unknown", "reply-commit"},
    {"observing", "reply-commit"},
    {"settled", "settle-commit"},
    {"failed", "fail-commit"},
    {"needs_attention", "attention-commit"},
};
enum { ACCEPTED, SENT, OUTCOME_UNKNOWN, OBSERVING, kStateCount = sizeof kStates / sizeof *kStates };

void chaos_begin(void) {
    const char* file = getenv("BWGW_CHAOS");
    const int fd = file ? (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC) : -1;
    chaos_page = mmap(NULL, sizeof *chaos_page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (chaos_page == MAP_FAILED) _exit(98);
    syscall(SYS_close, fd);
}

static void befall(void) {
    chaos_page->plan[0] = '\0';
    chaos_page->reached = 1;
    if (chaos_page->befalls) {
        __atomic_store_n(&chaos_page->disk, chaos_page->befalls, __ATOMIC_SEQ_CST);
        return;
    }
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

static void step(const char* name, const char* when) {
    const int saved = errno;
    char line[64];
    const int size = snprintf(line, sizeof line, "%s%s.%s\n", again ? "second-" : "", name, when);
    pthread_mutex_lock(&lock);
    if (chaos_page->length + (uint32_t)size < sizeof chaos_page->trace) {
        memcpy(chaos_page->trace + chaos_page->length, line, (size_t)size);
        chaos_page->length += (uint32_t)size;
    }
    line[size - 1] = '\0';
    if (chaos_page->plan[0] && strcmp(chaos_page->plan, line) == 0) befall();
    pthread_mutex_unlock(&lock);
    errno = saved;
}

/* -- which state of which operation ------------------------------------------------------------------------
 */

static bool is_id(const char* text) {
    for (int i = 0; i < kId; ++i)
        if (!islower((unsigned char)text[i]) && !isdigit((unsigned char)text[i])) return false;
    return true;
}

/* The operation whose id stands there is the one that is watched. */
static bool watched(const char* id) {
    pthread_mutex_lock(&lock);
    const int order = is_id(id) && memcmp(id, chaos_page->newer, kId) > 0 ? memcmp(id, operation, kId) : -1;
    if (order > 0) { /* a newer one: the test has gone on */
        memcpy(operation, id, kId);
        state = in_wal = -1;
        again = false;
    }
    pthread_mutex_unlock(&lock);
    return order >= 0;
}

static int state_of(const char* word, size_t size) {
    for (int i = 0; i < kStateCount; ++i)
        if (strlen(kStates[i].word) == size && memcmp(kStates[i].word, word, size) == 0) return i;
    return -1;
}

static void begin_commit(int next) {
    if (next == SENT && state > SENT) again = true;
    step(kStates[next].step, "before");
}

static uint64_t varint(const unsigned char** at, const unsigned char* end) {
    uint64_t value = 0;
    for (int i = 0; i < 9 && *at < end; ++i) {
        const unsigned char byte = *(*at)++;
        value = value << 7 | (byte & 0x7F);
        if (!(byte & 0x80)) break;
    }
    return value;
}

/* A row of `operations` begins with id, type, provider, state. */
static int state_in_row(const unsigned char* at, const unsigned char* end) {
    varint(&at, end); /* size */
    varint(&at, end); /* rowid */
    const unsigned char* header = at;
    const uint64_t header_size = varint(&at, end);
    const unsigned char* value = header + header_size;
    if (header_size > 200 || value >= end) return -1;
    const char* texts[4];
    size_t sizes[4];
    for (int i = 0; i < 4; ++i) {
        const uint64_t type = varint(&at, value);
        if (type < 13 || type % 2 == 0) return -1; /* not text */
        sizes[i] = (size_t)(type - 13) / 2;
        texts[i] = (const char*)value;
        if (sizes[i] > (size_t)(end - value)) return -1;
        value += sizes[i];
    }
    const int found = state_of(texts[3], sizes[3]);
    return sizes[0] == kId && found >= 0 && watched(texts[0]) ? found : -1;
}

static int state_in_leaf(const unsigned char* page, size_t size) {
    if (size < 512 || page[0] != kLeaf) return -1;
    const int cells = page[3] << 8 | page[4];
    int found = -1;
    for (int i = 0; i < cells && 8 + 2 * i + 1 < (int)size; ++i) {
        const size_t offset = (size_t)(page[8 + 2 * i] << 8 | page[9 + 2 * i]);
        const int next = offset < size ? state_in_row(page + offset, page + size) : -1;
        if (next >= 0) found = next;
    }
    return found;
}

void before_file_write(enum role role, const void* bytes, size_t size) {
    if (role != ROLE_LEDGER_WAL) return;
    const unsigned char* frame = bytes;
    if (size == kFrameHeader) {
        frame_commits = frame[4] || frame[5] || frame[6] || frame[7];
        return;
    }
    const int next = state_in_leaf(frame, size);
    if (next < 0 || next == state || next == in_wal) return;
    begin_commit(next);
    in_wal = next;
}

void after_file_write(enum role role, const void* bytes, size_t size, ssize_t done) {
    (void)bytes;
    if (role == ROLE_LEDGER_WAL && size > kFrameHeader && done == (ssize_t)size && frame_commits &&
        in_wal >= 0)
        step(kStates[in_wal].step, "written");
}

void after_sync(enum role role, int result) {
    if (role != ROLE_LEDGER_WAL || result != 0 || in_wal < 0) return;
    const int now = in_wal;
    state = now;
    in_wal = -1;
    step(kStates[now].step, "after");
}

/* -- PostgreSQL: bound values are sent with their length in front -------------------------------------------
 */

static int state_in_message(const char* bytes, size_t size) {
    bool ours = false;
    for (size_t i = 0; !ours && i + 4 + kId <= size; ++i)
        ours = memcmp(bytes + i, "\0\0\0\x1a", 4) == 0 && watched(bytes + i + 4);
    if (!ours) return -1;
    for (size_t i = 0; i + 4 < size; ++i) {
        const size_t length = (unsigned char)bytes[i + 3];
        if (bytes[i] || bytes[i + 1] || bytes[i + 2] || length < 4 || length > 15 || i + 4 + length > size)
            continue;
        const int found = state_of(bytes + i + 4, length);
        if (found >= 0) return found;
    }
    return -1;
}

static bool says(const void* bytes, size_t size, const char* text) {
    return memmem(bytes, size, text, strlen(text)) != NULL;
}

static void before_server(int fd, const void* bytes, size_t size) {
    const int next = state_in_message(bytes, size);
    if (next >= 0 && next != state && talks[fd].word != next + 1) {
        begin_commit(next);
        talks[fd].word = (unsigned char)(next + 1);
    }
    if (says(bytes, size, "ROLLBACK")) talks[fd].word = 0;
}

static void after_server(int fd, const void* bytes, size_t size) {
    if (!talks[fd].word || talks[fd].committing) return;
    talks[fd].committing = says(bytes, size, "COMMIT") || !talks[fd].in_transaction;
    if (talks[fd].committing) step(kStates[talks[fd].word - 1].step, "written");
}

static void server_said(int fd, const char* bytes, size_t size) {
    static const char kReady[] = {'Z', 0, 0, 0, 5};
    if (size < 6 || memcmp(bytes + size - 6, kReady, 5) != 0) return;
    talks[fd].in_transaction = bytes[size - 1] != 'I';
    if (talks[fd].in_transaction || !talks[fd].word) return;
    const int now = talks[fd].word - 1;
    const bool committed = talks[fd].committing;
    talks[fd].word = 0;
    talks[fd].committing = false;
    if (!committed ||
        !(says(bytes, size, "COMMIT") || says(bytes, size, "UPDATE 1") || says(bytes, size, "INSERT 0 1")))
        return;
    state = now;
    step(kStates[now].step, "after");
}

/* -- vendors and callers
 * ------------------------------------------------------------------------------------- */

/* `names`: A,B,C */
static bool names_one_of(const void* bytes, size_t size, const char* names) {
    char copy[512];
    snprintf(copy, sizeof copy, "%s", names ? names : "");
    char* rest = copy;
    for (char* name = strtok_r(copy, ",", &rest); name; name = strtok_r(NULL, ",", &rest))
        if (says(bytes, size, name)) return true;
    return false;
}

/* A listing before the write is the baseline; after what became of it is kept, an observation. */
static const char* reading(void) {
    return state == ACCEPTED ? "baseline" : state == OUTCOME_UNKNOWN || state == OBSERVING ? "observe" : NULL;
}

static const char* vendor_step(int fd) {
    return talks[fd].talk == WRITING ? "vendor-send" : talks[fd].talk == READING ? reading() : NULL;
}

void before_send(int fd, enum role role, const void* bytes, size_t size) {
    if (role == ROLE_LEDGER_SERVER) before_server(fd, bytes, size);
    if (role == ROLE_VENDOR) {
        talks[fd].talk = names_one_of(bytes, size, getenv("BWGW_CHAOS_WRITES"))  ? WRITING
                         : names_one_of(bytes, size, getenv("BWGW_CHAOS_READS")) ? READING
                                                                                 : SILENT;
        if (vendor_step(fd)) step(vendor_step(fd), "before");
    }
    if (role == ROLE_CALLER && talks[fd].talk == WRITING) step("answer", "before");
}

void after_send(int fd, enum role role, const void* bytes, size_t size, ssize_t done) {
    if (done < 0) return;
    if (role == ROLE_LEDGER_SERVER) after_server(fd, bytes, size);
    if (role == ROLE_VENDOR && talks[fd].talk == WRITING) step("vendor-send", "after");
    if (role == ROLE_CALLER && talks[fd].talk == WRITING) {
        talks[fd].talk = SILENT;
        step("answer", "after");
    }
}

void after_receive(int fd, enum role role, const void* bytes, ssize_t done) {
    if (done < 0 && (errno == EAGAIN || errno == EINTR)) return;
    const size_t size = done > 0 ? (size_t)done : 0;
    if (role == ROLE_LEDGER_SERVER) server_said(fd, bytes, size);
    if (role == ROLE_VENDOR) {
        const char* name = talks[fd].talk == WRITING ? "vendor-reply" : vendor_step(fd);
        talks[fd].talk = SILENT;
        if (name) step(name, "after");
    }
    if (role == ROLE_CALLER && size > 5)
        for (const char* const* method = (const char* const[]){"POST ", "PATCH ", "DELETE ", NULL}; *method;
             ++method)
            if (memcmp(bytes, *method, 5) == 0) talks[fd].talk = WRITING;
}

void forget(int fd) {
    memset(&talks[fd], 0, sizeof talks[fd]);
}
