/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything after the ring buffer is a sink: it gets one event after the other in stream
 * order, from a live kernel or from a file.
 */
#ifndef BT_SINK_H
#define BT_SINK_H

#include "shared/event.h"

/* What a sink or an observer is a member of. */
#define bt_container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/* The sink ends a live run without an error. */
#define BT_SINK_DONE 1

struct bt_sink {
	/*
	 * Handles one event; it belongs to the caller and may be invalid after the call.
	 * Returns 0, or -errno to end the stream early.
	 */
	int (*event)(struct bt_sink *sink, const struct bt_event *ev);

	/*
	 * May be NULL. A batch of events, from a source that has them in one array. With it the
	 * checker prefetches memory (checker.c). A tee passes some hundreds of events to one
	 * sink before the next gets any.
	 */
	int (*events)(struct bt_sink *sink, const struct bt_event *ev, size_t nr);

	/*
	 * May be NULL. Live sources call it at the start, when all probes are attached and the
	 * capabilities are dropped but no command runs yet, and then about twice a second, with
	 * or without events: for sinks that flush or report at intervals. Returns as above, or
	 * BT_SINK_DONE.
	 */
	int (*tick)(struct bt_sink *sink);
};

static inline int bt_sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	return sink->event(sink, ev);
}

/* nr events in one array. */
int bt_sink_events(struct bt_sink *sink, const struct bt_event *ev, size_t nr);

static inline int bt_sink_tick(struct bt_sink *sink)
{
	return sink->tick ? sink->tick(sink) : 0;
}

#define BT_TEE_MAX 4

/* Passes each event to several sinks, in the order in which they were added. */
struct bt_tee {
	struct bt_sink sink;
	struct bt_sink *to[BT_TEE_MAX];
	unsigned int nr;
};

void bt_tee_init(struct bt_tee *tee);
/* At most BT_TEE_MAX sinks; more is a programming error (assert). */
void bt_tee_add(struct bt_tee *tee, struct bt_sink *to);

#endif /* BT_SINK_H */
