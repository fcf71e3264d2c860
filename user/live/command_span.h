/* SPDX-License-Identifier: GPL-2.0-only */
/* The time that is traced: while COMMAND runs, or else until interrupted. */
#ifndef BT_COMMAND_SPAN_H
#define BT_COMMAND_SPAN_H

#include <stdbool.h>
#include <stdint.h>

#include "live/command.h"

struct bt_command_span {
	struct bt_child child; /* pidfd < 0: none */
	const volatile int *stop;
	int stop_seen;	   /* value of *stop acted upon */
	uint64_t asked_ns; /* when the child was asked to end */
};

/*
 * Gives up all capabilities for good (bt_privileges_drop), calls before(arg),
 * and with argv then lets that command run with the rights this process had.
 * *stop becomes non-zero on a request to end, another value on the next.
 * 0, -errno with a message, or what before returned.
 */
int bt_command_span_begin(struct bt_command_span *span, char *const *argv, const volatile int *stop,
			  int (*before)(void *arg), void *arg);

/*
 * Without a command a request to stop ends it, or done: who traces has had
 * enough. With one the request is passed on, and the span ends with the
 * command; a second request, or none to the first, makes the command end.
 */
bool bt_command_span_over(struct bt_command_span *span, bool done);

/* Waits for the command's end (*ended), for fd to be readable if >= 0, or so long. 0 or -errno. */
int bt_command_span_wait(const struct bt_command_span *span, int fd, int timeout_ms, bool *ended);

/* Whatever ended it, no command is left behind. Its wait(2) status, -1 when there was none. */
int bt_command_span_end(struct bt_command_span *span, int err);

#endif /* BT_COMMAND_SPAN_H */
