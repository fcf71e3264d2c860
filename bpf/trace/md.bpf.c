// SPDX-License-Identifier: GPL-2.0-only
/* Probes on md's bitmap code: drivers/md/md-bitmap.c, drivers/md/md.c. */
#include "core/direct_map.h"
#include "core/due.h"
#include "core/program.h"
#include "core/stack_policy.h"
#include "trace/counters.h"
#include "trace/range.h"
#include "trace/register.h"

char LICENSE[] SEC("license") = "GPL";

/* ---- life of a bitmap ---------------------------------------------------- */

SEC("fentry/bitmap_load")
int BPF_PROG(bitmap_load, struct mddev *mddev)
{
	struct known_bitmap *known = bitmap_lookup_or_register(mddev->bitmap);

	if (known)
		known->loading = 1;
	emit_call(ctx, mddev->bitmap, BT_LOAD_ENTER, 0);
	return 0;
}

SEC("fexit/bitmap_load")
int BPF_PROG(bitmap_load_exit, struct mddev *mddev, int ret)
{
	struct known_bitmap *known = bitmap_lookup(mddev->bitmap);

	emit_call(ctx, mddev->bitmap, BT_LOAD_EXIT, ret);
	if (known)
		known->loading = 0;
	return 0;
}

SEC("fentry/md_bitmap_init_from_disk")
int BPF_PROG(init_from_disk, struct bitmap *bitmap)
{
	bitmap_lookup_or_register(bitmap);
	emit_call(ctx, bitmap, BT_INIT_ENTER, 0);
	return 0;
}

/*
 * Before BT_INIT_EXIT. No other function changes the counters while a bitmap is being loaded: a
 * counter other than 0 means that the bit was read as set.
 */
SEC("fexit/md_bitmap_init_from_disk")
int BPF_PROG(init_from_disk_exit, struct bitmap *bitmap, sector_t start, int ret)
{
	struct known_bitmap *known = bitmap_lookup(bitmap);

	if (known && !ret)
		emit_loaded_bits(bitmap, known);
	if (known)
		emit_members_changed(bitmap, known);
	emit_call(ctx, bitmap, BT_INIT_EXIT, ret);
	return 0;
}

static __always_inline void forget_mapping(struct bitmap *bitmap)
{
	struct file *file = KREAD(bitmap, storage.file);
	__u64 mapping;

	if (!file)
		return;
	mapping = (__u64)KREAD(file, f_mapping);
	bpf_map_delete_elem(&mappings, &mapping);
}

/* At entry: the bitmap still owns its pages, and the address is not reused yet. */
SEC("fentry/md_bitmap_free")
int BPF_PROG(bitmap_free, void *data)
{
	struct bitmap *bitmap = data;
	struct known_bitmap *known = bitmap_find((__u64)bitmap);

	if (!known)
		return 0;
	if (known->id) {
		emit_simple(ctx, bitmap, BT_GONE, true);
		forget_mapping(bitmap);
	}
	bitmap_forget(bitmap, known);
	return 0;
}

/*
 * Exit: the storage has been replaced, and user writes are allowed again only after this. The
 * old pages stay in the table until their addresses are registered again: they belong to
 * another storage, so page_lookup does not return them for the bitmap.
 */
SEC("fexit/__bitmap_resize")
int BPF_PROG(bitmap_resize, struct bitmap *bitmap)
{
	if (bitmap_lookup(bitmap))
		bitmap_lookup_or_register(bitmap);
	return 0;
}

/* ---- counters and bits ---------------------------------------------------- */

/*
 * Exit: every counter of the range has been raised by now, and stays raised until the endwrite
 * of this write. At entry they would not have been, and a daemon pass could legally clear a bit
 * after the event.
 */
SEC("fexit/bitmap_startwrite")
int BPF_PROG(startwrite_exit, struct mddev *mddev, sector_t offset, unsigned long sectors)
{
	emit_startwrite(ctx, mddev->bitmap, offset, sectors);
	return 0;
}

