/* Preloaded (ld.so(8)): the n-th call of the C library on a path below a folder fails, or writes only half.
   Built and driven by tests/libc_faults.py; armed and disarmed by ctypes from the process that it is loaded into. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COUNT, FAIL, SHORT };

static int armed, mode, error_number, target, count;
static char folder[4096], last[64];

void fault_arm(const char *below, int how, int number, int at)
{
    snprintf(folder, sizeof folder, "%s", below);
    mode = how, error_number = number, target = at, count = 0, last[0] = 0, armed = 1;
}

int fault_disarm(void) { armed = 0; return count; }
const char *fault_name(void) { return last; }

/* Whether this call is the one: 0 = no, FAIL or SHORT otherwise. */
static int hit(const char *name, int at, const char *path)
{
    char place[4096] = "", link[64];
    if (!armed)
        return 0;
    if (path == NULL || (path[0] != '/' && at != AT_FDCWD) || path[0] == 0) {
        int saved = errno;
        snprintf(link, sizeof link, "/proc/self/fd/%d", at);
        ssize_t size = readlink(link, place, sizeof place - 1);
        errno = saved;
        if (size < 0)
            return 0;
        place[size] = 0;
    } else {
        snprintf(place, sizeof place, "%s", path);
    }
    if (strncmp(place, folder, strlen(folder)))
        return 0;
    if (++count != target)
        return 0;
    snprintf(last, sizeof last, "%s", name);
    return mode == COUNT ? 0 : mode == SHORT && strcmp(name, "write") ? 0 : mode;
}

#define REAL(name) ({ static __typeof__(&name) real; if (!real) real = dlsym(RTLD_NEXT, #name); real; })
#define WRAP(type, name, parameters, arguments, at, path, failed) \
    type name parameters                                          \
    {                                                             \
        if (hit(#name, at, path)) { errno = error_number; return failed; } \
        return REAL(name) arguments;                              \
    }

WRAP(int, fsync, (int fd), (fd), fd, NULL, -1)
WRAP(int, fdatasync, (int fd), (fd), fd, NULL, -1)
WRAP(int, ftruncate, (int fd, off_t size), (fd, size), fd, NULL, -1)
WRAP(int, ftruncate64, (int fd, off64_t size), (fd, size), fd, NULL, -1)
WRAP(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at), fd, NULL, -1)
WRAP(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at), fd, NULL, -1)
WRAP(ssize_t, pread, (int fd, void *data, size_t size, off_t at), (fd, data, size, at), fd, NULL, -1)
WRAP(ssize_t, pread64, (int fd, void *data, size_t size, off64_t at), (fd, data, size, at), fd, NULL, -1)
WRAP(ssize_t, read, (int fd, void *data, size_t size), (fd, data, size), fd, NULL, -1)
WRAP(off_t, lseek, (int fd, off_t at, int from), (fd, at, from), fd, NULL, -1)
WRAP(off64_t, lseek64, (int fd, off64_t at, int from), (fd, at, from), fd, NULL, -1)
WRAP(int, fchmod, (int fd, mode_t bits), (fd, bits), fd, NULL, -1)
WRAP(int, fchown, (int fd, uid_t user, gid_t group), (fd, user, group), fd, NULL, -1)
WRAP(int, flock, (int fd, int how), (fd, how), fd, NULL, -1)
WRAP(int, fstat, (int fd, struct stat *to), (fd, to), fd, NULL, -1)
WRAP(int, fstat64, (int fd, struct stat64 *to), (fd, to), fd, NULL, -1)
WRAP(int, stat, (const char *path, struct stat *to), (path, to), AT_FDCWD, path, -1)
WRAP(int, stat64, (const char *path, struct stat64 *to), (path, to), AT_FDCWD, path, -1)
WRAP(int, lstat, (const char *path, struct stat *to), (path, to), AT_FDCWD, path, -1)
WRAP(int, lstat64, (const char *path, struct stat64 *to), (path, to), AT_FDCWD, path, -1)
WRAP(ssize_t, readlink, (const char *path, char *to, size_t size), (path, to, size), AT_FDCWD, path, -1)
WRAP(int, unlink, (const char *path), (path), AT_FDCWD, path, -1)
WRAP(int, unlinkat, (int at, const char *path, int flags), (at, path, flags), at, path, -1)
WRAP(int, rmdir, (const char *path), (path), AT_FDCWD, path, -1)
WRAP(int, mkdir, (const char *path, mode_t bits), (path, bits), AT_FDCWD, path, -1)
WRAP(int, rename, (const char *from, const char *to), (from, to), AT_FDCWD, to, -1)
WRAP(int, renameat2, (int a, const char *from, int b, const char *to, unsigned flags), (a, from, b, to, flags), b, to, -1)
WRAP(DIR *, opendir, (const char *path), (path), AT_FDCWD, path, NULL)
WRAP(DIR *, fdopendir, (int fd), (fd), fd, NULL, NULL)
WRAP(ssize_t, listxattr, (const char *path, char *to, size_t size), (path, to, size), AT_FDCWD, path, -1)
WRAP(ssize_t, flistxattr, (int fd, char *to, size_t size), (fd, to, size), fd, NULL, -1)
WRAP(ssize_t, getxattr, (const char *path, const char *name, void *to, size_t size), (path, name, to, size), AT_FDCWD, path, -1)
WRAP(ssize_t, fgetxattr, (int fd, const char *name, void *to, size_t size), (fd, name, to, size), fd, NULL, -1)
WRAP(int, fsetxattr, (int fd, const char *name, const void *from, size_t size, int flags), (fd, name, from, size, flags), fd, NULL, -1)

ssize_t write(int fd, const void *data, size_t size)
{
    switch (hit("write", fd, NULL)) {
    case FAIL:
        errno = error_number;
        return -1;
    case SHORT:
        return REAL(write)(fd, data, size > 1 ? size / 2 : size);
    default:
        return REAL(write)(fd, data, size);
    }
}

/* The descriptor is closed all the same, as on Linux. */
int close(int fd)
{
    int how = hit("close", fd, NULL), done = REAL(close)(fd);
    if (how == 0)
        return done;
    errno = error_number;
    return -1;
}

static int opened(const char *name, int at, const char *path, int flags, mode_t bits)
{
    if (hit(name, at, path)) {
        errno = error_number;
        return -1;
    }
    return REAL(openat64)(at, path, flags, bits);
}

#define OPEN(name, parameters, at, path)           \
    int name parameters                            \
    {                                              \
        va_list more;                              \
        va_start(more, flags);                     \
        mode_t bits = va_arg(more, mode_t);        \
        va_end(more);                              \
        return opened("open", at, path, flags, bits); \
    }

OPEN(open, (const char *path, int flags, ...), AT_FDCWD, path)
OPEN(open64, (const char *path, int flags, ...), AT_FDCWD, path)
OPEN(openat, (int at, const char *path, int flags, ...), at, path)
