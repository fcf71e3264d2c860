/* SPDX-License-Identifier: GPL-2.0-only */
/* Latencies for programs. */
#ifndef BT_STAGE_JSON_H
#define BT_STAGE_JSON_H

#include <json-c/json.h>

#include "stage_set.h"

/* All histograms of all arrays as one object, see docs/latency.md; the caller puts it. */
struct json_object *bt_stage_json(const struct bt_stage_set *set);

#endif /* BT_STAGE_JSON_H */
