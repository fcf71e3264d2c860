// SPDX-License-Identifier: GPL-2.0-only
#include "sink.h"

#include <assert.h>
#include <string.h>

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
	tee->sink.tick = tee_tick;
}

void bt_tee_add(struct bt_tee *tee, struct bt_sink *to)
{
	assert(tee->nr < BT_TEE_MAX);
	tee->to[tee->nr++] = to;
}
