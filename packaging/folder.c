/* See folder.h. One folder of our own holds all that staticx's and PyInstaller's boot loaders unpack, so that it can be
 * removed whatever becomes of them. While it is in use it is locked (flock), also against systemd-tmpfiles; one that is not
 * was left by a kill -9, and goes at the next start.
 */
#define _GNU_SOURCE
#include "folder.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define ROOM 50 /* MB that are unpacked, rounded up */
#define NAMES 200 /* and the files and folders */
#define LONGEST 180 /* characters; staticx writes it into 256 with the names that follow */
#define MB 1000000ULL
#define TRIES 5
#define DEPTH 32

static char words[PATH_MAX + 128];

/* Why another user could put something into this path, or NULL. Who may write a folder, or owns it, can swap what is in
 * it between our writing and our running; the sticky bit of /tmp keeps others from that. */
static const char *unsafe(const char *real)
{
    char path[PATH_MAX];
    struct stat at;
    for (size_t end = 1; end <= strlen(real); end++) {
        if (end > 1 && real[end] != '/' && real[end])
            continue;
        memcpy(path, real, end);
        path[end] = 0;
        if (lstat(path, &at))
            return strerror(errno);
        if (at.st_uid && at.st_uid != geteuid()) {
            snprintf(words, sizeof words, "%s belongs to another user (%u)", path, (unsigned)at.st_uid);
            return words;
        }
        if (at.st_mode & (S_IWGRP | S_IWOTH) && !(at.st_mode & S_ISVTX)) {
            snprintf(words, sizeof words, "%s may be written by other users", path);
            return words;
        }
    }
    return NULL;
}

/* Why a folder does not serve, or NULL. */
static const char *reason(const char *folder)
{
    struct statvfs at;
    const char *why;
    if (access(folder, W_OK | X_OK) || statvfs(folder, &at))
        return strerror(errno);
    if (strlen(folder) > LONGEST)
        return "its path is too long";
    if ((why = unsafe(folder)))
        return why;
    if (at.f_flag & ST_NOEXEC)
        return "it is mounted noexec";
    unsigned long long room = (unsigned long long)at.f_bavail * at.f_frsize;
    if (room < ROOM * MB) {
        snprintf(words, sizeof words, "%llu MB are free", room / MB);
        return words;
    }
    return at.f_files && at.f_favail < NAMES ? "it has no room for more files" : NULL; /* some count no files */
}

/* Removes what is in an open folder. Links are not followed. */
static void empty(int folder, int depth)
{
    DIR *list = fdopendir(folder);
    struct dirent *entry;
    if (!list) {
        close(folder);
        return;
    }
    while (depth < DEPTH && (entry = readdir(list))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        int below = openat(dirfd(list), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below >= 0)
            empty(below, depth + 1);
        unlinkat(dirfd(list), entry->d_name, below >= 0 ? AT_REMOVEDIR : 0);
    }
    closedir(list);
}

/* An open folder that is ours alone and that nobody holds, locked for us; or -1. */
static int unheld(const char *path)
{
    struct stat at;
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return -1;
    if (!fstat(folder, &at) && at.st_uid == geteuid() && (at.st_mode & 07777) == 0700 && !flock(folder, LOCK_EX | LOCK_NB))
        return folder;
    close(folder);
    return -1;
}

void remove_folder(const char *path)
{
    int folder = unheld(path);
    if (folder < 0)
        return;
    int held = dup(folder); /* emptying closes the other */
    empty(folder, 0);
    rmdir(path);
    close(held);
}

/* Removes what earlier starts left here. */
static void sweep(const char *where)
{
    DIR *list = opendir(where);
    struct dirent *entry;
    char path[PATH_MAX];
    if (!list)
        return;
    while ((entry = readdir(list)))
        if (!strncmp(entry->d_name, FOLDER_NAME, strlen(FOLDER_NAME)) && strlen(entry->d_name) == strlen(FOLDER_NAME "XXXXXX")
            && snprintf(path, sizeof path, "%s/%s", where, entry->d_name) < (int)sizeof path)
            remove_folder(path);
    closedir(list);
}

/* Makes it and holds it; false where that fails. Another start may take it for a left one before it is held: again then. */
static int made(const char *where, char *path, size_t size, int *held)
{
    struct stat named, opened;
    for (int try = 0; try < TRIES; try++) {
        snprintf(path, size, "%s/" FOLDER_NAME "XXXXXX", strcmp(where, "/") ? where : "");
        if (!mkdtemp(path))
            return 0;
        *held = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        if (*held >= 0 && !flock(*held, LOCK_SH) && !fstat(*held, &opened) && !lstat(path, &named)
            && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev)
            return 1;
        if (*held >= 0)
            close(*held);
    }
    return 0;
}

const char *make_folder(int *held)
{
    static char path[PATH_MAX];
    static char given[PATH_MAX];
    const char *told = getenv("TMPDIR");
    /* The best first; the last one is for a tree that has nothing else. */
    const char *folders[] = {told, "/tmp", "/var/tmp", "/run", "/dev/shm", "/"};
    const int count = sizeof folders / sizeof *folders, first = !told || *told != '/';

    if (!first && realpath(told, given)) /* as it is, so that no link on the way can be turned afterwards */
        folders[0] = given;
    for (int i = first; i < count; i++) {
        if (!unsafe(folders[i]))
            sweep(folders[i]);
        if (!reason(folders[i]) && made(folders[i], path, sizeof path, held)) {
            setenv("SRIOV_TUI_ROOM", folders[i], 1);
            return path;
        }
    }
    fputs("sriov-tui: there is no folder into which it can unpack itself.\n", stderr);
    for (int i = first; i < count; i++) {
        const char *why = reason(folders[i]);
        fprintf(stderr, "  %s: %s\n", folders[i], why ? why : "no folder can be made there");
    }
    fprintf(stderr, "It needs %d MB while it runs, in a folder that is not mounted noexec. Name one:\n"
                    "  TMPDIR=/path/to/folder sriov-tui\n", ROOM);
    exit(1);
}
