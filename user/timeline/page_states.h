/* SPDX-License-Identifier: GPL-2.0-only */
/* How a bitmap page stood to the disk over a stretch of time. */
#ifndef BT_PAGE_STATES_H
#define BT_PAGE_STATES_H

#include <stdbool.h>

#include "stream/sink.h"

#define BT_PAGE_STATES_MAX 2048

enum bt_page_state {
	BT_PAGE_QUIET = 0,  /* nothing was seen of it yet */
	BT_PAGE_WAITS = 1,  /* bits were set in it that no write has taken along yet */
	BT_PAGE_FLIGHT = 2, /* they are on their way */
	BT_PAGE_DURABLE = 3,
};

/* A sink: follows the page through the stream, and keeps what lies in the stretch. */
struct bt_page_states {
	struct bt_sink sink;
	uint32_t bitmap, page;
	uint64_t from_ns, until_ns;
	enum bt_page_state state;
	unsigned int outstanding;
	struct {
		uint64_t ts_ns;
		enum bt_page_state state; /* from here on */
	} changes[BT_PAGE_STATES_MAX];
	unsigned int nr, dropped;
};

/*
 * The state after a BT_SET_BIT, BT_PAGE_WRITE_START or BT_PAGE_WRITE_END of the page; outstanding:
 * its writes in flight.
 */
enum bt_page_state bt_page_state_after(enum bt_page_state state, unsigned int *outstanding,
				       const struct bt_event *ev);

void bt_page_states_init(struct bt_page_states *states, uint32_t bitmap, uint32_t page,
			 uint64_t from_ns, uint64_t until_ns);

#endif /* BT_PAGE_STATES_H */
