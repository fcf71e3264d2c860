// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures the stages of docs/latency.md in the kernel: the same functions as
 * the probes of the event stream, hooked at the same place, but no record is
 * made of anything. What comes out are histograms. An object of its own: what
 * is loaded for it is all that runs.
 */
#include "hist/latency_member.h"
#include "hist/latency_page.h"
#include "hist/latency_write.h"

char LICENSE[] SEC("license") = "GPL";

#define op_is_write(opf) ((opf)&1) /* enum req_op: the odd ones write */

/* ---- users' writes ---------------------------------------------------------------- */

SEC("fexit/bitmap_startwrite")
int BPF_PROG(startwrite_exit, struct mddev *mddev, sector_t offset, unsigned long sectors)
{
	struct known *of = bitmap_meet(mddev->bitmap);

	if (of)
		write_begin(of, offset, sectors);
	return 0;
}

SEC("fentry/bitmap_endwrite")
int BPF_PROG(endwrite, struct mddev *mddev, sector_t offset, unsigned long sectors)
{
	struct known *of = bitmap_get((__u64)mddev->bitmap);

	if (of)
		write_end(of, offset, sectors);
	return 0;
}

/* Before 6.12 they take the bitmap. */
SEC("fexit/md_bitmap_startwrite")
int BPF_PROG(md_startwrite_exit, struct bitmap *bitmap, sector_t offset, unsigned long sectors)
{
	struct known *of = bitmap_meet(bitmap);

	if (of)
		write_begin(of, offset, sectors);
	return 0;
}

SEC("fentry/md_bitmap_endwrite")
int BPF_PROG(md_endwrite, struct bitmap *bitmap, sector_t offset, unsigned long sectors)
{
	struct known *of = bitmap_get((__u64)bitmap);

	if (of)
		write_end(of, offset, sectors);
	return 0;
}

/* ---- bits ---------------------------------------------------------------------------- */

/* Has an unplug taken the page's DIRTY away again? The attributes of 16 pages are a word. */
static __always_inline bool page_taken(struct bitmap *bitmap, __u64 index)
{
	unsigned long *words = bitmap->storage.filemap_attr, word = 0;

	if (!words || bpf_probe_read_kernel(&word, sizeof(word), words + (index >> 4)))
		return false;
	return !(word >> ((index & 15) << 2) & 1);
}

/* Under the bits' lock. */
static __always_inline struct known_page *page_of_bit(struct known *of, __u64 index)
{
	struct page **filemap = (struct page **)of->filemap, *page = NULL;
	struct page_of_index *held = &of->held[index & (PAGES_HELD - 1)];

	if (held->index != index + 1) {
		if (!filemap || bpf_probe_read_kernel(&page, sizeof(page), filemap + index))
			return NULL;
		held->index = index + 1;
		held->address = (__u64)page;
	}
	return held->address ? page_at(held->address) : NULL;
}

/*
 * Exit: a write of the page that begins after this carries the bit. One that
 * begins before may: when the page is not DIRTY any more, some unplug has
 * taken it and will write it, and whether it took this bit from us is not
 * known. Then it is left out.
 */
SEC("fexit/md_bitmap_file_set_bit")
int BPF_PROG(set_bit_exit, struct bitmap *bitmap, sector_t block)
{
	struct known *of = bitmap_meet_storage(bitmap);
	__u64 chunk, index, key, now;
	struct known_page *page;
	struct bit *bit;

	if (!of)
		return 0;
	now = bpf_ktime_get_ns();
	chunk = block >> of->bit_shift;
	index = (chunk + of->sb_bits) >> PAGE_BIT_SHIFT;
	page = page_of_bit(of, index);
	if (!page) {
		count_loss(BT_LATENCY_LOST_PAGES);
		return 0;
	}
	key = bit_key(of->id, chunk);
	bit = bit_take(key);
	if (!bit) {
		count_loss(BT_LATENCY_LOST_BITS);
		return 0;
	}
	of->has_bits = 1;
	bit->set_ns = now;
	bit->unclear = page_taken(bitmap, index);
	if (!bit->unclear)
		__sync_val_compare_and_swap(&page->dirty_ns, 0, now);
	place_tell(&bit->key, key);
	bit_wait(page, bit, chunk);
	return 0;
}

/* Entry: the bit is still set. */
SEC("fentry/md_bitmap_file_clear_bit")
int BPF_PROG(clear_bit, struct bitmap *bitmap, sector_t block)
{
	struct known *of = bitmap_get((__u64)bitmap);
	struct bit *bit;

	if (!of)
		return 0;
	bit = bit_get(bit_key(of->id, block >> of->bit_shift));
	if (!bit)
		return 0; /* set before we looked, or read from disk */
	add(of, BT_STAGE_LIFETIME, bit->set_ns, bpf_ktime_get_ns());
	place_tell(&bit->key, PLACE_FREE);
	return 0;
}

