/* SPDX-License-Identifier: GPL-2.0-only */
/* What of a stream can have to do with one finding: the sink that gathers it for bt_minimize. */
#ifndef BT_SLICE_H
#define BT_SLICE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/core/model.h"
#include "stream/sink.h"

/* 144 MiB. A finding needs far fewer; how many come before it is not bounded. */
#define BT_SLICE_MAX (1U << 21)

struct bt_slice {
	struct bt_sink sink;
	uint32_t bitmap;
	uint64_t until; /* seq of the last event of interest: the one that broke the rule */
	uint64_t seq;	/* of the last event taken; the first has 1 */
	size_t max;	/* BT_SLICE_MAX; beyond it the older half goes, but for what describes */
	bool complete;	/* the last event of interest has come */
	bool shortened; /* it was beyond it */
	struct bt_event_ref *events; /* in stream order */
	size_t nr, cap;
};

/*
 * The sink returns -ECANCELED behind the event at until, since it wants no
 * more; -EFBIG when what describes alone does not fit; -ENOMEM.
 */
void bt_slice_init(struct bt_slice *slice, uint32_t bitmap, uint64_t until);
void bt_slice_free(struct bt_slice *slice);

#endif /* BT_SLICE_H */
