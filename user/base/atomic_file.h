/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that is there as a whole or not at all: it is written beside its path
 * under a name that begins with a dot, and renamed when it is complete. What was
 * there before stays until then.
 */
#ifndef BT_ATOMIC_FILE_H
#define BT_ATOMIC_FILE_H

#include <stddef.h>

struct bt_atomic_file {
	int fd;		 /* to write to; the caller may seek in it */
	char *path;	 /* without symbolic links; owned */
	char *temporary; /* NULL: path is a device or a pipe, and is written in place; owned */
};

/*
 * Begins a file that is to take the place of path. Where path is a symbolic
 * link, that of the file it leads to. 0 or -errno; then there is nothing to end.
 */
int bt_atomic_open(struct bt_atomic_file *file, const char *path);

/* Ends it: path is the new file. On failure path is as it was. 0 or -errno. */
int bt_atomic_commit(struct bt_atomic_file *file);

/* Ends it: path is as it was. */
void bt_atomic_drop(struct bt_atomic_file *file);

/*
 * For files that others read while they are written again and again: puts a
 * file with this content, readable by all (0644) and synced, in the place of
 * path, which may not exist, or be a regular file; anything else is refused
 * (-EINVAL). On failure path is as it was. 0 or -errno.
 */
int bt_atomic_write(const char *path, const char *content, size_t len);

#endif /* BT_ATOMIC_FILE_H */