/* Entry: the counters are still raised; only after this can a pass clear the bits. */
SEC("fentry/bitmap_endwrite")
int BPF_PROG(endwrite, struct mddev *mddev, sector_t offset, unsigned long sectors)
{
	emit_endwrite(ctx, mddev->bitmap, BT_ENDWRITE, mddev->degraded > 0, offset, sectors);
	return 0;
}

/*
 * Exit, only while degraded: degraded at both ends means degraded when the function looked, and
 * NEEDED must be set in the counter now.
 */
SEC("fexit/bitmap_endwrite")
int BPF_PROG(endwrite_exit, struct mddev *mddev, sector_t offset, unsigned long sectors)
{
	if (mddev->degraded > 0)
		emit_endwrite(ctx, mddev->bitmap, BT_ENDWRITE_EXIT, true, offset, sectors);
	return 0;
}

/* The attribute nibble of a page; words: filemap_attr, 16 pages a word. */
static __always_inline __u8 sample_attr(const unsigned long *words, __u64 page)
{
	return words ? KREAD_AT(unsigned long, words + (page >> 4)) >> ((page & 15) << 2) & 15 : 0;
}

/*
 * The attributes are sampled before the record is reserved: a call that has cleared an
 * attribute by then has emitted its entry event before this record.
 */
static __always_inline struct bt_event *bit_event(struct bitmap *bitmap, struct known_bitmap *known,
						  __u32 type, __u64 sector)
{
	__u64 page = storage_bit(known, sector) >> BITMAP_BIT_PAGE_SHIFT;
	__u8 attr = sample_attr(KREAD(bitmap, storage.filemap_attr), page);
	struct bt_event *e = bitmap_event(bitmap, known, type);

	if (!e)
		return NULL;
	e->bit.chunk = sector >> known->chunk_shift;
	e->bit.page = page;
	e->bit.attr = attr;
	return e;
}

/*
 * Entry and exit: the bit becomes set, and its page DIRTY, somewhere between the two. An unplug
 * does not take counts.lock, so a page write that begins in between may carry the bit or not;
 * one that begins after the exit carries it. The caller continues only after the exit, so
 * nothing relies on the bit before. The bit is read at the exit, before bitmap_startwrite
 * releases counts.lock; no pass can clear it again without that lock.
 */
SEC("fentry/md_bitmap_file_set_bit")
int BPF_PROG(set_bit, struct bitmap *bitmap, sector_t block)
{
	struct known_bitmap *known = bitmap_lookup_or_register(bitmap);
	struct bt_event *e;

	if (!known)
		return 0;
	policy_set_begins(known, storage_bit(known, block) >> BITMAP_BIT_PAGE_SHIFT);
	e = bit_event(bitmap, known, BT_SET_BIT_ENTER, block);
	if (!e)
		return 0;
	e->bit.on_page = sample_bit(known, storage_bit(known, block));
	event_submit(e);
	return 0;
}

SEC("fexit/md_bitmap_file_set_bit")
int BPF_PROG(set_bit_exit, struct bitmap *bitmap, sector_t block)
{
	struct known_bitmap *known = bitmap_lookup(bitmap);
	struct bt_event *e = known ? bit_event(bitmap, known, BT_SET_BIT, block) : NULL;

	if (e && known) {
		e->bit.on_page = sample_bit(known, storage_bit(known, block));
		if (e->bit.on_page == BT_ON_PAGE_CLEAR) {
			known->anomaly = 1;
			take_stack(ctx, e);
		}
		event_submit(e);
	}
	if (known)
		policy_set_ends(known, storage_bit(known, block) >> BITMAP_BIT_PAGE_SHIFT);
	return 0;
}

