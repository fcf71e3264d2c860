// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes at the members, on the block layer's own tracepoints. md holds a
 * member with the md_rdev as holder (lock_rdev), so a bio leads to its array
 * without any table of members; arrays that come later need nothing more.
 */
#include "core/probe.h"
#include "core/settled.h"

/* Whose a bio is. */
struct member {
	struct md_rdev *rdev;
	struct mddev *mddev;
	struct bitmap *bitmap;
	__u64 data_offset;
	__u64 reshape_position;
	int level;
};

/*
 * What was read of a member is good for a tick of jiffies: it takes more than
 * that to get it out of its array and into another one, at the same address, or
 * to bring the array to another level. Only the end of a reshape, by which the
 * data may begin elsewhere, is looked for each time (member_reshaped).
 */
struct read_member {
	__u64 bdev; /* and whose it is; what is no member has no mddev */
	__u64 jiffies;
	struct member member;
	__u32 turn; /* odd while it is being filled: an interrupt may come in between */
};

#define READ_MEMBERS_BITS 6

/* By device, each CPU for itself. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1 << READ_MEMBERS_BITS);
	__type(key, __u32);
	__type(value, struct read_member);
} read_members SEC(".maps");

static __always_inline void read_member(struct member *member, struct block_device *bdev,
					struct md_rdev *rdev)
{
	struct mddev *mddev;

	member->rdev = rdev;
	member->mddev = NULL;
	/*
	 * Any holder but an md_rdev fails one of these: it must point back at
	 * this very device, and at an mddev whose bitmap the md probes know.
	 */
	if (BPF_CORE_READ(rdev, bdev) != bdev)
		return;
	mddev = member->mddev = BPF_CORE_READ(rdev, mddev);
	/* First: who finds no reshape any more finds where the data begins since (end_reshape). */
	member->reshape_position = BPF_CORE_READ(mddev, reshape_position);
	member->data_offset = BPF_CORE_READ(rdev, data_offset);
	member->bitmap = BPF_CORE_READ(mddev, bitmap);
	member->level = BPF_CORE_READ(mddev, level);
}

/* False: it was not read of late, or not by this holder. */
static __always_inline bool member_as_read(const struct read_member *read, struct member *member,
					   struct block_device *bdev, struct md_rdev *rdev)
{
	__u32 turn = *(volatile const __u32 *)&read->turn;

	if (turn & 1 || read->bdev != (__u64)bdev || read->member.rdev != rdev ||
	    read->jiffies != bpf_jiffies64())
		return false;
	*member = read->member;
	barrier();
	return *(volatile const __u32 *)&read->turn == turn;
}

static __always_inline void keep_member(struct read_member *read, const struct member *member,
					struct block_device *bdev)
{
	volatile __u32 *turn = &read->turn;

	if (*turn & 1)
		return; /* whoever fills it has been interrupted by us */
	*turn = *turn + 1;
	barrier();
	read->bdev = (__u64)bdev;
	read->jiffies = bpf_jiffies64();
	read->member = *member;
	barrier();
	*turn = *turn + 1;
}

static __always_inline struct known_bitmap *member_bitmap(const struct member *member)
{
	struct known_bitmap *known = member->mddev ? find_bitmap((__u64)member->bitmap) : NULL;

	return known && known->id && known->mddev == (__u64)member->mddev ? known : NULL;
}

static __noinline struct known_bitmap *read_anew(struct read_member *read, struct member *member,
						 struct block_device *bdev, struct md_rdev *rdev)
{
	if (!read || !member)
		return NULL;
	read_member(member, bdev, rdev);
	keep_member(read, member, bdev);
	return member_bitmap(member);
}

static __always_inline struct read_member *read_member_of(struct block_device *bdev)
{
	__u32 place = address_row((__u64)bdev, READ_MEMBERS_BITS);

	return bpf_map_lookup_elem(&read_members, &place);
}

/* The member a bio goes to, and its bitmap; NULL when the device is no traced member. */
static __always_inline struct known_bitmap *bio_member(struct bio *bio, struct member *member)
{
	struct block_device *bdev = bio->bi_bdev;
	struct known_bitmap *known;
	struct read_member *read;
	struct md_rdev *rdev;

	if (!bdev)
		return NULL;
	rdev = (struct md_rdev *)bdev->bd_holder;
	read = rdev ? read_member_of(bdev) : NULL;
	if (!read)
		return NULL;
	if (member_as_read(read, member, bdev, rdev)) {
		known = member_bitmap(member);
		/* Its array may have got a bitmap, or another one, this very moment. */
		if (known || !member->mddev)
			return known;
	}
	return read_anew(read, member, bdev, rdev);
}

