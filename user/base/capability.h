/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the probes can see. Probes give capabilities (probes/hook_table.c), rules and stages
 * need them; neither refers to the other. A trace records the capabilities that were missing
 * when it was recorded.
 */
#ifndef BT_CAPABILITY_H
#define BT_CAPABILITY_H

#include <stdbool.h>
#include <stdint.h>

/* Append only: traces carry the names. */
enum bt_capability {
	BT_SEES_END = 0, /* ends a list */
	BT_SEES_LIFE = 1,
	BT_SEES_LOAD = 2,
	BT_SEES_RESIZE = 3,
	BT_SEES_STARTWRITE = 4,
	BT_SEES_ENDWRITE = 5,
	BT_SEES_SET_BIT = 6,
	BT_SEES_CLEAR_BIT = 7,
	BT_SEES_IRQS = 8,
	BT_SEES_UNPLUG = 9,
	BT_SEES_UNPLUG_WORK = 10,
	BT_SEES_DAEMON = 11,
	BT_SEES_UPDATE_SB = 12,
	BT_SEES_RESYNC = 13,
	BT_SEES_MEMBER_WRITES = 14,
	BT_SEES_WRITE_ENDS_RAID1 = 15,
	BT_SEES_WRITE_ENDS_RAID10 = 16,
	BT_SEES_WRITE_ENDS_RAID5 = 17,
	BT_SEES_ERRORS_RAID1 = 18,
	BT_SEES_ERRORS_RAID10 = 19,
	BT_SEES_ERRORS_RAID5 = 20,
	BT_SEES_PAGE_WRITES_INTERNAL = 21,
	BT_SEES_PAGE_WRITES_BUFFER = 22,
	BT_SEES_PAGE_WRITES_PAGECACHE = 23,
	BT_SEES_DIRTYING = 24,
	BT_SEES_WRITEBACK_CALLS = 25,
	BT_SEES_WRITEBACK_WAITS = 26,
	BT_SEES_FLUSHES = 27,
	BT_SEES_LLBITMAP = 28, /* of versions that only named such an array */
	BT_SEES_LL_LIFE = 29,
	BT_SEES_LL_WRITES = 30,
	BT_SEES_LL_STATES = 31,
	BT_SEES_LL_MARKS = 32,
	BT_SEES_LL_BARRIER = 33,
	BT_SEES_LL_UNPLUG = 34,
	BT_SEES_LL_WORK = 35,
	BT_SEES_LL_FLUSH = 36,
	BT_SEES_LL_UPDATE_SB = 37,
	BT_SEES_LL_DAEMON = 38,
	BT_SEES_LL_DISCARDS = 39,
	BT_SEES_LL_SYNC = 40,
	BT_SEES_PAGE_WRITES_FILEIO = 41,
};
#define BT_CAPABILITIES 42

/*
 * Lists for rules that need all capabilities of one kind; which of them matter depends on the
 * arrays in use.
 */
#define BT_SEES_PAGE_WRITES                                                                        \
	BT_SEES_PAGE_WRITES_INTERNAL, BT_SEES_PAGE_WRITES_BUFFER, BT_SEES_PAGE_WRITES_PAGECACHE,   \
		BT_SEES_PAGE_WRITES_FILEIO, BT_SEES_DIRTYING
#define BT_SEES_WRITE_ENDS                                                                         \
	BT_SEES_WRITE_ENDS_RAID1, BT_SEES_WRITE_ENDS_RAID10, BT_SEES_WRITE_ENDS_RAID5
#define BT_SEES_ERRORS BT_SEES_ERRORS_RAID1, BT_SEES_ERRORS_RAID10, BT_SEES_ERRORS_RAID5

/* A list of capabilities. */
#define BT_CAPABILITY_LIST(...) ((const enum bt_capability[]){ __VA_ARGS__, BT_SEES_END })

struct bt_capability_desc {
	const char *name; /* in traces and in doctor's output */
	const char *sees; /* description */
	uint32_t impls;	  /* bit per enum bt_impl; 0: whatever the bitmap is */
	/* Where it matters; both 0: everywhere. */
	uint32_t backends; /* bit per enum bt_backend */
	uint32_t levels;   /* bit per level */
	const char *where; /* description of backends and levels */
};

const struct bt_capability_desc *bt_capability_desc(enum bt_capability capability);

/* BT_SEES_END: no capability has this name. */
enum bt_capability bt_capability_of_name(const char *name);

/* list may be NULL. */
bool bt_capability_among(const enum bt_capability *list, enum bt_capability capability);

#define BT_MISSING_WHY_LEN 128

/* What a run could not see, and why. All zero: nothing is missing. */
struct bt_missing {
	char why[BT_CAPABILITIES][BT_MISSING_WHY_LEN]; /* "": not missing */
	/*
	 * The trace was recorded by a version that knows other capabilities: some may be
	 * missing without a name here.
	 */
	char unknown[BT_MISSING_WHY_LEN];
};

/* If it is missing already, the first reason stays. */
void bt_missing_add(struct bt_missing *missing, enum bt_capability capability, const char *why);

/* Why it is missing, or NULL. */
const char *bt_missing_why(const struct bt_missing *missing, enum bt_capability capability);

#endif /* BT_CAPABILITY_H */
