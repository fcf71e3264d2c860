// SPDX-License-Identifier: GPL-2.0-only
/* bitmap-trace hist: latency histograms of the bitmap's life. */
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "cli.h"
#include "latency.h"
#include "run.h"

#define NS_PER_S UINT64_C(1000000000)

/* Prints at the end of each interval, by the clock of the events themselves. */
struct hist {
	struct bt_sink sink;
	struct bt_latency latency;
	const struct bt_options *options;
	uint64_t next_ns; /* end of the running interval, 0: none begun */
	unsigned long printed;
};

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct hist *hist = (struct hist *)sink; /* its first member */
	uint64_t interval_ns = hist->options->interval * NS_PER_S;

	if (interval_ns && !hist->next_ns)
		hist->next_ns = ev->ts_ns + interval_ns;
	while (interval_ns && ev->ts_ns >= hist->next_ns &&
	       (!hist->options->count || hist->printed < hist->options->count)) {
		printf("\n%.3f s\n", (double)hist->next_ns / (double)NS_PER_S);
		bt_latency_print(stdout, &hist->latency);
		fflush(stdout);
		bt_latency_reset(&hist->latency);
		hist->printed++;
		hist->next_ns += interval_ns;
	}
	return bt_sink_event(&hist->latency.sink, ev);
}

static int report(const struct hist *hist, const struct bt_run *run)
{
	uint64_t lost = bt_run_lost(run);

	if (!hist->options->count || hist->printed < hist->options->count)
		bt_latency_print(stdout, &hist->latency);
	if (lost)
		fprintf(stderr, "bitmap-trace: %llu records were lost; durations are missing\n",
			(unsigned long long)lost);
	if (run->incomplete)
		fprintf(stderr, "bitmap-trace: the trace is incomplete: %s\n", run->problem);
	if (fflush(stdout) || ferror(stdout)) {
		perror("bitmap-trace: standard output");
		return BT_EXIT_ERROR;
	}
	if (lost || run->incomplete)
		return BT_EXIT_UNKNOWN;
	return run->command_status > 0 ? BT_EXIT_COMMAND : BT_EXIT_PASS;
}

int bt_cmd_hist(const struct bt_options *options)
{
	struct hist hist = { .sink.event = sink_event, .options = options };
	int status = BT_EXIT_ERROR;
	struct bt_run run;

	bt_latency_init(&hist.latency);
	if (!bt_run(&run, options, &hist.sink))
		status = report(&hist, &run);
	bt_run_end(&run, options);
	bt_latency_free(&hist.latency);
	return status;
}
