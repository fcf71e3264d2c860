/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Computes how long the stages in the life of a bit take, per array, from the stream of events;
 * a sink of its own. The same rules, step by step, as in bpf/hist/latency.bpf.c, which measures
 * without events: docs/latency.md.
 */
#ifndef BT_LATENCY_H
#define BT_LATENCY_H

#include "hist/stage_set.h"
#include "model/core/model.h"
#include "stream/sink.h"

/* A damaged trace may contain any number of them; those beyond are lost. */
#define BT_LATENCY_PAGES_MAX   65536
#define BT_LATENCY_WAITING_MAX (1u << 22)
#define BT_LATENCY_IOS_MAX     65536
#define BT_LATENCY_CALLS_MAX   16384
#define BT_LATENCY_WRITES_MAX  (1u << 17)

struct bt_latency_page;
struct bt_latency_round;
struct bt_latency_io;
struct bt_latency_call;
struct bt_latency_row;

struct bt_latency {
	struct bt_sink sink;
	struct bt_observer observer;
	struct bt_model model;
	struct bt_stage_set set; /* by name: continues after a re-assembly */

	struct bt_latency_page *pages;	 /* and the bits set in them that wait for a write */
	struct bt_latency_round *rounds; /* writes of pages that bits wait for */
	struct bt_latency_io *ios;	 /* submissions of page writes in flight */
	struct bt_latency_call *calls;	 /* current calls of threads */
	struct bt_latency_row *rows;	 /* user writes in flight, by sector */
	uint64_t rounds_last;
	uint32_t waiting_nr; /* bits, of all pages and rounds */
	uint32_t writes_nr;
};

void bt_latency_init(struct bt_latency *latency);
void bt_latency_free(struct bt_latency *latency);

#endif /* BT_LATENCY_H */
