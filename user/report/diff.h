/* SPDX-License-Identifier: GPL-2.0-only */
/* Two runs side by side. */
#ifndef BT_DIFF_H
#define BT_DIFF_H

#include "report/outcome.h"

/* Of one of the two; the second is the newer one. */
struct bt_diff_side {
	const char *path;
	struct bt_outcome outcome;
};

/* Rules by what became of them. */
struct bt_diff_tally {
	unsigned int new_nr, gone_nr, same_nr, lost_nr;
};

/* What has changed, rule by rule. */
void bt_diff_rules(FILE *out, const struct bt_diff_side *a, const struct bt_diff_side *b,
		   struct bt_diff_tally *tally);
/*
 * The last line, which sums it up. Returns enum bt_exit: PASS, nothing new is broken; FAIL,
 * something is; UNKNOWN, what was judged in A is not in B.
 */
int bt_diff_end(FILE *out, const struct bt_diff_tally *tally);

#endif /* BT_DIFF_H */
