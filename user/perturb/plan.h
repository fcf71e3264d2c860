/* SPDX-License-Identifier: GPL-2.0-only */
/* What --perturb SEED[:SLICE][,MAX][,PLACE]... says: where, and for how long at most. */
#ifndef BT_PERTURB_PLAN_H
#define BT_PERTURB_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "shared/perturb.h"

struct bt_perturb_plan {
	uint64_t seed;
	uint32_t slice_ms; /* the next seed each time that this has passed; 0: one seed */
	uint32_t us_max;
	uint32_t places;	    /* a bit each, those that were named; 0: all */
	uint32_t ns_max[BT_PLACES]; /* bounds of a spin */
};

/*
 * Reads "SEED[:SLICE][,MAX][,PLACE]...". PLACE is a name, or one without its _enter, _exit,
 * _start or _end for both. 0, or -EINVAL with the reason in why; *plan is unchanged then.
 */
int bt_perturb_parse(const char *text, struct bt_perturb_plan *plan, char *why, size_t len);

/* Writes the same again, such that it gives the same plan; cut off at len. */
void bt_perturb_print(const struct bt_perturb_plan *plan, char *text, size_t len);

#endif /* BT_PERTURB_PLAN_H */
