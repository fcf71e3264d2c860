// SPDX-License-Identifier: GPL-2.0-only
/* The classic bitmap (drivers/md/md-bitmap.c) as the model's first implementation. */
#include "model/core/impl.h"
#include "model/classic/handlers.h"

#define SUPER_BYTES 256 /* sizeof(bitmap_super_t) */
#define PAGE_SHIFT  12

/* All bits are read again. */
static int classic_init_enter(struct bt_model *model, struct bt_bitmap *bitmap,
			      const struct bt_event *ev)
{
	bt_loaded_free(bitmap);
	bt_idle_free(bitmap);
	bitmap->state.own.classic.excess.start.seq = 0;
	return bt_init_enter(model, bitmap, ev);
}

/* The superblock that a pass has found due is submitted with a new write of block 0. */
static int classic_page_write_start(struct bt_model *model, struct bt_bitmap *bitmap,
				    const struct bt_event *ev)
{
	int err = bt_page_io_start(model, bitmap, ev);
	const struct bt_block *super;

	if (err || ev->page.page || !bitmap->state.own.classic.sb_due.seq)
		return err;
	super = bt_block_find(bitmap, 0);
	if (super && super->start_seq == model->seq)
		bitmap->state.own.classic.sb_due.seq = 0;
	return 0;
}

static const bt_handler handlers[BT_EVENT_TYPE_MAX] = {
	[BT_INIT_ENTER] = classic_init_enter,
	[BT_LOADED_BITS] = bt_loaded_add,
	[BT_STARTWRITE] = bt_startwrite,
	[BT_ENDWRITE] = bt_endwrite,
	[BT_ENDWRITE_EXIT] = bt_sync_endwrite_exit,
	[BT_SET_BIT] = bt_bit_set,
	[BT_CLEAR_BIT] = bt_bit_clear,
	[BT_START_SYNC] = bt_sync_stretch,
	[BT_END_SYNC] = bt_sync_stretch,
	[BT_DAEMON_ENTER] = bt_daemon_enter,
	[BT_DAEMON_PAGE] = bt_daemon_page,
	[BT_DAEMON_EXIT] = bt_daemon_exit,
	[BT_PAGE_WRITE_START] = classic_page_write_start,
};

/* Since the load every change of a bit was seen; before it, none. */
static uint8_t classic_state_untouched(const struct bt_bitmap *bitmap, uint64_t chunk)
{
	return (uint8_t)(bitmap->state.from_load ? bt_loaded_bit(bitmap, chunk) : BT_BIT_UNKNOWN);
}

static enum bt_protection classic_protection(uint8_t state)
{
	static const uint8_t protections[] = {
		[BT_BIT_UNKNOWN] = BT_PROTECTION_UNKNOWN,
		[BT_BIT_LOADED] = BT_PROTECTED_LOADED,
		[BT_BIT_SET] = BT_PROTECTED,
		[BT_BIT_CLEAR] = BT_UNPROTECTED,
	};

	return (enum bt_protection)protections[state];
}

static bool classic_unprotected(const struct bt_bitmap *bitmap, const struct bt_event *ev,
				uint64_t *first, uint64_t *last)
{
	(void)bitmap;
	*first = *last = ev->bit.chunk;
	return ev->type == BT_CLEAR_BIT;
}

static void classic_shape(const struct bt_event *geometry, struct bt_layout_shape *shape)
{
	*shape = (struct bt_layout_shape){
		.header_bits = geometry->geometry.has_sb ? SUPER_BYTES << 3 : 0,
		.page_shift = PAGE_SHIFT,
		.block_shift = PAGE_SHIFT,
	};
}

static void classic_forget_counters(struct bt_bitmap *bitmap)
{
	struct bt_chunk_group *group;
	unsigned int i;

	for (group = bitmap->state.groups; group; group = group->next)
		for (i = 0; i < BT_GROUP_CHUNKS; i++)
			group->chunks[i].own.classic.kept = BT_KEPT_MAYBE;
	bitmap->state.own.classic.excess.start.seq = 0;
}

static void classic_free(struct bt_bitmap *bitmap)
{
	bt_loaded_free(bitmap);
	bt_daemon_free(bitmap);
	bt_idle_free(bitmap);
}

extern const struct bt_impl_ops bt_classic_ops;

const struct bt_impl_ops bt_classic_ops = {
	.name = "classic",
	.impl = BT_IMPL_CLASSIC,
	.handlers = handlers,
	.state_untouched = classic_state_untouched,
	.protection = classic_protection,
	.unprotects = BT_TYPE_BIT(BT_CLEAR_BIT),
	.unprotected = classic_unprotected,
	.shape = classic_shape,
	.forget_counters = classic_forget_counters,
	.free = classic_free,
};