/* ---- calls --------------------------------------------------------------------------- */

SEC("fentry/__bitmap_unplug")
int BPF_PROG(unplug, struct bitmap *bitmap)
{
	struct known *of = bitmap_meet_storage(bitmap);
	struct call *call = of ? call_begin(of) : NULL;

	if (!call)
		return 0;
	call->wrote = 0;
	call->unplug_ns = bpf_ktime_get_ns();
	return 0;
}

/* What the thread sends to members from now on has waited for this. */
static __always_inline void waited(struct call *call, __u64 from_ns, __u64 to_ns)
{
	call->wait_from_ns = from_ns;
	call->wait_to_ns = to_ns;
}

SEC("fexit/__bitmap_unplug")
int BPF_PROG(unplug_exit, struct bitmap *bitmap)
{
	struct known *of = bitmap_get((__u64)bitmap);
	struct call *call = of ? call_get(of) : NULL;
	__u64 now;

	if (!call || !call->unplug_ns)
		return 0;
	now = bpf_ktime_get_ns();
	add(of, call->wrote ? BT_STAGE_UNPLUG : BT_STAGE_UNPLUG_IDLE, call->unplug_ns, now);
	waited(call, call->unplug_ns, now);
	call->unplug_ns = 0;
	round_close(call);
	return 0;
}

static __always_inline void work_enter(struct bitmap *bitmap)
{
	struct known *of = bitmap_meet(bitmap);
	struct call *call = of ? call_begin(of) : NULL;

	if (call)
		call->work_ns = bpf_ktime_get_ns();
}

