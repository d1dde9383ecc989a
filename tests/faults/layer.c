/* Between a program and the C library: counts file operations and makes the n-th one fail, stop or kill.
 *
 * Loaded with LD_PRELOAD; does nothing until `layer_arm` is called (through ctypes). An operation is described by one
 * line, such as "write /folder/file" or, for the standard output, "print <text>"; those whose path lies under the
 * prefix are logged, and those whose line contains `match` are counted.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { READS = 1, CHANGES = 2, PRINTS = 4 };
enum { NOTHING, FAIL, SHORT, STOP, KILL_BEFORE, KILL_AFTER, KILL_HALFWAY };
/* What to do with the operation at hand. */
enum { PROCEED, REFUSE, HALF, HALF_AND_KILL, PROCEED_AND_KILL };

static char prefix[PATH_MAX], match[256];
static int armed, action, error_code, classes, log_file;
static long at, times, seen;

void layer_arm(const char *under, const char *matching, int what, int code, int counted, long first, long how_often,
               int log)
{
    snprintf(prefix, sizeof prefix, "%s", under);
    snprintf(match, sizeof match, "%s", matching);
    action = what, error_code = code, classes = counted, at = first, times = how_often, log_file = log;
    seen = 0, armed = 1;
}

static ssize_t (*real_write)(int, const void *, size_t);

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static void note(long number, const char *line)
{
    char text[PATH_MAX + 512];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int length = snprintf(text, sizeof text, "%d %lld.%09ld %ld %s\n", getpid(), (long long)now.tv_sec, now.tv_nsec,
                          number, line);
    if (length >= (int)sizeof text)
        text[length = sizeof text - 1] = '\n';
    if (log_file >= 0)
        real_write(log_file, text, length);
}

/* Whether a full disk refuses this; removing, renaming and flushing go on working there. */
static int needs_room(const char *name) { return strncmp(name, "un", 2) && strncmp(name, "re", 2) && strncmp(name, "fs", 2); }

static int decide(int kind, const char *name, const char *path)
{
    char line[PATH_MAX + 300];
    if (!armed || (kind != PRINTS && strncmp(path, prefix, strlen(prefix))))
        return PROCEED;
    int saved = errno;
    if (!real_write)
        real_write = real("write");
    snprintf(line, sizeof line, "%s %s", name, path);
    /* What lasts is not confined to the files where it began. */
    int lasts = times == 0 && at > 0 && seen >= at;
    int counts = (kind & classes) && (lasts || strstr(line, match)) &&
                 !((error_code == ENOSPC || error_code == EDQUOT) && !needs_room(name));
    long number = counts ? __atomic_add_fetch(&seen, 1, __ATOMIC_SEQ_CST) : 0;
    note(number, line);
    errno = saved;
    if (!counts || number < at || (times && number >= at + times))
        return PROCEED;
    int writes = !strncmp(name, "write", 5) || !strncmp(name, "pwrite", 6);
    switch (action) {
    case FAIL:
        errno = error_code;
        /* A disk becomes full in the middle of a file: half of it goes through. */
        return writes && error_code == ENOSPC && number == at && times != 1 ? HALF : REFUSE;
    case SHORT:
        return writes ? HALF : PROCEED;
    case STOP:
        raise(SIGSTOP);
        return PROCEED;
    case KILL_BEFORE:
        raise(SIGKILL);
        return PROCEED;
    case KILL_AFTER:
        return PROCEED_AND_KILL;
    case KILL_HALFWAY:
        return writes ? HALF_AND_KILL : PROCEED_AND_KILL;
    }
    return PROCEED;
}

static void full_path(int folder, const char *path, char *out)
{
    char link[64];
    ssize_t length = 0;
    out[0] = 0;
    if (path && path[0] == '/') {
        snprintf(out, PATH_MAX, "%s", path);
        return;
    }
    if (folder == AT_FDCWD)
        snprintf(link, sizeof link, "/proc/self/cwd");
    else
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    int saved = errno;
    length = readlink(link, out, PATH_MAX - 1);
    errno = saved;
    if (length < 0)
        length = 0;
    out[length] = 0;
    if (path && path[0])
        snprintf(out + length, PATH_MAX - length, "/%s", path);
}

static int decide_path(int kind, const char *name, int folder, const char *path)
{
    char whole[PATH_MAX];
    if (!armed)
        return PROCEED;
    full_path(folder, path, whole);
    return decide(kind, name, whole);
}

static int decide_file(int kind, const char *name, int file, const void *content, size_t size)
{
    char text[PATH_MAX];
    if (!armed)
        return PROCEED;
    if (file == 1 && kind == CHANGES) {
        snprintf(text, 200, "%.*s", (int)(size < 190 ? size : 190), (const char *)content);
        for (char *each = text; *each; each++)
            if (*each == '\n')
                *each = ' ';
        return decide(PRINTS, "print", text);
    }
    full_path(file, "", text);
    return decide(kind, name, text);
}

#define ENDED(result) \
    do { \
        if (decision == PROCEED_AND_KILL) \
            raise(SIGKILL); \
        return result; \
    } while (0)

static int kind_of(int flags) { return (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT) ? CHANGES : READS; }

#define OPEN(name, ...) \
    { \
        mode_t mode = 0; \
        if (flags & (O_CREAT | __O_TMPFILE)) { \
            va_list rest; \
            va_start(rest, flags); \
            mode = va_arg(rest, mode_t); \
            va_end(rest); \
        } \
        int decision = decide_path(kind_of(flags), kind_of(flags) == CHANGES ? "open" : "open-to-read", folder, path); \
        if (decision == REFUSE) \
            return -1; \
        int result = ((int (*)())real(name))(__VA_ARGS__, flags, mode); \
        ENDED(result); \
    }

