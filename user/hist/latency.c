// SPDX-License-Identifier: GPL-2.0-only
#include "hist/latency_internal.h"

#include <string.h>

void bt_latency_add(struct bt_latency *latency, const struct bt_view *view, enum bt_stage stage,
		    uint64_t from_ns)
{
	/* Records are in order, but their clocks only nearly: two CPUs, two readings. */
	bt_stage_set_add(&latency->set, view->bitmap->name, stage,
			 view->ev->ts_ns > from_ns ? view->ev->ts_ns - from_ns : 0);
}

/* Of one bitmap; 0: of all. */
static void forget(struct bt_latency *latency, uint32_t bitmap)
{
	bt_latency_pages_free(latency, bitmap);
	bt_latency_calls_free(latency, bitmap);
	bt_latency_writes_free(latency, bitmap);
}

static void bit_cleared(struct bt_latency *latency, const struct bt_view *view)
{
	const struct bt_chunk *chunk = bt_chunk_find(view->bitmap, view->ev->bit.chunk);

	if (chunk && (chunk->state == BT_BIT_SET || chunk->own.classic.unconfirmed))
		bt_latency_add(latency, view, BT_STAGE_LIFETIME, chunk->set.ev.ts_ns);
}

static void bitmap_event(struct bt_latency *latency, const struct bt_view *view)
{
	switch (view->ev->type) {
	case BT_SET_BIT:
	case BT_PAGE_WRITE_START:
	case BT_PAGE_WRITE_END:
		bt_latency_page_event(latency, view);
		break;
	case BT_STARTWRITE:
	case BT_ENDWRITE:
	case BT_DATA_START:
		bt_latency_write_event(latency, view);
		break;
	case BT_CLEAR_BIT:
		bit_cleared(latency, view);
		break;
	case BT_BITMAP: /* reported again: it has new storage */
		bt_latency_pages_free(latency, view->ev->bitmap);
		break;
	case BT_GONE:
		forget(latency, view->ev->bitmap);
		break;
	default:
		bt_latency_call_event(latency, view);
		break;
	}
}

/* The lost records may be of any type: the operations in progress are not known any more. */
static void lost(struct bt_latency *latency, const struct bt_view *view)
{
	forget(latency, 0);
	latency->set.lost_records += view->ev->lost.count;
}

/*
 * Before the model applies the event: for a bit that is cleared it still has the time when it
 * was set.
 */
static void before(struct bt_observer *observer, const struct bt_view *view)
{
	struct bt_latency *latency = bt_container_of(observer, struct bt_latency, observer);

	if (view->ev->type == BT_LOST)
		lost(latency, view);
	else if (view->bitmap && view->bitmap->ops)
		bitmap_event(latency, view);
}

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	return bt_model_event(&bt_container_of(sink, struct bt_latency, sink)->model, ev);
}

void bt_latency_init(struct bt_latency *latency)
{
	memset(latency, 0, sizeof(*latency));
	latency->sink.event = sink_event;
	latency->observer.before = before;
	bt_stage_set_init(&latency->set);
	bt_model_init(&latency->model);
	bt_model_observe(&latency->model, &latency->observer);
}

void bt_latency_free(struct bt_latency *latency)
{
	forget(latency, 0);
	bt_stage_set_free(&latency->set);
	bt_model_free(&latency->model);
}
