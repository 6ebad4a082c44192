/* See left.h. PyInstaller's boot loader makes Python's process wait until it has posted a semaphore (bootloader/src/
 * pyi_utils_posix.c, pyi_utils_create_child). Where it is killed in between, that process would wait for ever, with the
 * folder and the turn of other starts in its hands. The engine and its guard are never told: their work must not be cut.
 */
#define _GNU_SOURCE
#include "left.h"
#include "folder.h"
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads the beginning of a file of a process; 0 where there is none. */
static ssize_t read_of(const char *pid, const char *name, char *into, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/%s", pid, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? 0 : read(file, into, size - 1);
    if (file >= 0)
        close(file);
    into[got > 0 ? got : 0] = 0;
    return got;
}

/* Whether this program was started from a folder of ours: from this one, or where it is NULL from any. */
static int is_ours(const char *program, const char *folder)
{
    if (folder)
        return !strncmp(program, folder, strlen(folder)) && program[strlen(folder)] == '/';
    const char *at = strstr(program, "/" FOLDER_NAME);
    return at && at[1 + strlen(FOLDER_NAME) + 6] == '/';
}

/* Whether init has taken it over. */
static int is_orphan(const char *pid)
{
    char text[512];
    const char *after = read_of(pid, "stat", text, sizeof text) > 0 ? strrchr(text, ')') : NULL; /* its name may hold any */
    return after && strlen(after) > 4 && atoi(after + 4) == 1;
}

/* Whether it is the engine or its guard: the word behind the program's name. */
static int works(const char *pid)
{
    char text[PATH_MAX + 16];
    ssize_t got = read_of(pid, "cmdline", text, sizeof text);
    const char *second = text + strlen(text) + 1;
    return got <= 0 || (second < text + got && (!strcmp(second, "engine") || !strcmp(second, "guard")));
}

void end_left(const char *folder)
{
    DIR *all = opendir("/proc");
    struct dirent *entry;
    char link[64], program[PATH_MAX];
    struct stat at;
    while (all && (entry = readdir(all))) {
        const char *pid = entry->d_name;
        snprintf(link, sizeof link, "/proc/%.20s", pid);
        if (!isdigit((unsigned char)*pid) || stat(link, &at) || at.st_uid != geteuid())
            continue;
        snprintf(link, sizeof link, "/proc/%.20s/exe", pid);
        ssize_t length = readlink(link, program, sizeof program - 1);
        program[length > 0 ? length : 0] = 0;
        if (is_ours(program, folder) && (folder || is_orphan(pid)) && !works(pid))
            kill(atoi(pid), SIGTERM);
    }
    if (all)
        closedir(all);
}