int open(const char *path, int flags, ...) { int folder = AT_FDCWD; OPEN("open", path) }
int open64(const char *path, int flags, ...) { int folder = AT_FDCWD; OPEN("open64", path) }
int openat(int folder, const char *path, int flags, ...) { OPEN("openat", folder, path) }
int openat64(int folder, const char *path, int flags, ...) { OPEN("openat64", folder, path) }

#define FOPEN(name) \
    { \
        int kind = strpbrk(mode, "wa+") ? CHANGES : READS; \
        int decision = decide_path(kind, kind == CHANGES ? "open" : "open-to-read", AT_FDCWD, path); \
        if (decision == REFUSE) \
            return NULL; \
        FILE *result = ((FILE * (*)(const char *, const char *)) real(name))(path, mode); \
        ENDED(result); \
    }

FILE *fopen(const char *path, const char *mode) FOPEN("fopen")
FILE *fopen64(const char *path, const char *mode) FOPEN("fopen64")

#define PART (decision == HALF || decision == HALF_AND_KILL ? (size + 1) / 2 : size)
#define WRITTEN(result) \
    if (decision == HALF_AND_KILL) \
        raise(SIGKILL); \
    ENDED(result)

ssize_t write(int file, const void *content, size_t size)
{
    if (!real_write)
        real_write = real("write");
    int decision = decide_file(CHANGES, "write", file, content, size);
    if (decision == REFUSE)
        return -1;
    ssize_t result = real_write(file, content, PART);
    WRITTEN(result);
}

#define PWRITE(name) \
    { \
        int decision = decide_file(CHANGES, "pwrite", file, content, size); \
        if (decision == REFUSE) \
            return -1; \
        ssize_t result = ((ssize_t(*)(int, const void *, size_t, off_t))real(name))(file, content, PART, place); \
        WRITTEN(result); \
    }

ssize_t pwrite(int file, const void *content, size_t size, off_t place) PWRITE("pwrite")
ssize_t pwrite64(int file, const void *content, size_t size, off_t place) PWRITE("pwrite64")

ssize_t writev(int file, const struct iovec *parts, int count)
{
    int decision = decide_file(CHANGES, "writev", file, parts->iov_base, parts->iov_len);
    if (decision == REFUSE)
        return -1;
    ssize_t result = ((ssize_t(*)(int, const struct iovec *, int))real("writev"))(
        file, parts, decision == HALF || decision == HALF_AND_KILL ? (count + 1) / 2 : count);
    WRITTEN(result);
}

ssize_t sendfile(int file, int from, off_t *place, size_t size)
{
    int decision = decide_file(CHANGES, "write", file, "", 0);
    if (decision == REFUSE)
        return -1;
    ssize_t result = ((ssize_t(*)(int, int, off_t *, size_t))real("sendfile"))(file, from, place, PART);
    WRITTEN(result);
}

#define READ(type, name, declared, given) \
    ssize_t name declared \
    { \
        if (decide_file(READS, "read", file, "", 0) == REFUSE) \
            return -1; \
        return ((ssize_t(*) declared)real(#name))given; \
    }

READ(ssize_t, read, (int file, void *content, size_t size), (file, content, size))
READ(ssize_t, pread, (int file, void *content, size_t size, off_t place), (file, content, size, place))
READ(ssize_t, pread64, (int file, void *content, size_t size, off_t place), (file, content, size, place))

#define ON_FILE(name, label, declared, given) \
    int name declared \
    { \
        int decision = decide_file(CHANGES, label, file, "", 0); \
        if (decision == REFUSE) \
            return -1; \
        int result = ((int(*) declared)real(#name))given; \
        ENDED(result); \
    }

ON_FILE(fsync, "fsync", (int file), (file))
ON_FILE(fdatasync, "fsync", (int file), (file))
ON_FILE(ftruncate, "truncate", (int file, off_t size), (file, size))
ON_FILE(ftruncate64, "truncate", (int file, off_t size), (file, size))
ON_FILE(fallocate, "allocate", (int file, int mode, off_t from, off_t size), (file, mode, from, size))
ON_FILE(fallocate64, "allocate", (int file, int mode, off_t from, off_t size), (file, mode, from, size))

#define ON_PATH(name, label, folder, declared, given) \
    int name declared \
    { \
        int decision = decide_path(CHANGES, label, folder, path); \
        if (decision == REFUSE) \
            return -1; \
        int result = ((int(*) declared)real(#name))given; \
        ENDED(result); \
    }

ON_PATH(mkdir, "mkdir", AT_FDCWD, (const char *path, mode_t mode), (path, mode))
ON_PATH(mkdirat, "mkdir", folder, (int folder, const char *path, mode_t mode), (folder, path, mode))
ON_PATH(unlink, "unlink", AT_FDCWD, (const char *path), (path))
ON_PATH(unlinkat, "unlink", folder, (int folder, const char *path, int flags), (folder, path, flags))
ON_PATH(rmdir, "unlink", AT_FDCWD, (const char *path), (path))
ON_PATH(rename, "rename", AT_FDCWD, (const char *from, const char *path), (from, path))
ON_PATH(renameat, "rename", to, (int folder, const char *from, int to, const char *path), (folder, from, to, path))
ON_PATH(renameat2, "rename", to, (int folder, const char *from, int to, const char *path, unsigned flags),
        (folder, from, to, path, flags))
