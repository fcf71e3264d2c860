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

static int read_again(const struct bt_options *options, struct bt_sink *sink)
{
	struct bt_stacks *stacks = bt_stacks_new();
	struct bt_trace_info info;
	struct bt_trace_end end;
	int err = stacks ? bt_trace_read(options->input, sink, stacks, &info, &end) : -ENOMEM;

	bt_stacks_free(stacks);
	return err;
}

/* Where the failures are is known now: how their bitmap pages fared is in the trace. */
static int draw_page(const struct bt_options *options, const struct bt_report *report,
		     const struct bt_overview *overview)
{
	struct bt_timeline timeline;
	int err = bt_timeline_init(&timeline, report, overview), status = BT_EXIT_ERROR;

	if (!err)
		err = read_again(options, &timeline.sink);
	if (err)
		failed(options->input, err);
	else
		status = write_page(options, &timeline);
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
	err = read_again(options, &perfetto.sink);
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

static int draw(const struct bt_options *options, const struct bt_run *run,
		const struct bt_checker *checker, const struct bt_names *names,
		const struct bt_overview *overview)
{
	struct bt_report report;

	bt_run_report(run, checker, &report);
	report.names = names;
	bt_report_judge(&report);
	return is_perfetto(options->output) ? draw_perfetto(options, &report)
					    : draw_page(options, &report, overview);
}

int bt_cmd_timeline(const struct bt_options *options)
{
	struct bt_overview overview;
	struct bt_names_sink names;
	struct bt_checker checker;
	struct bt_run run;
	struct bt_tee tee;
	int status = BT_EXIT_ERROR;

	if (!bt_readable_again(options->input)) {
		fprintf(stderr, "bitmap-trace: %s: not a file that can be read twice\n",
			options->input);
		return BT_EXIT_ERROR;
	}
	if (bt_names_sink_init(&names))
		return failed(options->input, -ENOMEM);
	if (options->rules_nr)
		bt_checker_init_only(&checker, options->rules, options->rules_nr);
	else
		bt_checker_init(&checker, options->strict);
	bt_overview_init(&overview);
	bt_tee_init(&tee);
	bt_tee_add(&tee, &names.sink);
	bt_tee_add(&tee, &checker.sink);
	bt_tee_add(&tee, &overview.sink);
	if (!bt_run(&run, options, &tee.sink))
		status = draw(options, &run, &checker, names.names, &overview);
	bt_run_end(&run, options);
	bt_checker_free(&checker);
	bt_names_sink_free(&names);
	return status;
}
