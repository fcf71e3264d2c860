// SPDX-License-Identifier: GPL-2.0-only
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"

/* Of a trace: about five times a second. */
#define EVENTS_PER_LINE (UINT64_C(1) << 21)

#define WIPE "\r\x1b[K"

static void wipe(struct bt_progress *progress)
{
	if (progress->shown)
		fputs(WIPE, stderr);
	progress->shown = false;
}

static void print_failures(struct bt_progress *progress)
{
	if (!bt_early_look(&progress->early))
		return;
	wipe(progress);
	bt_early_print(&progress->early, stderr);
}

/* Not beside a COMMAND, which may write to the terminal, too. */
static void print_counts(struct bt_progress *progress)
{
	const struct bt_checker *checker = progress->early.checker;

	if (progress->early.options->command)
		return;
	fputs(WIPE, stderr);
	if (progress->live)
		fprintf(stderr, "%" PRIu64 " s: ",
			(bt_now_ns() - progress->begun_ns) / UINT64_C(1000000000));
	fprintf(stderr, "%" PRIu64 " events, %" PRIu64 " set_bits, %" PRIu64 " lost",
		checker->events, checker->set_bits, checker->lost);
	progress->shown = true;
}

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct bt_progress *progress = bt_container_of(sink, struct bt_progress, sink);

	(void)ev;
	if (progress->live || ++progress->events % EVENTS_PER_LINE)
		return 0;
	print_failures(progress);
	print_counts(progress);
	return 0;
}

/* "bitmap-trace: tracing md0, md1 until COMMAND ends" */
static void announce(const struct bt_options *options)
{
	unsigned int i;

	fputs("bitmap-trace: tracing ", stderr);
	for (i = 0; i < options->arrays_nr; i++)
		fprintf(stderr, "%s%s", i ? ", " : "", options->arrays[i]);
	fprintf(stderr, "%s%s\n", options->arrays_nr ? "" : "all arrays with a bitmap",
		options->command ? " until COMMAND ends" : "; ^C ends it");
}

static int sink_tick(struct bt_sink *sink)
{
	struct bt_progress *progress = bt_container_of(sink, struct bt_progress, sink);

	if (!progress->begun_ns) {
		progress->begun_ns = bt_now_ns();
		announce(progress->early.options);
	}
	print_failures(progress);
	print_counts(progress);
	return 0;
}

void bt_progress_init(struct bt_progress *progress, const struct bt_early *early)
{
	*progress = (struct bt_progress){ .sink = { .event = sink_event, .tick = sink_tick },
					  .early = *early,
					  .live = !early->options->input };
}

void bt_progress_end(struct bt_progress *progress)
{
	wipe(progress);
}
