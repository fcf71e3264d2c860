// SPDX-License-Identifier: GPL-2.0-only
/* bitmap-trace hist: latency histograms of the bitmap's life. */
#include <stdio.h>

#include "cli.h"
#include "latency.h"
#include "run.h"
#include "stage_json.h"
#include "stage_text.h"

#define NS_PER_S UINT64_C(1000000000)

/* More intervals than this without an event are passed over: nobody reads so many zeroes. */
#define GAP_MAX 3600

/*
 * Prints at the end of each interval, by the clock of the events themselves,
 * and while there are none by the same clock of this machine.
 */
struct hist {
	struct bt_sink sink;
	struct bt_latency latency;
	const struct bt_options *options;
	uint64_t now_ns;
	uint64_t next_ns; /* end of the running interval, 0: none begun */
	unsigned long printed;
};

static bool finished(const struct hist *hist)
{
	return hist->options->count && hist->printed >= hist->options->count;
}

static void print_json(const struct hist *hist, uint64_t end_ns)
{
	struct json_object *object = bt_stage_json(&hist->latency.set);

	if (hist->options->interval)
		json_object_object_add(object, "end_ns", json_object_new_uint64(end_ns));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static void print(struct hist *hist, uint64_t end_ns)
{
	if (hist->options->format == BT_FORMAT_JSON) {
		print_json(hist, end_ns);
	} else {
		if (hist->options->interval)
			printf("\n%.3f s\n", (double)end_ns / (double)NS_PER_S);
		bt_stage_text(stdout, &hist->latency.set);
	}
	fflush(stdout);
	bt_stage_set_reset(&hist->latency.set);
	hist->printed++;
}

/* Stamps in a damaged trace may be anything. */
static uint64_t add_saturated(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void advance(struct hist *hist, uint64_t now_ns)
{
	uint64_t interval_ns = hist->options->interval * NS_PER_S;

	hist->now_ns = now_ns;
	if (!interval_ns)
		return;
	if (!hist->next_ns)
		hist->next_ns = add_saturated(now_ns, interval_ns);
	while (now_ns >= hist->next_ns && hist->next_ns != UINT64_MAX && !finished(hist)) {
		print(hist, hist->next_ns);
		if ((now_ns - hist->next_ns) / interval_ns > GAP_MAX)
			hist->next_ns = now_ns;
		hist->next_ns = add_saturated(hist->next_ns, interval_ns);
	}
}

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct hist *hist = (struct hist *)sink; /* its first member */

	advance(hist, ev->ts_ns);
	return bt_sink_event(&hist->latency.sink, ev);
}

static int sink_tick(struct bt_sink *sink)
{
	struct hist *hist = (struct hist *)sink;

	advance(hist, bt_now_ns());
	return finished(hist) || ferror(stdout) ? BT_SINK_DONE : 0;
}

static int report(struct hist *hist, const struct bt_run *run)
{
	uint64_t lost = bt_run_lost(run);

	if (!finished(hist))
		print(hist, hist->now_ns);
	if (lost)
		fprintf(stderr, "bitmap-trace: %llu records were lost; durations are missing\n",
			(unsigned long long)lost);
	if (run->incomplete)
		fprintf(stderr, "bitmap-trace: the trace is incomplete: %s\n", run->problem);
	if (fflush(stdout) || ferror(stdout)) {
		fputs("bitmap-trace: cannot write to standard output\n", stderr);
		return BT_EXIT_ERROR;
	}
	if (lost || run->incomplete)
		return BT_EXIT_UNKNOWN;
	return run->command_status > 0 ? BT_EXIT_COMMAND : BT_EXIT_PASS;
}

int bt_cmd_hist(const struct bt_options *options)
{
	struct hist hist = {
		.sink = { .event = sink_event, .tick = sink_tick },
		.options = options,
	};
	int status = BT_EXIT_ERROR;
	struct bt_run run;

	bt_latency_init(&hist.latency);
	if (!bt_run(&run, options, &hist.sink))
		status = report(&hist, &run);
	bt_run_end(&run, options);
	bt_latency_free(&hist.latency);
	return status;
}
