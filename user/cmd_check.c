// SPDX-License-Identifier: GPL-2.0-only
/* bitmap-trace check: do the invariants hold while COMMAND runs, or in a trace? */
#include <stdio.h>
#include <string.h>

#include "checker.h"
#include "cli.h"
#include "names_sink.h"
#include "report.h"
#include "run.h"

/* The verdict stands without the trace, but who asked for one must not think it is there. */
static int exit_status(const struct bt_report *report, const struct bt_run *run)
{
	int status = bt_report_exit(report);

	return run->record_err && status == BT_EXIT_PASS ? BT_EXIT_ERROR : status;
}

static int report(const struct bt_options *options, const struct bt_run *run,
		  const struct bt_checker *checker, const struct bt_names *names)
{
	struct bt_report report = {
		.checker = checker,
		.names = names,
		.stacks = run->stacks,
		.info = &run->info,
		.stats = &run->stats,
		.sight = bt_checker_sight(checker, &run->info, bt_run_lost(run), run->incomplete),
		.command_status = run->command_status,
		.problem = run->incomplete ? run->problem : NULL,
	};
	int err;

	report.sight.ends_at = run->bytes_good;
	bt_report_judge(&report);
	err = bt_report_write(stdout, &report, options->format);
	if (err) {
		fprintf(stderr, "bitmap-trace: standard output: %s\n", strerror(-err));
		return BT_EXIT_ERROR;
	}
	return exit_status(&report, run);
}

int bt_cmd_check(const struct bt_options *options)
{
	struct bt_names_sink names;
	struct bt_checker checker;
	struct bt_run run;
	struct bt_tee tee;
	int status = BT_EXIT_ERROR;

	if (bt_names_sink_init(&names)) {
		fputs("bitmap-trace: out of memory\n", stderr);
		return BT_EXIT_ERROR;
	}
	bt_checker_init(&checker, options->strict);
	bt_tee_init(&tee);
	bt_tee_add(&tee, &names.sink);
	bt_tee_add(&tee, &checker.sink);
	if (!bt_run(&run, options, &tee.sink))
		status = report(options, &run, &checker, names.names);
	bt_run_end(&run, options);
	bt_checker_free(&checker);
	bt_names_sink_free(&names);
	return status;
}
