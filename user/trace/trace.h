/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The trace file: a header, blocks with a checksum each, and an end block.
 * The format is in docs/trace-format.md.
 */
#ifndef BT_TRACE_H
#define BT_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/capability.h"
#include "shared/perturb.h"
#include "stream/sink.h"
#include "stream/stacks.h"

/* What a trace records about its recording; also known for a live run. */
struct bt_trace_info {
	char release[65];   /* uname -r */
	char version[48];   /* of bitmap-trace that recorded it */
	char command[1024]; /* the command line of that; "": not known */
	char host[65];	    /* uname -n; "": not known, as is clock_ns then */
	int64_t clock_ns;   /* added to the time of an event: ns since 1970, UTC */
	struct bt_missing missing;
	uint64_t features; /* enum bt_feature: what the probes left out, and why */
	char perturb[640]; /* --perturb: what was asked for, as in the option; "": not perturbed */
	uint64_t perturb_ns; /* then: when its first slice began, as events have it */
	char slice_of[48];   /* slice that shows only this rule broken; "": whole */
};

/* Totals at the end of a run, for the loss report. */
struct bt_stream_stats {
	uint64_t emitted[BT_EVENT_TYPE_MAX];
	uint64_t lost_by_type[BT_EVENT_TYPE_MAX];
	uint64_t lost_by_channel[BT_LOSS_MAX]; /* MISSED is filled from the programs */
	struct bt_perturb_count perturbed[BT_PLACES];
};

/* ---- writing ---- */

struct bt_trace_writer;

/*
 * Opens path, and creates it if needed. An existing file is truncated when the first block is
 * written, at the latest at the second tick of the sink: a live run that ends before leaves it
 * unchanged. *writer is unchanged on failure. 0 or -errno.
 */
int bt_trace_create(const char *path, const struct bt_trace_info *info,
		    struct bt_trace_writer **writer);

/* The same with an open file, which then belongs to the writer. */
int bt_trace_create_fd(int fd, const struct bt_trace_info *info, struct bt_trace_writer **writer);

/*
 * The writer as a sink: buffers events into blocks. Owned by the writer. A failed write ends
 * the recording, not the run: the sink then drops events, and bt_trace_finish returns the
 * error.
 */
struct bt_sink *bt_trace_writer_sink(struct bt_trace_writer *writer);

/*
 * At each tick of the sink, also write the stacks that were added to the table since the last
 * tick: a run that is killed has no other chance. The table must live as long as the writer.
 */
void bt_trace_writer_stacks(struct bt_trace_writer *writer, const struct bt_stacks *stacks);

/*
 * Writes the buffered events, the stacks not yet written, the totals and the end block, and
 * closes the file. Always frees the writer. command_status: wait(2) status of the command that
 * ran, -1 if none. Returns 0 or the first error.
 */
int bt_trace_finish(struct bt_trace_writer *writer, const struct bt_stacks *stacks,
		    const struct bt_stream_stats *stats, int command_status);

/*
 * For a run that broke off: writes the buffered events and closes the file without an end
 * block, so that it is not read as complete. With nothing to write the file stays as it was
 * before bt_trace_create. Frees the writer.
 */
void bt_trace_abandon(struct bt_trace_writer *writer);

/* ---- reading ---- */

/* For messages; "-" is standard input. */
const char *bt_trace_name(const char *path);

/* How reading ended; several may be true. */
struct bt_trace_end {
	bool complete;	    /* the end block was there and every block good */
	uint64_t events;    /* events passed to the sink */
	int command_status; /* wait(2) status recorded, -1 unknown */
	char problem[160];  /* if not complete: what is wrong, and at which offset */
	struct bt_stream_stats stats;
};

/* Reports on stderr that the trace is incomplete, and why. */
void bt_trace_incomplete(const char *path, const struct bt_trace_end *end);

/*
 * Reads a whole trace: info first, then each event to the sink in order. The path "-" is
 * standard input. A damaged or truncated file is read up to the last good block; end->complete
 * is false and end->problem describes it. Stacks are added to *stacks. Returns 0 (also if not
 * complete), -EINVAL if the file is no trace or of another version (see end->problem), or
 * another -errno.
 */
int bt_trace_read(const char *path, struct bt_sink *sink, struct bt_stacks *stacks,
		  struct bt_trace_info *info, struct bt_trace_end *end);

#endif /* BT_TRACE_H */
