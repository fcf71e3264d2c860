/* SPDX-License-Identifier: GPL-2.0-only */
/* Latencies as JSON. */
#ifndef BT_STAGE_JSON_H
#define BT_STAGE_JSON_H

#include <json-c/json.h>

#include "hist/stage_set.h"

/* One object with the schema docs/hist.schema.json; the caller puts it. */
struct json_object *bt_stage_json(const struct bt_stage_view *view);

#endif /* BT_STAGE_JSON_H */
