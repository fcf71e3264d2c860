/* SPDX-License-Identifier: GPL-2.0-only */
/* One crash point: is there a chunk that md would leave as it is while members differ? */
#ifndef BT_CRASH_JUDGE_H
#define BT_CRASH_JUDGE_H

#include "crash/oracle.h"

/*
 * By the state in oracle; oracle->assemblies must be of now. *differing: whether members
 * of one assembly may differ anywhere. BT_POINT_UNSAFE: *found is filled but for its
 * chunk. BT_POINT_UNJUDGED: *why is in words.
 */
enum bt_point bt_judge(const struct bt_oracle *oracle, bool *differing, struct bt_gap_found *found,
		       const char **why);

/* The first chunk of that gap. */
uint64_t bt_judge_chunk(const struct bt_oracle *oracle, const struct bt_gap_found *found);

#endif /* BT_CRASH_JUDGE_H */
