/* SPDX-License-Identifier: GPL-2.0-only */
/* Broken rules that have one cause, together. */
#ifndef BT_GROUP_H
#define BT_GROUP_H

#include "report/report.h"

struct bt_group {
	unsigned int rules[BT_INVARIANTS_MAX]; /* results; the cause first */
	unsigned int nr;
	enum bt_severity severity; /* of the worst */
	unsigned int worst;	   /* that one */
};

/* The groups of what has a counterexample to show, the worst first; returns how many. */
unsigned int bt_report_groups(const struct bt_report *report,
			      struct bt_group groups[BT_INVARIANTS_MAX]);

/*
 * The violation of cause that is the reason for this one of effect: at the same place,
 * before it and since the change that should have been protected; or NULL.
 */
const struct bt_violation *bt_violation_reason(const struct bt_violation *effect,
					       const struct bt_violations *cause);

/* What went wrong first: the event that broke the group's cause; ref->seq 0: not known. */
struct bt_event_ref bt_group_culprit(const struct bt_report *report, const struct bt_group *group);

#endif /* BT_GROUP_H */
