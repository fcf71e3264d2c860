/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An invariant: one file, one descriptor. It looks at events of its choice before
 * the model takes them in, and reports to its result: held, broken (with evidence),
 * or not to be judged because something was not seen.
 */
#ifndef BT_INVARIANT_H
#define BT_INVARIANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/capability.h"
#include "model/core/model.h"

#define BT_EVIDENCE_MAX 16

/* The shortest slice of the stream that shows a broken rule. */
struct bt_counterexample {
	char message[256];
	char array[33];
	const char *kind;   /* in which way the rule is broken: the message's format */
	uint64_t about;	    /* chunk or page, where the offending event may break it for several */
	uint64_t offending; /* seq of the event that broke the rule */
	unsigned int nr;
	struct bt_event_ref events[BT_EVIDENCE_MAX]; /* in stream order */
	/* Until this block has a done write from after need, the story is not over. */
	bool watching;
	uint32_t bitmap, block;
	struct bt_window need;
};

struct bt_result {
	const struct bt_invariant *invariant;
	uint64_t held;
	uint64_t broken;
	uint64_t unjudged;	  /* came up, but something about it was not seen */
	const char *unjudged_why; /* of the last; static */
	uint64_t blind;		  /* came up where we cannot judge at all: no pass */
	const char *blind_why;
	uint64_t suspect; /* broken, on evidence in which a probe may have been skipped */
	struct bt_counterexample first; /* valid when broken > 0 */
};

/* What it costs when the rule is broken; the worst first. */
enum bt_severity {
	BT_SEVERITY_DATA = 0,	  /* after a crash mirrors may differ for good */
	BT_SEVERITY_RESYNC = 1,	  /* more is resynced than needed, or later */
	BT_SEVERITY_PROTOCOL = 2, /* a promise that others rely on */
	BT_SEVERITY_CONTEXT = 3,  /* locks, interrupts */
};

/* "data", "resync", "protocol", "context" */
const char *bt_severity_name(enum bt_severity severity);

struct bt_invariant {
	const char *name;	   /* as in docs/invariants.md */
	const char *statement;	   /* what must hold */
	enum bt_severity severity; /* of a violation */
	uint32_t impls; /* bit per enum bt_impl of the bitmaps that it is about; 0: all */
	/*
	 * What it cannot be judged without, where it matters (bt_capability_desc); every rule
	 * needs BT_SEES_LIFE besides. BT_CAPABILITY_LIST() or NULL
	 */
	const enum bt_capability *needs;
	/* Without these it may be broken unseen, though what is seen stands. */
	const enum bt_capability *needs_to_pass;
	bool strict; /* for disks with a volatile cache: only when asked for */
	/* If nothing was there to check: why that is in order. NULL: then the verdict is UNKNOWN.
	 */
	const char *may_be_idle;
	const char *idle;	 /* else: what was missing, for people */
	bt_type_set on;		 /* types of the events it is to look at, BT_TYPE_BIT */
	bt_type_set on_llbitmap; /* instead, of lockless bitmaps; 0: the same */
	bool on_unprotect;    /* and those that make chunks unprotected, as the bitmap has them */
	bool while_stale;     /* and only of bitmaps that were out of date at their last load */
	bt_type_set rests_on; /* of BT_TYPES_*: what its judgement rests on besides BT_TYPES_CORE */
	/* view->bitmap is not NULL. */
	void (*event)(struct bt_result *result, const struct bt_view *view);
	/* Instead of it for lockless bitmaps, where the rule is the same and its signs are others.
	 */
	void (*event_llbitmap)(struct bt_result *result, const struct bt_view *view);
	/* NULL, or: what a reader should know though nothing is broken; else text stays as it is.
	 */
	void (*remark)(const struct bt_model *model, char *text, size_t len);
};

/* Does it need the capability, to be judged or to pass? */
bool bt_invariant_needs(const struct bt_invariant *invariant, enum bt_capability capability);

/* Could a loss of these types, BT_TYPE_BIT, hide something from it or mislead it? */
bool bt_rests_on(const struct bt_invariant *invariant, bt_type_set types);

