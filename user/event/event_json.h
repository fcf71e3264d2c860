/* SPDX-License-Identifier: GPL-2.0-only */
/* Events as JSON. */
#ifndef BT_EVENT_JSON_H
#define BT_EVENT_JSON_H

#include <json-c/json.h>

#include "event/event_print.h"

/*
 * A string up to its end or max bytes. Names come from the kernel, and from traces of unknown
 * origin, as bytes; JSON must be UTF-8, so non-ASCII bytes become '?'. NULL if out of memory.
 */
struct json_object *bt_json_text(const char *text, size_t max);

/*
 * One event as an object with the names of event_desc.h; names may be NULL. NULL if out of
 * memory; the caller puts it.
 */
struct json_object *bt_event_json(const struct bt_event *ev, const struct bt_names *names);

#endif /* BT_EVENT_JSON_H */
