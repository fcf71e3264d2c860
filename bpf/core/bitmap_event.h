/* SPDX-License-Identifier: GPL-2.0-only */
/* A record about a bitmap: its flags, the current thread named, stacks. */
#ifndef BITMAP_TRACE_BITMAP_EVENT_H
#define BITMAP_TRACE_BITMAP_EVENT_H

#include "core/bitmap_table.h"
#include "core/task.h"

/*
 * The kernel computes a stack's slot in the map from the stack, and another stack may be in
 * that slot. Then the stack goes to a second map, with an id above those of the first.
 */
#define STACK_DEPTH 32
#define STACKS_MAX  4096
struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, STACKS_MAX);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, STACK_DEPTH * sizeof(__u64));
} stacks SEC(".maps") __weak, stacks_spare SEC(".maps") __weak;

static __always_inline __s32 stack_id(void *ctx)
{
	__s32 id = bpf_get_stackid(ctx, &stacks, 0);

	if (id >= 0)
		return id;
	id = bpf_get_stackid(ctx, &stacks_spare, 0);
	return id < 0 ? id : id + STACKS_MAX;
}

static __always_inline void take_stack(void *ctx, struct bt_event *e)
{
	e->stack = stack_id(ctx);
}

static __always_inline __u16 sample_flags(struct bitmap *bitmap, const struct known_bitmap *known)
{
	__u16 flags = (__u16)KREAD_AT(unsigned long, known->flags_at) & ~BT_BM_NO_FILEMAP;

	return known->filemap ? flags : flags | BT_BM_NO_FILEMAP;
}

static __always_inline struct bt_event *bitmap_event(struct bitmap *bitmap,
						     struct known_bitmap *known, __u32 type)
{
	__u16 flags = sample_flags(bitmap, known);
	struct bt_event *e;

	/* The event may follow from a page write that was not seen: a loss mark before each. */
	if (known->unplaced)
		count_loss(BT_LOSS_MAP_FULL, BT_PAGE_WRITE_START);
	e = event_reserve_of(known->id, type, note_task());
	if (!e)
		return NULL;
	e->bm_flags = flags;
	e->impl = known->impl;
	return e;
}

static __always_inline void emit_simple(void *ctx, struct bitmap *bitmap, __u32 type, bool stack)
{
	struct known_bitmap *known = bitmap_lookup(bitmap);
	struct bt_event *e = known ? bitmap_event(bitmap, known, type) : NULL;

	if (!e)
		return;
	if (stack)
		take_stack(ctx, e);
	event_submit(e);
}

static __always_inline void emit_call(void *ctx, struct bitmap *bitmap, __u32 type, __s32 ret)
{
	struct known_bitmap *known = bitmap_lookup(bitmap);
	struct bt_event *e = known ? bitmap_event(bitmap, known, type) : NULL;

	if (!e)
		return;
	e->call.ret = ret;
	take_stack(ctx, e);
	event_submit(e);
}

static __always_inline void read_array_name(struct bt_event *e, const struct known_bitmap *known)
{
	struct mddev *mddev = (struct mddev *)known->mddev;

	bpf_probe_read_kernel(e->array.name, sizeof(e->array.name),
			      (const void *)KREAD(mddev, gendisk) +
				      bpf_core_field_offset(struct gendisk, disk_name));
}

#endif /* BITMAP_TRACE_BITMAP_EVENT_H */
