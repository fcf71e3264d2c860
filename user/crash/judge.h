/* SPDX-License-Identifier: GPL-2.0-only */
/* Judges one crash point: is there a chunk on which members differ and that md would not resync? */
#ifndef BT_CRASH_JUDGE_H
#define BT_CRASH_JUDGE_H

#include "crash/oracle.h"

/*
 * Uses the state in oracle; oracle->assemblies must be up to date. *differing: whether members
 * of one assembly may differ anywhere. BT_POINT_UNSAFE: *found is filled in except for its
 * chunk. BT_POINT_UNJUDGED: *why is the reason.
 */
enum bt_point bt_judge(const struct bt_oracle *oracle, bool *differing, struct bt_gap_found *found,
		       const char **why);

/* The first chunk with that gap. */
uint64_t bt_judge_chunk(const struct bt_oracle *oracle, const struct bt_gap_found *found);

#endif /* BT_CRASH_JUDGE_H */
