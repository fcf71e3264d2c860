/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BT_PRINTABLE_H
#define BT_PRINTABLE_H

/*
 * A trace may come from anywhere: nothing in its texts may steer a terminal,
 * neither control characters nor the bytes above ASCII that some take for such.
 */
static inline char bt_printable(char c)
{
	return c < ' ' || c > '~' ? '?' : c;
}

#endif /* BT_PRINTABLE_H */
