/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model's interface to an implementation of the bitmap: each has a table in a folder of
 * its own (classic/impl.c), and a row in impl.c.
 *
 * The position of a chunk on disk, and the blocks that a page write covers, need no function:
 * both follow from the layout that the probe reports (place.c).
 */
#ifndef BT_IMPL_H
#define BT_IMPL_H

#include "event/type_set.h"
#include "model/core/bitmap.h"

struct bt_model;

/* Applies one event to the state of its bitmap. 0 or -ENOMEM. */
typedef int (*bt_handler)(struct bt_model *model, struct bt_bitmap *bitmap,
			  const struct bt_event *ev);

/* Would a load turn the chunk's state into a resync? Then a crash costs no more than a resync. */
enum bt_protection {
	BT_PROTECTION_UNKNOWN = 0, /* not seen */
	BT_PROTECTED_LOADED = 1,   /* as read from disk: durable */
	BT_PROTECTED = 2, /* in memory since chunk->set; on disk when a write covers that */
	BT_UNPROTECTED = 3,
};

struct bt_impl_ops {
	const char *name;
	/* Handlers by type; NULL: the core's own (model.c), if it has one. */
	const bt_handler *handlers;
	/* chunk->state of a chunk without any event. */
	uint8_t impl; /* enum bt_impl */
	uint8_t (*state_untouched)(const struct bt_bitmap *bitmap, uint64_t chunk);
	/* Indexed by chunk->state. */
	enum bt_protection (*protection)(uint8_t state);
	/* Types of the events that may make chunks unprotected, and the chunks of one event. */
	bt_type_set unprotects;
	bool (*unprotected)(const struct bt_bitmap *bitmap, const struct bt_event *ev,
			    uint64_t *first, uint64_t *last);
	/* The layout until BT_LAYOUT reports it, from BT_BITMAP alone. */
	void (*shape)(const struct bt_event *geometry, struct bt_layout_shape *shape);
	bool discards_apart;	/* a discard needs no protected chunk: it has a rule of its own */
	bool unplugs_by_worker; /* an unplug's writes are submitted by another thread */
	/*
	 * Counters were lost: marks the state in own that depends on them, of chunks and
	 * bitmap, as in doubt.
	 */
	void (*forget_counters)(struct bt_bitmap *bitmap);
	/* Frees what bitmap->state.own holds. */
	void (*free)(struct bt_bitmap *bitmap);
};

/* NULL: unknown implementation. impl: enum bt_impl. */
const struct bt_impl_ops *bt_impl_find(uint8_t impl);
/* As text, also for an unknown implementation. */
const char *bt_impl_name(uint8_t impl);
#define BT_IMPLS 3 /* size of tables indexed by enum bt_impl */

#endif /* BT_IMPL_H */
