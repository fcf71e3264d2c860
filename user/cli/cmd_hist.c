// SPDX-License-Identifier: GPL-2.0-only
/* bitmap-trace hist: latencies of the bitmap's life. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/hist_kernel.h"
#include "cli/hist_out.h"
#include "cli/run.h"
#include "hist/latency.h"
#include "hist/stage_needs.h"

#define NS_PER_S UINT64_C(1000000000)

/* More intervals than this without an event are passed over: nobody reads so many zeroes. */
#define GAP_MAX 3600

/* A recorded trace: reports at the end of each interval, by the clock of the events themselves. */
struct hist {
	struct bt_sink sink;
	struct bt_latency latency;
	struct bt_hist_out out;
	const struct bt_options *options;
	struct bt_run run;
	bool begun;
	uint64_t from_ns; /* the running interval */
	uint64_t now_ns;
	unsigned long reported;
};

static bool finished(const struct hist *hist)
{
	return hist->options->count && hist->reported >= hist->options->count;
}

static void report(struct hist *hist, uint64_t until_ns)
{
	bt_stages_missing(&hist->run.info.missing, hist->latency.set.missing);
	bt_hist_out_interval(&hist->out, &hist->latency.set, hist->from_ns, until_ns);
	bt_stage_set_reset(&hist->latency.set);
	hist->from_ns = until_ns;
	hist->reported++;
}

/* Stamps in a damaged trace may be anything. */
static uint64_t add_saturated(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void advance(struct hist *hist, uint64_t now_ns)
{
	uint64_t length_ns = hist->options->interval * NS_PER_S, next_ns;

	if (!hist->begun)
		hist->from_ns = now_ns;
	hist->begun = true;
	/* Records are in order, their clocks only nearly. */
	if (now_ns > hist->now_ns)
		hist->now_ns = now_ns;
	if (!length_ns)
		return;
	next_ns = add_saturated(hist->from_ns, length_ns);
	while (now_ns >= next_ns && next_ns != UINT64_MAX && !finished(hist)) {
		report(hist, next_ns);
		if ((now_ns - next_ns) / length_ns > GAP_MAX)
			hist->from_ns = now_ns;
		next_ns = add_saturated(hist->from_ns, length_ns);
	}
}

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct hist *hist = (struct hist *)sink; /* its first member */

	advance(hist, ev->ts_ns);
	return bt_sink_event(&hist->latency.sink, ev);
}

static int end(struct hist *hist)
{
	const struct bt_run *run = &hist->run;
	uint64_t lost = bt_run_lost(run);

	if (!finished(hist))
		report(hist, hist->now_ns);
	if (lost)
		fprintf(stderr, "bitmap-trace: %llu records were lost; durations are missing\n",
			(unsigned long long)lost);
	if (bt_hist_out_end(&hist->out))
		return BT_EXIT_ERROR;
	if (lost || run->incomplete)
		return BT_EXIT_UNKNOWN;
	return run->command_status > 0 ? BT_EXIT_COMMAND : BT_EXIT_PASS;
}

int bt_cmd_hist(const struct bt_options *options)
{
	struct hist hist = {
		.sink = { .event = sink_event },
		.options = options,
	};
	int status = BT_EXIT_ERROR;

	if (!options->input)
		return bt_hist_kernel(options);
	bt_hist_out_init(&hist.out, options, stdout);
	bt_latency_init(&hist.latency);
	if (!bt_run(&hist.run, options, &hist.sink))
		status = end(&hist);
	bt_run_end(&hist.run, options);
	bt_latency_free(&hist.latency);
	bt_hist_out_free(&hist.out);
	return status;
}
