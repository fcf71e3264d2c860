/* SPDX-License-Identifier: GPL-2.0-only */
/* What `top` shows of an interval: a line for each array, and one for each rule that is broken. */
#ifndef BT_TOP_TABLE_H
#define BT_TOP_TABLE_H

#include <stdio.h>

#include "base/term.h"
#include "hist/stage_set.h"
#include "report/report.h"

struct bt_top_view {
	struct bt_stage_view stages;	/* of the interval */
	const struct bt_report *report; /* judged; of the run so far */
	/* How often each rule was broken before the interval. */
	uint64_t broken_before[BT_INVARIANTS_MAX];
	const char *clear; /* ends each line: what else stands there is wiped; "" */
};

void bt_top_table(FILE *out, const struct bt_term *term, const struct bt_top_view *view);

#endif /* BT_TOP_TABLE_H */
