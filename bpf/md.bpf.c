// SPDX-License-Identifier: GPL-2.0-only
/* Probes on md's bitmap code: drivers/md/md-bitmap.c, drivers/md/md.c. */
#include "probe.h"

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

SEC("fexit/md_bitmap_init_from_disk")
int BPF_PROG(init_from_disk_exit, struct bitmap *bitmap, sector_t start, int ret)
{
	emit_call(ctx, bitmap, BT_INIT_EXIT, ret);
	return 0;
}

static long forget_page(__u32 i, void *data)
{
	struct scan_pages *scan = data;
	struct page *page = NULL;
	__u64 key;

	bpf_probe_read_kernel(&page, sizeof(page), scan->filemap + i);
	key = (__u64)page;
	if (key)
		bpf_map_delete_elem(&pages, &key);
	return 0;
}

/* At entry: the pages are still ours to forget, the address not yet reused. */
SEC("fentry/md_bitmap_free")
int BPF_PROG(bitmap_free, void *data)
{
	struct bitmap *bitmap = data;
	__u64 key = (__u64)bitmap, mapping;
	struct known_bitmap *known;
	struct file *file;

	known = bpf_map_lookup_elem(&bitmaps, &key);
	if (!known)
		return 0;
	if (known->id) {
		emit_simple(ctx, bitmap, BT_GONE, false);
		each_page(bitmap, forget_page);
		file = BPF_CORE_READ(bitmap, storage.file);
		if (file) {
			mapping = (__u64)BPF_CORE_READ(file, f_mapping);
			bpf_map_delete_elem(&mappings, &mapping);
		}
		if (known->file)
			__sync_fetch_and_sub(&file_bitmaps_traced, 1);
		__sync_fetch_and_sub(&bitmaps_traced, 1);
	}
	bpf_map_delete_elem(&bitmaps, &key);
	return 0;
}

/* The old pages are about to go; the new ones are learned when it is met next. */
SEC("fentry/__bitmap_resize")
int BPF_PROG(bitmap_resize, struct bitmap *bitmap)
{
	if (bitmap_get(bitmap))
		each_page(bitmap, forget_page);
	return 0;
}

/* ---- counters and bits ---------------------------------------------------- */

static __always_inline void emit_range(struct mddev *mddev, __u32 type, __u64 sector, __u64 sectors)
{
	struct bitmap *bitmap = mddev->bitmap;
	struct known_bitmap *known = bitmap_get(bitmap);
	struct bt_event *e;

	if (!known)
		return;
	e = bitmap_event(bitmap, known, type);
	if (!e)
		return;
	e->range.sector = sector;
	e->range.sectors = sectors;
	event_submit(e);
}

/*
 * Exit: every counter of the range has been raised by now. At entry it would
 * not have been, and a daemon pass could rightly clear a bit after the event.
 */
SEC("fexit/bitmap_startwrite")
int BPF_PROG(startwrite_exit, struct mddev *mddev, sector_t offset, unsigned long sectors)
{
	bitmap_meet(mddev->bitmap);
	emit_range(mddev, BT_STARTWRITE, offset, sectors);
	return 0;
}

/* Entry: the counters still hold; only after this can a pass drop the bits. */
SEC("fentry/bitmap_endwrite")
int BPF_PROG(endwrite, struct mddev *mddev, sector_t offset, unsigned long sectors)
{
	emit_range(mddev, BT_ENDWRITE, offset, sectors);
	return 0;
}

/*
 * The attributes are sampled before the record gets its place: whoever has
 * taken one away by then has been told to be inside before this record.
 */
static __always_inline struct bt_event *bit_event(struct bitmap *bitmap, struct known_bitmap *known,
						  __u32 type, __u64 block)
{
	__u64 chunk = block >> BPF_CORE_READ(bitmap, counts.chunkshift);
	/* file_page_index(): a superblock of 256 bytes comes before the bits. */
	__u64 bit = chunk + (BPF_CORE_READ(bitmap, storage.sb_page) ? 256 << 3 : 0);
	__u8 attr = sample_attr(bitmap, bit >> 15);
	struct bt_event *e = bitmap_event(bitmap, known, type);

	if (!e)
		return NULL;
	e->bit.chunk = chunk;
	e->bit.page = bit >> 15;
	e->bit.attr = attr;
	return e;
}

/*
 * Entry and exit: the bit becomes set, and its page DIRTY, somewhere between
 * the two. An unplug does not take counts.lock, so a page write that begins
 * in between may carry the bit or not; after the exit it does. The caller
 * proceeds only after the exit, so nothing rests on the bit before.
 */
SEC("fentry/md_bitmap_file_set_bit")
int BPF_PROG(set_bit, struct bitmap *bitmap, sector_t block)
{
	struct known_bitmap *known = bitmap_meet(bitmap);
	struct bt_event *e = known ? bit_event(bitmap, known, BT_SET_BIT_ENTER, block) : NULL;

	if (e)
		event_submit(e);
	return 0;
}

