// SPDX-License-Identifier: GPL-2.0-only
#include "stream/names_sink.h"

#include <errno.h>

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct bt_names_sink *names = (struct bt_names_sink *)sink; /* its first member */

	switch (ev->type) {
	case BT_TASK:
	case BT_ARRAY:
	case BT_BITMAP:
	case BT_SYMBOL:
		return bt_names_learn(names->names, ev);
	default:
		return 0;
	}
}

static int sink_events(struct bt_sink *sink, const struct bt_event *ev, size_t nr)
{
	size_t i;
	int err = 0;

	for (i = 0; i < nr && !err; i++)
		err = sink_event(sink, &ev[i]);
	return err;
}

int bt_names_sink_init(struct bt_names_sink *sink)
{
	struct bt_names *names = bt_names_new();

	if (!names)
		return -ENOMEM;
	sink->sink = (struct bt_sink){ .event = sink_event, .events = sink_events };
	sink->names = names;
	return 0;
}

void bt_names_sink_free(struct bt_names_sink *sink)
{
	bt_names_free(sink->names);
}
