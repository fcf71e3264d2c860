// SPDX-License-Identifier: GPL-2.0-only
/* The report for people: a line an invariant, then the evidence, the verdict last. */
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

#include "event/event_desc.h"
#include "report/report.h"

void bt_report_counts(FILE *out, const struct bt_report *report, const char *prefix)
{
	const struct bt_checker *checker = report->checker;
	const char *incomplete = report->sight.incomplete;

	if (incomplete)
		fprintf(out, "%s" BT_TRACE_INCOMPLETE ": %s\n", prefix, incomplete);
	fprintf(out, "%s%" PRIu64 " events, %" PRIu64 " set_bits", prefix, checker->events,
		checker->set_bits);
	/* Without its end the trace does not say that nothing was lost. */
	if (report->sight.lost || !incomplete)
		fprintf(out, ", %" PRIu64 " lost", report->sight.lost);
	if (report->info && report->info->release[0])
		fprintf(out, ", kernel %s", report->info->release);
	fputs("\n", out);
}

static void print_losses(FILE *out, const struct bt_report *report)
{
	static const char *const channels[BT_LOSS_MAX] = {
		[BT_LOSS_RING_FULL] = "ring buffer full",
		[BT_LOSS_MAP_FULL] = "map full",
		[BT_LOSS_MISSED] = "probe skipped by the kernel",
		[BT_LOSS_DECODER] = "not readable",
	};
	unsigned int i;

	for (i = 1; i < BT_LOSS_MAX; i++)
		if (report->stats && report->stats->lost_by_channel[i])
			fprintf(out, "lost: %" PRIu64 " (%s)\n", report->stats->lost_by_channel[i],
				channels[i]);
	for (i = 0; i < BT_EVENT_TYPE_MAX; i++)
		if (report->stats && report->stats->lost_by_type[i])
			fprintf(out, "lost: %" PRIu64 " of type %s\n",
				report->stats->lost_by_type[i], bt_event_type_name(i));
}

static void print_stack(FILE *out, const struct bt_report *report, int32_t id, const char *prefix)
{
	const struct bt_stack *stack = bt_stacks_find(report->stacks, id);
	unsigned int i;

	if (!stack) {
		fprintf(out, "%s             (%s)\n", prefix,
			id < 0 ? "no kernel stack was taken" : "its kernel stack was not saved");
		return;
	}
	for (i = 0; i < stack->nr; i++)
		fprintf(out, "%s             %s\n", prefix, stack->frames[i]);
}

/* A slice has no use for the name; then it is the number, as in the events. */
static const char *array_name(const struct bt_counterexample *cx, char *buf, size_t len)
{
	if (cx->array[0])
		return cx->array;
	snprintf(buf, len, "#%u", cx->bitmap);
	return buf;
}

static const char *mark(const struct bt_shown *shown)
{
	if (shown->offending)
		return ">>";
	return shown->proof ? " *" : "  ";
}

/* A slice ends with the event that broke the rule, whatever came after. */
static bool is_told_to_the_end(const struct bt_report *report)
{
	return !report->info || !report->info->slice_of[0];
}

/* The events in order; the one that broke the rule is marked, its stack follows. */
void bt_report_evidence(FILE *out, const struct bt_report *report, const struct bt_result *result,
			const char *prefix)
{
	const struct bt_counterexample *cx = &result->first;
	struct bt_shown shown = { 0 };
	char line[512];

	fprintf(out, "%s%s, %s: %s\n", prefix, result->invariant->name,
		array_name(cx, line, sizeof(line)), cx->message);
	fprintf(out, "%s  rule: %s\n", prefix, result->invariant->statement);
	while (bt_report_shown(report, cx, &shown)) {
		bt_event_format(&shown.ref->ev, report->names, line, sizeof(line));
		fprintf(out, "%s  %s %s\n", prefix, mark(&shown), line);
		if (shown.offending)
			print_stack(out, report, shown.ref->ev.stack, prefix);
	}
	if (bt_report_proves(report, cx))
		fprintf(out, "%s     (* and >> are the proof: none of them can be left out)\n",
			prefix);
	if (cx->watching && is_told_to_the_end(report))
		fprintf(out, "%s     (no covering write of the page ended before tracing did)\n",
			prefix);
}

static void print_command(FILE *out, int status)
{
	if (status <= 0)
		return;
	if (WIFEXITED(status))
		fprintf(out, "command: exit status %d\n", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		fprintf(out, "command: killed by signal %d (%s)\n", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
}

/* Those that only lack the end of the trace share one line, and the verdict says why. */
static void print_rules(FILE *out, const struct bt_report *report)
{
	const struct bt_checker *checker = report->checker;
	unsigned int i, cut_off = 0;

	for (i = 0; i < checker->results_nr; i++) {
		if (bt_report_cut_off(report, i))
			cut_off++;
		else
			fprintf(out, "%-7s %-28s %s\n", bt_verdict_name(report->verdicts[i]),
				checker->results[i].invariant->name, report->reasons[i]);
	}
	if (cut_off)
		fprintf(out, "%-7s %u of %u rules\n", bt_verdict_name(BT_VERDICT_UNKNOWN), cut_off,
			checker->results_nr);
}

void bt_report_text(FILE *out, const struct bt_report *report)
{
	const struct bt_checker *checker = report->checker;
	unsigned int i;

	bt_report_counts(out, report, "");
	print_rules(out, report);
	print_losses(out, report);
	for (i = 0; i < checker->results_nr; i++) {
		if (!bt_report_tells(report, i))
			continue;
		fputs("\n", out);
		bt_report_evidence(out, report, &checker->results[i], "");
	}
	print_command(out, report->command_status);
	fprintf(out, "verdict: %s (%s)\n", bt_verdict_name(report->verdict), report->reason);
}
