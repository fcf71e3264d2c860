/* SPDX-License-Identifier: GPL-2.0-only */
/* The rules' results for monitoring, in OpenMetrics text; docs/fleets.md. */
#ifndef BT_RULE_METRICS_H
#define BT_RULE_METRICS_H

#include "report/report.h"

/* Of a report that is judged; without the "# EOF" at the end. */
void bt_rule_metrics(FILE *out, const struct bt_report *report);

#endif /* BT_RULE_METRICS_H */
