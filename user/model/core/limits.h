/* SPDX-License-Identifier: GPL-2.0-only */
/* Bounds on the model's state; beyond them state is dropped as unknown. */
#ifndef BT_LIMITS_H
#define BT_LIMITS_H

#define BT_PAGE_WRITES_MAX	4096	   /* concurrent writes of one page */
#define BT_SUBMISSIONS_MAX	32	   /* submissions that make up one page write */
#define BT_COPIES_MAX		64	   /* members, or blocks, that one page is written to */
#define BT_TASKS_MAX		16384	   /* threads; beyond that idle ones are dropped */
#define BT_UNPLUGS_MAX		256	   /* concurrent unplug calls */
#define BT_UNFLUSHED_MAX	4	   /* page writes waiting for a flush */
#define BT_FILE_PAGES_MAX	(1U << 22) /* 16 GiB of bitmap */
#define BT_CHUNKS_PER_EVENT_MAX (1U << 20)
#define BT_GROUP_CHUNKS		256
#define BT_NODE_SHIFT		9	   /* log2 of slots in a node of the tree of blocks */
#define BT_RUNS_MAX		(1U << 24) /* runs of bits that a load has read as set */
#define BT_SB_IOS_MAX		16	   /* md superblocks in flight; the oldest is dropped */
#define BT_MEMBERS_MAX		4096
#define BT_STRETCHES_MAX	4096 /* ranges of the array in one write to a member */
#define BT_FLUSHES_MAX		4096
#define BT_BITMAPS_MAX		4096		    /* without bitmaps that are gone */
#define BT_SYMBOLS_MAX		65536		    /* named callbacks; further ones stay unnamed */
#define BT_MODEL_BYTES_MAX	(UINT64_C(1) << 30) /* over all bitmaps */

#endif /* BT_LIMITS_H */
