/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BT_PRINTABLE_H
#define BT_PRINTABLE_H

/*
 * A trace may come from anywhere: its texts must not control a terminal, neither by control
 * characters nor by bytes above ASCII that some terminals interpret.
 */
static inline char bt_printable(char c)
{
	return c < ' ' || c > '~' ? '?' : c;
}

#endif /* BT_PRINTABLE_H */
