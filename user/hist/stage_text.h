/* SPDX-License-Identifier: GPL-2.0-only */
/* Latencies as text: histograms in the style of biolatency, tables in the style of iostat. */
#ifndef BT_STAGE_TEXT_H
#define BT_STAGE_TEXT_H

#include <stdio.h>

#include "base/term.h"
#include "hist/stage_set.h"

/*
 * Two lines with count, total, mean, extremes and percentiles, then a line for each power of
 * two from the first to the last non-empty one: in microseconds, or in nanoseconds if all are
 * below 1024. Only the count if empty. percentiles: NULL for the usual ones; one that the count
 * does not carry is "-".
 */
void bt_histogram_text(FILE *out, const struct bt_term *term, const char *title,
		       const struct bt_histogram *histogram,
		       const struct bt_percentiles *percentiles);

/* The histograms of all arrays; prints a message if there is none. */
void bt_stage_text(FILE *out, const struct bt_term *term, const struct bt_stage_view *view);

/* A line for each array and stage with any durations. */
void bt_stage_table(FILE *out, const struct bt_term *term, const struct bt_stage_view *view);

/*
 * What is missing in the numbers: losses, stages that could not be measured. Nothing if
 * complete.
 */
void bt_stage_notes(FILE *out, const struct bt_stage_view *view);

#endif /* BT_STAGE_TEXT_H */
