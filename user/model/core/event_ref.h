/* SPDX-License-Identifier: GPL-2.0-only */
/* Positions in the stream, windows between two of them, and three-valued answers. */
#ifndef BT_EVENT_REF_H
#define BT_EVENT_REF_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/event.h"

/* An event and its position in the stream; seq 0: none. */
struct bt_event_ref {
	uint64_t seq;
	struct bt_event ev;
};

static inline void bt_event_ref_set(struct bt_event_ref *ref, uint64_t seq,
				    const struct bt_event *ev)
{
	ref->seq = seq;
	ref->ev = *ev;
}

/* The time of a change. A write that began inside the window may carry the change or not. */
struct bt_window {
	uint64_t from_seq; /* the change did not happen before this */
	uint64_t seq;	   /* the change is complete at this */
};

enum bt_tri { BT_NO = 0, BT_YES = 1, BT_MAYBE = 2 };

#endif /* BT_EVENT_REF_H */
