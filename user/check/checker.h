/* SPDX-License-Identifier: GPL-2.0-only */
/* The sink that checks: the model, and the invariants that observe it. */
#ifndef BT_CHECKER_H
#define BT_CHECKER_H

#include "check/verdict.h"
#include "invariants/invariant.h"
#include "model/core/model.h"
#include "stream/sink.h"

/* Maximum age of a loss whose mark does not say: readings are half a second apart. */
#define BT_MISSED_WINDOW_NS UINT64_C(1500000000)

/* Which results subscribe to the events of each type. */
struct bt_subscriptions {
	uint8_t to[BT_EVENT_TYPE_MAX][BT_INVARIANTS_MAX];
	uint8_t nr[BT_EVENT_TYPE_MAX];
};

struct bt_checker {
	struct bt_sink sink;
	struct bt_observer observer;
	struct bt_model model;
	struct bt_result results[BT_INVARIANTS_MAX];
	unsigned int results_nr;
	struct bt_subscriptions always[BT_IMPLS];      /* by enum bt_impl of the bitmap */
	struct bt_subscriptions while_stale[BT_IMPLS]; /* likewise, of those out of date */
	struct bt_event_ref ending; /* start of the page write that the current event ends */
	uint64_t events;
	uint64_t lost;
	bt_type_set lost_types; /* of those, BT_TYPE_BIT */
	uint64_t set_bits;
	uint32_t backends_seen; /* bit per enum bt_backend */
	uint32_t levels_seen;	/* bit per level of an array, 1 to 10 */
	uint32_t impls_seen;	/* bit per enum bt_impl */
	uint64_t external;	/* bitmaps with metadata handled in user space */
	uint64_t came;		/* capabilities that came while tracing, a bit each */
	uint64_t came_late;	/* of those, that something was missed of before */
	char late[96];		/* what that was; "": nothing */
	char untraced[96];	/* which array is not traced, and why; "": none */
	uint64_t judged;	/* bitmaps that were judged */
};

/* strict: also the rules for disks with a volatile cache. */
void bt_checker_init(struct bt_checker *checker, bool strict);
/* Only these, strict or not, each once and in the order of the report. */
void bt_checker_init_only(struct bt_checker *checker, const struct bt_invariant *const *only,
			  unsigned int nr);
void bt_checker_free(struct bt_checker *checker);

/*
 * What this run could see. lost_total: from the source's own counters; the larger count is
 * used. incomplete: why the trace is incomplete, or NULL; not copied.
 */
struct bt_sight bt_checker_sight(const struct bt_checker *checker, const struct bt_trace_info *info,
				 uint64_t lost_total, const char *incomplete);

#endif /* BT_CHECKER_H */
