/* SPDX-License-Identifier: GPL-2.0-only */
/* Events for programs. */
#ifndef BT_EVENT_JSON_H
#define BT_EVENT_JSON_H

#include <json-c/json.h>

#include "event_print.h"

/*
 * One event as an object with the names of event_desc.h; names may be NULL.
 * NULL on lack of memory; the caller puts it.
 */
struct json_object *bt_event_json(const struct bt_event *ev, const struct bt_names *names);

#endif /* BT_EVENT_JSON_H */
