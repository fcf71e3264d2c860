// SPDX-License-Identifier: GPL-2.0-only
/* bitmap-trace crash: would a crash after any write of a log have cost data? */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "crash/crash.h"
#include "crash/replay.h"

static int exit_status(enum bt_verdict verdict)
{
	switch (verdict) {
	case BT_VERDICT_PASS:
		return BT_EXIT_PASS;
	case BT_VERDICT_FAIL:
		return BT_EXIT_FAIL;
	default:
		return BT_EXIT_UNKNOWN;
	}
}

static int run(const struct bt_options *options, struct bt_crash *crash)
{
	int err = bt_crash_run(crash);

	if (err) {
		fprintf(stderr, "bitmap-trace: %s: entry %llu: %s\n", options->input,
			(unsigned long long)crash->oracle.entry, strerror(-err));
		return BT_EXIT_ERROR;
	}
	if (crash->damaged)
		fprintf(stderr, "bitmap-trace: %s: %s\n", options->input, crash->log.problem);
	bt_crash_report(stdout, crash, options->format);
	return exit_status(crash->verdict);
}

static int with_layout(const struct bt_options *options, const struct bt_layout *layout)
{
	struct bt_crash crash = { .layout = layout };
	int status = BT_EXIT_ERROR;
	char problem[256];

	if (bt_oracle_init(&crash.oracle, layout, options->cache, problem, sizeof(problem))) {
		fprintf(stderr, "bitmap-trace: %s: %s\n", options->layout, problem);
		return BT_EXIT_ERROR;
	}
	if (bt_log_open(&crash.log, options->input)) {
		fprintf(stderr, "bitmap-trace: %s: %s\n", options->input, crash.log.problem);
	} else {
		status = run(options, &crash);
		bt_log_close(&crash.log);
	}
	bt_oracle_free(&crash.oracle);
	return status;
}

static int replay(const struct bt_options *options)
{
	struct bt_log log;
	char problem[256];
	int err;

	if (bt_log_open(&log, options->input)) {
		fprintf(stderr, "bitmap-trace: %s: %s\n", options->input, log.problem);
		return BT_EXIT_ERROR;
	}
	err = bt_replay(&log, options->at, options->output, problem, sizeof(problem));
	bt_log_close(&log);
	if (err)
		fprintf(stderr, "bitmap-trace: %s: %s\n", options->input, problem);
	return err ? BT_EXIT_ERROR : BT_EXIT_PASS;
}

int bt_cmd_crash(const struct bt_options *options)
{
	struct bt_layout layout;
	char problem[256];
	int status;

	if (options->replay)
		return replay(options);

	if (bt_layout_read(&layout, options->layout, problem, sizeof(problem))) {
		fprintf(stderr, "bitmap-trace: %s: %s\n", options->layout, problem);
		return BT_EXIT_ERROR;
	}
	status = with_layout(options, &layout);
	bt_layout_free(&layout);
	return status;
}
