// SPDX-License-Identifier: GPL-2.0-only
/* bitmap-trace hist: latencies of the bitmap's life. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/hist_kernel.h"
#include "cli/hist_out.h"
#include "cli/interval.h"
#include "cli/run.h"
#include "hist/latency.h"
#include "hist/stage_needs.h"

#define NS_PER_S UINT64_C(1000000000)

/* A recorded trace: reports at the end of each interval, by the clock of the events themselves. */
struct hist {
	struct bt_sink sink;
	struct bt_latency latency;
	struct bt_hist_out out;
	struct bt_interval interval;
	struct bt_run run;
};

static void report(struct bt_interval *interval, uint64_t until_ns)
{
	struct hist *hist = bt_container_of(interval, struct hist, interval);

	bt_stages_missing(&hist->run.info.missing, hist->latency.set.missing);
	hist->out.clock_ns = hist->run.info.clock_ns;
	bt_hist_out_interval(&hist->out, &hist->latency.set, interval->from_ns, until_ns);
	bt_stage_set_reset(&hist->latency.set);
}

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct hist *hist = (struct hist *)sink; /* its first member */

	bt_interval_advance(&hist->interval, ev->ts_ns);
	return bt_sink_event(&hist->latency.sink, ev);
}

static int end(struct hist *hist)
{
	const struct bt_run *run = &hist->run;
	uint64_t lost = bt_run_lost(run);

	if (!bt_interval_finished(&hist->interval))
		bt_interval_end(&hist->interval, hist->interval.now_ns);
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
		.interval = {
			.length_ns = options->interval * NS_PER_S,
			.count = options->count,
			.report = report,
		},
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
