// SPDX-License-Identifier: GPL-2.0-only
/* The current calls of each thread that are measured, and its last unplug. */
#include <stdlib.h>

#include "hist/latency_internal.h"

static bool idle(const struct bt_latency_call *call)
{
	return !call->unplug_ns && !call->work_ns && !call->update_sb_ns && !call->daemon_ns &&
	       !call->round;
}

/* Threads come and go; idle ones can be created again. */
static void sweep(struct bt_latency *latency)
{
	struct bt_latency_call *call, *next;

	HASH_ITER (hh, latency->calls, call, next) {
		if (!idle(call))
			continue;
		HASH_DEL(latency->calls, call);
		free(call);
	}
}

static struct bt_latency_call *call_new(struct bt_latency *latency, struct bt_latency_key key)
{
	struct bt_latency_call *call;

	if (HASH_COUNT(latency->calls) >= BT_LATENCY_CALLS_MAX)
		sweep(latency);
	if (HASH_COUNT(latency->calls) >= BT_LATENCY_CALLS_MAX)
		return NULL;
	call = calloc(1, sizeof(*call));
	if (!call)
		return NULL;
	call->key = key;
	HASH_ADD(hh, latency->calls, key, sizeof(call->key), call);
	return call;
}

struct bt_latency_call *bt_latency_call(struct bt_latency *latency, const struct bt_view *view,
					bool create)
{
	struct bt_latency_key key = bt_latency_key(view, view->ev->tid);
	struct bt_latency_call *call;

	HASH_FIND(hh, latency->calls, &key, sizeof(key), call);
	if (call || !create)
		return call;
	call = call_new(latency, key);
	if (!call)
		latency->set.lost++;
	return call;
}

static void enter(struct bt_latency_call *call, const struct bt_event *ev)
{
	switch (ev->type) {
	case BT_UNPLUG_ENTER:
		call->wrote = false;
		call->unplug_ns = ev->ts_ns;
		break;
	case BT_UNPLUG_WORK_ENTER:
		call->work_ns = ev->ts_ns;
		break;
	case BT_UPDATE_SB_ENTER:
		call->update_sb_ns = ev->ts_ns;
		break;
	default:
		call->daemon_ns = ev->ts_ns;
		break;
	}
}

/* Data that the thread sends to members from now on has waited for this call. */
static void waited(struct bt_latency_call *call, uint64_t from_ns, uint64_t to_ns)
{
	call->wait_from_ns = from_ns;
	call->wait_to_ns = to_ns;
}

/* Ends one call; false: its beginning was not seen. */
static bool end(struct bt_latency *latency, const struct bt_view *view, enum bt_stage stage,
		uint64_t *from_ns)
{
	if (!*from_ns)
		return false;
	bt_latency_add(latency, view, stage, *from_ns);
	*from_ns = 0;
	return true;
}

/* By itself, or by a worker that it has waited for. */
static bool wrote(const struct bt_view *view, const struct bt_latency_call *call)
{
	const struct bt_unplug *unplug;

	if (!view->bitmap->ops || !view->bitmap->ops->unplugs_by_worker)
		return call->wrote;
	unplug = bt_unplug_find(view->bitmap, view->ev->tid);
	return unplug && unplug->worked;
}

static void leave(struct bt_latency *latency, const struct bt_view *view,
		  struct bt_latency_call *call)
{
	uint64_t unplug_ns = call->unplug_ns, work_ns = call->work_ns;
	bool closes = false;

	switch (view->ev->type) {
	case BT_UNPLUG_EXIT:
		closes = end(latency, view,
			     wrote(view, call) ? BT_STAGE_UNPLUG : BT_STAGE_UNPLUG_IDLE,
			     &call->unplug_ns);
		if (closes)
			waited(call, unplug_ns, view->ev->ts_ns);
		break;
	case BT_UNPLUG_WORK_EXIT:
		if (end(latency, view, BT_STAGE_UNPLUG_WORK, &call->work_ns))
			waited(call, work_ns, view->ev->ts_ns);
		break;
	case BT_UPDATE_SB_EXIT:
		closes = end(latency, view, BT_STAGE_UPDATE_SB, &call->update_sb_ns);
		break;
	default:
		closes = end(latency, view, BT_STAGE_DAEMON_PASS, &call->daemon_ns);
		break;
	}
	if (closes)
		bt_latency_round_close(latency, view, call);
}

void bt_latency_call_event(struct bt_latency *latency, const struct bt_view *view)
{
	struct bt_latency_call *call;

	switch (view->ev->type) {
	case BT_DAEMON_ENTER:
		if (view->ev->pass.allclean) /* returned at once */
			break;
		/* fallthrough */
	case BT_UNPLUG_ENTER:
	case BT_UNPLUG_WORK_ENTER:
	case BT_UPDATE_SB_ENTER:
		call = bt_latency_call(latency, view, true);
		if (call)
			enter(call, view->ev);
		break;
	case BT_UNPLUG_EXIT:
	case BT_UNPLUG_WORK_EXIT:
	case BT_UPDATE_SB_EXIT:
	case BT_DAEMON_EXIT:
		call = bt_latency_call(latency, view, false);
		if (call)
			leave(latency, view, call);
		break;
	default:
		break;
	}
}

void bt_latency_calls_free(struct bt_latency *latency, uint32_t bitmap)
{
	struct bt_latency_call *call, *next;

	HASH_ITER (hh, latency->calls, call, next) {
		if (bitmap && call->key.bitmap != bitmap)
			continue;
		HASH_DEL(latency->calls, call);
		free(call);
	}
}
