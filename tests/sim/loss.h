/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lost records, marked as the probes and the reader mark them: a ring buffer that was full
 * right before the next record that fits, a probe that the kernel skipped within half a second,
 * a bitmap page without a slot in the probes' table.
 */
#ifndef SIM_LOSS_H
#define SIM_LOSS_H

#include "event/type_set.h"
#include "sim.h"

enum sim_loss_kind { SIM_LOSS_NONE = 0, SIM_LOSS_RING, SIM_LOSS_PROBE, SIM_LOSS_MAP };

#define SIM_LOSS_BITMAPS 64 /* more than exist at a time */

struct sim_loss_options {
	enum sim_loss_kind kind;
	uint64_t seed;
	uint64_t one_in;  /* average number of records between losses; not for SIM_LOSS_MAP */
	bt_type_set only; /* types, BT_TYPE_BIT; 0: all */
};

struct sim_loss {
	struct sim_loss_options options;
	struct sim random; /* used only for its random numbers */
	sim_sink to;
	void *to_arg;
	uint64_t stretch;    /* records still to be lost */
	uint64_t unmarked;   /* lost and not reported yet */
	bt_type_set types;   /* types of those, BT_TYPE_BIT */
	uint64_t mark_at_ns; /* SIM_LOSS_PROBE: when it is reported */
	uint64_t dropped;
	/* SIM_LOSS_MAP: number of the page without a slot, plus one; 0: none */
	uint32_t unplaced[SIM_LOSS_BITMAPS];
};

/* "data", "counters", "super", "flush", "irqs": BT_TYPES_*; 0: another name. */
uint64_t sim_loss_set(const char *name);
void sim_loss_init(struct sim_loss *loss, const struct sim_loss_options *options, sim_sink to,
		   void *to_arg);
void sim_loss_event(void *loss, const struct bt_event *ev);
/* The stream ends: reports the losses that are not reported yet. */
void sim_loss_end(struct sim_loss *loss, uint64_t ts_ns);

#endif /* SIM_LOSS_H */
