// SPDX-License-Identifier: GPL-2.0-only
#include "cli/run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/quote.h"
#include "cli/arrays.h"
#include "cli/signals.h"
#include "stream/array_filter.h"
#include "stream/array_watch.h"

static int take_end(struct bt_run *run, const struct bt_options *options,
		    const struct bt_trace_end *end, const struct bt_array_filter *filter)
{
	run->stats = end->stats;
	run->command_status = end->command_status;
	run->incomplete = !end->complete;
	memcpy(run->problem, end->problem, sizeof(run->problem));
	if (run->incomplete)
		bt_trace_incomplete(options->input, end);
	return bt_array_filter_missed(filter, bt_trace_name(options->input), stderr) ? -ENOENT : 0;
}

static int run_file(struct bt_run *run, const struct bt_options *options, struct bt_sink *sink)
{
	struct bt_array_filter filter;
	struct bt_trace_end end;
	int err;

	bt_array_filter_init(&filter, options->arrays, options->arrays_nr, sink);
	err = bt_trace_read(options->input, options->arrays_nr ? &filter.sink : sink, run->stacks,
			    &run->info, &end);
	if (err)
		fprintf(stderr, "bitmap-trace: %s: %s\n", bt_trace_name(options->input),
			end.problem);
	else
		err = take_end(run, options, &end, &filter);
	bt_array_filter_free(&filter);
	return err;
}

static int open_live(struct bt_run *run, const struct bt_options *options)
{
	struct bt_live_config config = {
		.arrays = run->devs,
		.arrays_nr = options->arrays_nr,
		.strict = options->strict,
		.whole = options->output != NULL,
		.ring_bytes = (uint32_t)(options->ring_kib << 10),
		.verbose = options->verbose,
	};
	int err = bt_arrays_resolve(options->arrays, options->arrays_nr, run->devs);

	if (!err)
		err = bt_live_open(&config, &run->live, &run->info);
	if (err)
		return err;
	if (options->version)
		snprintf(run->info.version, sizeof(run->info.version), "%s", options->version);
	if (options->words)
		bt_quote_words(options->words, run->info.command, sizeof(run->info.command));
	return 0;
}

/* The same, between the two halves of the programs that hold up the kernel (perturb.h). */
static int open_perturbed(struct bt_run *run, const struct bt_options *options)
{
	int err = 0;

	if (options->perturbed)
		err = bt_perturb_open(&options->plan, options->verbose, &run->perturb);
	if (!err)
		err = open_live(run, options);
	if (err || !options->perturbed)
		return err;
	bt_perturb_print(&options->plan, run->info.perturb, sizeof(run->info.perturb));
	err = bt_perturb_enter(run->perturb);
	run->info.perturb_ns = bt_perturb_begin(run->perturb);
	return err;
}

static int run_perturbed(struct bt_run *run, const struct bt_options *options, struct bt_sink *sink)
{
	int err;

	if (run->perturb)
		bt_perturb_switch(run->perturb, true);
	err = bt_live_run(run->live, sink, run->stacks, options->command, bt_signals_catch(),
			  &run->command_status);
	if (run->perturb)
		bt_perturb_switch(run->perturb, false);
	return err;
}

/* One that is there may have had nothing to do; one that is not was asked for in vain. */
static void note_unseen(struct bt_run *run, const struct bt_options *options,
			const struct bt_array_watch *watch)
{
	unsigned int i;

	for (i = 0; i < watch->nr; i++) {
		if (watch->met[i])
			continue;
		if (!run->unseen)
			run->unseen = options->arrays[i];
		if (bt_array_exists(run->devs[i]))
			continue;
		run->absent = true;
		fprintf(stderr, "bitmap-trace: there was no array '%s'\n", options->arrays[i]);
	}
}

static int finish_live(struct bt_run *run, struct bt_sink *sink)
{
	int err = bt_live_stats(run->live, sink, &run->stats);

	if (run->perturb)
		bt_perturb_counts(run->perturb, run->stats.perturbed);
	return err ? err : bt_live_stacks(run->live, run->stacks);
}

/* Only a run that came to its end leaves a trace that does. */
static void close_trace(struct bt_run *run, const struct bt_options *options,
			struct bt_trace_writer *writer, int err)
{
	if (err) {
		bt_trace_abandon(writer);
		return;
	}
	run->record_err = bt_trace_finish(writer, run->stacks, &run->stats, run->command_status);
	if (run->record_err)
		fprintf(stderr, "bitmap-trace: %s: %s; the trace is incomplete\n", options->output,
			strerror(-run->record_err));
}

static int run_live(struct bt_run *run, const struct bt_options *options, struct bt_sink *sink)
{
	struct bt_trace_writer *writer = NULL;
	struct bt_array_watch watch;
	struct bt_tee tee;
	int err;

	err = open_perturbed(run, options);
	if (err)
		return err;
	bt_tee_init(&tee);
	bt_tee_add(&tee, sink);
	bt_array_watch_init(&watch, run->devs, options->arrays_nr);
	bt_tee_add(&tee, &watch.sink);
	if (options->output) {
		err = bt_trace_create(options->output, &run->info, &writer);
		if (err) {
			fprintf(stderr, "bitmap-trace: %s: %s\n", options->output, strerror(-err));
			return err;
		}
		bt_trace_writer_stacks(writer, run->stacks);
		bt_tee_add(&tee, bt_trace_writer_sink(writer));
	}
	err = run_perturbed(run, options, &tee.sink);
	if (!err)
		err = finish_live(run, &tee.sink);
	if (!err)
		note_unseen(run, options, &watch);
	if (writer)
		close_trace(run, options, writer, err);
	return err;
}

int bt_run(struct bt_run *run, const struct bt_options *options, struct bt_sink *sink)
{
	memset(run, 0, sizeof(*run));
	run->command_status = -1;
	run->stacks = bt_stacks_new();
	if (!run->stacks) {
		fputs("bitmap-trace: out of memory\n", stderr);
		return -ENOMEM;
	}
	return options->input ? run_file(run, options, sink) : run_live(run, options, sink);
}

void bt_run_end(struct bt_run *run, const struct bt_options *options)
{
	fflush(stdout); /* the verdict first: detaching takes its time */
	bt_perturb_close(run->perturb, options->no_wait);
	bt_live_close(run->live, options->no_wait);
	bt_stacks_free(run->stacks);
}

uint64_t bt_run_lost(const struct bt_run *run)
{
	uint64_t lost = 0;
	unsigned int i;

	for (i = 0; i < BT_LOSS_MAX; i++)
		lost += run->stats.lost_by_channel[i];
	return lost;
}

void bt_run_report(const struct bt_run *run, const struct bt_checker *checker,
		   struct bt_report *report)
{
	*report = (struct bt_report){
		.checker = checker,
		.stacks = run->stacks,
		.info = &run->info,
		.stats = &run->stats,
		.sight = bt_checker_sight(checker, &run->info, bt_run_lost(run),
					  run->incomplete ? run->problem : NULL),
		.command_status = run->command_status,
		.unseen = run->unseen,
	};
}
