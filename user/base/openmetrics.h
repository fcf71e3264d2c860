/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parts of OpenMetrics text, in the subset that Prometheus' older format has, too:
 * https://github.com/OpenObservability/OpenMetrics/blob/main/specification/OpenMetrics.md
 */
#ifndef BT_OPENMETRICS_H
#define BT_OPENMETRICS_H

#include <stdint.h>
#include <stdio.h>

/* "bitmap_trace_NAME": TYPE (counter, gauge, histogram) and HELP of a family of metrics. */
void bt_openmetrics_family(FILE *out, const char *name, const char *type, const char *help);

/* A label's value, escaped, without the quotes */
void bt_openmetrics_label(FILE *out, const char *value);

/*
 * A counter without labels, with its family. created: when it began, seconds since 1970
 * (CLOCK_REALTIME), 0: not known.
 */
void bt_openmetrics_counter(FILE *out, const char *name, const char *help, uint64_t value,
			    double created);

#endif /* BT_OPENMETRICS_H */
