/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stages in the life of a bit whose duration is measured, for the probes
 * and for user space. Values are explicit and append-only.
 */
#ifndef BITMAP_TRACE_STAGE_H
#define BITMAP_TRACE_STAGE_H

/* The two events of each stage, and what is left out: docs/latency.md. */
enum bt_stage {
	BT_STAGE_UNPLUG = 0,	     /* __bitmap_unplug entry -> exit, having written a page */
	BT_STAGE_UNPLUG_IDLE = 1,    /* the same, having written none */
	BT_STAGE_SET_TO_DISK = 2,    /* set_bit -> end of the first write that covers it */
	BT_STAGE_PAGE_WRITE = 3,     /* one submission of a bitmap page: start -> end */
	BT_STAGE_DIRTY_TO_WRITE = 4, /* first set_bit on a clean page -> page write start */
	BT_STAGE_LIFETIME = 5,	     /* set_bit -> clear_bit of the same chunk */
	BT_STAGE_UNPLUG_WORK = 6,    /* bitmap_unplug(sync=false) entry -> exit: by a kworker */
	BT_STAGE_UPDATE_SB = 7,	     /* bitmap_update_sb entry -> exit */
	BT_STAGE_DAEMON_PASS = 8,    /* bitmap_daemon_work entry -> exit, when it has work to do */
	BT_STAGE_USER_WRITE = 9,     /* startwrite exit -> endwrite entry */
	BT_STAGE_BITMAP_WAIT = 10,   /* the time of it in which an unplug delayed the data */
	BT_STAGES = 11,
};

#endif /* BITMAP_TRACE_STAGE_H */
