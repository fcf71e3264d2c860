/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files that measure latencies from the stream. */
#ifndef BT_LATENCY_INTERNAL_H
#define BT_LATENCY_INTERNAL_H

#include "hist/latency.h"

/* Key of something that belongs to one bitmap. */
struct bt_latency_key {
	uint64_t of; /* page, thread, sector, or address */
	uint64_t bitmap;
};

static inline struct bt_latency_key bt_latency_key(const struct bt_view *view, uint64_t of)
{
	return (struct bt_latency_key){ .of = of, .bitmap = view->ev->bitmap };
}

/* A thread that works for one bitmap. Times are those of the entry; 0: not inside. */
struct bt_latency_call {
	struct bt_latency_key key;
	UT_hash_handle hh;
	uint64_t unplug_ns, work_ns, update_sb_ns, daemon_ns;
	uint64_t wait_from_ns, wait_to_ns; /* its last unplug, by itself or by a kworker */
	bool wrote;			   /* its current unplug has submitted a page */
	bool writing; /* it is submitting the copies or blocks of a page write: */
	uint32_t page;
	uint64_t first_part; /* first copy or block of that write */
	uint64_t round;	     /* id; 0: no bit waits for it */
};

/* Records one duration, from then to the current event. */
void bt_latency_add(struct bt_latency *latency, const struct bt_view *view, enum bt_stage stage,
		    uint64_t from_ns);

/* Threads (latency_call.c). */
void bt_latency_call_event(struct bt_latency *latency, const struct bt_view *view);
/* The thread of the event; NULL: not known, or (create) no room, which is counted. */
struct bt_latency_call *bt_latency_call(struct bt_latency *latency, const struct bt_view *view,
					bool create);
void bt_latency_calls_free(struct bt_latency *latency, uint32_t bitmap);

/* Pages and bits (latency_page.c). */
void bt_latency_page_event(struct bt_latency *latency, const struct bt_view *view);
/* The thread does something else: its page write gets no more submissions. */
void bt_latency_round_close(struct bt_latency *latency, const struct bt_view *view,
			    struct bt_latency_call *call);
/* Of one bitmap; 0: of all. */
void bt_latency_pages_free(struct bt_latency *latency, uint32_t bitmap);

/* Users' writes (latency_write.c). */
void bt_latency_write_event(struct bt_latency *latency, const struct bt_view *view);
void bt_latency_writes_free(struct bt_latency *latency, uint32_t bitmap);

#endif /* BT_LATENCY_INTERNAL_H */
