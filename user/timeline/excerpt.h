/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One write from another run, to set beside a failure: what happened to the same chunk when its
 * bit was first set there.
 */
#ifndef BT_EXCERPT_H
#define BT_EXCERPT_H

#include "report/scene.h"
#include "timeline/page_states.h"

#define BT_EXCERPT_BIOS_MAX 8

struct bt_excerpt {
	/* Looked for: the chunk, or by_page any chunk of the page, of an array; "": of any. */
	char array[33];
	bool by_page;
	uint64_t about;
	/* Found: the events from the bit being set until the data and its page are on disk. */
	struct bt_scene scene; /* nr 0: it was not written to */
	uint32_t bitmap, page;
	uint64_t chunk;
	bool done;
	unsigned int page_writes;	    /* in flight */
	uint64_t bios[BT_EXCERPT_BIOS_MAX]; /* of the data, in flight */
	unsigned int bios_nr;
	bool sent;		      /* some of the data */
	struct bt_page_states states; /* filled by a second reading */
};

/* failure: what to look for. */
void bt_excerpt_init(struct bt_excerpt *excerpt, const struct bt_counterexample *failure);
/* Before the model of that run applies the event. */
void bt_excerpt_event(struct bt_excerpt *excerpt, const struct bt_view *view);
/* After the first reading: for the second, its states are a sink. */
void bt_excerpt_end(struct bt_excerpt *excerpt);

#endif /* BT_EXCERPT_H */
