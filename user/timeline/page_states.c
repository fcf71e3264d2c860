// SPDX-License-Identifier: GPL-2.0-only
#include "timeline/page_states.h"

#include <string.h>

/* The first one stands for all before the stretch. */
static void note(struct bt_page_states *states, uint64_t ts_ns)
{
	if (ts_ns > states->until_ns)
		return;
	if (ts_ns < states->from_ns || !states->nr) {
		states->nr = 1;
		states->changes[0].ts_ns = ts_ns < states->from_ns ? states->from_ns : ts_ns;
	} else if (states->nr < BT_PAGE_STATES_MAX) {
		states->changes[states->nr++].ts_ns = ts_ns;
	} else {
		states->dropped++;
		return;
	}
	states->changes[states->nr - 1].state = states->state;
}

static bool is_on_page(const struct bt_page_states *states, const struct bt_event *ev)
{
	if (ev->type == BT_SET_BIT)
		return ev->bit.page == states->page;
	return states->page >= ev->page.page &&
	       states->page - ev->page.page < (ev->page.nr_pages ? ev->page.nr_pages : 1);
}

enum bt_page_state bt_page_state_after(enum bt_page_state state, unsigned int *outstanding,
				       const struct bt_event *ev)
{
	switch (ev->type) {
	case BT_SET_BIT:
		return BT_PAGE_WAITS;
	case BT_PAGE_WRITE_START:
		(*outstanding)++;
		return BT_PAGE_FLIGHT;
	default:
		*outstanding -= *outstanding > 0;
		if (*outstanding || state == BT_PAGE_WAITS)
			return state;
		return ev->status ? BT_PAGE_WAITS : BT_PAGE_DURABLE;
	}
}

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct bt_page_states *states = bt_container_of(sink, struct bt_page_states, sink);
	enum bt_page_state state;

	if (ev->bitmap != states->bitmap ||
	    (ev->type != BT_SET_BIT && ev->type != BT_PAGE_WRITE_START &&
	     ev->type != BT_PAGE_WRITE_END) ||
	    !is_on_page(states, ev))
		return 0;
	state = bt_page_state_after(states->state, &states->outstanding, ev);
	if (state == states->state)
		return 0;
	states->state = state;
	note(states, ev->ts_ns);
	return 0;
}

void bt_page_states_init(struct bt_page_states *states, uint32_t bitmap, uint32_t page,
			 uint64_t from_ns, uint64_t until_ns)
{
	memset(states, 0, sizeof(*states));
	states->sink.event = sink_event;
	states->bitmap = bitmap;
	states->page = page;
	states->from_ns = from_ns;
	states->until_ns = until_ns;
}
