// SPDX-License-Identifier: GPL-2.0-only
#include "check/slice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check/minimize.h"

/* Of another bitmap, or a name that no rule uses. */
static bool is_foreign(const struct bt_slice *slice, const struct bt_event *ev)
{
	if (ev->type == BT_TASK || ev->type == BT_ARRAY)
		return true;
	return ev->bitmap && ev->bitmap != slice->bitmap;
}

static int shorten(struct bt_slice *slice)
{
	size_t i, left = 0, half = slice->nr / 2;

	for (i = 0; i < slice->nr; i++)
		if (i >= half || bt_event_describes(&slice->events[i].ev))
			slice->events[left++] = slice->events[i];
	slice->nr = left;
	slice->shortened = true;
	/* Almost nothing was removed: the limit would be hit again soon. */
	return left > slice->max - slice->max / 4 ? -EFBIG : 0;
}

static int grow(struct bt_slice *slice)
{
	size_t cap = slice->cap ? 2 * slice->cap : 1024;
	struct bt_event_ref *events;

	if (slice->nr < slice->cap)
		return 0;
	if (cap > slice->max)
		cap = slice->max;
	if (slice->cap == cap)
		return shorten(slice);
	events = realloc(slice->events, cap * sizeof(*events));
	if (!events)
		return -ENOMEM;
	slice->events = events;
	slice->cap = cap;
	return 0;
}

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct bt_slice *slice = bt_container_of(sink, struct bt_slice, sink);
	int err;

	slice->seq++;
	if (slice->seq != slice->until && is_foreign(slice, ev))
		return 0;
	err = grow(slice);
	if (err)
		return err;
	slice->events[slice->nr++] = (struct bt_event_ref){ .seq = slice->seq, .ev = *ev };
	if (slice->seq < slice->until)
		return 0;
	slice->complete = true;
	return -ECANCELED;
}

void bt_slice_init(struct bt_slice *slice, uint32_t bitmap, uint64_t until)
{
	memset(slice, 0, sizeof(*slice));
	slice->sink.event = sink_event;
	slice->bitmap = bitmap;
	slice->until = until;
	slice->max = BT_SLICE_MAX;
}

void bt_slice_free(struct bt_slice *slice)
{
	free(slice->events);
}
