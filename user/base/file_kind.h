/* SPDX-License-Identifier: GPL-2.0-only */
/* For messages: what a file is that was taken for another. */
#ifndef BT_FILE_KIND_H
#define BT_FILE_KIND_H

#include <stddef.h>

/*
 * "it is a write log; use 'bitmap-trace crash'": by its first bytes, at best 16 of
 * them. Something like "it does not begin as one" if they are not known.
 */
const char *bt_file_kind(const void *begin, size_t len);

#endif /* BT_FILE_KIND_H */
