/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The members that each page of an internal bitmap is written to: those at
 * which next_active_rdev() (drivers/md/md-bitmap.c) stops.
 *
 * They are looked at, and told when they are others than told last, right
 * before the records that say a page is on disk: return of an unplug, of
 * update_sb, of a load. By then a member that failed while the page was being
 * submitted, and was passed over for that, is Faulty. One that is told too
 * late to have come does no harm either, what is asked of it begins after the
 * record. A daemon pass tells them anew, for whoever has lost the record.
 *
 * Most unplugs find nothing to write, and the walk would be the most of what
 * one costs. Which members have a page is asked for only of pages that are being
 * written, so it is enough to look again once a write of a page has begun or
 * ended since: both are counted before they are told. Who ends it with an error
 * makes the member Faulty only after that, but tells of that by itself.
 */
#ifndef BITMAP_TRACE_MEMBERS_H
#define BITMAP_TRACE_MEMBERS_H

#define MEMBERS_MAX 4096 /* bounds the walk, should it leave the list */

struct scan_members {
	__u64 at, head; /* of the list, mddev->disks */
	__u64 active;
	bool beyond;
};

static __always_inline __u8 member_nr(struct md_rdev *rdev)
{
	__u32 nr = BPF_CORE_READ(rdev, desc_nr);

	return nr < BT_MEMBERS_TOLD ? nr : BT_MEMBER_NONE;
}

static __always_inline bool member_faulty(struct md_rdev *rdev)
{
	return BPF_CORE_READ(rdev, flags) >> bpf_core_enum_value(enum flag_bits, Faulty) & 1;
}

static long scan_member(__u32 i, void *data)
{
	struct scan_members *scan = data;
	struct md_rdev *rdev;
	__u8 nr;

	if (!scan->at || scan->at == scan->head)
		return 1;
	rdev = (void *)(scan->at - bpf_core_field_offset(struct md_rdev, same_set));
	scan->at = (__u64)BPF_CORE_READ(rdev, same_set.next);
	if (BPF_CORE_READ(rdev, raid_disk) < 0 || member_faulty(rdev))
		return 0;
	nr = member_nr(rdev);
	if (nr == BT_MEMBER_NONE)
		scan->beyond = true;
	else
		scan->active |= 1ULL << (nr & (BT_MEMBERS_TOLD - 1));
	return 0;
}

/* again: also when they are the same. id: of the bitmap, which may not be known by it yet. */
static __noinline int tell_members(struct bitmap *bitmap, struct known_bitmap *known, __u32 id,
				   bool again)
{
	struct mddev *mddev = BPF_CORE_READ(bitmap, mddev);
	__u32 page_writes = known->page_writes;
	struct scan_members scan = {
		.at = (__u64)BPF_CORE_READ(mddev, disks.next),
		.head = (__u64)mddev + bpf_core_field_offset(struct mddev, disks),
	};
	struct bt_event *e;

	bpf_loop(MEMBERS_MAX, scan_member, &scan, 0);
	if (scan.at != scan.head)
		scan.beyond = true; /* one has left the list under our eyes */
	if (!again && known->members == scan.active && known->members_beyond == scan.beyond) {
		known->members_at = page_writes;
		return 0;
	}
	note_task();
	e = event_reserve(id, BT_MEMBERS);
	if (!e)
		return 0;
	e->bm_flags = sample_flags(bitmap, known);
	e->members.active = scan.active;
	e->members.unknown = scan.beyond;
	known->members = scan.active;
	known->members_beyond = scan.beyond;
	event_submit(e);
	known->members_at = page_writes; /* after: who finds it so need not tell */
	return 0;
}

static __always_inline bool members_due(const struct known_bitmap *known)
{
	return known->members_at != known->page_writes;
}

/* A file's pages do not go to the members. */
static __always_inline void members_settle(struct bitmap *bitmap, struct known_bitmap *known)
{
	if (!known->file)
		tell_members(bitmap, known, known->id, false);
}

#endif /* BITMAP_TRACE_MEMBERS_H */
