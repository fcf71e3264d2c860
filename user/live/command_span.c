// SPDX-License-Identifier: GPL-2.0-only
#include "live/command_span.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/privileges.h"

/* A command that got SIGTERM has this much time to end. */
#define COMMAND_END_MS 5000

/*
 * All is attached and open. The remaining accesses (the buffer, counts of the probes, stacks)
 * use mappings and descriptors that are open; the kernel needs no capability for these (since
 * 5.19).
 */
static int give_up_rights(void)
{
	int err = bt_privileges_drop();

	if (err)
		fprintf(stderr, "bitmap-trace: cannot give up privileges: %s\n", strerror(-err));
	return err;
}

struct beginning {
	int (*before)(void *arg);
	void *arg;
};

static int begin(void *arg)
{
	const struct beginning *beginning = arg;
	int err = give_up_rights();

	return err ? err : beginning->before(beginning->arg);
}

int bt_command_span_begin(struct bt_command_span *span, char *const *argv, const volatile int *stop,
			  int (*before)(void *arg), void *arg)
{
	struct beginning beginning = { .before = before, .arg = arg };

	*span = (struct bt_command_span){ .child = { .pidfd = -1 }, .stop = stop };
	return argv ? bt_child_start(&span->child, argv, begin, &beginning) : begin(&beginning);
}

bool bt_command_span_over(struct bt_command_span *span, bool done)
{
	uint64_t now = bt_now_ns();
	bool force;

	if (span->child.pidfd < 0)
		return *span->stop || done;
	if (!*span->stop)
		return false;
	force = span->asked_ns && now - span->asked_ns > COMMAND_END_MS * 1000000ull;
	if (*span->stop != span->stop_seen || force) {
		bt_child_stop(&span->child, force || span->stop_seen);
		span->stop_seen = *span->stop;
		span->asked_ns = now;
	}
	return false;
}

int bt_command_span_wait(const struct bt_command_span *span, int fd, int timeout_ms, bool *ended)
{
	struct pollfd fds[2] = {
		{ .fd = span->child.pidfd, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};

	if (poll(fds, 2, timeout_ms) < 0 && errno != EINTR)
		return -errno;
	*ended = span->child.pidfd >= 0 && fds[0].revents;
	return 0;
}

int bt_command_span_end(struct bt_command_span *span, int err)
{
	struct pollfd ended = { .fd = span->child.pidfd, .events = POLLIN };

	if (span->child.pidfd < 0)
		return -1;
	if (err) {
		bt_child_stop(&span->child, 0);
		if (poll(&ended, 1, COMMAND_END_MS) <= 0)
			bt_child_stop(&span->child, 1);
	}
	return bt_child_wait(&span->child);
}