static __always_inline void work_exit(struct bitmap *bitmap)
{
	struct known *of = bitmap_get((__u64)bitmap);
	struct call *call = of ? call_get(of) : NULL;
	__u64 now;

	if (!call || !call->work_ns)
		return;
	now = bpf_ktime_get_ns();
	add(of, BT_STAGE_UNPLUG_WORK, call->work_ns, now);
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

static __u32 passes = 0; /* under way */

/* Due, and not left at once: with the same two ticks of slack as in md.bpf.c. */
SEC("fentry/bitmap_daemon_work")
int BPF_PROG(daemon_work, struct mddev *mddev)
{
	struct bitmap *bitmap = mddev->bitmap;
	struct known *of = bitmap_meet(bitmap);
	struct call *call;

	if (!of || BPF_CORE_READ(bitmap, allclean))
		return 0;
	if ((__s64)(bpf_jiffies64() + 2 - BPF_CORE_READ(bitmap, daemon_lastrun) -
		    mddev->bitmap_info.daemon_sleep) < 0)
		return 0;
	call = call_begin(of);
	if (!call)
		return 0;
	call->daemon_ns = bpf_ktime_get_ns();
	__sync_fetch_and_add(&passes, 1);
	return 0;
}

SEC("fexit/bitmap_daemon_work")
int BPF_PROG(daemon_work_exit, struct mddev *mddev)
{
	struct known *of;
	struct call *call;

	if (!passes)
		return 0;
	of = bitmap_get((__u64)mddev->bitmap);
	call = of ? call_get(of) : NULL;
	if (!call || !call->daemon_ns)
		return 0;
	add(of, BT_STAGE_DAEMON_PASS, call->daemon_ns, bpf_ktime_get_ns());
	call->daemon_ns = 0;
	__sync_fetch_and_sub(&passes, 1);
	round_close(call);
	return 0;
}

/* Callers within md-bitmap.c may reach a split-off copy and stay unseen here. */
SEC("fentry/bitmap_update_sb")
int BPF_PROG(update_sb, void *data)
{
	struct known *of = bitmap_meet(data);
	struct call *call = of ? call_begin(of) : NULL;

	if (call)
		call->update_sb_ns = bpf_ktime_get_ns();
	return 0;
}

SEC("fexit/bitmap_update_sb")
int BPF_PROG(update_sb_exit, void *data)
{
	struct known *of = bitmap_get((__u64)data);
	struct call *call = of ? call_get(of) : NULL;

	if (!call || !call->update_sb_ns)
		return 0;
	add(of, BT_STAGE_UPDATE_SB, call->update_sb_ns, bpf_ktime_get_ns());
	call->update_sb_ns = 0;
	round_close(call);
	return 0;
}

/* Page writes of a load go by functions that are not hooked: it must be known by then. */
SEC("fentry/bitmap_load")
int BPF_PROG(bitmap_load, struct mddev *mddev)
{
	bitmap_meet(mddev->bitmap);
	return 0;
}

/* Entry: the pages are still ours to forget, the address not yet reused. */
SEC("fentry/md_bitmap_free")
int BPF_PROG(bitmap_free, void *data)
{
	bitmap_forget(data);
	forget_idle_ios();
	return 0;
}

/* ---- the block layer: members' data, internal bitmaps ----------------------------------- */

static __always_inline void data_start(const struct known *of, struct bio *bio,
				       const struct member *member)
{
	/* A partition's offset has been added by now (blk_partition_remap). */
	__u64 sector = bio->bi_iter.bi_sector - member->data_at;
	__u64 chunk;

	if (of->placing == PLACED_NEAR) {
		chunk = (sector >> of->chunk_shift) * of->raid_disks + member->raid_disk;
		if (!of->near_copies)
			return;
		sector = (chunk / of->near_copies << of->chunk_shift) +
			 (sector & ((1ULL << of->chunk_shift) - 1));
	}
	write_sent(of, sector);
}

static __always_inline void super_start(const struct known *whose, struct bio *bio)
{
	__u64 address = (__u64)bio->bi_io_vec->bv_page;
	struct known *of = NULL;
	struct known_page *page = page_get(address, &of);

	if (page && of == whose)
		page_write_start(of, page, address, (__u64)bio, (__u64)bio->bi_bdev, false);
}

SEC("tp_btf/block_bio_queue")
int BPF_PROG(bio_queue, struct bio *bio)
{
	struct block_device *bdev = bio->bi_bdev;
	struct member *member;
	struct known *of;

	if (!bitmaps_nr || !op_is_write(bio->bi_opf) || !bio->bi_iter.bi_size || !bdev)
		return 0;
	member = member_get(bdev, &of);
	if (!member)
		return 0;
	if ((__u64)bio->bi_private == member->rdev)
		super_start(of, bio);
	else if (of->placing != PLACED_NOT)
		data_start(of, bio, member);
	return 0;
}

/* Also of the array's own superblock, whose write has never been started here. */
SEC("fentry/super_written")
int BPF_PROG(super_written, struct bio *bio)
{
	page_write_end((__u64)bio, bio->bi_status != 0, false);
	return 0;
}

/* ---- bitmap files ------------------------------------------------------------------------ */

static __always_inline void bh_start(struct buffer_head *bh, blk_opf_t opf)
{
	__u64 address;
	struct known_page *page;
	struct known *of = NULL;

	if (!file_bitmaps || !op_is_write(opf))
		return;
	address = (__u64)bh->b_page;
	page = page_get(address, &of);
	if (page && of->address == (__u64)bh->b_private)
		page_write_start(of, page, address, (__u64)bh, (__u64)bh, true);
}

SEC("fentry/submit_bh")
int BPF_PROG(submit_bh, blk_opf_t opf, struct buffer_head *bh)
{
	bh_start(bh, opf);
	return 0;
}

/* Both of these are of 7.x. */
SEC("fentry/bh_submit")
int BPF_PROG(bh_submit, struct buffer_head *bh, blk_opf_t opf)
{
	bh_start(bh, opf);
	return 0;
}

SEC("fentry/end_bitmap_write")
int BPF_PROG(end_bitmap_bio, struct bio *bio)
{
	page_write_end((__u64)bio->bi_private, bio->bi_status != 0, true);
	return 0;
}

SEC("fentry/end_bitmap_write")
int BPF_PROG(end_bitmap_write, struct buffer_head *bh, int uptodate)
{
	page_write_end((__u64)bh, !uptodate, true);
	return 0;
}

static __always_inline struct known_page *folio_page(struct folio *folio, struct known **of)
{
	struct known_page *page = page_get((__u64)folio, of);
	struct bitmap *bitmap;

	if (!page || !(*of)->file)
		return NULL;
	/* md may hold a page that has left its file, see pagecache.bpf.c. */
	bitmap = (struct bitmap *)(*of)->address;
	return folio->mapping == BPF_CORE_READ(bitmap, storage.file, f_mapping) ? page : NULL;
}

/* One writeback is one submission of the folio. */
SEC("fentry/__folio_start_writeback")
int BPF_PROG(start_writeback, struct folio *folio)
{
	struct known *of = NULL;
	struct known_page *page = file_bitmaps ? folio_page(folio, &of) : NULL;

	if (page)
		page_write_start(of, page, (__u64)folio, (__u64)folio, (__u64)folio, false);
	return 0;
}

SEC("fentry/folio_end_writeback")
int BPF_PROG(end_writeback, struct folio *folio)
{
	if (file_bitmaps)
		page_write_end((__u64)folio, false, false);
	return 0;
}
