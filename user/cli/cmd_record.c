// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/run.h"

struct counter {
	struct bt_sink sink;
	uint64_t events;
};

static int count(struct bt_sink *sink, const struct bt_event *ev)
{
	(void)ev;
	((struct counter *)sink)->events++;
	return 0;
}

int bt_cmd_record(const struct bt_options *options)
{
	struct counter counter = { .sink = { .event = count } };
	struct bt_run run;
	int err, ret = BT_EXIT_ERROR;

	err = bt_run(&run, options, &counter.sink);
	if (!err) {
		fprintf(stderr, "bitmap-trace: %s: %" PRIu64 " events, %" PRIu64 " lost\n",
			options->output, counter.events, bt_run_lost(&run));
		if (!run.record_err && !run.absent)
			ret = run.command_status > 0 ? BT_EXIT_COMMAND : BT_EXIT_PASS;
	}
	bt_run_end(&run, options);
	return ret;
}
