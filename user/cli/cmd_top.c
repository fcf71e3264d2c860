// SPDX-License-Identifier: GPL-2.0-only
/* bitmap-trace top: what goes on at each array, in place on a terminal. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "check/checker.h"
#include "cli/cli.h"
#include "cli/interval.h"
#include "cli/run.h"
#include "cli/top_table.h"
#include "hist/latency.h"
#include "hist/stage_needs.h"
#include "hist/stage_text.h"

#define NS_PER_S UINT64_C(1000000000)

/* Each screen is written over the one before, line by line, so that it does not flicker. */
#define HOME	   "\033[H"
#define CLEAR_LINE "\033[K"
#define CLEAR_REST "\033[J"

struct top {
	struct bt_sink sink; /* before those of checker and latency */
	struct bt_interval interval;
	struct bt_latency latency;
	struct bt_checker checker;
	const struct bt_options *options;
	struct bt_run run;
	struct bt_term term;
	bool in_place;
	uint64_t broken_before[BT_INVARIANTS_MAX];
};

/* Also the arrays that had nothing to measure. */
static void name_arrays(struct top *top)
{
	const struct bt_bitmap *bitmap;

	bt_for_each_bitmap(&top->checker.model, bitmap) if (bitmap->ops)
		bt_stage_set_array(&top->latency.set, bitmap->name);
}

static void print(struct top *top, struct bt_top_view *view)
{
	if (top->in_place)
		fputs(HOME, stdout);
	else if (top->interval.reported)
		fputs("\n", stdout);
	bt_top_table(stdout, &top->term, view);
	if (top->in_place)
		fputs(CLEAR_REST, stdout);
	bt_stage_notes(stdout, &view->stages);
	fflush(stdout);
}

static void report(struct bt_interval *interval, uint64_t until_ns)
{
	struct top *top = bt_container_of(interval, struct top, interval);
	struct bt_report judged;
	struct bt_top_view view = {
		.stages = { .set = &top->latency.set,
			    .stages = BT_STAGES_ALL,
			    .from_ns = interval->from_ns,
			    .until_ns = until_ns },
		.report = &judged,
		.clear = top->in_place ? CLEAR_LINE : "",
	};
	unsigned int i;

	name_arrays(top);
	bt_stages_missing(&top->run.info.missing, top->latency.set.missing);
	bt_run_report(&top->run, &top->checker, &judged);
	bt_report_judge(&judged);
	memcpy(view.broken_before, top->broken_before, sizeof(view.broken_before));
	print(top, &view);
	for (i = 0; i < top->checker.results_nr; i++)
		top->broken_before[i] = top->checker.results[i].broken;
	bt_stage_set_reset(&top->latency.set);
}

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct top *top = bt_container_of(sink, struct top, sink);
	int err;

	bt_interval_advance(&top->interval, ev->ts_ns);
	err = bt_sink_event(&top->checker.sink, ev);
	return err ? err : bt_sink_event(&top->latency.sink, ev);
}

/* All events of the time up to now have been passed on. */
static int sink_tick(struct bt_sink *sink)
{
	struct top *top = bt_container_of(sink, struct top, sink);

	if (top->in_place && !top->interval.begun)
		fputs(HOME CLEAR_REST, stdout);
	bt_interval_advance(&top->interval, bt_now_ns());
	return bt_interval_finished(&top->interval) || ferror(stdout) ? BT_SINK_DONE : 0;
}

static int end(struct top *top)
{
	const struct bt_run *run = &top->run;

	/* A terminal keeps the last whole interval. */
	if (!top->in_place && !bt_interval_finished(&top->interval))
		bt_interval_end(&top->interval, top->interval.now_ns);
	if (run->absent)
		return BT_EXIT_ERROR;
	if (bt_run_lost(run) || run->incomplete)
		return BT_EXIT_UNKNOWN;
	return run->command_status > 0 ? BT_EXIT_COMMAND : BT_EXIT_PASS;
}

int bt_cmd_top(const struct bt_options *options)
{
	struct top top = {
		.sink = { .event = sink_event, .tick = sink_tick },
		.interval = {
			.length_ns = (options->interval ? options->interval : 1) * NS_PER_S,
			.count = options->count,
			.report = report,
		},
		.options = options,
		.term = bt_term_of(stdout),
		/* A COMMAND may write to the terminal, too; a recorded trace is for reading. */
		.in_place = isatty(STDOUT_FILENO) && !options->command && !options->input,
	};
	int status = BT_EXIT_ERROR;

	bt_checker_init(&top.checker, options->strict);
	bt_latency_init(&top.latency);
	if (!bt_run(&top.run, options, &top.sink))
		status = end(&top);
	bt_run_end(&top.run, options);
	bt_latency_free(&top.latency);
	bt_checker_free(&top.checker);
	return status;
}
