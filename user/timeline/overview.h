/* SPDX-License-Identifier: GPL-2.0-only */
/* The whole run in a strip: how much went on when. Its size does not grow with the run. */
#ifndef BT_OVERVIEW_H
#define BT_OVERVIEW_H

#include <stdio.h>

#include "invariants/violation.h"
#include "stream/sink.h"

#define BT_OVERVIEW_BINS 512

enum bt_overview_row { BT_OVERVIEW_BITS, BT_OVERVIEW_PAGES, BT_OVERVIEW_DATA, BT_OVERVIEW_ROWS };

/* A sink. Bins double in width, two by two, when time goes beyond the last one. */
struct bt_overview {
	struct bt_sink sink;
	uint64_t from_ns, until_ns, bin_ns; /* from_ns 0: no event yet */
	uint64_t rows[BT_OVERVIEW_ROWS][BT_OVERVIEW_BINS];
};

void bt_overview_init(struct bt_overview *overview);
/* As SVG, with the violations in red. */
void bt_overview_svg(FILE *out, const struct bt_overview *overview,
		     const struct bt_violations *violations);

#endif /* BT_OVERVIEW_H */
