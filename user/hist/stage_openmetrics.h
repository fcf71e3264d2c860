/* SPDX-License-Identifier: GPL-2.0-only */
/* Latencies for monitoring, in OpenMetrics text. */
#ifndef BT_STAGE_OPENMETRICS_H
#define BT_STAGE_OPENMETRICS_H

#include <stdio.h>

#include "hist/stage_set.h"

/*
 * A histogram bitmap_trace_STAGE_seconds for each measured stage, with a series per array, and
 * counters of losses; see docs/latency.md. The set is that of the run so far: counts never
 * decrease. created: when it began, in seconds since 1970 (CLOCK_REALTIME), 0: not known.
 */
void bt_stage_openmetrics(FILE *out, const struct bt_stage_view *view, double created);

#endif /* BT_STAGE_OPENMETRICS_H */
