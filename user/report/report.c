// SPDX-License-Identifier: GPL-2.0-only
#include "report/report.h"

#include <string.h>

/* "intent-before-data, unplug-durable": those with this verdict. */
static void join_names(const struct bt_report *report, enum bt_verdict verdict, char *buf,
		       size_t len)
{
	size_t used = 0;
	unsigned int i;
	int n;

	for (i = 0; i < report->checker->results_nr; i++) {
		if (report->verdicts[i] != verdict || report->known[i] || used >= len)
			continue;
		n = snprintf(buf + used, len - used, "%s%s", used ? ", " : "",
			     report->checker->results[i].invariant->name);
		used += n > 0 ? (size_t)n : 0;
	}
}

static bool has_known(const struct bt_report *report)
{
	unsigned int i;

	for (i = 0; i < report->checker->results_nr; i++)
		if (report->known[i])
			return true;
	return false;
}

static void explain(struct bt_report *report)
{
	switch (report->verdict) {
	case BT_VERDICT_FAIL:
		join_names(report, BT_VERDICT_FAIL, report->reason, sizeof(report->reason));
		break;
	case BT_VERDICT_PASS:
		snprintf(report->reason, sizeof(report->reason), "every rule that %s held%s",
			 report->only ? "was asked for" : "applies",
			 has_known(report) ? ", or is known not to" : "");
		break;
	default:
		if (report->unseen)
			snprintf(report->reason, sizeof(report->reason),
				 "nothing was seen of array %s", report->unseen);
		else if (report->sight.untraced)
			snprintf(report->reason, sizeof(report->reason), "%s",
				 report->sight.untraced);
		else if (report->sight.incomplete)
			snprintf(report->reason, sizeof(report->reason), BT_TRACE_INCOMPLETE ": %s",
				 report->sight.incomplete);
		else if (!report->checker->set_bits && !report->sight.lost)
			snprintf(report->reason, sizeof(report->reason),
				 "no set_bit was seen: nothing was put to the test");
		else
			join_names(report, BT_VERDICT_UNKNOWN, report->reason,
				   sizeof(report->reason));
		break;
	}
}

/* Known failures count as held, for the verdict over all. */
static void join(struct bt_report *report)
{
	enum bt_verdict verdicts[BT_INVARIANTS_MAX];
	unsigned int i;

	for (i = 0; i < report->checker->results_nr; i++)
		verdicts[i] = report->known[i] ? BT_VERDICT_PASS : report->verdicts[i];
	report->verdict = bt_verdict_join(verdicts, report->checker->results_nr);
	/* The writer set no bit: whatever held, held for nothing. So did it for an array unseen. */
	if (report->verdict == BT_VERDICT_PASS && (!report->checker->set_bits || report->unseen))
		report->verdict = BT_VERDICT_UNKNOWN;
	explain(report);
}

void bt_report_judge(struct bt_report *report)
{
	unsigned int i;

	for (i = 0; i < report->checker->results_nr; i++)
		report->verdicts[i] = bt_verdict_of(&report->checker->results[i], &report->sight,
						    report->reasons[i], sizeof(report->reasons[i]));
	join(report);
}

void bt_report_forgive(struct bt_report *report, const bool known[BT_INVARIANTS_MAX])
{
	unsigned int i;

	for (i = 0; i < report->checker->results_nr; i++)
		report->known[i] = known[i] && report->verdicts[i] == BT_VERDICT_FAIL;
	join(report);
}

int bt_report_exit(const struct bt_report *report)
{
	switch (report->verdict) {
	case BT_VERDICT_FAIL:
		return BT_EXIT_FAIL;
	case BT_VERDICT_PASS:
		return report->command_status > 0 ? BT_EXIT_COMMAND : BT_EXIT_PASS;
	default:
		return BT_EXIT_UNKNOWN;
	}
}

void bt_report_write(FILE *out, const struct bt_report *report, enum bt_format format)
{
	switch (format) {
	case BT_FORMAT_JSON:
		bt_report_json(out, report);
		break;
	case BT_FORMAT_KTAP:
		bt_report_ktap(out, report);
		break;
	default:
		bt_report_text(out, report);
		break;
	}
}

bool bt_report_cut_off(const struct bt_report *report, unsigned int result)
{
	return report->verdicts[result] == BT_VERDICT_UNKNOWN &&
	       !strncmp(report->reasons[result], BT_TRACE_INCOMPLETE, strlen(BT_TRACE_INCOMPLETE));
}

bool bt_report_about_chunk(const struct bt_counterexample *cx)
{
	const char *chunk = strstr(cx->kind, "chunk"), *page = strstr(cx->kind, "page");

	return chunk && (!page || chunk < page);
}

bool bt_report_tells(const struct bt_report *report, unsigned int result)
{
	if (!report->checker->results[result].broken)
		return false;
	return report->verdicts[result] == BT_VERDICT_FAIL || !report->info ||
	       !report->info->slice_of[0];
}

bool bt_report_proves(const struct bt_report *report, const struct bt_counterexample *cx)
{
	return report->proof && &report->proof->broken->first == cx;
}

bool bt_report_shown(const struct bt_report *report, const struct bt_counterexample *cx,
		     struct bt_shown *shown)
{
	const struct bt_event_ref *evidence = NULL, *proof = NULL;

	if (shown->nr < cx->nr)
		evidence = &cx->events[shown->nr];
	if (bt_report_proves(report, cx) && shown->proof_nr < report->proof->nr)
		proof = &report->proof->events[shown->proof_nr];
	if (!evidence && !proof)
		return false;
	shown->proof = proof && (!evidence || proof->seq <= evidence->seq);
	shown->ref = shown->proof ? proof : evidence;
	shown->offending = shown->ref->seq == cx->offending;
	shown->proof_nr += shown->proof;
	shown->nr += evidence && evidence->seq == shown->ref->seq;
	return true;
}
