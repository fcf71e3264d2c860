// SPDX-License-Identifier: GPL-2.0-only
/* KTAP version 1 (Documentation/dev-tools/ktap.rst): one test an invariant. */
#include "report.h"

int bt_report_ktap(FILE *out, const struct bt_report *report)
{
	const struct bt_checker *checker = report->checker;
	unsigned int i;

	fprintf(out, "KTAP version 1\n1..%u\n", checker->results_nr);
	for (i = 0; i < checker->results_nr; i++) {
		const char *name = checker->results[i].invariant->name;

		switch (report->verdicts[i]) {
		case BT_VERDICT_FAIL:
			fprintf(out, "# %s\n", checker->results[i].first.message);
			fprintf(out, "not ok %u %s\n", i + 1, name);
			break;
		case BT_VERDICT_PASS:
			fprintf(out, "ok %u %s\n", i + 1, name);
			break;
		default:
			/* KTAP has no word for unknown; a skip is no success. */
			fprintf(out, "ok %u %s # SKIP %s: %s\n", i + 1, name,
				bt_verdict_name(report->verdicts[i]), report->reasons[i]);
			break;
		}
	}
	fprintf(out, "# verdict: %s (%s)\n", bt_verdict_name(report->verdict), report->reason);
	return 0;
}
