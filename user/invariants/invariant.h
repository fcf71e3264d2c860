/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An invariant is one file with one descriptor. It looks at the events that it selects before
 * the model applies them, and reports a result: held, broken (with evidence), or unjudged
 * because something was not seen.
 */
#ifndef BT_INVARIANT_H
#define BT_INVARIANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/capability.h"
#include "invariants/violation.h"
#include "model/core/model.h"

#define BT_EVIDENCE_MAX 16
#define BT_STORY_MAX	12

/* The shortest slice of the stream that shows a broken rule. */
struct bt_counterexample {
	char message[256];
	char array[33];
	const char *kind; /* format string of the message: identifies the kind of violation */
	uint64_t about;	  /* chunk or page, if the offending event can break the rule for several */
	uint64_t offending; /* seq of the event that broke the rule */
	unsigned int nr;
	struct bt_event_ref events[BT_EVIDENCE_MAX]; /* in stream order */
	/* What else happened to this block and this chunk meanwhile: no evidence, but context. */
	unsigned int story_nr;
	struct bt_event_ref story[BT_STORY_MAX];
	/* Events are added until a write of this block that covers need has completed. */
	bool watching;
	uint32_t bitmap, block;
	struct bt_window need;
};

struct bt_result {
	const struct bt_invariant *invariant;
	uint64_t held;
	uint64_t broken;
	bool unsettled;		  /* the newest violation is not in violations yet */
	uint64_t unjudged;	  /* cases with some evidence missing */
	const char *unjudged_why; /* reason of the last one; static storage */
	uint64_t blind;		  /* cases that cannot be judged at all: the rule cannot PASS */
	const char *blind_why;
	uint64_t suspect; /* broken, but a probe may have been skipped within the evidence */
	struct bt_counterexample first; /* valid when broken > 0 */
	struct bt_counterexample later; /* of the newest violation, if it is not the first */
	struct bt_violations violations;
};

/* What a violation of the rule costs, the worst first. */
enum bt_severity {
	BT_SEVERITY_DATA = 0,	  /* after a crash the mirrors may differ and stay different */
	BT_SEVERITY_RESYNC = 1,	  /* a resync does more than needed, or happens late */
	BT_SEVERITY_PROTOCOL = 2, /* a guarantee that other code relies on */
	BT_SEVERITY_CONTEXT = 3,  /* locks, interrupts */
};

/* "data", "resync", "protocol", "context" */
const char *bt_severity_name(enum bt_severity severity);

struct bt_invariant {
	const char *name;	   /* as in docs/invariants.md */
	const char *statement;	   /* what must hold */
	enum bt_severity severity; /* of a violation */
	uint32_t impls; /* bit per enum bt_impl of the bitmaps that it is about; 0: all */
	/* For `explain`, docs/invariants.md and the report; NULL: nothing to say. */
	const char *consequence; /* of a violation, in one sentence */
	const char *functions;	 /* of md, that keep or break it */
	const char *example;	 /* of a violation */
	const char *correct;	 /* what a correct kernel does, in one sentence */
	const char *findings;	 /* where it is known to be broken */
	/* Rules whose violation may be the reason for one of this: names, NULL at the end. */
	const char *const *follows_from;
	/*
	 * The rule is not judged without these (bt_capability_desc), unless they do not matter
	 * for this array. Every rule also needs BT_SEES_LIFE. BT_CAPABILITY_LIST() or NULL
	 */
	const enum bt_capability *needs;
	/*
	 * Without these a violation can go unnoticed, so no PASS; a violation that is seen is
	 * reported.
	 */
	const enum bt_capability *needs_to_pass;
	bool strict; /* for disks with a volatile cache: judged with --strict only */
	/* If the rule was never checked: the reason why that is N/A. NULL: UNKNOWN instead. */
	const char *may_be_idle;
	const char *idle;	 /* if never checked and may_be_idle is NULL: what was missing */
	bt_type_set on;		 /* types of the events that the rule looks at, BT_TYPE_BIT */
	bt_type_set on_llbitmap; /* instead of these, of lockless bitmaps; 0: the same */
	bool on_unprotect;	 /* and those that make chunks unprotected in this implementation */
	bool while_stale;	 /* only for bitmaps that were out of date at their last load */
	bt_type_set rests_on;	 /* of BT_TYPES_*: a loss of these, or of BT_TYPES_CORE: UNKNOWN */
	/* view->bitmap is not NULL. */
	void (*event)(struct bt_result *result, const struct bt_view *view);
	/* Instead of event, for lockless bitmaps, if the rule is the same and its events differ. */
	void (*event_llbitmap)(struct bt_result *result, const struct bt_view *view);
	/*
	 * May be NULL. Writes a remark for the reader although the rule is not broken, or
	 * leaves text as it is.
	 */
	void (*remark)(const struct bt_model *model, char *text, size_t len);
};

