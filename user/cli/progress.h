/* SPDX-License-Identifier: GPL-2.0-only */
/* What a person at a terminal sees of a check while it runs: that it does, and what fails first. */
#ifndef BT_PROGRESS_H
#define BT_PROGRESS_H

#include "cli/early.h"

/* A sink behind the checker's. */
struct bt_progress {
	struct bt_sink sink;
	struct bt_early early;
	bool live;
	uint64_t begun_ns; /* a live run was announced then; 0: not yet */
	bool shown;	   /* the line of counts, which is to be wiped, stands there */
	uint64_t events;
};

void bt_progress_init(struct bt_progress *progress, const struct bt_early *early);
/* Leaves stderr without the line of counts. */
void bt_progress_end(struct bt_progress *progress);

#endif /* BT_PROGRESS_H */
