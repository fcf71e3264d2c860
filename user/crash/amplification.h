/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How much more md resyncs after a crash than it has to. Chunks, counted at each crash point that
 * is judged; of the completed model only, in which a crash point has one disk.
 */
#ifndef BT_CRASH_AMPLIFICATION_H
#define BT_CRASH_AMPLIFICATION_H

#include <stdint.h>

struct bt_oracle;

/* At one crash point */
struct bt_resync {
	uint64_t resynced; /* by md, with the copy of the bitmap of its first member */
	uint64_t differ;   /* on any two members that md assembles */
};

struct bt_amplification {
	uint64_t points;
	uint64_t resynced, resynced_max; /* the sum over all points, and the most at one */
	uint64_t differ, differ_max;
};

/* The last crash point, with one assembly that can be judged */
struct bt_resync bt_amplification_at(const struct bt_oracle *oracle);

void bt_amplification_add(struct bt_amplification *amplification, struct bt_resync resync);

#endif /* BT_CRASH_AMPLIFICATION_H */
