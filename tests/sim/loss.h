/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records that get lost on the way, marked as the probes and the reader mark
 * them: a ring buffer that was full right before the next record that can be
 * written, a probe that the kernel skipped within half a second, a page of a bitmap for which
 * the probes' map had no room.
 */
#ifndef SIM_LOSS_H
#define SIM_LOSS_H

#include "event/type_set.h"
#include "sim.h"

enum sim_loss_kind { SIM_LOSS_NONE = 0, SIM_LOSS_RING, SIM_LOSS_PROBE, SIM_LOSS_MAP };

#define SIM_LOSS_BITMAPS 64 /* more than there are at a time */

struct sim_loss_options {
	enum sim_loss_kind kind;
	uint64_t seed;
	uint64_t one_in;  /* records, on the average, from loss to loss; not of SIM_LOSS_MAP */
	bt_type_set only; /* types, BT_TYPE_BIT; 0: all */
};

struct sim_loss {
	struct sim_loss_options options;
	struct sim random; /* for its chance alone */
	sim_sink to;
	void *to_arg;
	uint64_t stretch;    /* records still to be lost */
	uint64_t unmarked;   /* lost and not told of yet */
	bt_type_set types;   /* of those, BT_TYPE_BIT */
	uint64_t mark_at_ns; /* SIM_LOSS_PROBE: when it is told */
	uint64_t dropped;
	/* SIM_LOSS_MAP: the page of a bitmap that has no place, and one more; 0: all have one */
	uint32_t unplaced[SIM_LOSS_BITMAPS];
};

/* "data", "counters", "super", "flush", "irqs": BT_TYPES_*; 0: none of these. */
uint64_t sim_loss_set(const char *name);
void sim_loss_init(struct sim_loss *loss, const struct sim_loss_options *options, sim_sink to,
		   void *to_arg);
void sim_loss_event(void *loss, const struct bt_event *ev);
/* The stream ends: what is not told of yet is told now. */
void sim_loss_end(struct sim_loss *loss, uint64_t ts_ns);

#endif /* SIM_LOSS_H */
