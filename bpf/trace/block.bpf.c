// SPDX-License-Identifier: GPL-2.0-only
/* Writes at the members, on the block layer's own tracepoint and at md's callbacks. */
#include "core/member_cache.h"
#include "core/members.h"
#include "core/program.h"
#include "shared/raid5.h"
#include "trace/flush.h"
#include "trace/page_bio.h"

__u32 raid5_at[BT_RAID5_AT_NR] = {};

/*
 * raid4, raid5 and raid6 write user data, parity and resync through one callback. A stripe that
 * writes for users has bios on dev[].written from before its writes are submitted until all
 * have ended (ops_run_biodrain, handle_stripe_clean_event in drivers/md/raid5.c). 0: not known.
 */
static __always_inline __u16 sample_stripe(struct bio *bio, struct mddev *mddev)
{
	__u64 sh = (__u64)bio->bi_private, written;
	__u32 size = *(volatile __u32 *)&raid5_at[BT_RAID5_DEV_BYTES];
	int i, disks;

	if (!size || !sh ||
	    KREAD_AT(__u64, KREAD_AT(__u64, sh + raid5_at[BT_RAID5_CONF]) +
				    raid5_at[BT_RAID5_MDDEV]) != (__u64)mddev)
		return 0;
	disks = KREAD_AT(__s32, sh + raid5_at[BT_RAID5_DISKS]);
	written = sh + raid5_at[BT_RAID5_DEV] + raid5_at[BT_RAID5_WRITTEN];
	for (i = 0; i < 64 && i < disks; i++)
		if (KREAD_AT(__u64, written + i * size))
			return BT_BM_STRIPE_USER;
	return i == disks ? BT_BM_STRIPE_SYNC : 0;
}

/*
 * Flags from the bio: user write or not, where it shows that, and whether the usual mapping
 * holds.
 */
static __always_inline __u16 sample_data_flags(struct bio *bio, const struct member *member,
					       struct known_bitmap *known)
{
	const __u64 max_sector = ~0ULL; /* MaxSector: no reshape */
	struct mddev *mddev = member->mddev;
	int level = member->level;
	__u16 flags = 0;

	if (member->reshape_position != max_sector)
		flags |= BT_BM_RESHAPE;
	if (level >= 4 && level <= 6)
		flags |= sample_stripe(bio, mddev);
	else if (level == 10 && (known->layout != KREAD(mddev, layout) ||
				 known->chunk_sectors != KREAD(mddev, chunk_sectors) ||
				 known->raid_disks != KREAD(mddev, raid_disks)))
		flags |= BT_BM_RESHAPE; /* the array was reshaped since it was described */
	return flags;
}

static __always_inline void name_end_io(struct known_bitmap *known, __u64 end_io)
{
	if (known->end_io != end_io && note_symbol(end_io))
		known->end_io = end_io;
}

static __always_inline void emit_data_start(void *ctx, struct bio *bio, struct member *member,
					    struct known_bitmap *known)
{
	__u64 end_io = (__u64)bio->bi_end_io;
	struct bt_event *e;
	__u16 flags;
	bool stack;

	member_check_reshape(member);
	flags = sample_data_flags(bio, member, known);
	name_end_io(known, end_io);
	stack = stack_for_data(known);
	e = bitmap_event(member->bitmap, known, BT_DATA_START);
	if (!e)
		return;
	e->bm_flags |= flags;
	e->opf = bio->bi_opf;
	e->member = KREAD(member->rdev, raid_disk);
	e->data.bio = (__u64)bio;
	e->data.dev = member->dev;
	e->data.sector = member_sector(bio, member);
	e->data.sectors = bio->bi_iter.bi_size >> 9;
	e->data.end_io = end_io;
	if (stack || stack_for_data(known))
		take_stack(ctx, e);
	event_submit(e);
}

/* ---- writes by md_super_write: a bitmap page, or the array's superblock ---------- */

static __always_inline struct bt_event *super_event(struct bio *bio, const struct member *member,
						    struct known_bitmap *known, __u32 type)
{
	struct bt_event *e = bitmap_event(member->bitmap, known, type);

	if (!e)
		return NULL;
	e->opf = bio->bi_opf;
	e->member = KREAD(member->rdev, raid_disk);
	return e;
}

static __always_inline struct bt_event *page_event(struct bio *bio, const struct member *member,
						   struct known_bitmap *known,
						   const struct known_page *page, __u32 type)
{
	struct bt_event *e = super_event(bio, member, known, type);

	if (!e)
		return NULL;
	e->page.io = (__u64)bio;
	e->page.page = page->index;
	e->page.nr_pages = 1;
	e->page.dev = member->dev;
	e->page.backend = BT_BACKEND_INTERNAL;
	e->page.desc_nr = member_nr(member->rdev);
	return e;
}

static __always_inline void emit_page_write_start(void *ctx, struct bio *bio,
						  const struct member *member,
						  struct known_bitmap *known,
						  struct known_page *page)
{
	struct bt_event *e;

	__sync_fetch_and_add(&known->page_writes, 1);
	policy_write_begins(page);
	e = page_event(bio, member, known, page, BT_PAGE_WRITE_START);
	if (!e)
		return;
	e->page.cache = sample_cache(member->bdev, e->opf);
	e->page.bytes = bio->bi_iter.bi_size;
	e->page.offset = bio->bi_io_vec->bv_offset >> 9;
	if (stack_for_page_write(known, page, known->raid_disks))
		take_stack(ctx, e);
	event_submit(e);
}

static __always_inline void emit_page_write_end(void *ctx, struct bio *bio,
						const struct member *member,
						struct known_bitmap *known, struct known_page *page)
{
	struct bt_event *e;

