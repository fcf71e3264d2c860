/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an implementation of the bitmap is to the model: a table of its own for
 * each, in a folder of its own (classic/impl.c), and a row in impl.c.
 *
 * Where a chunk lies on disk, and which blocks a page write covers, needs no
 * function: both follow from the layout that the probe reports (place.c).
 */
#ifndef BT_IMPL_H
#define BT_IMPL_H

#include "event/type_set.h"
#include "model/core/bitmap.h"

struct bt_model;

/* Takes one event into the state of its bitmap. 0 or -ENOMEM. */
typedef int (*bt_handler)(struct bt_model *model, struct bt_bitmap *bitmap,
			  const struct bt_event *ev);

/*
 * Is a chunk in a state that a load turns into a resync? Then a crash costs a
 * resync and no more.
 */
enum bt_protection {
	BT_PROTECTION_UNKNOWN = 0, /* not seen */
	BT_PROTECTED_LOADED = 1,   /* as read from disk: durable */
	BT_PROTECTED = 2, /* in memory since chunk->set; on disk when a write covers that */
	BT_UNPROTECTED = 3,
};

struct bt_impl_ops {
	const char *name;
	uint8_t impl; /* enum bt_impl */
	/* By type; NULL: the core's own (model.c), if it has one. */
	const bt_handler *handlers;
	/* chunk->state of a chunk that nothing was reported of. */
	uint8_t (*state_untouched)(const struct bt_bitmap *bitmap, uint64_t chunk);
	/* By chunk->state. */
	enum bt_protection (*protection)(uint8_t state);
	/* Types of the events that may make chunks unprotected, and the chunks of one. */
	bt_type_set unprotects;
	bool (*unprotected)(const struct bt_bitmap *bitmap, const struct bt_event *ev,
			    uint64_t *first, uint64_t *last);
	/* For messages: that a chunk is unprotected; what makes it protected. */
	const char *unset, *setting;
	bool discards_apart;	/* a discard needs no protected chunk: it has a rule of its own */
	bool unplugs_by_worker; /* an unplug's writes are another thread's */
	/* The layout as long as BT_LAYOUT has not reported it, by BT_BITMAP alone. */
	void (*shape)(const struct bt_event *geometry, struct bt_layout_shape *shape);
	/* Counters were lost: what own holds of them, for chunks and bitmap, is in doubt. */
	void (*forget_counters)(struct bt_bitmap *bitmap);
	/* Gives back what bitmap->state.own holds. */
	void (*free)(struct bt_bitmap *bitmap);
};

/* NULL: one that is not known. impl: enum bt_impl. */
const struct bt_impl_ops *bt_impl_find(uint8_t impl);
/* For people, also of one that is not known. */
const char *bt_impl_name(uint8_t impl);
#define BT_IMPLS 3 /* size of tables indexed by enum bt_impl */

#endif /* BT_IMPL_H */
