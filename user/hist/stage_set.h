/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The measured durations: a histogram for each array and stage. Both sources (the stream of
 * events, and the kernel's own counts) fill it, and every output format reads it.
 */
#ifndef BT_STAGE_SET_H
#define BT_STAGE_SET_H

#include <stdbool.h>

#include "base/hash.h"
#include "hist/histogram.h"
#include "hist/stage.h"

/* A damaged trace may contain any number of arrays; those beyond are lost. */
#define BT_STAGE_ARRAYS_MAX 1024

struct bt_stage_array {
	char name[33]; /* "md0"; from the stream, so any bytes are possible */
	UT_hash_handle hh;
	bool failed;			       /* out of memory while it was added */
	struct bt_histogram stages[BT_STAGES]; /* unused ones are never touched in memory */
};

struct bt_stage_set {
	struct bt_stage_array *arrays; /* by name, in the order of their first event */
	uint64_t lost;		       /* durations that could not be stored */
	uint64_t lost_records;	       /* lost events, whose durations are missing */
	/* Why a stage was not measured, as text; NULL: it was measured. Not owned. */
	const char *missing[BT_STAGES];
};

/* --percentiles, in the order in which they were given. */
#define BT_PERCENTILES_MAX 8
struct bt_percentiles {
	uint32_t per_million[BT_PERCENTILES_MAX];
	unsigned int nr; /* 0: those of each form */
};

/* The part of a set that is to be reported. */
struct bt_stage_view {
	const struct bt_stage_set *set;
	const struct bt_percentiles *percentiles; /* text; NULL: those of each form */
	int64_t clock_ns;	    /* added to the times: ns since 1970, UTC; 0: not known */
	uint32_t stages;	    /* bt_stage_bit of the requested stages */
	uint64_t from_ns, until_ns; /* CLOCK_MONOTONIC: the time it covers */
};

static inline uint32_t bt_stage_bit(unsigned int stage)
{
	return UINT32_C(1) << stage;
}

#define BT_STAGES_ALL ((UINT32_C(1) << BT_STAGES) - 1)

/* It was requested, and could be measured. */
static inline bool bt_stage_shown(const struct bt_stage_view *view, unsigned int stage)
{
	return view->stages & bt_stage_bit(stage) && !view->set->missing[stage];
}

void bt_stage_set_init(struct bt_stage_set *set);
void bt_stage_set_free(struct bt_stage_set *set);

/*
 * The entry of that array, created if needed; "" becomes "?". NULL if there are too many, or
 * out of memory. Valid until the set is freed.
 */
struct bt_stage_array *bt_stage_set_array(struct bt_stage_set *set, const char *name);

/* Adds one duration; counts it as lost if it cannot be stored. */
void bt_stage_set_add(struct bt_stage_set *set, const char *array, enum bt_stage stage,
		      uint64_t ns);

/* Adds all of from; durations that cannot be stored are lost, missing becomes from's. */
void bt_stage_set_merge(struct bt_stage_set *set, const struct bt_stage_set *from);

/* Empties the histograms and resets the losses, keeps the arrays: for the next interval. */
void bt_stage_set_reset(struct bt_stage_set *set);

#endif /* BT_STAGE_SET_H */
