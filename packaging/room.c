/* Finds the folder where the one file unpacks itself, and says so where there is none. packaging/build links this into
 * staticx's boot loader, ahead of all that does: that one and PyInstaller's only tell which call failed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define ROOM 50 /* MB that are unpacked, rounded up */
#define NAMES 200 /* and the files and folders */
#define MB 1000000ULL

/* Why a folder does not serve, or NULL. */
static const char *reason(const char *folder)
{
    static char words[64];
    struct statvfs at;
    if (access(folder, W_OK | X_OK) || statvfs(folder, &at))
        return strerror(errno);
    if (at.f_flag & ST_NOEXEC)
        return "it is mounted noexec";
    unsigned long long room = (unsigned long long)at.f_bavail * at.f_frsize;
    if (room < ROOM * MB) {
        snprintf(words, sizeof words, "%llu MB are free", room / MB);
        return words;
    }
    return at.f_files && at.f_favail < NAMES ? "it has no room for more files" : NULL; /* some count no files */
}

__attribute__((constructor)) static void find_room(void)
{
    const char *told = getenv("TMPDIR");
    /* The best first; the last one is for a tree that has nothing else. */
    const char *const folders[] = {told, "/tmp", "/var/tmp", "/run", "/dev/shm", "/"};
    const int count = sizeof folders / sizeof *folders, first = !told || *told != '/';

    /* These are meant for the host's programs, and would put the host's libraries into ours. */
    unsetenv("LD_LIBRARY_PATH");
    unsetenv("LD_PRELOAD");
    for (int i = first; i < count; i++)
        if (!reason(folders[i])) {
            setenv("TMPDIR", folders[i], 1);
            return;
        }
    fputs("sriov-tui: there is no folder into which it can unpack itself.\n", stderr);
    for (int i = first; i < count; i++)
        fprintf(stderr, "  %s: %s\n", folders[i], reason(folders[i]));
    fprintf(stderr, "It needs %d MB while it runs, in a folder that is not mounted noexec. Name one:\n"
                    "  TMPDIR=/path/to/folder sriov-tui\n", ROOM);
    exit(1);
}

/* staticx passes SIGINT and SIGTERM on to the program, waits for it and removes what it unpacked. It has to do so as
 * well at the end of an ssh connection, or each one would leave a folder behind.
 */
static pid_t child;
pid_t __real_fork(void);
pid_t __wrap_fork(void);

static void pass_on(int number)
{
    if (kill(child, number)) { /* it ended, by the same signal: staticx raises that for itself now */
        signal(number, SIG_DFL);
        raise(number);
    }
}

pid_t __wrap_fork(void)
{
    if ((child = __real_fork()) > 0 && signal(SIGHUP, pass_on) == SIG_IGN)
        signal(SIGHUP, SIG_IGN); /* as nohup wants it */
    return child;
}
