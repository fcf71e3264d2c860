// SPDX-License-Identifier: GPL-2.0-only
/* KTAP version 1 (Documentation/dev-tools/ktap.rst): one test an invariant. */
#include "report/report.h"

/* What is not known is not ok: a harness that saw nothing must not be green. */
static void print_test(FILE *out, const struct bt_report *report, unsigned int i)
{
	const struct bt_result *result = &report->checker->results[i];
	const char *name = result->invariant->name, *reason = report->reasons[i];

	switch (report->verdicts[i]) {
	case BT_VERDICT_FAIL:
		bt_report_evidence(out, report, result, "# ");
		fprintf(out, "# %s\nnot ok %u %s%s\n", reason, i + 1, name,
			report->known[i] ? " # TODO a known failure" : "");
		break;
	case BT_VERDICT_PASS:
		fprintf(out, "# %s\nok %u %s\n", reason, i + 1, name);
		break;
	case BT_VERDICT_NA:
		fprintf(out, "ok %u %s # SKIP %s\n", i + 1, name, reason);
		break;
	default:
		fprintf(out, "not ok %u %s # UNKNOWN: %s\n", i + 1, name, reason);
		break;
	}
}

void bt_report_ktap(FILE *out, const struct bt_report *report)
{
	unsigned int i;

	fprintf(out, "KTAP version 1\n1..%u\n", report->checker->results_nr);
	bt_report_counts(out, report, "# ");
	for (i = 0; i < report->checker->results_nr; i++)
		print_test(out, report, i);
	fprintf(out, "# verdict: %s (%s)\n", bt_verdict_name(report->verdict), report->reason);
}
