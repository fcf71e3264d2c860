/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What `hist` prints and writes, in the form that was asked for. Whoever
 * measures, from the stream or in the kernel, hands over what each interval
 * has brought, or the whole run as one.
 */
#ifndef BT_HIST_OUT_H
#define BT_HIST_OUT_H

#include "cli/cli.h"
#include "cli/textfile.h"
#include "hist/stage_heat.h"
#include "hist/stage_set.h"

struct bt_hist_out {
	const struct bt_options *options;
	FILE *out;
	struct bt_term term;
	struct bt_stage_set total; /* of all intervals so far */
	struct bt_heat heat;
	int64_t clock_ns; /* of the events' times: bt_trace_info; 0: not known */
	bool begun;	  /* hdr: the head of the log is written */
	double created;	  /* CLOCK_REALTIME of bt_hist_out_start in s, 0: never called */
	struct bt_textfile textfile;
};

void bt_hist_out_init(struct bt_hist_out *out, const struct bt_options *options, FILE *stream);
void bt_hist_out_free(struct bt_hist_out *out);

/*
 * Of a live run, before anything is measured: the time it begins, and a
 * --textfile with nothing in it, to see that it can be written. 0, or -errno
 * with a message on stderr.
 */
int bt_hist_out_start(struct bt_hist_out *out);

/*
 * One interval, or without INTERVAL the whole run, is over: set is what it has
 * brought, and nothing of what was before. It is the caller's and may change
 * afterwards. Times: CLOCK_MONOTONIC of the events.
 */
void bt_hist_out_interval(struct bt_hist_out *out, const struct bt_stage_set *set, uint64_t from_ns,
			  uint64_t until_ns);

/*
 * After the last interval. 0, or -errno when --textfile could not be written;
 * that has been told on stderr.
 */
int bt_hist_out_end(struct bt_hist_out *out);

#endif /* BT_HIST_OUT_H */
