/* SPDX-License-Identifier: GPL-2.0-only */
/* Latencies for people: histograms as biolatency prints them, tables as iostat does. */
#ifndef BT_STAGE_TEXT_H
#define BT_STAGE_TEXT_H

#include <stdio.h>

#include "base/term.h"
#include "hist/stage_set.h"

/*
 * Two lines with count, total, mean, extremes and percentiles, then a line for
 * each power of two from the first to the last that is not empty: in
 * microseconds, or in nanoseconds when all are below 1024. Nothing but the
 * count when empty.
 */
void bt_histogram_text(FILE *out, const struct bt_term *term, const char *title,
		       const struct bt_histogram *histogram);

/* The histograms of all arrays; says so if there is none. */
void bt_stage_text(FILE *out, const struct bt_term *term, const struct bt_stage_view *view);

/* A line for each array and stage with anything in it. */
void bt_stage_table(FILE *out, const struct bt_term *term, const struct bt_stage_view *view);

/* What the numbers lack: losses, stages that could not be measured. Nothing when they lack none. */
void bt_stage_notes(FILE *out, const struct bt_stage_view *view);

#endif /* BT_STAGE_TEXT_H */
