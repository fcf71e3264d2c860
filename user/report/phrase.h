/* SPDX-License-Identifier: GPL-2.0-only */
/* What an event is to the reader of a report: a few words, the function, the thread, the time. */
#ifndef BT_PHRASE_H
#define BT_PHRASE_H

#include "event/event_print.h"

/* "sets the bit of chunk 0". As snprintf. */
int bt_phrase(const struct bt_event *ev, const struct bt_names *names, char *buf, size_t len);
/* The function of the kernel that it is the entry or the exit of, or NULL. */
const char *bt_phrase_function(const struct bt_event *ev);
/* "dd/199" */
void bt_phrase_task(const struct bt_event *ev, const struct bt_names *names, char *buf, size_t len);
/* "98.9 ms" */
void bt_phrase_duration(uint64_t ns, char *buf, size_t len);

#endif /* BT_PHRASE_H */
