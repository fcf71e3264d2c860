// SPDX-License-Identifier: GPL-2.0-only
#include "cli/forgive.h"

void bt_forgive(const struct bt_options *options, const struct bt_outcome *baseline,
		struct bt_report *report)
{
	const struct bt_checker *checker = report->checker;
	bool known[BT_INVARIANTS_MAX] = { false };
	struct bt_outcome outcome;
	unsigned int i, n;

	bt_outcome_of(report, &outcome);
	for (i = 0; i < checker->results_nr; i++) {
		for (n = 0; n < options->known_nr; n++)
			known[i] |= options->known[n] == checker->results[i].invariant;
		if (baseline)
			known[i] |= bt_outcome_known(baseline, &outcome.rules[i]);
	}
	bt_report_forgive(report, known);
}
