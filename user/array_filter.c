// SPDX-License-Identifier: GPL-2.0-only
#include "array_filter.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

struct bt_filtered_bitmap {
	uint32_t id;
	UT_hash_handle hh;
};

static bool wanted(const struct bt_array_filter *filter, const struct bt_event *ev)
{
	unsigned int i;

	for (i = 0; i < filter->names_nr; i++) {
		const char *name = filter->names[i];

		if (!strncmp(name, "/dev/", 5))
			name += 5;
		if (!strncmp(name, ev->array.name, sizeof(ev->array.name)))
			return true;
	}
	return false;
}

/* BT_ARRAY is the first record about a bitmap; it decides for the rest. */
static int admit(struct bt_array_filter *filter, const struct bt_event *ev)
{
	struct bt_filtered_bitmap *bitmap;

	if (!wanted(filter, ev))
		return 0;
	filter->matched = true;
	HASH_FIND(hh, filter->passing, &ev->bitmap, sizeof(ev->bitmap), bitmap);
	if (bitmap)
		return 0;
	bitmap = calloc(1, sizeof(*bitmap));
	if (!bitmap)
		return -ENOMEM;
	bitmap->id = ev->bitmap;
	HASH_ADD(hh, filter->passing, id, sizeof(bitmap->id), bitmap);
	return 0;
}

static int sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	struct bt_array_filter *filter = container_of(sink, struct bt_array_filter, sink);
	struct bt_filtered_bitmap *bitmap = NULL;
	int err;

	if (!filter->names_nr || !ev->bitmap)
		return bt_sink_event(filter->to, ev);
	if (ev->type == BT_ARRAY) {
		err = admit(filter, ev);
		if (err)
			return err;
	}
	HASH_FIND(hh, filter->passing, &ev->bitmap, sizeof(ev->bitmap), bitmap);
	return bitmap ? bt_sink_event(filter->to, ev) : 0;
}

void bt_array_filter_init(struct bt_array_filter *filter, const char *const *names,
			  unsigned int names_nr, struct bt_sink *to)
{
	memset(filter, 0, sizeof(*filter));
	filter->sink.event = sink_event;
	filter->to = to;
	filter->names = names;
	filter->names_nr = names_nr;
}

void bt_array_filter_free(struct bt_array_filter *filter)
{
	struct bt_filtered_bitmap *bitmap, *next;

	HASH_ITER (hh, filter->passing, bitmap, next) {
		HASH_DEL(filter->passing, bitmap);
		free(bitmap);
	}
}
