/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of the live source. */
#ifndef BT_LIVE_INTERNAL_H
#define BT_LIVE_INTERNAL_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "event/type_set.h"
#include "live/live.h"
#include "live/ring.h"

struct bitmap_trace; /* the generated skeleton */

/* Runs of the probes that the kernel skipped. */
struct bt_missed {
	uint64_t total;
	uint64_t by_type[BT_EVENT_TYPE_MAX]; /* [0]: of programs that emit no event of their own */
};

struct bt_live {
	struct bt_session session;
	struct bitmap_trace *skel;
	const struct bt_live_config *config; /* while it is being loaded */
	struct bt_ring ring;
	uint64_t emitted[BT_EVENT_TYPE_MAX]; /* records taken from the ring */
	uint64_t bad_records;	 /* with another size than an event, or never committed */
	struct bt_missed missed; /* of which the stream has marks */
};

/* The kernel's counts up to now. 0 or -errno. */
int bt_live_missed(const struct bt_live *live, struct bt_missed *missed);
/* Types of the events that were skipped between two readings, BT_TYPE_BIT; 0: not known. */
bt_type_set bt_missed_types(const struct bt_missed *before, const struct bt_missed *now);

/* Opens, loads and attaches into live. 0 or -errno, with a message. */
int bt_live_load(struct bt_live *live, const struct bt_live_config *config,
		 struct bt_trace_info *info);

#endif /* BT_LIVE_INTERNAL_H */
