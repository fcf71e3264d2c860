/* SPDX-License-Identifier: GPL-2.0-only */
/* Learns names (bt_names) from a stream. */
#ifndef BT_NAMES_SINK_H
#define BT_NAMES_SINK_H

#include "event/event_print.h"
#include "stream/sink.h"

struct bt_names_sink {
	struct bt_sink sink;
	struct bt_names *names; /* owned */
};

/* 0 or -ENOMEM. */
int bt_names_sink_init(struct bt_names_sink *sink);
void bt_names_sink_free(struct bt_names_sink *sink);

#endif /* BT_NAMES_SINK_H */
