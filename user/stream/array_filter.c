// SPDX-License-Identifier: GPL-2.0-only
#include "stream/array_filter.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/dev_number.h"
#include "base/printable.h"

struct bt_filtered_bitmap {
	uint32_t id;
	UT_hash_handle hh;
};

/* "mdN" is always device 9:N, and the other way round. 0: not of that form. */
static uint32_t dev_of_name(const char *name)
{
	uint32_t dev = 0;

	bt_dev_parse_md(name, &dev);
	return dev;
}

static void parse_wanted(struct bt_wanted_array *wanted, const char *given)
{
	const char *name = strncmp(given, "/dev/", 5) ? given : given + 5;

	*wanted = (struct bt_wanted_array){ .given = given };
	if (bt_dev_parse(given, &wanted->dev) && wanted->dev >> BT_MINOR_BITS)
		return;
	wanted->is_link = strncmp(name, "md", 2) != 0 || !name[2] || strchr(name, '/');
	wanted->name = name;
	wanted->dev = dev_of_name(name);
}

static bool matches(const struct bt_wanted_array *wanted, const struct bt_event *ev)
{
	char name[sizeof(ev->array.name) + 1] = "";

	if (ev->type == BT_BITMAP)
		return wanted->dev && wanted->dev == ev->geometry.dev;
	memcpy(name, ev->array.name, sizeof(ev->array.name));
	return wanted->name ? !strcmp(wanted->name, name) : wanted->dev == dev_of_name(name);
}

static bool wanted(struct bt_array_filter *filter, const struct bt_event *ev)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < filter->wanted_nr; i++) {
		if (!matches(&filter->wanted[i], ev))
			continue;
		filter->wanted[i].met = true;
		any = true;
	}
	return any;
}

/* Names in a trace may come from anywhere: printed as plain text only. */
static void remember(struct bt_array_filter *filter, const struct bt_event *ev)
{
	unsigned int i;
	char *name;

	if (ev->type != BT_ARRAY || filter->seen_nr == BT_ARRAYS_SEEN_MAX)
		return;
	name = filter->seen[filter->seen_nr];
	memset(name, 0, sizeof(filter->seen[0]));
	for (i = 0; i < sizeof(ev->array.name) && ev->array.name[i]; i++)
		name[i] = ev->array.name[i] == ' ' ? '?' : bt_printable(ev->array.name[i]);
	for (i = 0; i < filter->seen_nr; i++)
		if (!strcmp(filter->seen[i], name))
			return;
	filter->seen_nr++;
}

/*
 * BT_ARRAY has the name of a bitmap's array, BT_BITMAP its number. Either may come first, or
 * alone; the first match decides for the whole bitmap.
 */
static int admit(struct bt_array_filter *filter, const struct bt_event *ev)
{
	struct bt_filtered_bitmap *bitmap;

	remember(filter, ev);
	if (!wanted(filter, ev))
		return 0;
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
	struct bt_array_filter *filter = bt_container_of(sink, struct bt_array_filter, sink);
	struct bt_filtered_bitmap *bitmap = NULL;
	int err;

	if (!filter->wanted_nr || !ev->bitmap)
		return bt_sink_event(filter->to, ev);
	if (ev->type == BT_ARRAY || ev->type == BT_BITMAP) {
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
	unsigned int i;

	memset(filter, 0, sizeof(*filter));
	filter->sink.event = sink_event;
	filter->to = to;
	for (i = 0; i < names_nr && i < BT_ARRAYS_MAX; i++)
		parse_wanted(&filter->wanted[filter->wanted_nr++], names[i]);
}

void bt_array_filter_free(struct bt_array_filter *filter)
{
	struct bt_filtered_bitmap *bitmap, *next;

	HASH_ITER (hh, filter->passing, bitmap, next) {
		HASH_DEL(filter->passing, bitmap);
		free(bitmap);
	}
}

static void print_seen(const struct bt_array_filter *filter, const char *trace, FILE *out)
{
	unsigned int i;

	fprintf(out, "bitmap-trace: %s: arrays in the trace:", trace);
	for (i = 0; i < filter->seen_nr; i++)
		fprintf(out, " %s", filter->seen[i]);
	fputs(!filter->seen_nr			      ? " none\n"
	      : filter->seen_nr == BT_ARRAYS_SEEN_MAX ? " ...\n"
						      : "\n",
	      out);
}

bool bt_array_filter_missed(const struct bt_array_filter *filter, const char *trace, FILE *out)
{
	bool missed = false;
	unsigned int i;

	for (i = 0; i < filter->wanted_nr; i++) {
		if (filter->wanted[i].met)
			continue;
		fprintf(out, "bitmap-trace: %s: array '%s' is not in the trace%s\n", trace,
			filter->wanted[i].given,
			filter->wanted[i].is_link ? ", which has kernel names (md0, md_home) and "
						    "numbers (9:0), but no links in /dev/md"
						  : "");
		missed = true;
	}
	if (missed)
		print_seen(filter, trace, out);
	return missed;
}
