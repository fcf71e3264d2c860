/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The proof of a finding: the least part of its trace that shows it, and that
 * part as a trace of its own (check --save-counterexample).
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
	const struct bt_result *broken; /* what it proves */
	struct bt_event_ref *events;	/* in stream order, with their seq there; owned */
	size_t nr;
};

/*
 * Reads the trace again, as far as the event that broke the rule, and reduces
 * it. arrays: as they were when broken was found (struct bt_options). 0 or
 * -errno, with a message on stderr. Free with bt_proof_free.
 */
int bt_proof_find(struct bt_proof *proof, const struct bt_result *broken, const char *trace,
		  const char *const *arrays, unsigned int arrays_nr);
void bt_proof_free(struct bt_proof *proof);

/*
 * Writes it to path (atomic_file.h), with what info says of the kernel and the stacks of its
 * events. 0 or -errno, with a message on stderr.
 */
int bt_proof_save(const struct bt_proof *proof, const char *path, const struct bt_trace_info *info,
		  const struct bt_stacks *stacks);

/* Not a pipe or the like. true if there is none: who opens it will tell. */
bool bt_readable_again(const char *path);

#endif /* BT_PROOF_H */
