// SPDX-License-Identifier: GPL-2.0-only
/* Probes on md's bitmap code: drivers/md/md-bitmap.c, drivers/md/md.c. */
#include "core/direct_map.h"
#include "core/probe.h"
#include "core/settled.h"
#include "trace/counters.h"
#include "trace/range.h"

char LICENSE[] SEC("license") = "GPL";

/* ---- life of a bitmap ---------------------------------------------------- */

SEC("fentry/bitmap_load")
int BPF_PROG(bitmap_load, struct mddev *mddev)
{
	struct known_bitmap *known = bitmap_meet(mddev->bitmap);

	if (known)
		known->loading = 1;
	emit_call(ctx, mddev->bitmap, BT_LOAD_ENTER, 0);
	return 0;
}

SEC("fexit/bitmap_load")
int BPF_PROG(bitmap_load_exit, struct mddev *mddev, int ret)
{
	struct known_bitmap *known = bitmap_get(mddev->bitmap);

	emit_call(ctx, mddev->bitmap, BT_LOAD_EXIT, ret);
	if (known)
		known->loading = 0;
	return 0;
}

SEC("fentry/md_bitmap_init_from_disk")
int BPF_PROG(init_from_disk, struct bitmap *bitmap)
{
	bitmap_meet(bitmap);
	emit_call(ctx, bitmap, BT_INIT_ENTER, 0);
	return 0;
}

/*
 * Before BT_INIT_EXIT, and nobody else touches the counters while a bitmap is
 * being loaded: a counter other than 0 stands for a bit found set.
 */
SEC("fexit/md_bitmap_init_from_disk")
int BPF_PROG(init_from_disk_exit, struct bitmap *bitmap, sector_t start, int ret)
{
	struct known_bitmap *known = bitmap_get(bitmap);

	if (known && !ret)
		emit_loaded_bits(bitmap, known);
	if (known)
		members_settle(bitmap, known);
	emit_call(ctx, bitmap, BT_INIT_EXIT, ret);
	return 0;
}

static long forget_page(__u32 i, void *data)
{
	__u64 address = scanned_page(data, i);
	struct known_page *page = address ? find_page(address) : NULL;

	if (page)
		place_tell(&page->address, PLACE_FREE);
	return 0;
}

/* At entry: the pages are still ours to forget, the address not yet reused. */
SEC("fentry/md_bitmap_free")
int BPF_PROG(bitmap_free, void *data)
{
	struct bitmap *bitmap = data;
	struct known_bitmap *known = find_bitmap((__u64)bitmap);
	struct file *file;
	__u64 mapping;

	if (!known)
		return 0;
	if (known->id) {
		emit_simple(ctx, bitmap, BT_GONE, true);
		each_page(bitmap, forget_page, 0);
		file = BPF_CORE_READ(bitmap, storage.file);
		if (file) {
			mapping = (__u64)BPF_CORE_READ(file, f_mapping);
			bpf_map_delete_elem(&mappings, &mapping);
		}
		if (known->file)
			__sync_fetch_and_sub(&file_bitmaps_traced, 1);
		__sync_fetch_and_sub(&bitmaps_traced, 1);
	}
	known->id = 0;
	place_tell(&known->address, PLACE_FREE);
	return 0;
}

/*
 * Exit: the storage has been replaced, and users' writes are let in again only
 * after this. The old pages stay in the map until their addresses are met
 * again: they are of another storage, and page_get does not take them for the
 * bitmap's any more.
 */
SEC("fexit/__bitmap_resize")
int BPF_PROG(bitmap_resize, struct bitmap *bitmap)
{
	if (bitmap_get(bitmap))
		bitmap_meet(bitmap);
	return 0;
}

/* ---- counters and bits ---------------------------------------------------- */

/*
 * Exit: every counter of the range has been raised by now, and stays so until
 * the endwrite of this very write. At entry it would not have been, and a
 * daemon pass could rightly clear a bit after the event.
 */
