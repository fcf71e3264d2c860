/* SPDX-License-Identifier: GPL-2.0-only */
/* The stages in the life of a bit whose duration is measured. */
#ifndef BT_STAGE_H
#define BT_STAGE_H

/* Which two events, and what is left out: docs/latency.md. */
enum bt_stage {
	BT_STAGE_UNPLUG = 0,	     /* __bitmap_unplug entry -> exit, with a page to write */
	BT_STAGE_UNPLUG_IDLE = 1,    /* the same, with nothing to write */
	BT_STAGE_SET_TO_DISK = 2,    /* set_bit -> end of the first write that covers it */
	BT_STAGE_PAGE_WRITE = 3,     /* one submission of a bitmap page: start -> end */
	BT_STAGE_DIRTY_TO_WRITE = 4, /* first set_bit on a clean page -> page write start */
	BT_STAGE_LIFETIME = 5,	     /* set_bit -> clear_bit of the same chunk */
	BT_STAGES = 6,
};

struct bt_stage_info {
	const char *name;  /* for options, JSON and metrics: [a-z_]+, never changed */
	const char *title; /* for people: "set_bit to disk" */
	const char *help;  /* one sentence, for metrics */
};

extern const struct bt_stage_info bt_stages[BT_STAGES];

/* BT_STAGES if there is none of that name. */
enum bt_stage bt_stage_find(const char *name);

#endif /* BT_STAGE_H */