/* For the start of data; where there is a reshape, it goes on all the time. */
static __always_inline void member_reshaped(struct bio *bio, struct member *member)
{
	struct read_member *read = read_member_of(bio->bi_bdev);
	struct mddev *mddev = member->mddev;

	if (BPF_CORE_READ(mddev, reshape_position) != member->reshape_position)
		read_anew(read, member, bio->bi_bdev, member->rdev);
}

/*
 * raid4, raid5 and raid6 send user data, parity and resync through one
 * callback. A stripe that writes for users has bios on dev[].written from
 * before its writes go down until all have ended (ops_run_biodrain,
 * handle_stripe_clean_event in drivers/md/raid5.c). 0: cannot be told.
 */
static __always_inline __u16 sample_stripe(struct bio *bio, struct mddev *mddev)
{
	struct stripe_head___raid5 *sh = bio->bi_private;
	char *dev = (char *)sh + bpf_core_field_offset(struct stripe_head___raid5, dev);
	__u32 size = bpf_core_type_size(struct r5dev___raid5);
	int i, disks;

	if (!bpf_core_type_exists(struct stripe_head___raid5) || !sh ||
	    BPF_CORE_READ(sh, raid_conf, mddev) != mddev)
		return 0;
	disks = BPF_CORE_READ(sh, disks);
	for (i = 0; i < 64 && i < disks; i++)
		if (BPF_CORE_READ((struct r5dev___raid5 *)(dev + i * size), written))
			return BT_BM_STRIPE_USER;
	return i == disks ? BT_BM_STRIPE_SYNC : 0;
}

/* What tells user writes from others, and whether the mapping is the usual one. */
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
	else if (level == 10 && (known->layout != BPF_CORE_READ(mddev, layout) ||
				 known->chunk_sectors != BPF_CORE_READ(mddev, chunk_sectors) ||
				 known->raid_disks != BPF_CORE_READ(mddev, raid_disks)))
		flags |= BT_BM_RESHAPE; /* it was, since it was described */
	return flags;
}

static __always_inline void emit_data(void *ctx, struct bio *bio, struct member *member,
				      struct known_bitmap *known, bool start)
{
	struct md_rdev *rdev = member->rdev;
	struct bt_event *e;
	__u16 flags = 0;

	if (start) {
		member_reshaped(bio, member);
		flags = sample_data_flags(bio, member, known);
	}
	if (start && known->end_io != (__u64)bio->bi_end_io && note_symbol((__u64)bio->bi_end_io))
		known->end_io = (__u64)bio->bi_end_io;
	e = bitmap_event(member->bitmap, known, start ? BT_DATA_START : BT_DATA_END);
	if (!e)
		return;
	e->bm_flags |= flags;
	e->opf = bio->bi_opf;
	e->member = BPF_CORE_READ(rdev, raid_disk);
	e->data.bio = (__u64)bio;
	e->data.dev = bio->bi_bdev->bd_dev;
	if (start) {
		/* A partition's offset has been added by now (blk_partition_remap). */
		e->data.sector =
			bio->bi_iter.bi_sector - bio->bi_bdev->bd_start_sect - member->data_offset;
		e->data.sectors = bio->bi_iter.bi_size >> 9;
		e->data.end_io = (__u64)bio->bi_end_io;
		if (wants_stack(known))
			take_stack(ctx, e);
	} else {
		e->status = bio->bi_status;
	}
	event_submit(e);
}

/* A write by md_super_write: a bitmap page, or else the array's superblock. */
static __always_inline void emit_super(void *ctx, struct bio *bio, const struct member *member,
				       struct known_bitmap *known, bool start)
{
	struct bitmap *bitmap = member->bitmap;
	struct md_rdev *rdev = member->rdev;
	struct mddev *mddev = member->mddev;
	struct known_page *page = NULL;
	bool is_page =
		page_get((__u64)bio->bi_io_vec->bv_page, &page) && page && page->bitmap == bitmap;
	struct bt_event *e;

