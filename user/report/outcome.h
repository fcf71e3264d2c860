/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What came of a run, as far as it can be compared with another run: the verdict of each rule,
 * and the ways in which it was broken. From a report, or from the JSON of an earlier one.
 */
#ifndef BT_OUTCOME_H
#define BT_OUTCOME_H

#include "report/report.h"

#define BT_OUTCOME_RULES_MAX 48 /* ours, and what a harness adds */

struct bt_outcome_kind {
	char text[256]; /* bt_kind_format */
	uint64_t count;
};

struct bt_outcome_rule {
	char name[48];
	enum bt_verdict verdict;
	uint64_t held, broken;
	struct bt_outcome_kind kinds[BT_KINDS_MAX];
	unsigned int kinds_nr;
	uint64_t exposed_max_ns; /* 0: not measured */
};

struct bt_outcome {
	char kernel[80];
	enum bt_verdict verdict;
	char reason[256];
	uint64_t set_bits;
	struct bt_outcome_rule rules[BT_OUTCOME_RULES_MAX];
	unsigned int rules_nr;
};

/* report: judged. */
void bt_outcome_of(const struct bt_report *report, struct bt_outcome *outcome);
/* Does the file look like JSON, and not like a trace? */
bool bt_outcome_is_json(const char *path);
/* From `check -f json` of one trace. 0, or -errno with a message on stderr. */
int bt_outcome_read(const char *path, struct bt_outcome *outcome);

/* NULL: it has no such rule. */
const struct bt_outcome_rule *bt_outcome_find(const struct bt_outcome *outcome, const char *name);
/*
 * Is each way in which the rule is broken one in which it was broken in before? Of a rule
 * without kinds, which a harness has added, it is enough that it failed before.
 */
bool bt_outcome_known(const struct bt_outcome *before, const struct bt_outcome_rule *rule);

#endif /* BT_OUTCOME_H */
