// SPDX-License-Identifier: GPL-2.0-only
#include "stream/array_watch.h"

#include <string.h>

static int array_watch_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct bt_array_watch *watch = bt_container_of(sink, struct bt_array_watch, sink);
	unsigned int i;

	if (ev->type != BT_BITMAP)
		return 0;
	for (i = 0; i < watch->nr; i++)
		if (watch->devs[i] == ev->geometry.dev)
			watch->met[i] = true;
	return 0;
}

void bt_array_watch_init(struct bt_array_watch *watch, const uint32_t *devs, unsigned int nr)
{
	memset(watch, 0, sizeof(*watch));
	watch->sink.event = array_watch_event;
	watch->devs = devs;
	watch->nr = nr < BT_ARRAYS_MAX ? nr : BT_ARRAYS_MAX;
}
