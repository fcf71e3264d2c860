/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The programs that hold up the kernel (bpf/perturb/), from load to detach.
 *
 * Their order with the tracer's programs at the same function: the kernel runs last what was
 * attached first, except at tracepoints, where it runs first. A spin is to be farther from the
 * function than the tracer's event, before it at an entry and behind it at an exit: then the
 * event is as close to what it is about as without. So this is opened before the tracer, with
 * tracepoints and exits, and gets its entries when the tracer is attached.
 */
#ifndef BT_PERTURB_H
#define BT_PERTURB_H

#include <stdbool.h>

#include "perturb/plan.h"

struct bt_perturb;

/*
 * Loads what the plan needs; attaches tracepoints and exits. 0, or -errno with a message on
 * stderr; *perturb is unchanged then.
 */
int bt_perturb_open(const struct bt_perturb_plan *plan, bool verbose, struct bt_perturb **perturb);

/* Attaches the entries, once the tracer is attached. 0, or -errno with a message on stderr. */
int bt_perturb_enter(struct bt_perturb *perturb);

/* From now on slices are counted. Returns the time, as events have it. */
uint64_t bt_perturb_begin(struct bt_perturb *perturb);

/* From here on, and until it is switched off, the programs spin. */
void bt_perturb_switch(struct bt_perturb *perturb, bool on);

void bt_perturb_counts(const struct bt_perturb *perturb, struct bt_perturb_count counts[BT_PLACES]);

/* Detaches and frees; NULL is allowed. behind: as in bt_session_close. */
void bt_perturb_close(struct bt_perturb *perturb, bool behind);

#endif /* BT_PERTURB_H */
