/* SPDX-License-Identifier: GPL-2.0-only */
/* Latencies for people: histograms as biolatency prints them. */
#ifndef BT_STAGE_TEXT_H
#define BT_STAGE_TEXT_H

#include <stdio.h>

#include "stage_set.h"

/*
 * One title line with count, mean and extremes, then a line for each power of
 * two from the first to the last that is not empty: in microseconds, or in
 * nanoseconds when all are below 1024. Nothing but the title when empty.
 */
void bt_histogram_print(FILE *out, const char *title, const struct bt_histogram *histogram);

/* All histograms of all arrays; says so if there is none. */
void bt_stage_text(FILE *out, const struct bt_stage_set *set);

#endif /* BT_STAGE_TEXT_H */