SEC("fexit/bitmap_startwrite")
int BPF_PROG(startwrite_exit, struct mddev *mddev, sector_t offset, unsigned long sectors)
{
	emit_startwrite(ctx, mddev->bitmap, offset, sectors);
	return 0;
}

/* Entry: the counters still hold; only after this can a pass drop the bits. */
SEC("fentry/bitmap_endwrite")
int BPF_PROG(endwrite, struct mddev *mddev, sector_t offset, unsigned long sectors)
{
	emit_endwrite(ctx, mddev->bitmap, BT_ENDWRITE, mddev->degraded > 0, offset, sectors);
	return 0;
}

/*
 * Exit, only while degraded: degraded at both ends means degraded when the
 * function looked, and NEEDED must be on the counter now.
 */
SEC("fexit/bitmap_endwrite")
int BPF_PROG(endwrite_exit, struct mddev *mddev, sector_t offset, unsigned long sectors)
{
	if (mddev->degraded > 0)
		emit_endwrite(ctx, mddev->bitmap, BT_ENDWRITE_EXIT, true, offset, sectors);
	return 0;
}

/*
 * The attributes are sampled before the record gets its place: whoever has
 * taken one away by then has been told to be inside before this record.
 */
static __always_inline struct bt_event *bit_event(struct bitmap *bitmap, struct known_bitmap *known,
						  __u32 type, __u64 block)
{
	__u64 chunk = block >> known->chunk_shift, bit = file_bit(known, block);
	__u8 attr = sample_attr(bitmap->storage.filemap_attr, bit >> BITMAP_BIT_PAGE_SHIFT);
	struct bt_event *e = flagged_event(known, type, flags_told(bitmap->flags, known));

	if (!e)
		return NULL;
	e->bit.chunk = chunk;
	e->bit.page = bit >> BITMAP_BIT_PAGE_SHIFT;
	e->bit.attr = attr;
	return e;
}

/*
 * Entry and exit: the bit becomes set, and its page DIRTY, somewhere between
 * the two. An unplug does not take counts.lock, so a page write that begins
 * in between may carry the bit or not; after the exit it does. The caller
 * proceeds only after the exit, so nothing rests on the bit before. It is read
 * at the exit, before bitmap_startwrite lets go of counts.lock, without which
 * no pass can drop it again.
 */
SEC("fentry/md_bitmap_file_set_bit")
int BPF_PROG(set_bit, struct bitmap *bitmap, sector_t block)
{
	struct known_bitmap *known = bitmap_meet_with(bitmap, bitmap->storage.filemap);
	struct bt_event *e;

	if (!known)
		return 0;
	settled_set_begins(bitmap, known, file_bit(known, block) >> BITMAP_BIT_PAGE_SHIFT);
	e = bit_event(bitmap, known, BT_SET_BIT_ENTER, block);
	if (!e)
		return 0;
	e->bit.on_page = sample_bit(known, file_bit(known, block));
	event_submit(e);
	return 0;
}

SEC("fexit/md_bitmap_file_set_bit")
int BPF_PROG(set_bit_exit, struct bitmap *bitmap, sector_t block)
{
	struct known_bitmap *known = bitmap_get(bitmap);
	struct bt_event *e = known ? bit_event(bitmap, known, BT_SET_BIT, block) : NULL;

	if (e && known) {
		e->bit.on_page = sample_bit(known, file_bit(known, block));
		if (e->bit.on_page == BT_ON_PAGE_CLEAR) {
			known->suspect = 1;
			take_stack(ctx, e);
		}
		event_submit(e);
	}
	if (known)
		settled_set_ends(bitmap, known, file_bit(known, block) >> BITMAP_BIT_PAGE_SHIFT);
	return 0;
}

