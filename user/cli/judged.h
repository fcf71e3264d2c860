/* SPDX-License-Identifier: GPL-2.0-only */
/* A trace, judged once more, or what a report said of it: for baselines and diff. */
#ifndef BT_JUDGED_H
#define BT_JUDGED_H

#include "hist/latency.h"
#include "report/outcome.h"

/*
 * path: a trace, or what `check -f json` has printed. latency: NULL, or what is to measure the
 * events too. 0 or -errno, with a message on stderr.
 */
int bt_judged(const char *path, struct bt_outcome *outcome, struct bt_latency *latency);

#endif /* BT_JUDGED_H */
