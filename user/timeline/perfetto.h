/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A whole run as a trace for Perfetto's viewer (ui.perfetto.dev): its TrackEvent format. Tracks:
 * threads; of each array its bitmap pages and its members; the failures. Arrows lead from a bit
 * that is set to the write of its page, and on to the data.
 */
#ifndef BT_PERFETTO_H
#define BT_PERFETTO_H

#include <stdio.h>

#include "base/hash.h"
#include "model/core/model.h"
#include "report/report.h"

/* What is not known of more is left out. */
#define BT_PERFETTO_TRACKS_MAX 65536
#define BT_PERFETTO_FLOWS_MAX  65536 /* bits set whose data has not been sent yet */
#define BT_PERFETTO_LANES_MAX  256   /* writes of one member at the same time */

struct bt_perfetto_track;
struct bt_perfetto_flow;
struct bt_perfetto_write;

/* A sink, for the second reading. */
struct bt_perfetto {
	struct bt_sink sink;
	struct bt_observer observer;
	struct bt_model model;
	FILE *out; /* whether it took all is for the caller to see */
	const struct bt_report *report;
	bool begun;
	struct bt_perfetto_track *tracks;
	struct bt_perfetto_flow *flows;
	struct bt_perfetto_write *writes; /* of data, in flight */
	uint64_t dropped;		  /* events that had no room */
};

/* report: judged, of the same trace. */
void bt_perfetto_init(struct bt_perfetto *perfetto, FILE *out, const struct bt_report *report);
/* After the last event: the failures. */
void bt_perfetto_end(struct bt_perfetto *perfetto);
void bt_perfetto_free(struct bt_perfetto *perfetto);

#endif /* BT_PERFETTO_H */
