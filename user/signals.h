/* SPDX-License-Identifier: GPL-2.0-only */
/* SIGINT and SIGTERM as a flag. */
#ifndef BT_SIGNALS_H
#define BT_SIGNALS_H

/*
 * From now on SIGINT and SIGTERM are counted instead of ending the program;
 * returns the count, 0 at first.
 */
const volatile int *bt_signals_catch(void);

#endif /* BT_SIGNALS_H */
