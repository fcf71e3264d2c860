/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The member of an array that a bio goes to. md holds a member with the md_rdev
 * as holder (lock_rdev), so a bio leads to its array without a table of members.
 *
 * What was read of a member is good for a tick of jiffies: a member cannot
 * leave its array and join another one at the same address within a tick, and
 * the array cannot change its level.
 */
#ifndef BITMAP_TRACE_MEMBER_CACHE_H
#define BITMAP_TRACE_MEMBER_CACHE_H

#include "core/bitmap_table.h"

/* The member that a bio goes to. */
struct member {
	struct md_rdev *rdev;
	struct mddev *mddev; /* NULL: the device is no member */
	struct bitmap *bitmap;
	__u64 data_offset;
	__u64 reshape_position;
	__u32 known; /* number of the bitmap's slot; BITMAPS_MAX: there is none */
	__s32 level;
};

struct cached_member {
	__u64 bdev;
	__u64 jiffies;
	struct member member;
	__u32 turn; /* odd while it is being filled: an interrupt may come in between */
};

#define MEMBER_CACHE_BITS 6

/* By device, each CPU has its own. */
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
	member->mddev = NULL;
	member->known = BITMAPS_MAX;
	/*
	 * Any holder but an md_rdev fails one of these: it must point back at
	 * this very device, and at an mddev whose bitmap the md probes know.
	 */
	if (KREAD(rdev, bdev) != bdev)
		return;
	mddev = member->mddev = KREAD(rdev, mddev);
	/*
	 * Read reshape_position before data_offset: end_reshape() updates them
	 * in the other order.
	 */
	member->reshape_position = KREAD(mddev, reshape_position);
	member->data_offset = KREAD(rdev, data_offset);
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

/* False: it was not read within this tick, or not of this holder. */
static __always_inline bool member_cached(const struct cached_member *cached, struct member *member,
					  struct block_device *bdev, struct md_rdev *rdev)
{
	__u32 turn = *(volatile const __u32 *)&cached->turn;

	if (turn & 1 || cached->bdev != (__u64)bdev || cached->member.rdev != rdev ||
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
		return member_bitmap(member); /* this interrupts the one that fills it */
	*turn = *turn + 1;
	barrier();
	cached->bdev = (__u64)bdev;
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
 * The member a bio goes to, and its bitmap; NULL when the device is no traced
 * member. bio: of the hook's own arguments, which are read without a call.
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
		/* Its array may have got a bitmap, or another one, this very moment. */
		if (known || !member->mddev)
			return known;
	}
	return member_refresh(cached, member, bdev, rdev);
}

/*
 * Before the place of a write is computed: the end of a reshape changes where
 * the data begins, and is looked for each time.
 */
static __always_inline void member_check_reshape(struct bio *bio, struct member *member)
{
	struct cached_member *cached;

	if (KREAD(member->mddev, reshape_position) == member->reshape_position)
		return;
	cached = member_cache_of(bio->bi_bdev);
	if (cached)
		member_refresh(cached, member, bio->bi_bdev, member->rdev);
}

/* Where the bio goes on the member's data. A partition's offset has been added by now. */
static __always_inline __u64 member_sector(struct bio *bio, const struct member *member)
{
	return bio->bi_iter.bi_sector - bio->bi_bdev->bd_start_sect - member->data_offset;
}

#endif /* BITMAP_TRACE_MEMBER_CACHE_H */
