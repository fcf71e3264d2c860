/* SPDX-License-Identifier: GPL-2.0-only */
/* From results to verdicts: PASS, FAIL, UNKNOWN, N/A. */
#ifndef BT_VERDICT_H
#define BT_VERDICT_H

#include <stddef.h>
#include <stdint.h>

#include "base/output.h"
#include "invariants/invariant.h"
#include "trace/trace.h"

/* What the run as a whole could see; every verdict depends on it. */
struct bt_sight {
	uint64_t lost;			  /* records lost on all channels while recording */
	bt_type_set lost_types;		  /* of those, BT_TYPE_BIT */
	const char *incomplete;		  /* why the trace is incomplete; NULL: it is complete */
	bool blind;			  /* state was dropped (bounds, memory) */
	uint32_t backends_seen;		  /* bit per enum bt_backend that wrote a page */
	uint32_t levels_seen;		  /* bit per level of an array with a bitmap, 1 to 10 */
	uint32_t impls_seen;		  /* bit per enum bt_impl of a bitmap; 0: there was none */
	bool external_only;		  /* every bitmap has external metadata */
	const char *untraced;		  /* which array is not traced, and why; NULL: none */
	uint64_t came;			  /* capabilities that came while tracing, a bit each */
	uint64_t came_late;		  /* of those, that something was missed of before */
	const char *late;		  /* what that was */
	const struct bt_model *model;	  /* as it is at the end; not owned, may be NULL */
	const struct bt_trace_info *info; /* missing hooks; not owned, may be NULL */
};

/* The reason's prefix if only the incomplete trace prevents a verdict. */
#define BT_TRACE_INCOMPLETE "trace incomplete"

/* reason: always filled in, at most len bytes. */
enum bt_verdict bt_verdict_of(const struct bt_result *result, const struct bt_sight *sight,
			      char *reason, size_t len);

/* FAIL if any fails, else UNKNOWN if any is unknown, else PASS; UNKNOWN if there is none. */
enum bt_verdict bt_verdict_join(const enum bt_verdict *verdicts, unsigned int nr);

#endif /* BT_VERDICT_H */