/* Is the capability in needs or needs_to_pass? */
bool bt_invariant_needs(const struct bt_invariant *invariant, enum bt_capability capability);

/* Can a loss of events of these types hide a violation, or cause a false one? */
bool bt_rests_on(const struct bt_invariant *invariant, bt_type_set types);

/* All rules, NULL-terminated, in the order of the report. */
extern const struct bt_invariant *const bt_invariants[];
#define BT_INVARIANTS_MAX 32

#define BT_ABOUT_CLASSIC  (1u << BT_IMPL_CLASSIC)
#define BT_ABOUT_LOCKLESS (1u << BT_IMPL_LLBITMAP)

/* Is it about a bitmap of this implementation? */
bool bt_invariant_is_about(const struct bt_invariant *invariant, uint8_t impl);
#define BT_RULES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* ---- for invariants ---- */

void bt_held(struct bt_result *result);
void bt_unjudged(struct bt_result *result, const char *why);
void bt_blind(struct bt_result *result, const char *why);
/*
 * YES: held. MAYBE: unjudged, with this reason. NO: returns false, the caller reports the
 * violation.
 */
bool bt_answered(struct bt_result *result, enum bt_tri answer, const char *maybe_why);
/* Why it is not known whether a page write carries a bit. */
#define BT_WRITTEN_WHILE_SET "the page was being written while the bit was being set"
/*
 * The event in view breaks the rule. Returns the counterexample to fill in, which has that event
 * already.
 */
struct bt_counterexample *bt_broken(struct bt_result *result, const struct bt_view *view,
				    const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Adds the newest violation, which is complete now, to the others. */
void bt_settle(struct bt_result *result);
/* The rule of this name, or NULL. */
const struct bt_invariant *bt_invariant_find(const char *name);
/* The chunk or page of the violation, if the event in view does not say. */
void bt_about(struct bt_counterexample *cx, uint64_t chunk_or_page);
/*
 * Inserts an event in stream order. Ignores seq 0, duplicates, and events beyond the maximum.
 */
void bt_evidence(struct bt_counterexample *cx, const struct bt_event_ref *ref);
/* An event that is no evidence but belongs to the picture. */
void bt_story(struct bt_counterexample *cx, const struct bt_event_ref *ref);
/* Evidence about a block: its write in flight, and the unplugs that must write it. */
void bt_evidence_block(struct bt_counterexample *cx, const struct bt_view *view, uint32_t block,
		       struct bt_window need);
/* Adds the event that made this chunk unprotected, or the load that found it unprotected. */
void bt_evidence_clear(struct bt_counterexample *cx, const struct bt_view *view, uint64_t chunk);
/* Adds the last events by which the task in view wrote the bitmap out. */
void bt_evidence_task(struct bt_counterexample *cx, const struct bt_view *view, uint64_t since);

/* ---- iterating over chunks ---- */

/* A chunk that a user write at a member touches. */
struct bt_user_chunk {
	uint64_t index;
	const struct bt_chunk *known; /* NULL: nothing was reported of it */
	enum bt_protection protection;
	uint32_t block_index; /* block that holds the chunk */
};

/* What kind of write is submitted to a member, from the bitmap's point of view? */
enum bt_user_write {
	BT_USER_WRITE = 0,	    /* of a user, its chunks are known */
	BT_USER_WRITE_NONE = 1,	    /* of resync, recovery, ...: not of a user */
	BT_USER_WRITE_OWNER = 2,    /* its origin is not known */
	BT_USER_WRITE_UNMAPPED = 3, /* no known mapping from sectors to chunks for this level */
	BT_USER_WRITE_RESHAPE = 4,  /* the array is being reshaped: no mapping */
	BT_USER_WRITE_OUTSIDE = 5,  /* outside the bitmap */
};

/* Calls judge for each chunk of the BT_DATA_START in view, if its chunks are known. */
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
