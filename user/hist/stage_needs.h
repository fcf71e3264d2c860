/* SPDX-License-Identifier: GPL-2.0-only */
/* Which hooks a stage cannot be measured without. */
#ifndef BT_STAGE_NEEDS_H
#define BT_STAGE_NEEDS_H

#include "hist/stage.h"
#include "trace/trace.h"

/*
 * Why a stage could not be measured in a run that lacked these hooks, for
 * people; NULL: it could. Static strings.
 */
void bt_stages_missing(const struct bt_trace_info *info, const char *missing[BT_STAGES]);

#endif /* BT_STAGE_NEEDS_H */
