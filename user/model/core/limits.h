/* SPDX-License-Identifier: GPL-2.0-only */
/* Bounds on what the model holds; beyond them state is given up as unknown. */
#ifndef BT_LIMITS_H
#define BT_LIMITS_H

#define BT_PAGE_WRITES_MAX	4096	   /* page writes of one page at the same time */
#define BT_SUBMISSIONS_MAX	32	   /* submissions that make up one page write */
#define BT_COPIES_MAX		64	   /* members, or blocks, that one page is written to */
#define BT_TASKS_MAX		16384	   /* threads remembered; idle ones are forgotten beyond */
#define BT_UNPLUGS_MAX		256	   /* unplug calls at the same time */
#define BT_UNFLUSHED_MAX	4	   /* page writes waiting for a flush */
#define BT_FILE_PAGES_MAX	(1U << 22) /* 16 GiB of bitmap */
#define BT_CHUNKS_PER_EVENT_MAX (1U << 20)
#define BT_GROUP_CHUNKS		256
#define BT_NODE_SHIFT		9	   /* log2 of slots in a node of the tree of blocks */
#define BT_RUNS_MAX		(1U << 24) /* of bits that a load has found set */
#define BT_SB_IOS_MAX		16	   /* superblocks written at once; the oldest goes */
#define BT_MEMBERS_MAX		4096
#define BT_STRETCHES_MAX	4096 /* of the array that one write of a member consists of */
#define BT_FLUSHES_MAX		4096
#define BT_BITMAPS_MAX		4096  /* a bitmap that is gone does not count */
#define BT_SYMBOLS_MAX		65536 /* callbacks with a name; further ones have none */
#define BT_MODEL_BYTES_MAX	(UINT64_C(1) << 30) /* of all bitmaps together */

#endif /* BT_LIMITS_H */
