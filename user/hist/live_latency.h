/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A live kernel that measures latencies by itself: load, attach, take what
 * has been counted, detach. No event leaves it.
 */
#ifndef BT_LIVE_LATENCY_H
#define BT_LIVE_LATENCY_H

#include "hist/stage_set.h"
#include "live/live.h"

struct bt_live_latency;

/*
 * Loads and attaches, as bt_live_open does. What of config is about events
 * (strict, ring_bytes) does not matter here. 0 or -errno, with a message.
 */
int bt_live_latency_open(const struct bt_live_config *config, struct bt_live_latency **live,
			 struct bt_trace_info *info);

/*
 * Adds what was counted since the last time to the set, final and without
 * overlap. Losses are added to set->lost. 0 or -errno.
 */
int bt_live_latency_take(struct bt_live_latency *live, struct bt_stage_set *set);

/*
 * Counts until *stop becomes non-zero or argv's command has ended, like
 * bt_live_run. The sink is handed no events, but ticks: the first before the
 * command runs, then each time that due_ns, which it may move, has come, and
 * twice a second at least.
 */
int bt_live_latency_run(struct bt_live_latency *live, struct bt_sink *sink, const uint64_t *due_ns,
			char *const *argv, const volatile int *stop, int *command_status);

/* Of the whole run. */
struct bt_live_latency_lost {
	uint64_t no_room; /* durations whose beginning could not be remembered */
	const char *of;	  /* what most of them needed room for, for people */
	uint64_t missed;  /* runs of probes that the kernel skipped */
};

int bt_live_latency_lost(const struct bt_live_latency *live, struct bt_live_latency_lost *lost);

/* As bt_live_close. */
void bt_live_latency_close(struct bt_live_latency *live, bool behind);

#endif /* BT_LIVE_LATENCY_H */
