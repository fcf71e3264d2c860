/* SPDX-License-Identifier: GPL-2.0-only */
/* Latencies for programs. */
#ifndef BT_LATENCY_JSON_H
#define BT_LATENCY_JSON_H

#include <json-c/json.h>

#include "latency.h"

/* All histograms of all arrays as one object, see docs/latency.md; the caller puts it. */
struct json_object *bt_latency_json(const struct bt_latency *latency);

#endif /* BT_LATENCY_JSON_H */