/* Entry: the bit is still set. One stack per daemon pass, since they are all alike. */
SEC("fentry/md_bitmap_file_clear_bit")
int BPF_PROG(clear_bit, struct bitmap *bitmap, sector_t block)
{
	struct known_bitmap *known = bitmap_lookup(bitmap);
	struct bt_event *e = known ? bit_event(bitmap, known, BT_CLEAR_BIT, block) : NULL;
	__u32 counter = 0;

	if (!e)
		return 0;
	/* Lower the counter first, else the next write would not set the bit again. */
	if (sample_counter(known, e->bit.chunk, &counter) && counter)
		known->anomaly = 1;
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

struct attr_scan {
	unsigned long *words;
	__u64 pages;
	__u32 id;
	__u32 type;
	__u8 mask;
};

/* Global: the verifier checks it once, not once for each turn of the loop. */
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

struct attr_word {
	const struct attr_scan *scan;
	unsigned long word;
	__u64 page;
};

static long emit_wanted_attr(__u32 i, void *data)
{
	const struct attr_word *at = data;
	__u32 attr = (at->word >> (i << 2 & 63)) & 15;

	if ((attr & at->scan->mask) && at->page + i < at->scan->pages)
		emit_attr(at->scan->id, at->scan->type, at->page + i, attr);
	return 0;
}

/*
 * Each turn is a call for the verifier, too: a plain loop over the attributes, of which each may be
 * wanted or not, took it a second and a half on 7.3, emulated. Most bitmaps have one page.
 */
static long scan_attr_word(__u32 i, void *data)
{
	const struct attr_scan *scan = data;
	struct attr_word at = { .scan = scan, .page = (__u64)i << 4 };

	at.word = KREAD_AT(unsigned long, scan->words + i);
	if (at.word)
		bpf_loop(at.word >> 4 ? 16 : 1, emit_wanted_attr, &at, 0);
	return 0;
}

/* One record for each page that has one of the attributes in mask. */
static __always_inline void emit_attrs(struct bitmap *bitmap, const struct known_bitmap *known,
				       __u32 type, __u8 mask)
{
	struct attr_scan scan = {
		.words = KREAD(bitmap, storage.filemap_attr),
		.pages = KREAD(bitmap, storage.file_pages),
		.id = known->id,
		.type = type,
		.mask = mask,
	};

	if (scan.words)
		bpf_loop((scan.pages + 15) >> 4, scan_attr_word, &scan, 0);
}

/*
 * Entry: the pages that are DIRTY now are those that this call may write; the attributes are
 * sampled before its own loop clears them.
 */
static __always_inline void emit_unplug(struct bitmap *bitmap)
{
	/* Before 6.12 arrays without a bitmap come here, too. */
	struct known_bitmap *known = bitmap_lookup_or_register(bitmap);
	struct bt_event *e;

	if (!known)
		return;
	e = bitmap_event(bitmap, known, BT_UNPLUG_ENTER);
	if (e)
		event_submit(e);
	emit_attrs(bitmap, known, BT_UNPLUG_PAGE, BT_ATTR_DIRTY);
}

SEC("fentry/__bitmap_unplug")
int BPF_PROG(unplug, struct bitmap *bitmap)
{
	emit_unplug(bitmap);
	return 0;
}

/* Exit, before the caller can submit any data. */
static __always_inline void emit_unplug_exit(void *ctx, struct bitmap *bitmap)
{
	struct known_bitmap *known = bitmap_lookup(bitmap);
	struct bt_event *e;
	bool stack;

	if (!known)
		return;
	emit_members_written(bitmap, known);
	stack = stack_for_data(known);
	e = bitmap_event(bitmap, known, BT_UNPLUG_EXIT);
	if (!e)
		return;
	if (stack || stack_for_data(known))
		take_stack(ctx, e);
	event_submit(e);
}

SEC("fexit/__bitmap_unplug")
int BPF_PROG(unplug_exit, struct bitmap *bitmap)
{
	emit_unplug_exit(ctx, bitmap);
	return 0;
}

/*
 * Used where the compiler has split __bitmap_unplug: the function in bitmap_operations. With
 * sync false a worker does the unplug, and this function waits: at its exit the rule must hold
 * as well, and no waiter was released. More pages may be DIRTY at the worker's own entry than
 * at this one.
 */
SEC("fentry/bitmap_unplug")
int BPF_PROG(ops_unplug, struct mddev *mddev, bool sync)
{
	emit_unplug(mddev->bitmap);
	return 0;
}

SEC("fexit/bitmap_unplug")
int BPF_PROG(ops_unplug_exit, struct mddev *mddev, bool sync)
{
	emit_unplug_exit(ctx, mddev->bitmap);
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

/* need_sync: this pass writes the superblock, unless allclean is set and it returns at once. */
static __always_inline void emit_pass(struct bitmap *bitmap, struct known_bitmap *known)
{
	__u8 need_sync = KREAD(bitmap, need_sync) != 0;
	__u8 allclean = KREAD(bitmap, allclean) != 0;
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
 * md calls this in every iteration of the array's thread; only a pass that is due emits events
 * (core/due.h). If the function runs a pass that was judged not due here (jiffies moved),
 * daemon_lastrun has changed and BT_DAEMON_EXIT is still emitted.
 */
SEC("fentry/bitmap_daemon_work")
int BPF_PROG(daemon_work, struct mddev *mddev)
{
	struct bitmap *bitmap = mddev->bitmap;
	struct known_bitmap *known = bitmap_lookup_or_register(bitmap);

	if (!known)
		return 0;
	known->lastrun = KREAD(bitmap, daemon_lastrun);
	if (!daemon_sleep_over(mddev, known->lastrun))
		return 0;
	known->daemon_tid = (__u32)bpf_get_current_pid_tgid();
	known->clear_stack = -1;
	if (!known->file)
		emit_members(bitmap, known, known->id, true);
	emit_pass(bitmap, known);
	return 0;
}

SEC("fexit/bitmap_daemon_work")
int BPF_PROG(daemon_work_exit, struct mddev *mddev)
{
	struct bitmap *bitmap = mddev->bitmap;
	struct known_bitmap *known = bitmap_lookup(bitmap);
	struct bt_event *e;
	bool emitted, ran;

	if (!known)
		return 0;
	emitted = known->daemon_tid == (__u32)bpf_get_current_pid_tgid();
	ran = known->lastrun != KREAD(bitmap, daemon_lastrun);
	if (!emitted && !ran)
		return 0;
	known->daemon_tid = 0;
	emit_attrs(bitmap, known, BT_DAEMON_PAGE,
		   BT_ATTR_DIRTY | BT_ATTR_PENDING | BT_ATTR_NEEDWRITE);
	e = bitmap_event(bitmap, known, BT_DAEMON_EXIT);
	if (!e)
		return 0;
	e->pass.ran = ran ? BT_RAN_YES : BT_RAN_NO;
	take_stack(ctx, e);
	event_submit(e);
	return 0;
}

/* Calls from within md-bitmap.c may go to a split-off copy and are not seen here. */
SEC("fentry/bitmap_update_sb")
int BPF_PROG(update_sb, void *data)
{
	struct bitmap *bitmap = data;
	struct known_bitmap *known = bitmap_lookup_or_register(bitmap);
	struct bt_event *e = known ? bitmap_event(bitmap, known, BT_UPDATE_SB_ENTER) : NULL;

	if (!e)
		return 0;
	e->super.events = KREAD((struct mddev *)known->mddev, events);
	e->super.state = (__u32)KREAD(bitmap, flags);
	take_stack(ctx, e);
	event_submit(e);
	return 0;
}

SEC("fexit/bitmap_update_sb")
int BPF_PROG(update_sb_exit, void *data)
{
	struct known_bitmap *known = bitmap_lookup(data);

	if (known)
		emit_members_changed(data, known);
	emit_simple(ctx, data, BT_UPDATE_SB_EXIT, true);
	return 0;
}
