/* SPDX-License-Identifier: GPL-2.0-only */
/* The events of a failure side by side: a lane for each thread, the bitmap page, the members. */
#ifndef BT_LANES_H
#define BT_LANES_H

#include "report/group.h"
#include "report/paper.h"

void bt_lanes_print(const struct bt_paper *paper, const struct bt_report *report,
		    const struct bt_group *group);

#endif /* BT_LANES_H */
