/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One run of the tool: events from a live kernel or from a trace file into a
 * sink, and what is known of the run afterwards. What check, hist and record
 * have in common.
 */
#ifndef BT_RUN_H
#define BT_RUN_H

#include "cli/cli.h"
#include "live/live.h"
#include "perturb/perturb.h"
#include "report/report.h"
#include "stream/sink.h"
#include "stream/stacks.h"
#include "trace/trace.h"

struct bt_run {
	struct bt_trace_info info;
	struct bt_stream_stats stats;
	struct bt_stacks *stacks;     /* owned */
	int command_status;	      /* wait(2) status, -1: no command ran */
	bool incomplete;	      /* the trace ends before its end; stderr says so */
	char problem[160];	      /* then: why */
	const char *unseen;	      /* live: an array asked for of which no event came; or NULL */
	bool absent;		      /* ... and it does not exist either */
	int record_err;		      /* -errno: the trace of -o is incomplete, and why; else 0 */
	uint32_t devs[BT_ARRAYS_MAX]; /* live: of the arrays asked for */
	struct bt_perturb *perturb;   /* --perturb; likewise */
	struct bt_live *live;	      /* to be closed after the report, detaching is slow */
};

/*
 * Runs to the end: of the trace (-i), of COMMAND, or ^C. With -o the stream is
 * recorded, too. Messages for people are on stderr when it fails. 0 or -errno;
 * call bt_run_end in any case. When the trace cannot be written to its end the
 * run itself goes on: that is told on stderr and in record_err.
 */
int bt_run(struct bt_run *run, const struct bt_options *options, struct bt_sink *sink);

/* Detaches, frees. */
void bt_run_end(struct bt_run *run, const struct bt_options *options);

/* What a report needs of a run and its checker; the rest of *report is zeroed. Not owned. */
void bt_run_report(const struct bt_run *run, const struct bt_checker *checker,
		   struct bt_report *report);

/* Records lost on all channels, by the source's own count. */
uint64_t bt_run_lost(const struct bt_run *run);

#endif /* BT_RUN_H */
