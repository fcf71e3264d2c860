// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures the stages of docs/latency.md in the kernel: it hooks the same functions at the same
 * places as the event probes but emits no records. The output is histograms. This is an object
 * of its own, so only its programs are loaded and run.
 */
#include "core/due.h"
#include "core/member_cache.h"
#include "core/program.h"
#include "core/request.h"
#include "hist/page_writes.h"
#include "hist/user_writes.h"

char LICENSE[] SEC("license") = "GPL";

/* ---- users' writes ---------------------------------------------------------------- */

SEC("fexit/bitmap_startwrite")
int BPF_PROG(startwrite_exit, struct mddev *mddev, sector_t offset, unsigned long sectors)
{
	struct known_bitmap *known = bitmap_lookup_or_register(mddev->bitmap);

	if (known)
		write_begin(known, offset, sectors);
	return 0;
}

SEC("fentry/bitmap_endwrite")
int BPF_PROG(endwrite, struct mddev *mddev, sector_t offset, unsigned long sectors)
{
	struct known_bitmap *known = bitmap_lookup(mddev->bitmap);

	if (known)
		write_end(known, offset, sectors);
	return 0;
}

/* Before 6.12 these functions take the bitmap. */
SEC("fexit/md_bitmap_startwrite")
int BPF_PROG(md_startwrite_exit, struct bitmap *bitmap, sector_t offset, unsigned long sectors)
{
	struct known_bitmap *known = bitmap_lookup_or_register(bitmap);

	if (known)
		write_begin(known, offset, sectors);
	return 0;
}

SEC("fentry/md_bitmap_endwrite")
int BPF_PROG(md_endwrite, struct bitmap *bitmap, sector_t offset, unsigned long sectors)
{
	struct known_bitmap *known = bitmap_lookup(bitmap);

	if (known)
		write_end(known, offset, sectors);
	return 0;
}

/* ---- bits ---------------------------------------------------------------------------- */

/* Has an unplug cleared the page's DIRTY again? The attributes of 16 pages share a word. */
static __always_inline bool page_taken(struct bitmap *bitmap, __u64 index)
{
	unsigned long *words = KREAD(bitmap, storage.filemap_attr);

	return words && !(KREAD_AT(unsigned long, words + (index >> 4)) >> ((index & 15) << 2) & 1);
}

/*
 * Exit: a write of the page that begins after this carries the bit. A write that began before
 * may carry it: when the page is no longer DIRTY, some unplug has cleared the attribute and
 * will write the page, and it is not known whether that write includes this bit. Then the bit
 * is left out.
 */
SEC("fexit/md_bitmap_file_set_bit")
int BPF_PROG(set_bit_exit, struct bitmap *bitmap, sector_t block)
{
	struct known_bitmap *known = bitmap_lookup_or_register(bitmap);
	struct known_page *page;
	__u64 index, key, now;
	struct bit *bit;

	if (!known)
		return 0;
	now = bpf_ktime_get_ns();
	index = storage_bit(known, block) >> BITMAP_BIT_PAGE_SHIFT;
	page = page_of_index(known, index);
	if (!page) {
		lost_add(BT_LATENCY_LOST_PAGES, 1);
		return 0;
	}
	key = bit_key(known->storage, block >> known->chunk_shift);
	bit = bit_find_or_alloc(key);
	if (!bit) {
		lost_add(BT_LATENCY_LOST_BITS, 1);
		return 0;
	}
	measured_of(known)->has_bits = 1;
	bit->set_ns = now;
	bit->unclear = page_taken(bitmap, index);
	if (!bit->unclear)
		__sync_val_compare_and_swap(&times_of(page)->dirty_ns, 0, now);
	slot_publish(&bit->key, key);
	bit_wait(times_of(page), bit, block >> known->chunk_shift);
	return 0;
}

/* Entry: the bit is still set. */
SEC("fentry/md_bitmap_file_clear_bit")
int BPF_PROG(clear_bit, struct bitmap *bitmap, sector_t block)
{
	struct known_bitmap *known = bitmap_lookup(bitmap);
	struct bit *bit;

	if (!known)
		return 0;
	bit = bit_find(bit_key(known->storage, block >> known->chunk_shift));
	if (!bit)
		return 0; /* set before the probes were attached, or read from disk */
	add(known, BT_STAGE_LIFETIME, bit->set_ns, bpf_ktime_get_ns());
	slot_free(&bit->key);
	return 0;
}

/* ---- calls --------------------------------------------------------------------------- */

SEC("fentry/__bitmap_unplug")
int BPF_PROG(unplug, struct bitmap *bitmap)
{
	struct known_bitmap *known = bitmap_lookup_or_register(bitmap);
	struct call *call = known ? call_begin(known) : NULL;

	if (!call)
		return 0;
	call->wrote = 0;
	call->unplug_ns = bpf_ktime_get_ns();
	return 0;
}

