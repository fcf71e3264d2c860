// SPDX-License-Identifier: GPL-2.0-only
/* bitmap-trace watch: check that goes on and on, for monitoring. */
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "check/checker.h"
#include "cli/cli.h"
#include "cli/early.h"
#include "cli/interval.h"
#include "cli/run.h"
#include "cli/textfile.h"
#include "hist/latency.h"
#include "hist/stage_needs.h"
#include "hist/stage_openmetrics.h"
#include "report/rule_metrics.h"

#define NS_PER_S	 UINT64_C(1000000000)
#define INTERVAL_DEFAULT 15 /* seconds, as often as Prometheus mostly looks */

struct watch {
	struct bt_sink sink; /* before those of checker and latency */
	struct bt_interval interval;
	struct bt_latency latency; /* of the whole run, as counters must be */
	struct bt_checker checker;
	struct bt_early early;
	struct bt_textfile textfile;
	struct bt_run run;
	double created; /* CLOCK_REALTIME when it began, s; 0: of a trace */
};

static void write_textfile(struct watch *watch)
{
	const struct bt_stage_view stages = { .set = &watch->latency.set, .stages = BT_STAGES_ALL };
	FILE *out = bt_textfile_begin(&watch->textfile);
	struct bt_report judged;

	if (!out)
		return;
	bt_stages_missing(&watch->run.info.missing, watch->latency.set.missing);
	bt_run_report(&watch->run, &watch->checker, &judged);
	bt_report_judge(&judged);
	bt_rule_metrics(out, &judged);
	bt_stage_openmetrics(out, &stages, watch->created);
	bt_textfile_end(&watch->textfile);
}

static void report(struct bt_interval *interval, uint64_t until_ns)
{
	struct watch *watch = bt_container_of(interval, struct watch, interval);

	(void)until_ns;
	if (bt_early_look(&watch->early))
		bt_early_print(&watch->early, stderr);
	write_textfile(watch);
}

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct watch *watch = bt_container_of(sink, struct watch, sink);
	int err;

	bt_interval_advance(&watch->interval, ev->ts_ns);
	err = bt_sink_event(&watch->checker.sink, ev);
	return err ? err : bt_sink_event(&watch->latency.sink, ev);
}

/* A file with nothing in it at first shows whether it can be written. */
static int begin(struct watch *watch)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	watch->created = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	write_textfile(watch);
	return watch->textfile.err;
}

/* All events of the time up to now have been passed on. */
static int sink_tick(struct bt_sink *sink)
{
	struct watch *watch = bt_container_of(sink, struct watch, sink);
	int err = watch->interval.begun ? 0 : begin(watch);

	if (err)
		return err;
	bt_interval_advance(&watch->interval, bt_now_ns());
	return bt_interval_finished(&watch->interval) ? BT_SINK_DONE : 0;
}

static int end(struct watch *watch)
{
	struct bt_report judged;

	if (!bt_interval_finished(&watch->interval))
		bt_interval_end(&watch->interval, watch->interval.now_ns);
	bt_run_report(&watch->run, &watch->checker, &judged);
	bt_report_judge(&judged);
	printf("verdict: %s (%s)\n", bt_verdict_name(judged.verdict), judged.reason);
	return watch->run.absent || watch->textfile.err ? BT_EXIT_ERROR : bt_report_exit(&judged);
}

int bt_cmd_watch(const struct bt_options *options)
{
	struct watch watch = {
		.sink = { .event = sink_event, .tick = sink_tick },
		.interval = {
			.length_ns = (options->interval ? options->interval : INTERVAL_DEFAULT) *
				     NS_PER_S,
			.count = options->count,
			.report = report,
		},
		.textfile.path = options->textfile,
	};
	int status = BT_EXIT_ERROR;

	bt_checker_init(&watch.checker, options->strict);
	bt_latency_init(&watch.latency);
	watch.early = (struct bt_early){ .run = &watch.run,
					 .checker = &watch.checker,
					 .options = options };
	if (!bt_run(&watch.run, options, &watch.sink))
		status = end(&watch);
	bt_run_end(&watch.run, options);
	bt_latency_free(&watch.latency);
	bt_checker_free(&watch.checker);
	return status;
}
