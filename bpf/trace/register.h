/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers a bitmap that is new, or has new storage, and describes it in the stream. */
#ifndef BITMAP_TRACE_REGISTER_H
#define BITMAP_TRACE_REGISTER_H

#include "core/members.h"

/* address_space of a bitmap file -> struct bitmap */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u64);
} mappings SEC(".maps") __weak;

static __always_inline void emit_array(const struct known_bitmap *known, __u32 id)
{
	struct bt_event *e = event_reserve(id, BT_ARRAY);

	if (!e)
		return;
	read_array_name(e, known);
	event_submit(e);
}

static __always_inline void emit_layout(struct bitmap *bitmap, const struct known_bitmap *known,
					__u32 id)
{
	struct bt_event *e = event_reserve(id, BT_LAYOUT);
	struct mddev *mddev = (struct mddev *)known->mddev;

	if (!e)
		return;
	e->layout.dev_sectors = KREAD(mddev, dev_sectors);
	e->layout.bytes = known->bytes;
	e->layout.header_bytes = known->header_bits >> 3;
	e->layout.page_shift = BITMAP_PAGE_SHIFT;
	e->layout.block_shift = BITMAP_PAGE_SHIFT;
	if (known->file)
		e->layout.fs_magic =
			BPF_CORE_READ(bitmap, storage.file, f_mapping, host, i_sb, s_magic);
	event_submit(e);
}

static __always_inline void emit_geometry(struct bitmap *bitmap, const struct known_bitmap *known,
					  __u32 id)
{
	struct bt_event *e = event_reserve(id, BT_BITMAP);
	struct mddev *mddev = (struct mddev *)known->mddev;

	if (!e)
		return;
	e->bm_flags = sample_flags(bitmap, known);
	e->geometry.chunks = known->chunks;
	e->geometry.chunk_shift = known->chunk_shift;
	e->geometry.file_pages = known->file_pages;
	e->geometry.backend = known->file ? BT_BACKEND_FILE : BT_BACKEND_INTERNAL;
	e->geometry.has_sb = known->header_bits != 0;
	e->geometry.dev = KREAD(mddev, unit);
	e->geometry.level = known->level;
	e->geometry.layout = known->layout;
	e->geometry.chunk_sectors = known->chunk_sectors;
	e->geometry.raid_disks = known->raid_disks;
	e->geometry.external = KREAD(mddev, external) != 0;
	event_submit(e);
}

static __always_inline void register_mapping(struct bitmap *bitmap)
{
	__u64 key = (__u64)bitmap, mapping = (__u64)BPF_CORE_READ(bitmap, storage.file, f_mapping);

	if (bpf_map_update_elem(&mappings, &mapping, &key, BPF_ANY))
		count_loss(BT_LOSS_MAP_FULL, BT_WRITEBACK_ENTER);
}

static __always_inline struct known_bitmap *register_new(struct bitmap *bitmap)
{
	bool full = false;
	struct known_bitmap *known = bitmap_register(bitmap, &full);

	if (full)
		count_loss(BT_LOSS_MAP_FULL, BT_BITMAP);
	if (known && known->file)
		register_mapping(bitmap);
	return known;
}

/*
 * Registers a bitmap that is new or whose storage has changed. Global: the verifier checks it
 * once, not once for each program. The id is 0 until everything else is set: until then no CPU
 * emits an event of this bitmap, and afterwards every CPU finds it described and its pages
 * registered. Other CPUs may run probes of this bitmap meanwhile, also during a resize: raid5
 * calls startwrite for new writes while it is quiesced.
 */
__weak __noinline int register_storage(__u64 address)
{
	struct known_bitmap *known = bitmap_find(address);
	struct bitmap *bitmap = (struct bitmap *)address;
	__u32 id;

	if (known &&
	    (!known->id || !bitmap_claim_storage(known, (__u64)KREAD(bitmap, storage.filemap))))
		return 0;
	if (!known)
		known = register_new(bitmap);
	if (!known)
		return 0;
	id = known->id ?: __sync_fetch_and_add(&bitmap_id_last, 1) + 1;
	known->id = 0;
	bitmap_read_storage(bitmap, known);
	emit_array(known, id);
	emit_layout(bitmap, known, id);
	emit_geometry(bitmap, known, id);
	if (!known->file)
		emit_members(bitmap, known, id, true);
	bitmap_enter_pages(known);
	known->id = id;
	return 0;
}

static __always_inline struct known_bitmap *bitmap_lookup_or_register(struct bitmap *bitmap)
{
	return bitmap_lookup_or(bitmap, register_storage);
}

#endif /* BITMAP_TRACE_REGISTER_H */
