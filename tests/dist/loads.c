/* Stands for staticx's boot loader in test_loader.py: it starts a shell out of the folder, and ends, or waits to be told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char command[8192], program[4096];
    if (argc < 3)
        return 0;
    snprintf(program, sizeof program, "%s/sriov-tui", getenv("TMPDIR"));
    snprintf(command, sizeof command, "cp /bin/sh %s", program);
    if (system(command))
        return 9;
    if (!syscall(SYS_fork)) { /* past --wrap=fork: PyInstaller's is not ours either */
        execl(program, program, argv[1], argv[2], (char *)NULL);
        return 9;
    }
    printf("started\n");
    fflush(stdout);
    if (!strcmp(argv[2], "stay"))
        pause();
    return 0;
}
