/* SPDX-License-Identifier: GPL-2.0-only */
/* Each time that a rule was broken: in short, and how long until the disk had made up for it. */
#ifndef BT_VIOLATION_H
#define BT_VIOLATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/core/event_ref.h"

#define BT_VIOLATIONS_MAX 4096 /* kept of a rule */
#define BT_WATCHED_MAX	  512  /* of these, waiting for a write at the same time */
#define BT_KINDS_MAX	  8

struct bt_violation {
	uint64_t seq, ts_ns; /* of the event that broke the rule */
	const char *kind;    /* struct bt_counterexample */
	uint64_t about;
	uint64_t until_ns; /* when a write of the block made up for it; 0: none has */
	uint32_t bitmap;
	int16_t member;
	/* Until this block has a done write from after need; block is valid if until_ns or this. */
	bool watching;
	uint32_t block;
	struct bt_window need;
};

/* A way in which the rule was broken, and how often. */
struct bt_kind {
	const char *kind;
	uint64_t nr;
};

struct bt_violations {
	struct bt_violation *list; /* the first ones, in stream order; owned */
	unsigned int nr, cap;
	unsigned int watched_nr;
	struct bt_kind kinds[BT_KINDS_MAX];
	unsigned int kinds_nr;
};

/* Beyond BT_VIOLATIONS_MAX, and on lack of memory, it is only counted. */
void bt_violations_add(struct bt_violations *violations, const struct bt_violation *violation);
void bt_violations_free(struct bt_violations *violations);

/* Times from violation to the write that made up for it. */
struct bt_lateness {
	unsigned int nr;      /* measured */
	unsigned int open_nr; /* no such write was seen */
	uint64_t min_ns, median_ns, max_ns;
};

struct bt_lateness bt_violations_lateness(const struct bt_violations *violations);
/* Different chunks or pages they are about, of those that are kept. */
unsigned int bt_violations_places(const struct bt_violations *violations);

/* The message's format with N for each number, ? for a text: the same in two runs. As snprintf. */
int bt_kind_format(const char *kind, char *buf, size_t len);

#endif /* BT_VIOLATION_H */
