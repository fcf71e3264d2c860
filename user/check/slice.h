/* SPDX-License-Identifier: GPL-2.0-only */
/* Collects the events of a stream that can matter for one finding, for bt_minimize. */
#ifndef BT_SLICE_H
#define BT_SLICE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/core/model.h"
#include "stream/sink.h"

/* 144 MiB. A finding needs far fewer events; how many come before it has no bound. */
#define BT_SLICE_MAX (1U << 21)

struct bt_slice {
	struct bt_sink sink;
	uint32_t bitmap;
	uint64_t until; /* seq of the last event of interest: the one that broke the rule */
	uint64_t seq;	/* of the last event taken; the first has 1 */
	size_t max;	/* BT_SLICE_MAX; beyond it the older half is removed, except descriptions */
	bool complete;	/* the last event of interest was received */
	bool shortened; /* events were removed at max */
	struct bt_event_ref *events; /* in stream order */
	size_t nr, cap;
};

/*
 * The sink returns -ECANCELED after the event at until, since it needs no more; -EFBIG if the
 * descriptions alone are more than max; -ENOMEM.
 */
void bt_slice_init(struct bt_slice *slice, uint32_t bitmap, uint64_t until);
void bt_slice_free(struct bt_slice *slice);

#endif /* BT_SLICE_H */
