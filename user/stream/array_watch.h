/* SPDX-License-Identifier: GPL-2.0-only */
/* -a on a running kernel: which of the arrays asked for were reported in the stream? */
#ifndef BT_ARRAY_WATCH_H
#define BT_ARRAY_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "stream/array_filter.h"
#include "stream/sink.h"

struct bt_array_watch {
	struct bt_sink sink;
	const uint32_t *devs; /* kernel encoding; not owned */
	unsigned int nr;
	bool met[BT_ARRAYS_MAX];
};

void bt_array_watch_init(struct bt_array_watch *watch, const uint32_t *devs, unsigned int nr);

#endif /* BT_ARRAY_WATCH_H */
