/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The members that each page of an internal bitmap is written to: those at
 * which next_active_rdev() (drivers/md/md-bitmap.c) stops.
 *
 * The members are examined right before the records that say that a page is on disk (return of
 * an unplug, of update_sb, of a load), and emitted if they differ from what was emitted last.
 * By then a member that failed while the page was being submitted, and was skipped for that,
 * is Faulty. A member added late is only required for writes that start after this record, so
 * reporting it late is harmless. A daemon pass emits them again, in case the record was lost.
 *
 * Most unplugs find nothing to write, and the walk would be most of the cost of such an
 * unplug. A rule only needs the members of a page that is being written, so the walk is
 * repeated only if a write of a page has begun or ended since: both are counted before they
 * are emitted. On a write error md sets Faulty after this hook; raid*_error() emits its own
 * record.
 */
#ifndef BITMAP_TRACE_MEMBERS_H
#define BITMAP_TRACE_MEMBERS_H

#include "core/bitmap_event.h"

#define MEMBERS_MAX 4096 /* bounds the walk in case it leaves the list */

struct member_scan {
	__u64 at, head; /* of the list, mddev->disks */
	__u64 active;
	bool beyond;
};

static __always_inline __u8 member_nr(struct md_rdev *rdev)
{
	__u32 nr = KREAD(rdev, desc_nr);

	return nr < BT_MEMBERS_TOLD ? nr : BT_MEMBER_NONE;
}

static __always_inline bool member_faulty(struct md_rdev *rdev)
{
	return KREAD(rdev, flags) >> bpf_core_enum_value(enum flag_bits, Faulty) & 1;
}

static long scan_member(__u32 i, void *data)
{
	struct member_scan *scan = data;
	struct md_rdev *rdev;
	__u8 nr;

	if (!scan->at || scan->at == scan->head)
		return 1;
	rdev = (void *)(scan->at - bpf_core_field_offset(struct md_rdev, same_set));
	scan->at = (__u64)KREAD(rdev, same_set.next);
	if (KREAD(rdev, raid_disk) < 0 || member_faulty(rdev))
		return 0;
	nr = member_nr(rdev);
	if (nr == BT_MEMBER_NONE)
		scan->beyond = true;
	else
		scan->active |= 1ULL << (nr & (BT_MEMBERS_TOLD - 1));
	return 0;
}

/* again: emit even if they have not changed. id: of the bitmap, which may not have it yet. */
static __noinline int emit_members(struct bitmap *bitmap, struct known_bitmap *known, __u32 id,
				   bool again)
{
	struct mddev *mddev = (struct mddev *)known->mddev;
	__u32 page_writes = known->page_writes;
	struct member_scan scan = {
		.at = (__u64)KREAD(mddev, disks.next),
		.head = (__u64)mddev + bpf_core_field_offset(struct mddev, disks),
	};
	struct bt_event *e;

	bpf_loop(MEMBERS_MAX, scan_member, &scan, 0);
	if (scan.at != scan.head)
		scan.beyond = true; /* a member left the list during the walk */
	if (!again && known->members == scan.active && known->members_beyond == scan.beyond) {
		known->members_at = page_writes;
		return 0;
	}
	e = event_reserve_of(id, BT_MEMBERS, note_task());
	if (!e)
		return 0;
	e->bm_flags = sample_flags(bitmap, known);
	e->impl = known->impl;
	e->members.active = scan.active;
	e->members.unknown = scan.beyond;
	known->members = scan.active;
	known->members_beyond = scan.beyond;
	event_submit(e);
	known->members_at = page_writes; /* last: other CPUs rely on the record */
	return 0;
}

/* A bitmap file's pages are not written to the members. */
static __always_inline void emit_members_changed(struct bitmap *bitmap, struct known_bitmap *known)
{
	if (!known->file)
		emit_members(bitmap, known, known->id, false);
}

/* The same, only after page writes. */
static __always_inline void emit_members_written(struct bitmap *bitmap, struct known_bitmap *known)
{
	if (known->members_at != known->page_writes)
		emit_members_changed(bitmap, known);
}

#endif /* BITMAP_TRACE_MEMBERS_H */
