/* What starts first and ends last in the one file. packaging/build links it around staticx's boot loader (--wrap=main).
 *
 * It forks: the child goes on as staticx's boot loader, whose child is PyInstaller's, whose child is Python. This process
 * only waits, passes every signal on and, when the child is gone, removes the folder that all of them unpacked into. So
 * neither a signal nor a failed unpack of one of them leaves anything behind. Each of the others is told to end when
 * the one above it is killed; in the engine's start none is, as its work must not be cut.
 */
#define _GNU_SOURCE
#include "folder.h"
#include "left.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LAST_SIGNAL 31
#define OTHERS 60 /* seconds at most to wait until other starts have unpacked */
#define SURVIVORS 60 /* seconds at most until those that were told to end have let the folder go: a busy host is slow */
#define WORKING 5 /* and in the engine's start, where they are not told */
#define TICK (10 * 1000 * 1000) /* nanoseconds */
#define TICKS 100 /* in a second */
#define FAILED 255 /* PyInstaller's boot loader ends so */

extern char **environ;
int __real_main(int, char **);
int __wrap_main(int, char **);
pid_t __real_fork(void);
pid_t __wrap_fork(void);
void __real_exit(int) __attribute__((noreturn));
void __wrap_exit(int) __attribute__((noreturn));
void __real__exit(int) __attribute__((noreturn));
void __wrap__exit(int) __attribute__((noreturn));

static volatile pid_t child;
static int engine; /* this start is that of the engine, or of the guard beside it */
static int loading; /* in staticx's boot loader, before it ends by itself */

static const char HINT[] = "sriov-tui: it could not unpack itself. Compare it with its SHA-256, and see that no disk is full.\n";

/* Names that would put other code, or a trace of ours, into a program that root runs (sudo -E keeps them). */
static const char *const FOREIGN[] = {"LD_", "STATICX_", "_PYI", "_MEI", "PYINSTALLER_", "GCONV_PATH", "GETCONF_DIR",
                                      "GLIBC_TUNABLES", "LOCPATH", "NLSPATH", "MALLOC_TRACE", "RES_OPTIONS", "HOSTALIASES",
                                      "SRIOV_TUI_ROOM", "SRIOV_TUI_START"};

static void clean_environment(void)
{
    for (char **entry = environ; entry && *entry;) {
        char name[64];
        size_t length = strcspn(*entry, "=");
        size_t which = 0, count = sizeof FOREIGN / sizeof *FOREIGN;
        while (which < count && strncmp(*entry, FOREIGN[which], strlen(FOREIGN[which])))
            which++;
        if (which == count) {
            entry++;
        } else if (length && length < sizeof name) {
            memcpy(name, *entry, length);
            name[length] = 0;
            unsetenv(name);
            entry = environ;
        } else {
            **entry = '_'; /* no name of this length means anything to anybody */
            entry++;
        }
    }
}

static void tick(void)
{
    nanosleep(&(struct timespec){0, TICK}, NULL);
}

/* Starts unpack one after the other, so that each sees the room that is left: the lock is on the file itself, and Python
 * gives it up once it runs. Whoever may read the file could hold it, so the wait has an end. */
static int take_turn(void)
{
    char number[16];
    int self = open("/proc/self/exe", O_RDONLY);
    if (self < 0) {
        fprintf(stderr, "sriov-tui: /proc/self/exe: %s. It needs /proc: mount -t proc proc /proc\n", strerror(errno));
        __real_exit(1);
    }
    time_t end = time(NULL) + OTHERS;
    for (int ticks = 0; flock(self, LOCK_EX | LOCK_NB) && time(NULL) < end; ticks++) {
        if (ticks % TICKS == 0)
            end_left(NULL);
        tick();
    }
    snprintf(number, sizeof number, "%d", self);
    setenv("SRIOV_TUI_START", number, 1);
    return self;
}

static void pass_on(int number)
{
    if (child > 0)
        kill(child, number);
}

static int passed_on(int number)
{
    switch (number) {
    case SIGKILL: case SIGSTOP: case SIGCHLD: case SIGCONT: case SIGTSTP: case SIGTTIN: case SIGTTOU: case SIGWINCH:
    case SIGURG: case SIGSEGV: case SIGBUS: case SIGILL: case SIGFPE:
        return 0;
    default:
        return 1;
    }
}

static void pass_all_on(void)
{
    struct sigaction before, own = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
    for (int number = 1; number <= LAST_SIGNAL; number++)
        if (passed_on(number) && !sigaction(number, NULL, &before) && before.sa_handler != SIG_IGN) /* as nohup wants it */
            sigaction(number, &own, NULL);
}

/* To be told to end when the process above dies. Not in the engine's start: the loaders would pass that on to its work. */
static void follow(pid_t above)
{
    if (engine)
        return;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != above)
        __real_exit(1);
}

/* How the child ended, as this process has to end. */
static int ended(int status)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) != FAILED)
        return WEXITSTATUS(status);
    if (WIFEXITED(status)) {
        fputs(HINT, stderr);
        return 1;
    }
    int number = WTERMSIG(status);
    if (!passed_on(number) && number != SIGKILL) { /* a fault of the program, or of the file */
        fprintf(stderr, "sriov-tui: it ended by a fault: %s.\n%s", strsignal(number), HINT);
        return 1;
    }
    signal(number, SIG_DFL);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    raise(number);
    return 128 + number;
}

int __wrap_main(int argc, char **argv)
{
    sigset_t all, before;
    int held, status;
    pid_t above = getpid();

    if (environ[0] && !environ[1] && !strcmp(environ[0], "STATICX_BOOTLOADER_IDENTIFY=1"))
        return 0; /* staticx starts it with this alone in the environment before it packs the archive */
    engine = argc > 1 && (!strcmp(argv[1], "engine") || !strcmp(argv[1], "guard"));
    clean_environment();
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before); /* until there is somebody to pass a signal on to */
    int turn = take_turn();
    const char *folder = make_folder(&held);
    setenv("TMPDIR", folder, 1);
    child = __real_fork();
    if (!child) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        follow(above);
        loading = 1;
        status = __real_main(argc, argv);
        loading = 0;
        return status;
    }
    close(turn);
    close(held);
    if (child < 0) {
        fprintf(stderr, "sriov-tui: it cannot start another process: %s.\n", strerror(errno));
        remove_folder(folder);
        return 1;
    }
    pass_all_on();
    sigprocmask(SIG_SETMASK, &before, NULL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (int ticks = 0; ticks < (engine ? WORKING : SURVIVORS) * TICKS; ticks++) {
        remove_folder(folder);
        if (access(folder, F_OK))
            break;
        if (!engine && ticks % TICKS == 0)
            end_left(folder);
        tick();
    }
    return ended(status);
}

/* staticx's boot loader starts PyInstaller's. */
pid_t __wrap_fork(void)
{
    pid_t above = getpid(), below = __real_fork();
    if (!below)
        follow(above);
    return below;
}

/* staticx's boot loader ends with 2 where it fails, and its child with 3: of the program that means "not ready" and "a
 * reboot is needed".
 */
void __wrap__exit(int status)
{
    (void)status;
    __real__exit(FAILED);
}

void __wrap_exit(int status)
{
    if (loading) {
        fputs(HINT, stderr);
        status = 1;
    }
    __real_exit(status);
}
