// SPDX-License-Identifier: GPL-2.0-only
#include "cli/early.h"

#include "cli/forgive.h"
#include "cli/signals.h"

/* Is there a rule to judge again? */
static bool note_ways(struct bt_early *early)
{
	const struct bt_checker *checker = early->checker;
	bool changed = false;
	unsigned int i, ways;

	for (i = 0; i < checker->results_nr; i++) {
		const struct bt_result *result = &checker->results[i];

		ways = result->broken ? result->violations.kinds_nr + 1 : 0;
		changed |= ways != early->ways[i];
		early->ways[i] = ways;
	}
	return changed;
}

bool bt_early_look(struct bt_early *early)
{
	struct bt_report report;
	bool failed, new = false;
	unsigned int i;

	if (!note_ways(early))
		return false;
	bt_run_report(early->run, early->checker, &report);
	bt_report_judge(&report);
	bt_forgive(early->options, early->baseline, &report);
	for (i = 0; i < early->checker->results_nr; i++) {
		failed = report.verdicts[i] == BT_VERDICT_FAIL && !report.known[i];
		new |= failed && !early->failed[i];
		early->failed[i] = failed;
	}
	return new;
}

void bt_early_print(struct bt_early *early, FILE *out)
{
	const struct bt_result *results = early->checker->results;
	unsigned int i;

	for (i = 0; i < early->checker->results_nr; i++) {
		if (!early->failed[i] || early->told[i])
			continue;
		early->told[i] = true;
		fprintf(out, "FAIL    %s: %s\n", results[i].invariant->name,
			results[i].first.message);
	}
}

/* As an interrupt does: what is in the buffer is read, COMMAND is ended, and all is reported. */
static int fail_fast_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct bt_fail_fast *fast = bt_container_of(sink, struct bt_fail_fast, sink);

	(void)ev;
	/* Once: another request would kill COMMAND, which is to end in order. */
	if (fast->stopped || !bt_early_look(&fast->early))
		return 0;
	fast->stopped = true;
	bt_signals_stop();
	return 0;
}

void bt_fail_fast_init(struct bt_fail_fast *fast, const struct bt_early *early)
{
	*fast = (struct bt_fail_fast){ .sink.event = fail_fast_event, .early = *early };
}