	__sync_fetch_and_add(&known->page_writes, 1);
	e = page_event(bio, member, known, page, BT_PAGE_WRITE_END);
	if (!e)
		return;
	e->status = bio->bi_status;
	if (known->loading || bio->bi_status)
		take_stack(ctx, e);
	event_submit(e);
	/* Each member is written separately. */
	policy_write_ends(known, page, bio->bi_status, known->raid_disks);
}

static __always_inline void emit_sb_write_start(void *ctx, struct bio *bio,
						const struct member *member,
						struct known_bitmap *known)
{
	struct bt_event *e = super_event(bio, member, known, BT_SB_WRITE_START);

	if (!e)
		return;
	e->super.bio = (__u64)bio;
	e->super.dev = member->dev;
	e->super.sector = bio->bi_iter.bi_sector - bio->bi_bdev->bd_start_sect;
	e->super.events = KREAD(member->mddev, events);
	take_stack(ctx, e); /* for superblock-durable; these events are few */
	event_submit(e);
}

static __always_inline void emit_sb_write_end(struct bio *bio, const struct member *member,
					      struct known_bitmap *known)
{
	struct bt_event *e = super_event(bio, member, known, BT_SB_WRITE_END);

	if (!e)
		return;
	e->super.bio = (__u64)bio;
	e->super.dev = member->dev;
	e->status = bio->bi_status;
	event_submit(e);
}

/* The page of this bitmap that the bio writes, or NULL. */
static __always_inline struct known_page *super_page(struct bio *bio,
						     const struct known_bitmap *known)
{
	struct known_page *page = NULL;

	return page_lookup((__u64)bio->bi_io_vec->bv_page, &page) == known ? page : NULL;
}

/* ---- the hooks --------------------------------------------------------------------------- */

/* md_super_write passes the rdev itself in bi_private, md's data paths pass their own structs. */
static __always_inline void emit_member_write(void *ctx, struct bio *bio)
{
	struct known_bitmap *known;
	struct known_page *page;
	struct member member;

	known = member_lookup(bio, &member);
	if (!known)
		return;
	if (bio->bi_private != member.rdev) {
		emit_data_start(ctx, bio, &member, known);
		return;
	}
	page = super_page(bio, known);
	if (page)
		emit_page_write_start(ctx, bio, &member, known, page);
	else
		emit_sb_write_start(ctx, bio, &member, known);
}

/*
 * submit_bio_noacct_nocheck: the bio is about to be handed to the driver or put on
 * current->bio_list; the device has not started it. A flush covers at least the writes that
 * have ended by now. Empty bios are flushes and carry no data.
 */
SEC("tp_btf/block_bio_queue")
int BPF_PROG(bio_queue, struct bio *bio)
{
	if (!bitmaps_traced || !op_is_write(bio->bi_opf))
		return 0;
	if (strict)
		emit_flush(bio, BT_FLUSH_START, 0);
	if (file_bitmaps_traced)
		emit_page_bios(bio);
	if (bio->bi_iter.bi_size)
		emit_member_write(ctx, bio);
	return 0;
}

/*
 * The callbacks of data writes, at entry: the device has completed the write, md has not acted
 * on it yet. block_bio_complete would not do: it is not emitted for request-based devices
 * (blk_update_request clears BIO_TRACE_COMPLETION), and bio_endio is also called for the parts
 * of a bio that was split below.
 */
static __always_inline void emit_data_end(struct bio *bio)
{
	struct known_bitmap *known;
	struct member member = {};
	struct bt_event *e;

	if (!bitmaps_traced)
		return;
	known = member_lookup(bio, &member);
	if (known) {
		e = bitmap_event(member.bitmap, known, BT_DATA_END);
		if (!e)
			return;
		e->opf = bio->bi_opf;
		e->member = KREAD(member.rdev, raid_disk);
		e->data.dev = member.dev;
	} else {
		if (member.mddev)
			return; /* a member of an array that is not traced or has no bitmap */
		/*
		 * A multipath member has sent the bio on to another device; its start
		 * names the member.
		 */
		e = event_reserve(0, BT_DATA_END);
		if (!e)
			return;
	}
	e->data.bio = (__u64)bio;
	e->status = bio->bi_status;
	event_submit(e);
}

SEC("fentry/raid1_end_write_request")
int BPF_PROG(raid1_end_write, struct bio *bio)
{
	emit_data_end(bio);
	return 0;
}

SEC("fentry/raid10_end_write_request")
int BPF_PROG(raid10_end_write, struct bio *bio)
{
	emit_data_end(bio);
	return 0;
}

SEC("fentry/raid10_end_discard_request")
int BPF_PROG(raid10_end_discard, struct bio *bio)
{
	emit_data_end(bio);
	return 0;
}

SEC("fentry/raid5_end_write_request")
int BPF_PROG(raid5_end_write, struct bio *bio)
{
	emit_data_end(bio);
	return 0;
}

/*
 * Entry of super_written: the device has completed the write, mddev->pending_writes is not
 * lowered yet, so the waiter in md_super_wait still waits.
 */
SEC("fentry/super_written")
int BPF_PROG(super_written, struct bio *bio)
{
	struct member member = { .rdev = bio->bi_private };
	struct known_bitmap *known;
	struct known_page *page;

	if (!bitmaps_traced)
		return 0;
	member.dev = bio->bi_bdev->bd_dev;
	member.mddev = KREAD(member.rdev, mddev);
	member.bitmap = KREAD(member.mddev, bitmap);
	known = bitmap_lookup(member.bitmap);
	if (!known)
		return 0;
	page = super_page(bio, known);
	if (page)
		emit_page_write_end(ctx, bio, &member, known, page);
	else
		emit_sb_write_end(bio, &member, known);
	return 0;
}
