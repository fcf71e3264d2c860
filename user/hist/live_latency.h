/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A live kernel that measures latencies itself: load, attach, read the counts, detach. No
 * events are sent to user space.
 */
#ifndef BT_LIVE_LATENCY_H
#define BT_LIVE_LATENCY_H

#include "hist/stage_set.h"
#include "live/live.h"

struct bt_live_latency;

/*
 * Loads and attaches, as bt_live_open does. The fields of config for events (strict,
 * ring_bytes) are ignored. 0 or -errno, with a message.
 */
int bt_live_latency_open(const struct bt_live_config *config, struct bt_live_latency **live,
			 struct bt_trace_info *info);

/*
 * Adds the durations counted since the last call to the set; none is counted twice. Losses are
 * added to set->lost. 0 or -errno.
 */
int bt_live_latency_take(struct bt_live_latency *live, struct bt_stage_set *set);

/*
 * Counts until *stop becomes non-zero or argv's command has ended, like bt_live_run. The sink
 * gets no events, only ticks: the first before the command runs, then each time due_ns is
 * reached, which the sink may change, and at least twice a second.
 */
int bt_live_latency_run(struct bt_live_latency *live, struct bt_sink *sink, const uint64_t *due_ns,
			char *const *argv, const volatile int *stop, int *command_status);

/* Losses of the whole run. */
struct bt_live_latency_lost {
	uint64_t no_room; /* durations whose beginning could not be stored */
	const char *of;	  /* what most of them needed room for, as text */
	uint64_t missed;  /* runs of probes that the kernel skipped */
};

int bt_live_latency_lost(const struct bt_live_latency *live, struct bt_live_latency_lost *lost);

/* As bt_live_close. */
void bt_live_latency_close(struct bt_live_latency *live, bool behind);

#endif /* BT_LIVE_LATENCY_H */
