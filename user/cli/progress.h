/* SPDX-License-Identifier: GPL-2.0-only */
/* What a person at a terminal sees of a check while it runs: that it does, and what fails first. */
#ifndef BT_PROGRESS_H
#define BT_PROGRESS_H

#include "check/checker.h"

/* A sink behind the checker's. */
struct bt_progress {
	struct bt_sink sink;
	const struct bt_checker *checker;
	bool live;
	bool begun;			/* a live run was announced */
	bool shown;			/* a line that is to be wiped stands there */
	bool failed[BT_INVARIANTS_MAX]; /* told already */
	uint64_t events;
};

void bt_progress_init(struct bt_progress *progress, const struct bt_checker *checker, bool live);
/* Leaves stderr without a line of it. */
void bt_progress_end(struct bt_progress *progress);

#endif /* BT_PROGRESS_H */