/* Entry: the bit is still set. One stack per daemon pass, they are all alike. */
SEC("fentry/md_bitmap_file_clear_bit")
int BPF_PROG(clear_bit, struct bitmap *bitmap, sector_t block)
{
	struct known_bitmap *known = bitmap_get(bitmap);
	struct bt_event *e = known ? bit_event(bitmap, known, BT_CLEAR_BIT, block) : NULL;
	__u32 counter = 0;

	if (!e)
		return 0;
	/* The counter goes first, or the next write would not set the bit again. */
	if (sample_counter(known, e->bit.chunk, &counter) && counter)
		known->suspect = 1;
	if (known->daemon_tid != e->tid)
		take_stack(ctx, e);
	else if (known->clear_stack < 0)
		e->stack = known->clear_stack = stack_id(ctx);
	else
		e->stack = known->clear_stack;
	event_submit(e);
	return 0;
}

/* ---- unplug ----------------------------------------------------------------- */

struct scan_attrs {
	unsigned long *words;
	__u64 pages;
	__u32 id;
	__u32 type;
	__u8 mask;
};

/* Not static: the verifier goes through it once, not once for each turn of the loop. */
__noinline int emit_attr(__u32 id, __u32 type, __u32 page, __u32 attr)
{
	struct bt_event *e = event_reserve(id, type);

	if (!e)
		return 0;
	e->attr.page = page;
	e->attr.attr = attr;
	event_submit(e);
	return 0;
}

/* 6.1's verifier takes no way back but a jump (push_insn), hence the test at the loop's end. */
static long scan_attr_word(__u32 i, void *data)
{
	struct scan_attrs *scan = data;
	__u64 page = (__u64)i << 4;
	unsigned long word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), scan->words + i);
	for (; word; word >>= 4, page++)
		if ((word & scan->mask) && page < scan->pages)
			emit_attr(scan->id, scan->type, page, word & 15);
	return 0;
}

/* One record for each page that has one of the attributes in mask. */
static __always_inline void emit_attrs(const struct known_bitmap *known, unsigned long *words,
				       __u64 pages, __u32 type, __u8 mask)
{
	struct scan_attrs scan = {
		.words = words,
		.pages = pages,
		.id = known->id,
		.type = type,
		.mask = mask,
	};

	if (scan.words)
		bpf_loop((scan.pages + 15) >> 4, scan_attr_word, &scan, 0);
}

/*
 * Entry: what is DIRTY now is what this call may consume; the attributes are
 * sampled before its own loop takes them away.
 */
SEC("fentry/__bitmap_unplug")
int BPF_PROG(unplug, struct bitmap *bitmap)
{
	struct known_bitmap *known;
	struct bt_event *e;

	if (!bitmap)
		return 0; /* before 6.12 arrays without one come here, too */
	known = bitmap_meet_with(bitmap, bitmap->storage.filemap);
	if (!known)
		return 0;
	e = flagged_event(known, BT_UNPLUG_ENTER, flags_told(bitmap->flags, known));
	if (e)
		event_submit(e);
	emit_attrs(known, bitmap->storage.filemap_attr, bitmap->storage.file_pages, BT_UNPLUG_PAGE,
		   BT_ATTR_DIRTY);
	return 0;
}

/* Exit, before the caller can send any data down. */
SEC("fexit/__bitmap_unplug")
int BPF_PROG(unplug_exit, struct bitmap *bitmap)
{
	struct known_bitmap *known = bitmap_get(bitmap);
	struct bt_event *e;

	if (!known)
		return 0;
	if (members_due(known))
		members_settle(bitmap, known);
	e = flagged_event(known, BT_UNPLUG_EXIT, flags_told(bitmap->flags, known));
	if (!e)
		return 0;
	if (wants_stack(known))
		take_stack(ctx, e);
	event_submit(e);
	return 0;
}

/* Only sync == false: otherwise this is a plain call of __bitmap_unplug. */
SEC("fentry/bitmap_unplug")
int BPF_PROG(unplug_work, struct mddev *mddev, bool sync)
{
	if (!sync)
		emit_simple(ctx, mddev->bitmap, BT_UNPLUG_WORK_ENTER, false);
	return 0;
}

SEC("fexit/bitmap_unplug")
int BPF_PROG(unplug_work_exit, struct mddev *mddev, bool sync)
{
	if (!sync)
		emit_simple(ctx, mddev->bitmap, BT_UNPLUG_WORK_EXIT, false);
	return 0;
}

