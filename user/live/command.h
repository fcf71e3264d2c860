/* SPDX-License-Identifier: GPL-2.0-only */
/* A command that is run while tracing. */
#ifndef BT_COMMAND_H
#define BT_COMMAND_H

#include <sys/types.h>

struct bt_child {
	pid_t pid;
	int pidfd; /* readable once it has ended */
};

/*
 * Starts argv[0] with the caller's standard streams, in its process group, so
 * that a ^C reaches both, and with the rights that this process has now.
 * before: called in this process when the child is there and before it runs
 * the command; so what this gives up the command keeps. NULL: nothing to do.
 * 0 once it is running; -errno when it cannot be, with a message, or what
 * before() returned.
 */
int bt_child_start(struct bt_child *child, char *const *argv, int (*before)(void *arg), void *arg);

/* Asks it to end, or with force makes it. Says so if it has become another user's. */
void bt_child_stop(const struct bt_child *child, int force);

/* Waits for its end and closes. Returns the wait(2) status, or -errno. */
int bt_child_wait(struct bt_child *child);

#endif /* BT_COMMAND_H */
