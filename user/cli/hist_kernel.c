// SPDX-License-Identifier: GPL-2.0-only
#include "cli/hist_kernel.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/dev_number.h"
#include "cli/arrays.h"
#include "cli/hist_out.h"
#include "cli/signals.h"
#include "hist/live_latency.h"
#include "hist/stage_needs.h"

#define NS_PER_S UINT64_C(1000000000)

struct hist {
	struct bt_sink sink;
	struct bt_stage_set set; /* of the running interval, once it is taken from the kernel */
	struct bt_hist_out out;
	struct bt_live_latency *live;
	struct bt_trace_info info;
	const struct bt_options *options;
	uint32_t devs[BT_ARRAYS_MAX]; /* of the arrays asked for */
	bool there[BT_ARRAYS_MAX];    /* it was when the run began */
	uint64_t from_ns;	      /* the running interval; 0: none yet */
	uint64_t due_ns;	      /* its end; 0: that of the run */
	unsigned long reported;
};

static bool finished(const struct hist *hist)
{
	return hist->options->count && hist->reported >= hist->options->count;
}

/* A heat map without INTERVAL has a row a second. */
static uint64_t interval_ns(const struct hist *hist)
{
	if (hist->options->heat && !hist->options->interval)
		return NS_PER_S;
	return hist->options->interval * NS_PER_S;
}

/* What is counted from here on belongs to the next interval. */
static int report(struct hist *hist)
{
	int err = bt_live_latency_take(hist->live, &hist->set);
	uint64_t now_ns = bt_now_ns();

	if (err)
		return err;
	bt_hist_out_interval(&hist->out, &hist->set, hist->from_ns, now_ns);
	bt_stage_set_reset(&hist->set);
	hist->from_ns = now_ns;
	hist->reported++;
	return 0;
}

static int begin(struct hist *hist)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	hist->from_ns = bt_now_ns();
	hist->out.clock_ns =
		(int64_t)now.tv_sec * (int64_t)NS_PER_S + now.tv_nsec - (int64_t)hist->from_ns;
	if (interval_ns(hist))
		hist->due_ns = hist->from_ns + interval_ns(hist);
	return bt_hist_out_start(&hist->out);
}

/* One that comes late, when the tool was stopped, is long; none is made up for the time. */
static int end_interval(struct hist *hist)
{
	uint64_t length_ns = interval_ns(hist);
	int err = report(hist);

	while (hist->due_ns <= hist->from_ns)
		hist->due_ns += length_ns;
	return err;
}

static int sink_tick(struct bt_sink *sink)
{
	struct hist *hist = (struct hist *)sink; /* its first member */
	int err = hist->from_ns ? 0 : begin(hist);

	if (!err && hist->due_ns && bt_now_ns() >= hist->due_ns)
		err = end_interval(hist);
	if (err)
		return err;
	return finished(hist) || ferror(stdout) ? BT_SINK_DONE : 0;
}

static int note_lockless(void *ctx, const struct bt_array_info *info)
{
	(void)ctx;
	if (!strcmp(info->bitmap, "llbitmap"))
		fprintf(stderr,
			"bitmap-trace: %s has a lockless bitmap, which is measured from a trace "
			"only: record, then hist -i\n",
			info->name);
	return 0;
}

static int open_live(struct hist *hist)
{
	const struct bt_options *options = hist->options;
	struct bt_live_config config = {
		.arrays = hist->devs,
		.arrays_nr = options->arrays_nr,
		.verbose = options->verbose,
	};
	unsigned int i;
	int err = bt_arrays_resolve(options->arrays, options->arrays_nr, hist->devs);

	if (err)
		return err;
	for (i = 0; i < options->arrays_nr; i++)
		hist->there[i] = bt_array_exists(hist->devs[i]);
	bt_arrays_each("/sys/block", note_lockless, NULL);
	err = bt_live_latency_open(&config, &hist->live, &hist->info);
	if (!err)
		bt_stages_missing(&hist->info.missing, hist->set.missing);
	return err;
}

static bool was_measured(const struct hist *hist, uint32_t dev)
{
	const struct bt_stage_array *array, *next;
	uint32_t found;

	HASH_ITER (hh, hist->out.total.arrays, array, next) {
		if (bt_dev_parse_md(array->name, &found) && found == dev)
			return true;
	}
	return false;
}

/* Was each array that was asked for there at some time? */
static bool all_were_there(const struct hist *hist)
{
	bool all = true;
	unsigned int i;

	for (i = 0; i < hist->options->arrays_nr; i++) {
		if (hist->there[i] || bt_array_exists(hist->devs[i]) ||
		    was_measured(hist, hist->devs[i]))
			continue;
		all = false;
		fprintf(stderr, "bitmap-trace: there was no array '%s'\n",
			hist->options->arrays[i]);
	}
	return all;
}

/* The last interval, and how the run ends: enum bt_exit. */
static int end(struct hist *hist, int command_status)
{
	struct bt_live_latency_lost lost;
	int err = bt_live_latency_lost(hist->live, &lost);

	if (!err)
		hist->set.lost_records = lost.missed;
	if (!err && !finished(hist))
		err = report(hist);
	if (bt_hist_out_end(&hist->out) || err)
		return BT_EXIT_ERROR;
	if (lost.missed)
		fprintf(stderr,
			"bitmap-trace: %" PRIu64
			" runs of probes were skipped by the kernel; durations are missing\n",
			lost.missed);
	if (lost.no_room)
		fprintf(stderr, "bitmap-trace: %" PRIu64 " durations are missing: no room for %s\n",
			lost.no_room, lost.of);
	if (!all_were_there(hist))
		return BT_EXIT_ERROR;
	if (lost.missed || lost.no_room)
		return BT_EXIT_UNKNOWN;
	return command_status > 0 ? BT_EXIT_COMMAND : BT_EXIT_PASS;
}

int bt_hist_kernel(const struct bt_options *options)
{
	struct hist hist = { .sink = { .tick = sink_tick }, .options = options };
	int status = BT_EXIT_ERROR, command_status;

	bt_stage_set_init(&hist.set);
	bt_hist_out_init(&hist.out, options, stdout);
	if (!open_live(&hist) &&
	    !bt_live_latency_run(hist.live, &hist.sink, &hist.due_ns, options->command,
				 bt_signals_catch(), &command_status))
		status = end(&hist, command_status);
	fflush(stdout); /* the figures first: detaching takes its time */
	bt_live_latency_close(hist.live, options->no_wait);
	bt_hist_out_free(&hist.out);
	bt_stage_set_free(&hist.set);
	return status;
}
