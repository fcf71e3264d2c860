/* SPDX-License-Identifier: GPL-2.0-only */
/* The capabilities that a stage needs. */
#ifndef BT_STAGE_NEEDS_H
#define BT_STAGE_NEEDS_H

#include "base/capability.h"
#include "hist/stage.h"

/*
 * Why a stage could not be measured in a run that lacked these capabilities, as text; NULL: it
 * was measured. The strings live as long as lacks does.
 */
void bt_stages_missing(const struct bt_missing *lacks, const char *missing[BT_STAGES]);

#endif /* BT_STAGE_NEEDS_H */
