/* SPDX-License-Identifier: GPL-2.0-only */
/* How long the stages in the life of a bit take, per bitmap; a sink of its own. */
#ifndef BT_LATENCY_H
#define BT_LATENCY_H

#include "histogram.h"
#include "model/model.h"
#include "sink.h"

/* Which two events, and what is left out: docs/latency.md. */
enum bt_stage {
	BT_STAGE_UNPLUG = 0,	     /* __bitmap_unplug entry -> exit, with a page to write */
	BT_STAGE_UNPLUG_IDLE = 1,    /* the same, with nothing to write */
	BT_STAGE_SET_TO_DISK = 2,    /* set_bit -> end of the first write that covers it */
	BT_STAGE_PAGE_WRITE = 3,     /* one submission of a bitmap page: start -> end */
	BT_STAGE_DIRTY_TO_WRITE = 4, /* first set_bit on a clean page -> page write start */
	BT_STAGE_LIFETIME = 5,	     /* set_bit -> clear_bit of the same chunk */
	BT_STAGES = 6,
};

/* "unplug", "set_bit to disk", ... */
const char *bt_stage_name(enum bt_stage stage);

struct bt_latency_array {
	char name[33];
	UT_hash_handle hh;
	struct bt_histogram stages[BT_STAGES];
};

struct bt_latency_page;

/* A damaged trace may speak of any number of them; what is beyond is lost. */
#define BT_LATENCY_ARRAYS_MAX  1024
#define BT_LATENCY_PAGES_MAX   65536
#define BT_LATENCY_WAITING_MAX (1u << 22)

struct bt_latency {
	struct bt_sink sink;
	struct bt_observer observer;
	struct bt_model model;
	struct bt_latency_array *arrays; /* by name: an array re-assembled goes on */
	struct bt_latency_page *pages;	 /* set_bits that wait to reach the disk */
	uint32_t waiting_nr;		 /* of all pages */
	uint64_t lost;
};

void bt_latency_init(struct bt_latency *latency);
void bt_latency_free(struct bt_latency *latency);
/* All histograms of all arrays; says so if there is none. */
void bt_latency_print(FILE *out, const struct bt_latency *latency);
/* Empties the histograms, keeps what is under way: for the next interval. */
void bt_latency_reset(struct bt_latency *latency);

#endif /* BT_LATENCY_H */
