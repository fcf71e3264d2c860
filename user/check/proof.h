/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The proof of a finding: the smallest part of its trace that shows it, and that part as a
 * trace of its own (check --save-counterexample).
 */
#ifndef BT_PROOF_H
#define BT_PROOF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/output.h"
#include "invariants/invariant.h"
#include "stream/stacks.h"
#include "trace/trace.h"

struct bt_proof {
	const struct bt_result *broken; /* the result that it proves */
	struct bt_event_ref *events;	/* in stream order, with their seq there; owned */
	size_t nr;
};

/*
 * Reads the trace again, up to the event that broke the rule, and reduces it. arrays: as when
 * broken was found (struct bt_options). 0 or -errno, with a message on stderr. Free with
 * bt_proof_free.
 */
int bt_proof_find(struct bt_proof *proof, const struct bt_result *broken, const char *trace,
		  const char *const *arrays, unsigned int arrays_nr);
void bt_proof_free(struct bt_proof *proof);

/*
 * Writes it to path (atomic_file.h), with info about the kernel and the stacks of its events. 0
 * or -errno, with a message on stderr.
 */
int bt_proof_save(const struct bt_proof *proof, const char *path, const struct bt_trace_info *info,
		  const struct bt_stacks *stacks);

/* False for a pipe or the like. True if path does not exist: opening it will report that. */
bool bt_readable_again(const char *path);

#endif /* BT_PROOF_H */
