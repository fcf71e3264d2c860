// SPDX-License-Identifier: GPL-2.0-only
#include "report/rule_metrics.h"

#include <inttypes.h>

#include "base/openmetrics.h"

static void print_sample(FILE *out, const char *name, const struct bt_invariant *rule,
			 uint64_t value)
{
	fprintf(out, "bitmap_trace_%s{rule=\"", name);
	bt_openmetrics_label(out, rule->name);
	fputs("\",severity=\"", out);
	bt_openmetrics_label(out, bt_severity_name(rule->severity));
	fprintf(out, "\"} %" PRIu64 "\n", value);
}

static void print_counts(FILE *out, const struct bt_report *report)
{
	const struct bt_checker *checker = report->checker;
	unsigned int i;

	bt_openmetrics_family(out, "rule_broken", "counter", "Times that a rule was broken.");
	for (i = 0; i < checker->results_nr; i++)
		print_sample(out, "rule_broken_total", checker->results[i].invariant,
			     checker->results[i].broken);
	bt_openmetrics_family(out, "rule_held", "counter", "Times that a rule held.");
	for (i = 0; i < checker->results_nr; i++)
		print_sample(out, "rule_held_total", checker->results[i].invariant,
			     checker->results[i].held);
}

static void print_verdicts(FILE *out, const struct bt_report *report)
{
	const struct bt_checker *checker = report->checker;
	unsigned int i;

	bt_openmetrics_family(out, "rule_failed", "gauge",
			      "1: the rule was broken since the watch began (FAIL).");
	for (i = 0; i < checker->results_nr; i++)
		print_sample(out, "rule_failed", checker->results[i].invariant,
			     report->verdicts[i] == BT_VERDICT_FAIL);
	bt_openmetrics_family(
		out, "rule_unknown", "gauge",
		"1: the rule is not judged (UNKNOWN): nothing that it is about was seen, "
		"events were lost, or a function has no hook.");
	for (i = 0; i < checker->results_nr; i++)
		print_sample(out, "rule_unknown", checker->results[i].invariant,
			     report->verdicts[i] == BT_VERDICT_UNKNOWN);
}

void bt_rule_metrics(FILE *out, const struct bt_report *report)
{
	print_counts(out, report);
	print_verdicts(out, report);
	bt_openmetrics_counter(out, "events", "Events that were judged.", report->checker->events,
			       0);
	bt_openmetrics_counter(out, "set_bits", "Bits of chunks that were set.",
			       report->checker->set_bits, 0);
}
