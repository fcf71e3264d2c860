// SPDX-License-Identifier: GPL-2.0-only
/* bitmap-trace check: do the invariants hold while COMMAND runs, or in a trace? */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/same_file.h"
#include "check/checker.h"
#include "check/proof.h"
#include "cli/cli.h"
#include "cli/forgive.h"
#include "cli/judged.h"
#include "cli/progress.h"
#include "cli/run.h"
#include "report/report_all.h"
#include "stream/names_sink.h"

/* The verdict stands without the trace, but who asked for one must not think it is there. */
static int exit_status(const struct bt_report *report, const struct bt_run *run)
{
	int status = bt_report_exit(report);

	if (run->absent)
		return BT_EXIT_ERROR;
	return run->record_err && status == BT_EXIT_PASS ? BT_EXIT_ERROR : status;
}

/* The rule whose counterexample is asked for, or that the trace was cut out for; or NULL. */
static const struct bt_result *to_prove(const struct bt_options *options,
					const struct bt_report *report)
{
	const struct bt_checker *checker = report->checker;
	const char *name = options->save ? options->save_of : report->info->slice_of;
	unsigned int i;

	for (i = 0; i < checker->results_nr; i++)
		if (report->verdicts[i] == BT_VERDICT_FAIL &&
		    (!name || !strcmp(name, checker->results[i].invariant->name)))
			return &checker->results[i];
	return NULL;
}

static void save(const struct bt_options *options, const struct bt_run *run, const char *trace,
		 const struct bt_proof *proof)
{
	/* The trace of -o did not exist yet when the options were looked at. */
	if (bt_same_file(options->save, trace))
		fprintf(stderr,
			"bitmap-trace: %s: is the trace %s; the counterexample is not saved\n",
			options->save, trace);
	else
		bt_proof_save(proof, options->save, &run->info, run->stacks);
}

/* Finds the proof that the report is to mark, and saves it; true: it is found. */
static bool prove(const struct bt_options *options, const struct bt_run *run,
		  const struct bt_report *report, struct bt_proof *proof)
{
	const char *trace = options->input ? options->input : options->output;
	const struct bt_result *broken;

	if (!options->save &&
	    (!run->info.slice_of[0] || !options->input || !bt_readable_again(trace)))
		return false;
	broken = to_prove(options, report);
	if (!broken) {
		if (options->save)
			fprintf(stderr, "bitmap-trace: %s%s broken; %s is not written\n",
				options->save_of ? options->save_of : "no rule",
				options->save_of ? " is not" : " is", options->save);
		return false;
	}
	if (run->record_err) /* told already */
		return false;
	if (bt_proof_find(proof, broken, trace, options->arrays,
			  options->input ? options->arrays_nr : 0))
		return false;
	if (options->save)
		save(options, run, trace, proof);
	return true;
}

/* all: this is one of several traces; NULL: it is all there is. */
static int report(const struct bt_options *options, const struct bt_run *run,
		  const struct bt_checker *checker, const struct bt_names *names,
		  const struct bt_outcome *baseline, struct bt_report_all *all)
{
	struct bt_report report;
	struct bt_proof proof = { 0 };

	bt_run_report(run, checker, &report);
	report.names = names;
	report.events = options->events;
	report.all = options->all;
	report.max = options->max;
	report.only = options->rules_nr;
	if (isatty(STDOUT_FILENO))
		report.term = bt_term_of(stdout);
	bt_report_judge(&report);
	bt_forgive(options, baseline, &report);
	if (prove(options, run, &report, &proof))
		report.proof = &proof;
	if (all)
		bt_report_all_add(all, bt_trace_name(options->input), &report);
	else
		bt_report_write(stdout, &report, options->format);
	bt_proof_free(&proof);
	return exit_status(&report, run);
}

/* What is wrong with the file is told before the run, not after. */
static bool can_save(const struct bt_options *options)
{
	const char *trace = options->input ? options->input : options->output;

	if (bt_readable_again(trace))
		return true;
	fprintf(stderr, "bitmap-trace: %s: not a file that --save-counterexample can read again\n",
		trace);
	return false;
}

static int check(const struct bt_options *options, const struct bt_outcome *baseline,
		 struct bt_report_all *all)
{
	struct bt_names_sink names;
	struct bt_checker checker;
	struct bt_run run;
	struct bt_tee tee;
	struct bt_progress progress;
	struct bt_fail_fast fast;
	const struct bt_early early = {
		.run = &run, .checker = &checker, .options = options, .baseline = baseline
	};
	int err, status = BT_EXIT_ERROR;

	if (bt_names_sink_init(&names)) {
		fputs("bitmap-trace: out of memory\n", stderr);
		return BT_EXIT_ERROR;
	}
	if (options->rules_nr)
		bt_checker_init_only(&checker, options->rules, options->rules_nr);
	else
		bt_checker_init(&checker, options->strict);
	bt_tee_init(&tee);
	bt_tee_add(&tee, &names.sink);
	bt_tee_add(&tee, &checker.sink);
	bt_progress_init(&progress, &early);
	if (isatty(STDERR_FILENO))
		bt_tee_add(&tee, &progress.sink);
	bt_fail_fast_init(&fast, &early);
	if (options->fail_fast)
		bt_tee_add(&tee, &fast.sink);
	err = bt_run(&run, options, &tee.sink);
	bt_progress_end(&progress);
	if (fast.stopped)
		fputs("bitmap-trace: the run was ended at the first failure (--fail-fast)\n",
		      stderr);
	if (!err)
		status = report(options, &run, &checker, names.names, baseline, all);
	else if (all)
		bt_report_all_add(all, bt_trace_name(options->input), NULL);
	bt_run_end(&run, options);
	bt_checker_free(&checker);
	bt_names_sink_free(&names);
	return status;
}

static int check_all(const struct bt_options *options, const struct bt_outcome *baseline)
{
	struct bt_options one = *options;
	struct bt_report_all all;
	unsigned int i;

	bt_report_all_begin(&all, stdout, options->format, options->inputs_nr);
	for (i = 0; i < options->inputs_nr; i++) {
		one.input = options->inputs[i];
		check(&one, baseline, &all);
	}
	return bt_report_all_end(&all);
}

int bt_cmd_check(const struct bt_options *options)
{
	const struct bt_outcome *baseline = NULL;
	struct bt_outcome before;

	if (options->list_rules)
		return bt_cmd_explain(&(struct bt_options){ .rules_nr = 0 });
	if (options->save && !can_save(options))
		return BT_EXIT_ERROR;
	if (options->baseline) {
		if (bt_judged(options->baseline, &before, NULL))
			return BT_EXIT_ERROR;
		baseline = &before;
	}
	return options->inputs_nr > 1 ? check_all(options, baseline)
				      : check(options, baseline, NULL);
}
