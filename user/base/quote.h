/* SPDX-License-Identifier: GPL-2.0-only */
/* A command line as one line of ASCII that a shell takes. */
#ifndef BT_QUOTE_H
#define BT_QUOTE_H

#include <stddef.h>

/*
 * The words, NULL-terminated, with blanks between them; quoted where a shell needs it, bytes that
 * are not printable ASCII as $'\xNN'. What does not fit ends with "...": len is at least 4.
 */
void bt_quote_words(char *const *words, char *buf, size_t len);

#endif /* BT_QUOTE_H */
