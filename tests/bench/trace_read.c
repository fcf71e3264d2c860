// SPDX-License-Identifier: GPL-2.0-only
/* Reads a trace and verifies it, and does nothing else with it: what any use of it costs at least.
 */
#include <stdio.h>
#include <string.h>

#include "stream/stacks.h"
#include "trace/trace.h"

static int pass(struct bt_sink *sink, const struct bt_event *ev)
{
	(void)sink;
	(void)ev;
	return 0;
}

static int pass_many(struct bt_sink *sink, const struct bt_event *ev, size_t nr)
{
	(void)sink;
	(void)ev;
	(void)nr;
	return 0;
}

int main(int argc, char **argv)
{
	struct bt_sink sink = { .event = pass, .events = pass_many };
	struct bt_stacks *stacks = bt_stacks_new();
	struct bt_trace_info info;
	struct bt_trace_end end;
	int err;

	if (argc != 2 || !stacks) {
		fputs("usage: trace_read TRACE\n", stderr);
		return 2;
	}
	err = bt_trace_read(argv[1], &sink, stacks, &info, &end);
	bt_stacks_free(stacks);
	if (err || !end.complete) {
		fprintf(stderr, "trace_read: %s: %s\n", argv[1], end.problem);
		return 2;
	}
	printf("%llu\n", (unsigned long long)end.events);
	return 0;
}
