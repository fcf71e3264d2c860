/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that others read while they are written: never half of one. */
#ifndef BT_ATOMIC_FILE_H
#define BT_ATOMIC_FILE_H

#include <stddef.h>

/*
 * Puts a file with this content, readable by all (0644), in the place of path:
 * written beside it under a name that begins with a dot, synced, renamed. path
 * may not exist, or be a regular file; anything else is refused (-EINVAL). On
 * failure path is as it was. 0 or -errno.
 */
int bt_atomic_write(const char *path, const char *content, size_t len);

#endif /* BT_ATOMIC_FILE_H */
