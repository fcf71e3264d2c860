/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random histories of a small logged disk, and a judge of crash points that knows
 * nothing of increments: it makes the disk anew and looks at it as md would.
 */
#ifndef BT_TEST_CRASH_HISTORY_H
#define BT_TEST_CRASH_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "crash/amplification.h"
#include "crash/layout.h"

#define HISTORY_ENTRIES_MAX 48
#define HISTORY_WRITE_MAX   4 /* sectors */

struct history_entry {
	uint64_t sector;
	uint32_t sectors;
	uint32_t flags;
	unsigned char data[HISTORY_WRITE_MAX][BT_SECTOR];
};

struct history {
	struct bt_layout layout;
	struct history_entry entries[HISTORY_ENTRIES_MAX];
	uint32_t nr;
	uint64_t random;
	void (*write_bitmap)(struct history *history, uint32_t copy, bool sane, uint32_t flags);
};

/*
 * Shape and content follow from the seed alone; flushes and a lockless bitmap if wanted.
 * history_free() frees the layout.
 */
void history_make(struct history *history, uint64_t seed, bool flushes, bool lockless);
void history_free(struct history *history);

/*
 * Is the crash point after the first nr entries unsafe? cache: in any of the disks that
 * the cache model allows; -1 when these are more than can be tried.
 */
int history_unsafe(const struct history *history, uint32_t nr, bool cache);

/* Chunks that md resyncs, and on which members differ, after the first nr entries */
struct bt_resync history_resync(const struct history *history, uint32_t nr);

#endif /* BT_TEST_CRASH_HISTORY_H */
