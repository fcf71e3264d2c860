/* SPDX-License-Identifier: GPL-2.0-only */
/* Latencies as a log of HdrHistogram's tools: a line for each interval, array and stage. */
#ifndef BT_STAGE_HDR_H
#define BT_STAGE_HDR_H

#include <stdio.h>

#include "hist/stage_set.h"

/* Before the first interval, with its clock_ns. */
void bt_stage_hdr_begin(FILE *out, const struct bt_stage_view *view);
/* Stages without any duration have no line. 0 or -ENOMEM. */
int bt_stage_hdr(FILE *out, const struct bt_stage_view *view);

#endif /* BT_STAGE_HDR_H */
