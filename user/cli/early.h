/* SPDX-License-Identifier: GPL-2.0-only */
/* Which rules have failed so far, while the run goes on. */
#ifndef BT_EARLY_H
#define BT_EARLY_H

#include "cli/cli.h"
#include "cli/run.h"
#include "report/outcome.h"

struct bt_early {
	const struct bt_run *run;
	const struct bt_checker *checker;
	const struct bt_options *options;
	const struct bt_outcome *baseline;    /* NULL: none */
	unsigned int ways[BT_INVARIANTS_MAX]; /* in which each was broken when last looked at */
	bool failed[BT_INVARIANTS_MAX];	      /* FAIL, and not known to */
	bool told[BT_INVARIANTS_MAX];	      /* ... and printed */
};

/*
 * Cheap unless a rule has been broken in a way that it was not before. Returns whether any rule
 * has failed that had not when last looked at.
 */
bool bt_early_look(struct bt_early *early);

/* A line for each rule that has failed and was not printed before */
void bt_early_print(struct bt_early *early, FILE *out);

/* --fail-fast: a sink behind the checker's, which ends the run at the first failure. */
struct bt_fail_fast {
	struct bt_sink sink;
	struct bt_early early;
	bool stopped;
};

void bt_fail_fast_init(struct bt_fail_fast *fast, const struct bt_early *early);

#endif /* BT_EARLY_H */
