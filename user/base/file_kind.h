/* SPDX-License-Identifier: GPL-2.0-only */
/* For error messages: what a file is that was given for another kind of file. */
#ifndef BT_FILE_KIND_H
#define BT_FILE_KIND_H

#include <stddef.h>

/*
 * "it is a write log; use 'bitmap-trace crash'": from its first bytes, 16 if there are as many.
 * If they are not known, something like "it has no such header".
 */
const char *bt_file_kind(const void *begin, size_t len);

#endif /* BT_FILE_KIND_H */
