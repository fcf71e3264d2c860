/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds the array member that a bio goes to. md claims a member with the md_rdev as holder
 * (lock_rdev), so a bio leads to its array without a table of members.
 *
 * Cached values are valid for one jiffy: within a jiffy a member cannot leave its array and
 * join another one at the same address, and the array cannot change its level.
 */
#ifndef BITMAP_TRACE_MEMBER_CACHE_H
#define BITMAP_TRACE_MEMBER_CACHE_H

#include "core/bitmap_table.h"

/* The member that a bio goes to. */
struct member {
	struct md_rdev *rdev;
	struct mddev *mddev; /* NULL: the device is no member */
	struct bitmap *bitmap;
	struct block_device *bdev;
	__u64 data_at; /* sector of the disk at which the member's data begins */
	__u64 reshape_position;
	__u32 known; /* number of the bitmap's slot; BITMAPS_MAX: there is none */
	__s32 level;
	__u32 dev; /* dev_t of bdev */
};

struct cached_member {
	__u64 jiffies;
	struct member member;
	__u32 turn; /* odd while it is being filled: an interrupt may read it */
};

#define MEMBER_CACHE_BITS 6

/* One per CPU, indexed by device. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1 << MEMBER_CACHE_BITS);
	__type(key, __u32);
	__type(value, struct cached_member);
} member_cache SEC(".maps") __weak;

static __always_inline void member_read(struct member *member, struct block_device *bdev,
					struct md_rdev *rdev)
{
	struct known_bitmap *known;
	struct mddev *mddev;

	member->rdev = rdev;
	member->bdev = bdev;
	member->mddev = NULL;
	member->known = BITMAPS_MAX;
	/*
	 * A holder that is not an md_rdev fails one of these checks: it must point back at this
	 * device, and at an mddev whose bitmap is registered.
	 */
	if (KREAD(rdev, bdev) != bdev)
		return;
	mddev = member->mddev = KREAD(rdev, mddev);
	/*
	 * Read reshape_position before data_offset: end_reshape() updates them in the other
	 * order. A partition starts at an offset of its disk.
	 */
	member->reshape_position = KREAD(mddev, reshape_position);
	member->data_at = KREAD(bdev, bd_start_sect) + KREAD(rdev, data_offset);
	member->dev = KREAD(bdev, bd_dev);
	member->bitmap = KREAD(mddev, bitmap);
	member->level = KREAD(mddev, level);
	known = bitmap_find((__u64)member->bitmap);
	if (known)
		member->known = known->nr;
}

static __always_inline struct known_bitmap *member_bitmap(const struct member *member)
{
	struct known_bitmap *known;

	if (member->known >= BITMAPS_MAX)
		return NULL;
	known = bitmap_at(member->known);
	if (!known->id || known->address != (__u64)member->bitmap ||
	    known->mddev != (__u64)member->mddev)
		return NULL;
	return known;
}

/* False: not read within this jiffy, or for another holder. */
static __always_inline bool member_cached(const struct cached_member *cached, struct member *member,
					  struct block_device *bdev, struct md_rdev *rdev)
{
	__u32 turn = *(volatile const __u32 *)&cached->turn;

	if (turn & 1 || cached->member.bdev != bdev || cached->member.rdev != rdev ||
	    cached->jiffies != bpf_jiffies64())
		return false;
	*member = cached->member;
	barrier();
	return *(volatile const __u32 *)&cached->turn == turn;
}

static __noinline struct known_bitmap *member_refresh(struct cached_member *cached,
						      struct member *member,
						      struct block_device *bdev,
						      struct md_rdev *rdev)
{
	volatile __u32 *turn;

	if (!cached || !member)
		return NULL;
	member_read(member, bdev, rdev);
	turn = &cached->turn;
	if (*turn & 1)
		return member_bitmap(member); /* we interrupted the filling */
	*turn = *turn + 1;
	barrier();
	cached->jiffies = bpf_jiffies64();
	cached->member = *member;
	barrier();
	*turn = *turn + 1;
	return member_bitmap(member);
}

static __always_inline struct cached_member *member_cache_of(struct block_device *bdev)
{
	__u32 hash = address_hash((__u64)bdev, MEMBER_CACHE_BITS);

	return bpf_map_lookup_elem(&member_cache, &hash);
}

/*
 * Fills a copy: since no other function has the address of the caller's member, the compiler
 * loads only the fields that the caller uses.
 */
static __always_inline struct known_bitmap *member_read_anew(struct cached_member *cached,
							     struct member *member,
							     struct block_device *bdev,
							     struct md_rdev *rdev)
{
	struct member own = {};
	struct known_bitmap *known = member_refresh(cached, &own, bdev, rdev);

	*member = own;
	return known;
}

/*
 * The member a bio goes to, and its bitmap; NULL if the device is not a traced member. bio: an
 * argument of the hook, which is read without a call.
 */
static __always_inline struct known_bitmap *member_lookup(struct bio *bio, struct member *member)
{
	struct block_device *bdev = bio->bi_bdev;
	struct cached_member *cached;
	struct known_bitmap *known;
	struct md_rdev *rdev;

	if (!bdev)
		return NULL;
	rdev = (struct md_rdev *)bdev->bd_holder;
	cached = rdev ? member_cache_of(bdev) : NULL;
	if (!cached)
		return NULL;
	if (member_cached(cached, member, bdev, rdev)) {
		known = member_bitmap(member);
		/* Its array may have got a bitmap, or another one, in this moment. */
		if (known || !member->mddev)
			return known;
	}
	return member_read_anew(cached, member, bdev, rdev);
}

/*
 * Called before the sector of a write is computed: the end of a reshape moves the begin of the
 * data, so it is read each time.
 */
static __always_inline void member_check_reshape(struct member *member)
{
	struct cached_member *cached;

	if (KREAD(member->mddev, reshape_position) == member->reshape_position)
		return;
	cached = member_cache_of(member->bdev);
	if (cached)
		member_read_anew(cached, member, member->bdev, member->rdev);
}

/* The bio's sector relative to the member's data. A partition's offset was already added. */
static __always_inline __u64 member_sector(struct bio *bio, const struct member *member)
{
	return bio->bi_iter.bi_sector - member->data_at;
}

#endif /* BITMAP_TRACE_MEMBER_CACHE_H */
