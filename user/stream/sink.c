// SPDX-License-Identifier: GPL-2.0-only
#include "stream/sink.h"

#include <assert.h>
#include <string.h>

/* That many events, 16 KiB, are still in the L1 cache when the next sink of a tee gets them. */
#define EVENTS_AT_ONCE 256

int bt_sink_events(struct bt_sink *sink, const struct bt_event *ev, size_t nr)
{
	size_t i;
	int err = 0;

	if (sink->events)
		return sink->events(sink, ev, nr);
	for (i = 0; i < nr && !err; i++)
		err = sink->event(sink, &ev[i]);
	return err;
}

static int tee_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct bt_tee *tee = (struct bt_tee *)sink;
	unsigned int i;
	int err;

	for (i = 0; i < tee->nr; i++) {
		err = bt_sink_event(tee->to[i], ev);
		if (err)
			return err;
	}
	return 0;
}

static int tee_events(struct bt_sink *sink, const struct bt_event *ev, size_t nr)
{
	struct bt_tee *tee = (struct bt_tee *)sink;
	unsigned int i;
	size_t some;
	int err;

	for (; nr; ev += some, nr -= some) {
		some = nr < EVENTS_AT_ONCE ? nr : EVENTS_AT_ONCE;
		for (i = 0; i < tee->nr; i++) {
			err = bt_sink_events(tee->to[i], ev, some);
			if (err)
				return err;
		}
	}
	return 0;
}

static int tee_tick(struct bt_sink *sink)
{
	struct bt_tee *tee = (struct bt_tee *)sink;
	unsigned int i;
	int err;

	for (i = 0; i < tee->nr; i++) {
		err = bt_sink_tick(tee->to[i]);
		if (err)
			return err;
	}
	return 0;
}

void bt_tee_init(struct bt_tee *tee)
{
	memset(tee, 0, sizeof(*tee));
	tee->sink.event = tee_event;
	tee->sink.events = tee_events;
	tee->sink.tick = tee_tick;
}

void bt_tee_add(struct bt_tee *tee, struct bt_sink *to)
{
	assert(tee->nr < BT_TEE_MAX);
	tee->to[tee->nr++] = to;
}