	if (is_page)
		__sync_fetch_and_add(&known->page_writes, 1);
	if (is_page && start)
		settled_write_begins(page);
	if (is_page)
		e = bitmap_event(bitmap, known, start ? BT_PAGE_WRITE_START : BT_PAGE_WRITE_END);
	else
		e = bitmap_event(bitmap, known, start ? BT_SB_WRITE_START : BT_SB_WRITE_END);
	if (!e)
		return;
	e->opf = bio->bi_opf;
	e->member = BPF_CORE_READ(rdev, raid_disk);
	if (is_page) {
		e->page.io = (__u64)bio;
		e->page.page = page->index;
		e->page.nr_pages = 1;
		e->page.dev = bio->bi_bdev->bd_dev;
		e->status = start ? 0 : bio->bi_status;
		e->page.backend = BT_BACKEND_INTERNAL;
		e->page.desc_nr = member_nr(rdev);
		if (start) {
			e->page.cache = sample_cache(bio->bi_bdev, e->opf);
			e->page.bytes = bio->bi_iter.bi_size;
		}
		if (start ? write_wants_stack(known, page, known->raid_disks)
			  : known->loading || bio->bi_status)
			take_stack(ctx, e);
	} else {
		e->super.bio = (__u64)bio;
		e->super.dev = bio->bi_bdev->bd_dev;
		if (start) {
			e->super.sector = bio->bi_iter.bi_sector - bio->bi_bdev->bd_start_sect;
			e->super.events = BPF_CORE_READ(mddev, events);
			take_stack(ctx, e); /* superblock-durable; there are few */
		} else {
			e->status = bio->bi_status;
		}
	}
	event_submit(e);
	/* Each member is written for itself. */
	if (is_page && !start)
		settled_write_ends(known, page, bio->bi_status, known->raid_disks);
}

/*
 * submit_bio_noacct_nocheck: the bio is about to be handed to the driver or
 * put on current->bio_list; the device has seen nothing of it. md_super_write
 * passes the rdev itself in bi_private, its data paths pass their own
 * structures. Empty bios are flushes and carry no data.
 */
SEC("tp_btf/block_bio_queue")
int BPF_PROG(bio_queue, struct bio *bio)
{
	struct known_bitmap *known;
	struct member member = {};

	if (!bitmaps_traced || !op_is_write(bio->bi_opf) || !bio->bi_iter.bi_size)
		return 0;
	known = bio_member(bio, &member);
	if (!known)
		return 0;
	if (bio->bi_private == member.rdev)
		emit_super(ctx, bio, &member, known, true);
	else
		emit_data(ctx, bio, &member, known, true);
	return 0;
}

/*
 * The callbacks of data writes, at entry: the device is done, md has not yet
 * acted on it. block_bio_complete would not do: of a request-based device it
 * tells nothing (blk_update_request clears BIO_TRACE_COMPLETION), and
 * bio_endio is also called for the parts of a bio that was split below.
 */
static __always_inline void emit_data_end(void *ctx, struct bio *bio)
{
	struct known_bitmap *known;
	struct member member = {};
	struct bt_event *e;

	if (!bitmaps_traced)
		return;
	known = bio_member(bio, &member);
	if (known) {
		emit_data(ctx, bio, &member, known, false);
		return;
	}
	if (member.mddev)
		return; /* a member of an array that is not traced, or has no bitmap */
	/*
	 * A multipath member has sent the bio on to another device; whose it
	 * was is known from its start.
	 */
	e = event_reserve(0, BT_DATA_END);
	if (!e)
		return;
	e->data.bio = (__u64)bio;
	e->status = bio->bi_status;
	event_submit(e);
}

SEC("fentry/raid1_end_write_request")
int BPF_PROG(raid1_end_write, struct bio *bio)
{
	emit_data_end(ctx, bio);
	return 0;
}

SEC("fentry/raid10_end_write_request")
int BPF_PROG(raid10_end_write, struct bio *bio)
{
	emit_data_end(ctx, bio);
	return 0;
}

SEC("fentry/raid10_end_discard_request")
int BPF_PROG(raid10_end_discard, struct bio *bio)
{
	emit_data_end(ctx, bio);
	return 0;
}

SEC("fentry/raid5_end_write_request")
int BPF_PROG(raid5_end_write, struct bio *bio)
{
	emit_data_end(ctx, bio);
	return 0;
}

/*
 * Entry of super_written: the device has answered, mddev->pending_writes is
 * not yet lowered, so whoever waits in md_super_wait still waits.
 */
SEC("fentry/super_written")
int BPF_PROG(super_written, struct bio *bio)
{
	struct md_rdev *rdev = bio->bi_private;
	struct mddev *mddev;
	struct member member;
	struct known_bitmap *known;

	if (!bitmaps_traced)
		return 0;
	mddev = BPF_CORE_READ(rdev, mddev);
	member = (struct member){ .rdev = rdev,
				  .mddev = mddev,
				  .bitmap = BPF_CORE_READ(mddev, bitmap) };
	known = bitmap_get(member.bitmap);
	if (known)
		emit_super(ctx, bio, &member, known, false);
	return 0;
}