/* ---- daemon, superblock ------------------------------------------------------ */

/* need_sync: this pass writes the superblock, unless it is allclean and leaves at once. */
static __always_inline void emit_pass(struct bitmap *bitmap, struct known_bitmap *known)
{
	__u8 need_sync = BPF_CORE_READ(bitmap, need_sync) != 0;
	__u8 allclean = BPF_CORE_READ(bitmap, allclean) != 0;
	struct bt_event *e = bitmap_event(bitmap, known, BT_DAEMON_ENTER);

	if (!e)
		return;
	e->pass.need_sync = need_sync;
	e->pass.allclean = allclean;
	event_submit(e);
	if (need_sync && !allclean)
		known->sb_due = 1;
}

/*
 * md calls this at every turn of the array's thread; only a pass that is due
 * is told, with two ticks of slack, for the function looks at jiffies after us.
 * Should it have found a pass due all the same, daemon_lastrun gives it away
 * and its end is told.
 */
SEC("fentry/bitmap_daemon_work")
int BPF_PROG(daemon_work, struct mddev *mddev)
{
	struct bitmap *bitmap = mddev->bitmap;
	struct known_bitmap *known = bitmap_meet(bitmap);

	if (!known)
		return 0;
	known->lastrun = BPF_CORE_READ(bitmap, daemon_lastrun);
	if ((__s64)(bpf_jiffies64() + 2 - known->lastrun - mddev->bitmap_info.daemon_sleep) < 0)
		return 0;
	known->daemon_tid = (__u32)bpf_get_current_pid_tgid();
	known->clear_stack = -1;
	if (!known->file)
		tell_members(bitmap, known, known->id, true);
	emit_pass(bitmap, known);
	return 0;
}

SEC("fexit/bitmap_daemon_work")
int BPF_PROG(daemon_work_exit, struct mddev *mddev)
{
	struct bitmap *bitmap = mddev->bitmap;
	struct known_bitmap *known = bitmap_get(bitmap);
	struct bt_event *e;
	bool told, ran;

	if (!known)
		return 0;
	told = known->daemon_tid == (__u32)bpf_get_current_pid_tgid();
	ran = known->lastrun != BPF_CORE_READ(bitmap, daemon_lastrun);
	if (!told && !ran)
		return 0;
	known->daemon_tid = 0;
	emit_attrs(known, BPF_CORE_READ(bitmap, storage.filemap_attr),
		   BPF_CORE_READ(bitmap, storage.file_pages), BT_DAEMON_PAGE,
		   BT_ATTR_DIRTY | BT_ATTR_PENDING | BT_ATTR_NEEDWRITE);
	e = bitmap_event(bitmap, known, BT_DAEMON_EXIT);
	if (!e)
		return 0;
	e->pass.ran = ran ? BT_RAN_YES : BT_RAN_NO;
	take_stack(ctx, e);
	event_submit(e);
	return 0;
}

/* Callers within md-bitmap.c may reach a split-off copy and stay unseen here. */
SEC("fentry/bitmap_update_sb")
int BPF_PROG(update_sb, void *data)
{
	struct bitmap *bitmap = data;
	struct known_bitmap *known = bitmap_meet(bitmap);
	struct bt_event *e = known ? bitmap_event(bitmap, known, BT_UPDATE_SB_ENTER) : NULL;

	if (!e)
		return 0;
	e->super.events = BPF_CORE_READ(bitmap, mddev, events);
	e->super.state = (__u32)BPF_CORE_READ(bitmap, flags);
	take_stack(ctx, e);
	event_submit(e);
	return 0;
}

SEC("fexit/bitmap_update_sb")
int BPF_PROG(update_sb_exit, void *data)
{
	struct known_bitmap *known = bitmap_get(data);

	if (known)
		members_settle(data, known);
	emit_simple(ctx, data, BT_UPDATE_SB_EXIT, true);
	return 0;
}
