/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose a bio is that goes to a member. What is read of a member for that is
 * good for a tick of jiffies: it cannot leave its array and come into another
 * one meanwhile, at the same address, and each look costs as much as the rest.
 */
#ifndef BITMAP_TRACE_LATENCY_MEMBER_H
#define BITMAP_TRACE_LATENCY_MEMBER_H

#include "hist/latency_known.h"

struct member {
	__u64 bdev; /* its device, and the md_rdev that holds it */
	__u64 rdev;
	__u64 jiffies; /* when it was read */
	__u64 bitmap;  /* address; 0: no member of an array with one */
	__u64 data_at; /* sector of the disk at which its data begins: it may be a partition */
	__u64 raid_disk;
};

#define MEMBER_PLACES_BITS 6

/* By device, each CPU for itself. An interrupt that finds one half read finds no device with it. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1 << MEMBER_PLACES_BITS);
	__type(key, __u32);
	__type(value, struct member);
} members SEC(".maps");

static __always_inline void read_rdev(struct member *member, __u64 bdev, struct md_rdev *rdev,
				      __u64 at)
{
	struct mddev *mddev;

	member->rdev = (__u64)rdev;
	member->jiffies = bpf_jiffies64();
	member->bitmap = 0;
	/* Any holder but an md_rdev fails one of these, see block.bpf.c. */
	if ((__u64)BPF_CORE_READ(rdev, bdev) != bdev)
		return;
	mddev = BPF_CORE_READ(rdev, mddev);
	member->bitmap = (__u64)BPF_CORE_READ(mddev, bitmap);
	member->data_at = at + BPF_CORE_READ(rdev, data_offset);
	member->raid_disk = BPF_CORE_READ(rdev, raid_disk);
}

/* at: the sector of the disk at which the device begins. */
static __noinline int member_read(struct member *member, __u64 bdev, struct md_rdev *rdev, __u64 at)
{
	if (!member)
		return 0;
	*(volatile __u64 *)&member->bdev = 0;
	read_rdev(member, bdev, rdev, at);
	*(volatile __u64 *)&member->bdev = bdev;
	return 0;
}

/* The member that is this device, and its bitmap, or NULL. */
static __always_inline struct member *member_get(struct block_device *bdev, struct known **of)
{
	__u32 place = address_row((__u64)bdev, MEMBER_PLACES_BITS);
	struct md_rdev *rdev = bdev->bd_holder;
	struct member *member;

	if (!rdev)
		return NULL;
	member = bpf_map_lookup_elem(&members, &place);
	if (!member)
		return NULL;
	if (member->bdev != (__u64)bdev || member->rdev != (__u64)rdev ||
	    member->jiffies != bpf_jiffies64())
		member_read(member, (__u64)bdev, rdev, bdev->bd_start_sect);
	*of = bitmap_get(member->bitmap);
	return *of ? member : NULL;
}

#endif /* BITMAP_TRACE_LATENCY_MEMBER_H */
