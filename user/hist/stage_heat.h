/* SPDX-License-Identifier: GPL-2.0-only */
/* Latencies over time: a row per interval, a column per power of two, shaded by count. */
#ifndef BT_STAGE_HEAT_H
#define BT_STAGE_HEAT_H

#include <stdio.h>

#include "base/term.h"
#include "hist/stage_set.h"

/* Rows of all maps together that are kept for printing; 10 MB. */
#define BT_HEAT_ROWS_MAX 32768

struct bt_heat_row;

struct bt_heat {
	FILE *out;
	struct bt_term term;
	struct bt_heat_row *rows; /* owned */
	uint32_t rows_nr, rows_cap;
	uint32_t titled; /* 1 + the stage of the last row printed, 0: none */
};

void bt_heat_init(struct bt_heat *heat, FILE *out, struct bt_term term);
void bt_heat_free(struct bt_heat *heat);

/*
 * The next row of each array and stage of the view. If the view has one stage its rows are
 * printed at once; otherwise they are kept for bt_heat_end, or until there are too many. 0 or
 * -ENOMEM.
 */
int bt_heat_add(struct bt_heat *heat, const struct bt_stage_view *view);

/*
 * Prints the kept rows, stage by stage and array by array, without empty maps, and then the
 * legend of the shades. Prints a message if there was no row.
 */
void bt_heat_end(struct bt_heat *heat);

#endif /* BT_STAGE_HEAT_H */
