/* SPDX-License-Identifier: GPL-2.0-only */
/* Would a file that is to be written replace one that is read? */
#ifndef BT_SAME_FILE_H
#define BT_SAME_FILE_H

#include <stdbool.h>

/*
 * True if both names refer to one file or block device, through any links. "-" is standard
 * input. Pipes, terminals and /dev/null do not count: writing to them destroys nothing. Names
 * of files that do not exist yet are compared as text.
 */
bool bt_same_file(const char *path, const char *other);

/* Likewise, with the file behind a descriptor. */
bool bt_same_file_fd(const char *path, int fd);

#endif /* BT_SAME_FILE_H */
