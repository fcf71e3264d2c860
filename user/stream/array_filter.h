/* SPDX-License-Identifier: GPL-2.0-only */
/* -a on a recorded trace: passes on only the events of the named arrays. */
#ifndef BT_ARRAY_FILTER_H
#define BT_ARRAY_FILTER_H

#include <stdbool.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/output.h"
#include "stream/sink.h"

#define BT_ARRAYS_MAX 64 /* -a, at most */

/* An array given with -a; a trace has the kernel's name and the number, no links in /dev. */
struct bt_wanted_array {
	const char *given; /* as given with -a; not owned */
	const char *name;  /* "md0"; NULL: only dev is known */
	uint32_t dev;	   /* kernel encoding, 0: only the name is known */
	bool is_link;	   /* given is a link, not a name that the kernel gives to an array */
	bool met;
};

/* For a message: arrays in the trace, up to BT_ARRAYS_SEEN_MAX. */
#define BT_ARRAYS_SEEN_MAX 16

struct bt_array_filter {
	struct bt_sink sink;
	struct bt_sink *to;
	struct bt_wanted_array wanted[BT_ARRAYS_MAX];
	unsigned int wanted_nr;
	struct bt_filtered_bitmap *passing; /* bitmaps of these arrays, by id */
	char seen[BT_ARRAYS_SEEN_MAX][33];
	unsigned int seen_nr;
};

/* names: "md0", "/dev/md0" or "9:0"; without names everything passes. */
void bt_array_filter_init(struct bt_array_filter *filter, const char *const *names,
			  unsigned int names_nr, struct bt_sink *to);
void bt_array_filter_free(struct bt_array_filter *filter);

/*
 * After reading: is an array that was asked for missing in the trace? Then prints that, and the
 * arrays in the trace. trace: its name in the message.
 */
bool bt_array_filter_missed(const struct bt_array_filter *filter, const char *trace, FILE *out);

#endif /* BT_ARRAY_FILTER_H */
