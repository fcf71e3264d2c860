/* SPDX-License-Identifier: GPL-2.0-only */
/* What --known and --baseline say of the failures of a run. */
#ifndef BT_FORGIVE_H
#define BT_FORGIVE_H

#include "cli/cli.h"
#include "report/outcome.h"

/* report: judged. baseline: NULL without --baseline. */
void bt_forgive(const struct bt_options *options, const struct bt_outcome *baseline,
		struct bt_report *report);

#endif /* BT_FORGIVE_H */
