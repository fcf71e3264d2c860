// SPDX-License-Identifier: GPL-2.0-only
/* bitmap-trace timeline: the failures of a recorded run as a page for a browser. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "check/proof.h"
#include "cli/cli.h"
#include "cli/run.h"
#include "stream/names_sink.h"
#include "timeline/perfetto.h"
#include "timeline/timeline.h"

static int failed(const char *path, int err)
{
	fprintf(stderr, "bitmap-trace: %s: %s\n", path, strerror(-err));
	return BT_EXIT_ERROR;
}

static int write_page(const struct bt_options *options, const struct bt_timeline *timeline)
{
	char *page = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&page, &len);
	int err = out ? 0 : -ENOMEM;

	if (out) {
		bt_timeline_html(out, timeline, options->input);
		err = fclose(out) ? -errno : bt_atomic_write(options->output, page, len);
	}
	free(page);
	return err ? failed(options->output, err) : BT_EXIT_PASS;
}

static int read_again(const char *path, struct bt_sink *sink)
{
	struct bt_stacks *stacks = bt_stacks_new();
	struct bt_trace_info info;
	struct bt_trace_end end;
	int err = stacks ? bt_trace_read(path, sink, stacks, &info, &end) : -ENOMEM;

	bt_stacks_free(stacks);
	return err;
}

/* A trace that is read from beginning to end, and judged. */
struct reading {
	struct bt_names_sink names;
	struct bt_checker checker;
	struct bt_overview overview;
	struct bt_run run;
	struct bt_report report;
};

static int begin_reading(struct reading *reading, const struct bt_options *options)
{
	memset(reading, 0, sizeof(*reading));
	if (bt_names_sink_init(&reading->names))
		return failed(options->input, -ENOMEM);
	if (options->rules_nr)
		bt_checker_init_only(&reading->checker, options->rules, options->rules_nr);
	else
		bt_checker_init(&reading->checker, options->strict);
	bt_overview_init(&reading->overview);
	return 0;
}

static int read_through(struct reading *reading, const struct bt_options *options)
{
	struct bt_tee tee;
	int err;

	bt_tee_init(&tee);
	bt_tee_add(&tee, &reading->names.sink);
	bt_tee_add(&tee, &reading->checker.sink);
	bt_tee_add(&tee, &reading->overview.sink);
	err = bt_run(&reading->run, options, &tee.sink);
	if (err)
		return err;
	bt_run_report(&reading->run, &reading->checker, &reading->report);
	reading->report.names = reading->names.names;
	bt_report_judge(&reading->report);
	return 0;
}

static void end_reading(struct reading *reading, const struct bt_options *options)
{
	bt_run_end(&reading->run, options);
	bt_checker_free(&reading->checker);
	bt_names_sink_free(&reading->names);
}

/* The second trace twice, then the page. */
static int draw_beside(const struct bt_options *options, struct bt_timeline *timeline)
{
	struct bt_options of_other = *options;
	struct bt_timeline_other other;
	struct reading reading;
	int status = BT_EXIT_ERROR;

	of_other.input = options->inputs[1];
	if (begin_reading(&reading, &of_other))
		return BT_EXIT_ERROR;
	if (!bt_timeline_other_init(&other, timeline)) {
		other.name = of_other.input;
		other.report = &reading.report;
		bt_model_observe(&reading.checker.model, &other.observer);
		timeline->other = &other;
		if (!read_through(&reading, &of_other)) {
			bt_timeline_other_turn(&other);
			if (!read_again(of_other.input, &other.sink))
				status = write_page(options, timeline);
		}
		timeline->other = NULL;
		bt_timeline_other_free(&other);
	}
	end_reading(&reading, &of_other);
	return status;
}

/* Where the failures are is known now: how their bitmap pages fared is in the trace. */
static int draw_page(const struct bt_options *options, const struct reading *reading)
{
	struct bt_timeline timeline;
	int err = bt_timeline_init(&timeline, &reading->report, &reading->overview);
	int status = BT_EXIT_ERROR;

	if (!err)
		err = read_again(options->input, &timeline.sink);
	if (err)
		failed(options->input, err);
	else
		status = options->inputs_nr > 1 ? draw_beside(options, &timeline)
						: write_page(options, &timeline);
	bt_timeline_free(&timeline);
	return status;
}

/* All events, one by one: the file may be larger than memory. */
static int write_perfetto(const struct bt_options *options, const struct bt_report *report,
			  FILE *out)
{
	struct bt_perfetto perfetto;
	int err;

	bt_perfetto_init(&perfetto, out, report);
	err = read_again(options->input, &perfetto.sink);
	if (!err)
		bt_perfetto_end(&perfetto);
	if (perfetto.dropped)
		fprintf(stderr, "bitmap-trace: %" PRIu64 " events had no room in %s\n",
			perfetto.dropped, options->output);
	bt_perfetto_free(&perfetto);
	return err;
}

static int draw_perfetto(const struct bt_options *options, const struct bt_report *report)
{
	struct bt_atomic_file file;
	int err = bt_atomic_open(&file, options->output);
	FILE *out;

	if (err)
		return failed(options->output, err);
	out = fdopen(dup(file.fd), "w");
	err = out ? write_perfetto(options, report, out) : -errno;
	if (out && fclose(out) && !err)
		err = -errno;
	if (!err)
		err = bt_atomic_commit(&file);
	else
		bt_atomic_drop(&file);
	return err ? failed(options->output, err) : BT_EXIT_PASS;
}

static bool is_perfetto(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (!strcmp(dot, ".pftrace") || !strcmp(dot, ".perfetto-trace"));
}

/* Each trace is read more than once; Perfetto's has one. */
static bool can_draw(const struct bt_options *options)
{
	unsigned int i;

	for (i = 0; i < options->inputs_nr; i++) {
		if (bt_readable_again(options->inputs[i]))
			continue;
		fprintf(stderr, "bitmap-trace: %s: not a file that can be read twice\n",
			options->inputs[i]);
		return false;
	}
	if (!is_perfetto(options->output) || options->inputs_nr == 1)
		return true;
	fprintf(stderr, "bitmap-trace: %s: a file for Perfetto is of one trace, not of %u\n",
		options->output, options->inputs_nr);
	return false;
}

int bt_cmd_timeline(const struct bt_options *options)
{
	struct reading reading;
	int status = BT_EXIT_ERROR;

	if (!can_draw(options) || begin_reading(&reading, options))
		return BT_EXIT_ERROR;
	if (!read_through(&reading, options))
		status = is_perfetto(options->output) ? draw_perfetto(options, &reading.report)
						      : draw_page(options, &reading);
	end_reading(&reading, options);
	return status;
}
