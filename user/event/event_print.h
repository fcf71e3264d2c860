/* SPDX-License-Identifier: GPL-2.0-only */
/* Events as text: names learned from the stream, and one line per event. */
#ifndef BT_EVENT_PRINT_H
#define BT_EVENT_PRINT_H

#include <stddef.h>
#include <stdint.h>

#include "shared/event.h"

/*
 * Names for the numbers in the stream: threads, arrays, devices, kernel addresses. At most
 * BT_NAMES_MAX names; later ones stay numbers.
 *
 * A thread's name is valid from some time on: exec changes it, and its id may be reused by
 * another thread. The last BT_TASK_NAMES_MAX names of a thread are kept; before those it has
 * none.
 * kept, the last ones; before those it has none.
 */
struct bt_names;
#define BT_NAMES_MAX	  65536
#define BT_TASK_NAMES_MAX 16

/* NULL on lack of memory. Free with bt_names_free (NULL is allowed). */
struct bt_names *bt_names_new(void);
void bt_names_free(struct bt_names *names);

/* Learns from BT_TASK, BT_ARRAY, BT_BITMAP and BT_SYMBOL; ignores others. 0 or -ENOMEM. */
int bt_names_learn(struct bt_names *names, const struct bt_event *ev);

/*
 * NULL if not known, or for a task: not at that time. Valid until the next bt_names_learn.
 * names may be NULL.
 */
const char *bt_names_task(const struct bt_names *names, uint32_t tid, uint64_t ts_ns);
const char *bt_names_array(const struct bt_names *names, uint32_t bitmap);
const char *bt_names_dev(const struct bt_names *names, uint32_t dev);
const char *bt_names_symbol(const struct bt_names *names, uint64_t addr);

/*
 * One line without its end: time in seconds, CPU, task/tid, array, event,
 * fields. As snprintf: always terminated, returns the length it would have.
 */
int bt_event_format(const struct bt_event *ev, const struct bt_names *names, char *buf, size_t len);

/* Only the fields: "chunk=5 page=0 attr=dirty". */
int bt_event_format_fields(const struct bt_event *ev, const struct bt_names *names, char *buf,
			   size_t len);

#endif /* BT_EVENT_PRINT_H */
