/* Processes that outlived the one file, and are waited for by nobody. */
#ifndef LEFT_H
#define LEFT_H

/* Tells the programs that run out of this folder to end; NULL: those out of any folder of ours that have no parent. */
void end_left(const char *folder);

#endif
