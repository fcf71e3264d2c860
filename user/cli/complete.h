/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BT_COMPLETE_H
#define BT_COMPLETE_H

/*
 * bitmap-trace complete WORD...: what the last word, which may be empty, can become, a line
 * each: the word, a tab, what it is. Nothing: the name of a file, or it is not known. This is
 * for the functions of the shells in packaging/completion.
 */
int bt_complete(int nr, char **words);

#endif /* BT_COMPLETE_H */
