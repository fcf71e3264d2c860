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
 * Starts argv[0] with the caller's standard streams, in its process group, so that a ^C reaches
 * both, and with the current privileges of this process. before: called in this process when
 * the child exists and has not run the command yet; the command keeps the privileges that this
 * drops. NULL: nothing to do. 0 once it is running; -errno with a message if it cannot run, or
 * the result of before().
 */
int bt_child_start(struct bt_child *child, char *const *argv, int (*before)(void *arg), void *arg);

/* Sends SIGTERM, or SIGKILL with force. Prints a message if the command runs as another user. */
void bt_child_stop(const struct bt_child *child, int force);

/* Waits until it ends, and closes the pidfd. Returns the wait(2) status, or -errno. */
int bt_child_wait(struct bt_child *child);

#endif /* BT_COMMAND_H */
