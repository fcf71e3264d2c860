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
	int stop_seen;	   /* last value of *stop that was handled */
	uint64_t asked_ns; /* when the child got SIGTERM */
};

/*
 * Drops all capabilities for good (bt_privileges_drop), calls before(arg), and with argv then
 * lets that command run with the rights that this process had. *stop becomes non-zero on a
 * request to end, another value on the next. 0, -errno with a message, or the result of before.
 */
int bt_command_span_begin(struct bt_command_span *span, char *const *argv, const volatile int *stop,
			  int (*before)(void *arg), void *arg);

/*
 * Without a command, a request to stop ends the span, or done: the tracer is finished. With a
 * command, the request is passed on, and the span ends with the command; after a second
 * request, or if the first has no effect, the command is killed.
 */
bool bt_command_span_over(struct bt_command_span *span, bool done);

/* Waits until the command ends (*ended), fd is readable if >= 0, or the timeout. 0 or -errno. */
int bt_command_span_wait(const struct bt_command_span *span, int fd, int timeout_ms, bool *ended);

/* Makes sure that no command is left. Returns its wait(2) status, -1 if there was none. */
int bt_command_span_end(struct bt_command_span *span, int err);

#endif /* BT_COMMAND_SPAN_H */