/* All of them, NULL-terminated, in the order of the report. */
extern const struct bt_invariant *const bt_invariants[];
#define BT_INVARIANTS_MAX 32

#define BT_ABOUT_CLASSIC  (1u << BT_IMPL_CLASSIC)
#define BT_ABOUT_LOCKLESS (1u << BT_IMPL_LLBITMAP)

/* Is it about a bitmap of this implementation? */
bool bt_invariant_is_about(const struct bt_invariant *invariant, uint8_t impl);

/* ---- for invariants ---- */

void bt_held(struct bt_result *result);
void bt_unjudged(struct bt_result *result, const char *why);
void bt_blind(struct bt_result *result, const char *why);
/* YES: held. MAYBE: unjudged, for this reason. False for NO: the caller says what is broken. */
bool bt_answered(struct bt_result *result, enum bt_tri answer, const char *maybe_why);
/* Of a page write that may carry a bit: why one cannot tell. */
#define BT_WRITTEN_WHILE_SET "the page was being written while the bit was being set"
/*
 * The event in view breaks the rule. Returns the counterexample to fill if it
 * is the first, with the event in view already in it; else NULL.
 */
struct bt_counterexample *bt_broken(struct bt_result *result, const struct bt_view *view,
				    const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The chunk or page it is about, if the event in view does not tell. */
void bt_about(struct bt_counterexample *cx, uint64_t chunk_or_page);
/* Adds an event in its place in the order; ignores seq 0, doubles, and what is too many. */
void bt_evidence(struct bt_counterexample *cx, const struct bt_event_ref *ref);
/* Evidence on the way of a block: the write under way, the unplugs that must write it. */
void bt_evidence_block(struct bt_counterexample *cx, const struct bt_view *view, uint32_t block,
		       struct bt_window need);
/* The event that made this chunk unprotected, or the load that found it so. */
void bt_evidence_clear(struct bt_counterexample *cx, const struct bt_view *view, uint64_t chunk);
/* What the task in view last did to push the bitmap out. */
void bt_evidence_task(struct bt_counterexample *cx, const struct bt_view *view, uint64_t since);

/* ---- what a rule looks at, chunk by chunk ---- */

/* A chunk that a user write at a member touches. */
struct bt_user_chunk {
	uint64_t index;
	const struct bt_chunk *known; /* NULL: nothing was reported of it */
	enum bt_protection protection;
	uint32_t block_index; /* where it lies */
};

/* What a write at a member is to the bitmap. */
enum bt_user_write {
	BT_USER_WRITE = 0,	    /* a user's, its chunks are known */
	BT_USER_WRITE_NONE = 1,	    /* resync, recovery, ...: none of a user's */
	BT_USER_WRITE_OWNER = 2,    /* whose it is is not known */
	BT_USER_WRITE_UNMAPPED = 3, /* this level has no known mapping to chunks */
	BT_USER_WRITE_RESHAPE = 4,  /* the array is being reshaped: no mapping */
	BT_USER_WRITE_OUTSIDE = 5,  /* outside the bitmap */
};

/* Calls judge for each chunk of the BT_DATA_START in view, if they are known. */
enum bt_user_write bt_for_each_user_chunk(struct bt_result *result, const struct bt_view *view,
					  void (*judge)(struct bt_result *result,
							const struct bt_view *view,
							const struct bt_user_chunk *chunk));
/* The same for a discard that needs no protected chunk (bt_impl_ops.discards_apart). */
enum bt_user_write bt_for_each_discarded_chunk(struct bt_result *result, const struct bt_view *view,
					       void (*judge)(struct bt_result *result,
							     const struct bt_view *view,
							     const struct bt_user_chunk *chunk));
/* Calls judge for each chunk that the event in view is about to make unprotected. */
void bt_for_each_unprotected(struct bt_result *result, const struct bt_view *view,
			     void (*judge)(struct bt_result *result, const struct bt_view *view,
					   uint64_t chunk));

#endif /* BT_INVARIANT_H */
