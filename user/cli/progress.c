// SPDX-License-Identifier: GPL-2.0-only
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Of a trace: about five times a second. */
#define EVENTS_PER_LINE (UINT64_C(1) << 21)

#define WIPE "\r\x1b[K"

static void wipe(struct bt_progress *progress)
{
	if (progress->shown)
		fputs(WIPE, stderr);
	progress->shown = false;
}

static void tell_failures(struct bt_progress *progress)
{
	const struct bt_checker *checker = progress->checker;
	unsigned int i;

	for (i = 0; i < checker->results_nr; i++) {
		if (!checker->results[i].broken || progress->failed[i])
			continue;
		progress->failed[i] = true;
		wipe(progress);
		fprintf(stderr, "broken: %s: %s\n", checker->results[i].invariant->name,
			checker->results[i].first.message);
	}
}

static void tell(struct bt_progress *progress)
{
	tell_failures(progress);
	fprintf(stderr, WIPE "%" PRIu64 " events, %" PRIu64 " set_bits, %" PRIu64 " lost%s",
		progress->checker->events, progress->checker->set_bits, progress->checker->lost,
		progress->live ? "; ^C ends it" : "");
	progress->shown = true;
}

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct bt_progress *progress = bt_container_of(sink, struct bt_progress, sink);

	(void)ev;
	if (!progress->live && !(++progress->events % EVENTS_PER_LINE))
		tell(progress);
	return 0;
}

static int sink_tick(struct bt_sink *sink)
{
	struct bt_progress *progress = bt_container_of(sink, struct bt_progress, sink);

	if (!progress->begun)
		fputs("bitmap-trace: tracing\n", stderr);
	progress->begun = true;
	tell(progress);
	return 0;
}

void bt_progress_init(struct bt_progress *progress, const struct bt_checker *checker, bool live)
{
	*progress = (struct bt_progress){ .sink = { .event = sink_event, .tick = sink_tick },
					  .checker = checker,
					  .live = live };
}

void bt_progress_end(struct bt_progress *progress)
{
	wipe(progress);
}
