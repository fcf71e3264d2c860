/* SPDX-License-Identifier: GPL-2.0-only */
/* The crash oracle's verdict over a whole log, and its report. */
#ifndef BT_CRASH_CRASH_H
#define BT_CRASH_CRASH_H

#include <stdio.h>

#include "base/output.h"
#include "crash/log.h"
#include "crash/oracle.h"

struct bt_crash {
	const struct bt_layout *layout; /* not owned */
	struct bt_log log;
	struct bt_oracle oracle;
	bool damaged; /* the log could not be read to its end; log.problem says why */
	enum bt_verdict verdict;
	char reason[320];
};

/*
 * Reads the log to its end, or to where it is damaged, and sets the verdict.
 * crash->log and crash->oracle are ready. Returns 0 or -ENOMEM.
 */
int bt_crash_run(struct bt_crash *crash);

/* BT_FORMAT_TEXT or BT_FORMAT_JSON. */
void bt_crash_report(FILE *out, const struct bt_crash *crash, enum bt_format format);

/* Why the chunk is not resynced, as text */
const char *bt_gap_text(enum bt_gap gap, const struct bt_bitmap_format *format);

void bt_crash_json(FILE *out, const struct bt_crash *crash);

#endif /* BT_CRASH_CRASH_H */
