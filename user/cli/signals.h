/* SPDX-License-Identifier: GPL-2.0-only */
/* SIGINT, SIGTERM, SIGHUP and SIGPIPE as a flag. */
#ifndef BT_SIGNALS_H
#define BT_SIGNALS_H

/*
 * From now on SIGINT, SIGTERM and SIGHUP are counted instead of ending the
 * program; returns the count, 0 at first. A SIGHUP that is ignored (nohup)
 * stays so. SIGPIPE, of which each write brings another, counts once.
 */
const volatile int *bt_signals_catch(void);

/* Counts one request more, as if SIGTERM had come. */
void bt_signals_stop(void);

#endif /* BT_SIGNALS_H */
