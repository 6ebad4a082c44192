/* The folder into which the one file unpacks itself: chosen, made, held while in use, removed. */
#ifndef FOLDER_H
#define FOLDER_H

#define FOLDER_NAME "sriov-tui-" /* and six characters */

/* Makes the folder; its path, and in `held` an open descriptor whose lock says that it is in use. It ends with 1 and the
 * reasons where there is no place for it. */
const char *make_folder(int *held);

/* Removes it with all that is in it; nothing is done while somebody else holds it. */
void remove_folder(const char *path);

#endif
