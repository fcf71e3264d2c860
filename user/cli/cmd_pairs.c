// SPDX-License-Identifier: GPL-2.0-only
/* bitmap-trace pairs: which interleavings a recorded run has, and which it has not. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/run.h"
#include "pairs/pairs.h"

/* The slices are in the trace's header, which is read before the first event. */
struct sliced {
	struct bt_sink sink;
	struct bt_pairs pairs;
	struct bt_run run;
	struct bt_perturb_plan plan;
	bool begun;
};

static void begin(struct sliced *sliced)
{
	const struct bt_trace_info *info = &sliced->run.info;
	char why[640];

	sliced->begun = true;
	if (!info->perturb[0] ||
	    bt_perturb_parse(info->perturb, &sliced->plan, why, sizeof(why)) < 0)
		return;
	sliced->pairs.from_ns = info->perturb_ns;
	sliced->pairs.slice_ns = sliced->plan.slice_ms * UINT64_C(1000000);
}

static int event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct sliced *sliced = bt_container_of(sink, struct sliced, sink);

	if (!sliced->begun)
		begin(sliced);
	return bt_sink_event(&sliced->pairs.sink, ev);
}

int bt_cmd_pairs(const struct bt_options *options)
{
	struct sliced sliced = { .sink.event = event };
	int status = BT_EXIT_ERROR;

	bt_pairs_init(&sliced.pairs);
	if (!bt_run(&sliced.run, options, &sliced.sink)) {
		bt_pairs_print(stdout, &sliced.pairs, sliced.pairs.slice_ns > 0);
		status = sliced.run.incomplete ? BT_EXIT_UNKNOWN : BT_EXIT_PASS;
	}
	bt_pairs_free(&sliced.pairs);
	bt_run_end(&sliced.run, options);
	return status;
}
