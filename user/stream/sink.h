/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything after the ring buffer is a sink: something that is handed one
 * event after the other, in stream order, and does not care whether they come
 * from a live kernel or from a file.
 */
#ifndef BT_SINK_H
#define BT_SINK_H

#include "shared/event.h"

/* What a sink or an observer is a member of. */
#define bt_container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/* The sink wants no more of a live run, and all is well. */
#define BT_SINK_DONE 1

struct bt_sink {
	/*
	 * Takes one event; it belongs to the caller and may be gone after the
	 * call. Returns 0, or -errno to end the stream early.
	 */
	int (*event)(struct bt_sink *sink, const struct bt_event *ev);

	/*
	 * May be NULL: a batch of events, from a source that has them in one
	 * piece. It lets the checker fetch memory ahead (checker.c). A tee gives some
	 * hundreds of them to one sink before the next has any.
	 */
	int (*events)(struct bt_sink *sink, const struct bt_event *ev, size_t nr);

	/*
	 * May be NULL. Live sources call it at the start, when all is attached
	 * and the rights are given up but no command runs yet, and then about
	 * twice a second, events or not, for whoever flushes or reports at
	 * intervals. Returns as above, or BT_SINK_DONE.
	 */
	int (*tick)(struct bt_sink *sink);
};

static inline int bt_sink_event(struct bt_sink *sink, const struct bt_event *ev)
{
	return sink->event(sink, ev);
}

/* nr of them, one behind the other. */
int bt_sink_events(struct bt_sink *sink, const struct bt_event *ev, size_t nr);

static inline int bt_sink_tick(struct bt_sink *sink)
{
	return sink->tick ? sink->tick(sink) : 0;
}

#define BT_TEE_MAX 4

/* Hands each event to several sinks, in the order they were added. */
struct bt_tee {
	struct bt_sink sink;
	struct bt_sink *to[BT_TEE_MAX];
	unsigned int nr;
};

void bt_tee_init(struct bt_tee *tee);
/* At most BT_TEE_MAX sinks; more is a programming error (assert). */
void bt_tee_add(struct bt_tee *tee, struct bt_sink *to);

#endif /* BT_SINK_H */