/* Data that the thread sends to members from now on has waited for this call. */
static __always_inline void waited(struct call *call, __u64 from_ns, __u64 to_ns)
{
	call->wait_from_ns = from_ns;
	call->wait_to_ns = to_ns;
}

SEC("fexit/__bitmap_unplug")
int BPF_PROG(unplug_exit, struct bitmap *bitmap)
{
	struct known_bitmap *known = bitmap_lookup(bitmap);
	struct call *call = known ? call_find(known) : NULL;
	__u64 now;

	if (!call || !call->unplug_ns)
		return 0;
	now = bpf_ktime_get_ns();
	add(known, call->wrote ? BT_STAGE_UNPLUG : BT_STAGE_UNPLUG_IDLE, call->unplug_ns, now);
	waited(call, call->unplug_ns, now);
	call->unplug_ns = 0;
	page_write_close(call);
	return 0;
}

static __always_inline void work_enter(struct bitmap *bitmap)
{
	struct known_bitmap *known = bitmap_lookup_or_register(bitmap);
	struct call *call = known ? call_begin(known) : NULL;

	if (call)
		call->work_ns = bpf_ktime_get_ns();
}

static __always_inline void work_exit(struct bitmap *bitmap)
{
	struct known_bitmap *known = bitmap_lookup(bitmap);
	struct call *call = known ? call_find(known) : NULL;
	__u64 now;

	if (!call || !call->work_ns)
		return;
	now = bpf_ktime_get_ns();
	add(known, BT_STAGE_UNPLUG_WORK, call->work_ns, now);
	waited(call, call->work_ns, now);
	call->work_ns = 0;
}

/* Only sync == false: otherwise this is a plain call of __bitmap_unplug. */
SEC("fentry/bitmap_unplug")
int BPF_PROG(unplug_work, struct mddev *mddev, bool sync)
{
	if (!sync)
		work_enter(mddev->bitmap);
	return 0;
}

SEC("fexit/bitmap_unplug")
int BPF_PROG(unplug_work_exit, struct mddev *mddev, bool sync)
{
	if (!sync)
		work_exit(mddev->bitmap);
	return 0;
}

SEC("fentry/md_bitmap_unplug_async")
int BPF_PROG(md_unplug_work, struct bitmap *bitmap)
{
	work_enter(bitmap);
	return 0;
}

SEC("fexit/md_bitmap_unplug_async")
int BPF_PROG(md_unplug_work_exit, struct bitmap *bitmap)
{
	work_exit(bitmap);
	return 0;
}

static __u32 passes = 0; /* in progress */

/* Due, and it did not return at once. */
SEC("fentry/bitmap_daemon_work")
int BPF_PROG(daemon_work, struct mddev *mddev)
{
	struct bitmap *bitmap = mddev->bitmap;
	struct known_bitmap *known = bitmap_lookup_or_register(bitmap);
	struct call *call;

	if (!known || KREAD(bitmap, allclean) ||
	    !daemon_sleep_over(mddev, KREAD(bitmap, daemon_lastrun)))
		return 0;
	call = call_begin(known);
	if (!call)
		return 0;
	call->daemon_ns = bpf_ktime_get_ns();
	__sync_fetch_and_add(&passes, 1);
	return 0;
}

SEC("fexit/bitmap_daemon_work")
int BPF_PROG(daemon_work_exit, struct mddev *mddev)
{
	struct known_bitmap *known;
	struct call *call;

	if (!passes)
		return 0;
	known = bitmap_lookup(mddev->bitmap);
	call = known ? call_find(known) : NULL;
	if (!call || !call->daemon_ns)
		return 0;
	add(known, BT_STAGE_DAEMON_PASS, call->daemon_ns, bpf_ktime_get_ns());
	call->daemon_ns = 0;
	__sync_fetch_and_sub(&passes, 1);
	page_write_close(call);
	return 0;
}

/* Calls from within md-bitmap.c may go to a split-off copy and are not seen here. */
SEC("fentry/bitmap_update_sb")
int BPF_PROG(update_sb, void *data)
{
	struct known_bitmap *known = bitmap_lookup_or_register(data);
	struct call *call = known ? call_begin(known) : NULL;

	if (call)
		call->update_sb_ns = bpf_ktime_get_ns();
	return 0;
}

SEC("fexit/bitmap_update_sb")
int BPF_PROG(update_sb_exit, void *data)
{
	struct known_bitmap *known = bitmap_lookup(data);
	struct call *call = known ? call_find(known) : NULL;

	if (!call || !call->update_sb_ns)
		return 0;
	add(known, BT_STAGE_UPDATE_SB, call->update_sb_ns, bpf_ktime_get_ns());
	call->update_sb_ns = 0;
	page_write_close(call);
	return 0;
}

/* Page writes of a load use functions that are not hooked: register the bitmap before them. */
SEC("fentry/bitmap_load")
int BPF_PROG(bitmap_load, struct mddev *mddev)
{
	bitmap_lookup_or_register(mddev->bitmap);
	return 0;
}

