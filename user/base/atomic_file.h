/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that is complete or not there: it is written next to its path under a name that begins
 * with a dot, and renamed when it is complete. Until then the previous file stays.
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
 * Begins a file that will replace path; if path is a symbolic link, the file that it points to.
 * 0 or -errno; on failure there is nothing to end.
 */
int bt_atomic_open(struct bt_atomic_file *file, const char *path);

/* Commits: path is the new file. On failure path is unchanged. 0 or -errno. */
int bt_atomic_commit(struct bt_atomic_file *file);

/* Aborts: path is unchanged. */
void bt_atomic_drop(struct bt_atomic_file *file);

/*
 * For files that other programs read while they are rewritten again and again: replaces path by
 * a file with this content, readable by all (0644) and synced. path may be missing or a regular
 * file; anything else is refused (-EINVAL). On failure path is unchanged. 0 or -errno.
 */
int bt_atomic_write(const char *path, const char *content, size_t len);

#endif /* BT_ATOMIC_FILE_H */