SEC("fexit/md_bitmap_file_set_bit")
int BPF_PROG(set_bit_exit, struct bitmap *bitmap, sector_t block)
{
	struct known_bitmap *known = bitmap_get(bitmap);
	struct bt_event *e = known ? bit_event(bitmap, known, BT_SET_BIT, block) : NULL;

	if (e)
		event_submit(e);
	return 0;
}

/* Entry: the bit is still set. One stack per daemon pass, they are all alike. */
SEC("fentry/md_bitmap_file_clear_bit")
int BPF_PROG(clear_bit, struct bitmap *bitmap, sector_t block)
{
	struct known_bitmap *known = bitmap_get(bitmap);
	struct bt_event *e = known ? bit_event(bitmap, known, BT_CLEAR_BIT, block) : NULL;

	if (!e)
		return 0;
	if (known->daemon_tid != e->tid)
		e->stack = bpf_get_stackid(ctx, &stacks, 0);
	else if (known->clear_stack < 0)
		e->stack = known->clear_stack = bpf_get_stackid(ctx, &stacks, 0);
	else
		e->stack = known->clear_stack;
	event_submit(e);
	return 0;
}

/* ---- unplug ----------------------------------------------------------------- */

struct scan_attrs {
	struct bitmap *bitmap;
	unsigned long *words;
	__u64 pages;
	__u32 id;
	__u32 type;
	__u8 mask;
};

static __always_inline void emit_attr(struct scan_attrs *scan, __u64 page, __u8 attr)
{
	struct bt_event *e = event_reserve(scan->id, scan->type);

	if (!e)
		return;
	e->attr.page = page;
	e->attr.attr = attr;
	event_submit(e);
}

static long scan_attr_word(__u32 i, void *data)
{
	struct scan_attrs *scan = data;
	unsigned long word = 0;
	__u64 page;
	__u8 attr;
	int n;

	bpf_probe_read_kernel(&word, sizeof(word), scan->words + i);
	if (!word)
		return 0;
	for (n = 0; n < 16; n++) {
		attr = (word >> (n << 2)) & 15;
		page = ((__u64)i << 4) + n;
		if ((attr & scan->mask) && page < scan->pages)
			emit_attr(scan, page, attr);
	}
	return 0;
}

/* One record for each page that has one of the attributes in mask. */
static __always_inline void emit_attrs(struct bitmap *bitmap, struct known_bitmap *known,
				       __u32 type, __u8 mask)
{
	struct scan_attrs scan = {
		.bitmap = bitmap,
		.words = BPF_CORE_READ(bitmap, storage.filemap_attr),
		.pages = BPF_CORE_READ(bitmap, storage.file_pages),
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
	struct known_bitmap *known = bitmap_meet(bitmap);

	if (!known)
		return 0;
	emit_simple(ctx, bitmap, BT_UNPLUG_ENTER, false);
	emit_attrs(bitmap, known, BT_UNPLUG_PAGE, BT_ATTR_DIRTY);
	return 0;
}

/* Exit, before the caller can send any data down. */
SEC("fexit/__bitmap_unplug")
int BPF_PROG(unplug_exit, struct bitmap *bitmap)
{
	emit_simple(ctx, bitmap, BT_UNPLUG_EXIT, true);
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
	emit_simple(ctx, bitmap, BT_DAEMON_ENTER, false);
	return 0;
}

SEC("fexit/bitmap_daemon_work")
int BPF_PROG(daemon_work_exit, struct mddev *mddev)
{
	struct bitmap *bitmap = mddev->bitmap;
	struct known_bitmap *known = bitmap_get(bitmap);
	bool told;

	if (!known)
		return 0;
	told = known->daemon_tid == (__u32)bpf_get_current_pid_tgid();
	if (!told && known->lastrun == BPF_CORE_READ(bitmap, daemon_lastrun))
		return 0;
	known->daemon_tid = 0;
	emit_attrs(bitmap, known, BT_DAEMON_PAGE,
		   BT_ATTR_DIRTY | BT_ATTR_PENDING | BT_ATTR_NEEDWRITE);
	emit_simple(ctx, bitmap, BT_DAEMON_EXIT, true);
	return 0;
}

/* Callers within md-bitmap.c may reach a split-off copy and stay unseen here. */
SEC("fentry/bitmap_update_sb")
int BPF_PROG(update_sb, void *data)
{
	bitmap_meet(data);
	emit_simple(ctx, data, BT_UPDATE_SB_ENTER, true);
	return 0;
}

SEC("fexit/bitmap_update_sb")
int BPF_PROG(update_sb_exit, void *data)
{
	emit_simple(ctx, data, BT_UPDATE_SB_EXIT, true);
	return 0;
}