/* Entry: the bitmap still owns its pages, and the address is not reused yet. */
SEC("fentry/md_bitmap_free")
int BPF_PROG(bitmap_free, void *data)
{
	struct known_bitmap *known = bitmap_find((__u64)data);

	if (known && known->id)
		forget_bits(known);
	if (known)
		bitmap_forget(data, known);
	forget_idle_ios();
	return 0;
}

/* ---- the block layer: members' data, internal bitmaps ----------------------------------- */

/* With copies of each chunk on near_copies members, one after the other. */
static __always_inline __u64 near_sector(const struct measured *of, __u64 sector, __u64 raid_disk)
{
	__u64 chunk = (sector >> of->chunk_shift) * of->raid_disks + raid_disk;

	if (!of->near_copies)
		return 0;
	return (chunk / of->near_copies << of->chunk_shift) +
	       (sector & ((1ULL << of->chunk_shift) - 1));
}

static __always_inline void data_start(const struct known_bitmap *known, struct bio *bio,
				       const struct member *member)
{
	const struct measured *of = measured_of(known);
	__u64 sector = member_sector(bio, member);

	if (of->placing == PLACED_NOT)
		return;
	if (of->placing == PLACED_NEAR)
		sector = near_sector(of, sector, KREAD(member->rdev, raid_disk));
	write_sent(known, sector);
}

static __always_inline void super_start(const struct known_bitmap *known, struct bio *bio)
{
	__u64 address = (__u64)bio->bi_io_vec->bv_page;
	struct known_page *page = NULL;

	if (page_lookup(address, &page) == known && page)
		submission_start(known, times_of(page), address, (__u64)bio, (__u64)bio->bi_bdev,
				 false);
}

SEC("tp_btf/block_bio_queue")
int BPF_PROG(bio_queue, struct bio *bio)
{
	struct known_bitmap *known;
	struct member member;

	if (!bitmaps_traced || !op_is_write(bio->bi_opf) || !bio->bi_iter.bi_size)
		return 0;
	known = member_lookup(bio, &member);
	if (!known)
		return 0;
	if (bio->bi_private == member.rdev)
		super_start(known, bio);
	else
		data_start(known, bio, &member);
	return 0;
}

/* Called for the array's own superblock, too, whose write was never started here. */
SEC("fentry/super_written")
int BPF_PROG(super_written, struct bio *bio)
{
	submission_end((__u64)bio, bio->bi_status != 0, false);
	return 0;
}

/* ---- bitmap files ------------------------------------------------------------------------ */

static __always_inline void bh_start(struct buffer_head *bh, blk_opf_t opf)
{
	struct known_page *page = NULL;
	struct known_bitmap *known;

	if (!file_bitmaps_traced || !op_is_write(opf))
		return;
	known = page_lookup((__u64)bh->b_page, &page);
	if (known && page && known->address == (__u64)bh->b_private)
		submission_start(known, times_of(page), (__u64)bh->b_page, (__u64)bh, (__u64)bh,
				 true);
}

SEC("fentry/submit_bh")
int BPF_PROG(submit_bh, blk_opf_t opf, struct buffer_head *bh)
{
	bh_start(bh, opf);
	return 0;
}

SEC("fentry/end_bitmap_write")
int BPF_PROG(end_bitmap_write, struct buffer_head *bh, int uptodate)
{
	submission_end((__u64)bh, !uptodate, true);
	return 0;
}

/* Both exist since 7.x. */
SEC("fentry/bh_submit")
int BPF_PROG(bh_submit, struct buffer_head *bh, blk_opf_t opf)
{
	bh_start(bh, opf);
	return 0;
}

SEC("fentry/end_bitmap_write")
int BPF_PROG(end_bitmap_bio, struct bio *bio)
{
	submission_end((__u64)bio->bi_private, bio->bi_status != 0, true);
	return 0;
}

/* One writeback is one submission of the folio. */
SEC("fentry/__folio_start_writeback")
int BPF_PROG(start_writeback, struct folio *folio)
{
	struct known_page *page = NULL;
	struct known_bitmap *known;
	struct bitmap *bitmap;

	known = file_bitmaps_traced ? page_lookup((__u64)folio, &page) : NULL;
	if (!known || !page || !known->file)
		return 0;
	/* md may hold a page that has left its file, see pagecache.bpf.c. */
	bitmap = (struct bitmap *)known->address;
	if (folio->mapping == KREAD(KREAD(bitmap, storage.file), f_mapping))
		submission_start(known, times_of(page), (__u64)folio, (__u64)folio, (__u64)folio,
				 false);
	return 0;
}

SEC("fentry/folio_end_writeback")
int BPF_PROG(end_writeback, struct folio *folio)
{
	if (file_bitmaps_traced)
		submission_end((__u64)folio, false, false);
	return 0;
}
