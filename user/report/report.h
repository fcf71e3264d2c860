/* SPDX-License-Identifier: GPL-2.0-only */
/* The outcome of a check, and the forms it is told in. */
#ifndef BT_REPORT_H
#define BT_REPORT_H

#include <stdio.h>

#include "base/output.h"
#include "base/term.h"
#include "check/checker.h"
#include "check/proof.h"
#include "check/verdict.h"
#include "event/event_print.h"
#include "stream/stacks.h"
#include "trace/trace.h"

struct bt_report {
	const struct bt_checker *checker;
	const struct bt_names *names;
	const struct bt_stacks *stacks;
	const struct bt_trace_info *info;
	const struct bt_stream_stats *stats;
	struct bt_sight sight;
	int command_status;	      /* wait(2) status, -1: no command */
	const char *unseen;	      /* an array asked for of which nothing was seen, or NULL */
	const struct bt_proof *proof; /* of one of the broken rules, or NULL */
	struct bt_term term;	      /* text: of a terminal, else 0 */
	bool events;		      /* text: raw events, too */
	bool all;		      /* text: a line for each violation */
	unsigned long max;	      /* ... at most, 0: all of them */
	bool only;		      /* not all rules were to be judged */
	/* Filled by bt_report_judge. */
	enum bt_verdict verdicts[BT_INVARIANTS_MAX];
	char reasons[BT_INVARIANTS_MAX][192];
	bool known[BT_INVARIANTS_MAX]; /* broken, but known to be: bt_report_forgive */
	enum bt_verdict verdict;
	char reason[256]; /* of the overall verdict */
};

/* Fills in the verdicts from the rest. */
void bt_report_judge(struct bt_report *report);

/* These results, if they are FAIL, are known failures: the overall verdict is that of the others.
 */
void bt_report_forgive(struct bt_report *report, const bool known[BT_INVARIANTS_MAX]);

/* Exit status for it: enum bt_exit. */
int bt_report_exit(const struct bt_report *report);

/* Whether out took it is for the caller to see (ferror). */
void bt_report_text(FILE *out, const struct bt_report *report);
void bt_report_json(FILE *out, const struct bt_report *report);
void bt_report_ktap(FILE *out, const struct bt_report *report);
/* For a larger whole; the caller frees it. */
struct json_object *bt_report_object(const struct bt_report *report);
void bt_report_write(FILE *out, const struct bt_report *report, enum bt_format format);

/* ---- for the forms ---- */

/* A line of counts: events, set_bits, lost; before it, that the trace is incomplete. */
void bt_report_counts(FILE *out, const struct bt_report *report, const char *prefix);
/* Is it only the lost end of the trace that stands in the way of a verdict? */
bool bt_report_cut_off(const struct bt_report *report, unsigned int result);
/*
 * The events of a counterexample, in order: its evidence, and its proof where
 * that is known. Start with a zeroed one; false: there are no more.
 */
struct bt_shown {
	const struct bt_event_ref *ref;
	bool offending;
	bool proof;	 /* part of it */
	unsigned int nr; /* of the evidence, and of the proof, so far */
	size_t proof_nr;
};

bool bt_report_shown(const struct bt_report *report, const struct bt_counterexample *cx,
		     struct bt_shown *shown);
/* Is it about a chunk? Else about a bitmap page: the message says first which of them. */
bool bt_report_about_chunk(const struct bt_counterexample *cx);
/* Has this rule a counterexample to tell? What a slice does to other rules is none. */
bool bt_report_tells(const struct bt_report *report, unsigned int result);
/* Is it known which of these events are the proof? */
bool bt_report_proves(const struct bt_report *report, const struct bt_counterexample *cx);
/* The counterexample of a broken rule; prefix begins each line. */
void bt_report_evidence(FILE *out, const struct bt_report *report, const struct bt_result *result,
			const char *prefix);

#endif /* BT_REPORT_H */
