/* SPDX-License-Identifier: GPL-2.0-only */
/* How long the stages in the life of a bit take, per bitmap; a sink of its own. */
#ifndef BT_LATENCY_H
#define BT_LATENCY_H

#include "model/model.h"
#include "sink.h"
#include "stage_set.h"

struct bt_latency_page;

/* A damaged trace may speak of any number of them; what is beyond is lost. */
#define BT_LATENCY_PAGES_MAX   65536
#define BT_LATENCY_WAITING_MAX (1u << 22)

struct bt_latency {
	struct bt_sink sink;
	struct bt_observer observer;
	struct bt_model model;
	struct bt_stage_set set;       /* by name: an array re-assembled goes on */
	struct bt_latency_page *pages; /* set_bits that wait to reach the disk */
	uint32_t waiting_nr;	       /* of all pages */
};

void bt_latency_init(struct bt_latency *latency);
void bt_latency_free(struct bt_latency *latency);

#endif /* BT_LATENCY_H */
