/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files that measure latencies out of the stream. */
#ifndef BT_LATENCY_INTERNAL_H
#define BT_LATENCY_INTERNAL_H

#include "hist/latency.h"

/* Something of one bitmap. */
struct bt_latency_key {
	uint64_t of; /* page, thread, sector, or address */
	uint64_t bitmap;
};

static inline struct bt_latency_key bt_latency_key(const struct bt_view *view, uint64_t of)
{
	return (struct bt_latency_key){ .of = of, .bitmap = view->ev->bitmap };
}

/* One thread at work for one bitmap. Times are those it entered at; 0: it is not inside. */
struct bt_latency_call {
	struct bt_latency_key key;
	UT_hash_handle hh;
	uint64_t unplug_ns, work_ns, update_sb_ns, daemon_ns;
	uint64_t wait_from_ns, wait_to_ns; /* its last unplug, by itself or by a kworker */
	bool wrote;			   /* the unplug it is in has submitted a page */
	bool writing;			   /* it is submitting the parts of a page write: */
	uint32_t page;
	uint64_t first_part; /* what that write began with */
	uint64_t round;	     /* id; 0: no bit waits for it */
};

/* One duration, from then to the event at hand. */
void bt_latency_add(struct bt_latency *latency, const struct bt_view *view, enum bt_stage stage,
		    uint64_t from_ns);

/* Threads (latency_call.c). */
void bt_latency_call_event(struct bt_latency *latency, const struct bt_view *view);
/* Of the event's thread; NULL: not met, or (create) no room, which is counted. */
struct bt_latency_call *bt_latency_call(struct bt_latency *latency, const struct bt_view *view,
					bool create);
void bt_latency_calls_free(struct bt_latency *latency, uint32_t bitmap);

/* Pages and bits (latency_page.c). */
void bt_latency_page_event(struct bt_latency *latency, const struct bt_view *view);
/* The thread does something else: the write it was submitting has all its parts. */
void bt_latency_round_close(struct bt_latency *latency, const struct bt_view *view,
			    struct bt_latency_call *call);
/* Of one bitmap; 0: of all. */
void bt_latency_pages_free(struct bt_latency *latency, uint32_t bitmap);

/* Users' writes (latency_write.c). */
void bt_latency_write_event(struct bt_latency *latency, const struct bt_view *view);
void bt_latency_writes_free(struct bt_latency *latency, uint32_t bitmap);

#endif /* BT_LATENCY_INTERNAL_H */
