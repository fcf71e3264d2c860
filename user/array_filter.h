/* SPDX-License-Identifier: GPL-2.0-only */
/* -a on a recorded trace: passes on only what belongs to the arrays named. */
#ifndef BT_ARRAY_FILTER_H
#define BT_ARRAY_FILTER_H

#include <stdbool.h>
#include <uthash.h>

#include "sink.h"

struct bt_array_filter {
	struct bt_sink sink;
	struct bt_sink *to;
	const char *const *names; /* as given with -a; not owned */
	unsigned int names_nr;
	struct bt_filtered_bitmap *passing; /* bitmaps of these arrays, by id */
	bool matched;			    /* one of the names was met */
};

/* Without names everything passes. */
void bt_array_filter_init(struct bt_array_filter *filter, const char *const *names,
			  unsigned int names_nr, struct bt_sink *to);
void bt_array_filter_free(struct bt_array_filter *filter);

#endif /* BT_ARRAY_FILTER_H */
