// SPDX-License-Identifier: GPL-2.0-only
#include "cli/judged.h"

#include "cli/run.h"

static void judge(const struct bt_run *run, const struct bt_checker *checker,
		  struct bt_outcome *outcome)
{
	struct bt_report report;

	bt_run_report(run, checker, &report);
	bt_report_judge(&report);
	bt_outcome_of(&report, outcome);
}

int bt_judged(const char *path, struct bt_outcome *outcome, struct bt_latency *latency)
{
	struct bt_options options = { .input = path };
	struct bt_checker checker;
	struct bt_run run;
	struct bt_tee tee;
	int err;

	if (bt_outcome_is_json(path))
		return bt_outcome_read(path, outcome);
	bt_checker_init(&checker, false);
	bt_tee_init(&tee);
	bt_tee_add(&tee, &checker.sink);
	if (latency)
		bt_tee_add(&tee, &latency->sink);
	err = bt_run(&run, &options, &tee.sink);
	if (!err)
		judge(&run, &checker, outcome);
	bt_run_end(&run, &options);
	bt_checker_free(&checker);
	return err;
}
