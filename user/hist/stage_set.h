/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What has been measured: a histogram for each array and stage. Where they
 * come from (the stream of events, or the kernel, which counts by itself) and
 * in which form they go out both end here.
 */
#ifndef BT_STAGE_SET_H
#define BT_STAGE_SET_H

#include <stdbool.h>

#include "base/hash.h"
#include "hist/histogram.h"
#include "hist/stage.h"

/* A damaged trace may speak of any number of arrays; what is beyond is lost. */
#define BT_STAGE_ARRAYS_MAX 1024

struct bt_stage_array {
	char name[33]; /* "md0"; as in the stream, it may hold anything */
	UT_hash_handle hh;
	bool failed;			       /* out of memory, while it is added */
	struct bt_histogram stages[BT_STAGES]; /* memory that was never needed is not touched */
};

struct bt_stage_set {
	struct bt_stage_array *arrays; /* by name, in the order they were met */
	uint64_t lost;		       /* durations that could not be kept */
	uint64_t lost_records;	       /* events that never came, so do their durations */
	/* Why a stage was not measured, for people; NULL: it was. Not owned. */
	const char *missing[BT_STAGES];
};

/* What is to be reported of a set. */
struct bt_stage_view {
	const struct bt_stage_set *set;
	uint32_t stages;	    /* bt_stage_bit of those asked for */
	uint64_t from_ns, until_ns; /* CLOCK_MONOTONIC: the time it covers */
};

static inline uint32_t bt_stage_bit(unsigned int stage)
{
	return UINT32_C(1) << stage;
}

#define BT_STAGES_ALL ((UINT32_C(1) << BT_STAGES) - 1)

/* It was asked for, and could be measured. */
static inline bool bt_stage_shown(const struct bt_stage_view *view, unsigned int stage)
{
	return view->stages & bt_stage_bit(stage) && !view->set->missing[stage];
}

void bt_stage_set_init(struct bt_stage_set *set);
void bt_stage_set_free(struct bt_stage_set *set);

/*
 * Of that array, which is created if need be; "" becomes "?". NULL when there
 * are too many, or no memory. Valid until the set is freed.
 */
struct bt_stage_array *bt_stage_set_array(struct bt_stage_set *set, const char *name);

/* One duration; counts as lost what cannot be kept. */
void bt_stage_set_add(struct bt_stage_set *set, const char *array, enum bt_stage stage,
		      uint64_t ns);

/* Adds all of from; what cannot be kept is lost, missing becomes from's. */
void bt_stage_set_merge(struct bt_stage_set *set, const struct bt_stage_set *from);

/* Empties the histograms and forgets the losses, keeps the arrays: for the next interval. */
void bt_stage_set_reset(struct bt_stage_set *set);

#endif /* BT_STAGE_SET_H */
