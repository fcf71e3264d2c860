// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps sectors of a member to chunks of the bitmap. The bitmaps of raid1 and raid456 count
 * member sectors; that of raid10 counts sectors of the array, which follow from the layout
 * (__raid10_find_phys, drivers/md/raid10.c).
 */
#include "model/core/internal.h"

/* More means a damaged record; the search for copies must stay short. */
#define RAID10_DISKS_MAX 1024
#define RAID10_FAR_MAX	 16

/* setup_geo(), calc_sectors(). False: not a geometry that raid10 supports. */
static bool raid10_of(const struct bt_bitmap *bitmap, struct bt_raid10 *geo)
{
	const struct bt_event *ev = &bitmap->geometry;
	uint32_t layout = ev->geometry.layout;
	uint64_t chunks;

	*geo = (struct bt_raid10){
		.raid_disks = ev->geometry.raid_disks,
		.near_copies = layout & 255,
		.far_copies = (layout >> 8) & 255,
		.chunk_sectors = ev->geometry.chunk_sectors,
		.far_offset = layout & 1 << 16,
	};
	if (!geo->raid_disks || !geo->near_copies || !geo->far_copies || !geo->chunk_sectors ||
	    layout >> 19 || geo->chunk_sectors & (geo->chunk_sectors - 1) ||
	    geo->near_copies * geo->far_copies > geo->raid_disks ||
	    geo->raid_disks > RAID10_DISKS_MAX || geo->far_copies > RAID10_FAR_MAX)
		return false;
	switch (layout >> 17) {
	case 0: /* the original layout */
		geo->far_set_size = geo->raid_disks;
		break;
	case 1: /* improved, but buggy */
		geo->far_set_size = geo->raid_disks / geo->far_copies;
		break;
	default: /* improved */
		geo->far_set_size = geo->far_copies * geo->near_copies;
		break;
	}
	if (!geo->far_set_size)
		return false;
	if (geo->far_offset || geo->far_copies == 1) {
		/* With one copy a member has no second section; offset: a chunk. */
		geo->stride = geo->far_offset ? geo->chunk_sectors : UINT64_MAX;
		return true;
	}
	chunks = bitmap->layout.layout.dev_sectors / geo->chunk_sectors / geo->far_copies;
	chunks = chunks * geo->raid_disks / geo->near_copies;
	chunks = chunks * geo->near_copies * geo->far_copies;
	chunks = (chunks + geo->raid_disks - 1) / geo->raid_disks;
	geo->stride = chunks / geo->far_copies * geo->chunk_sectors;
	return geo->stride != 0;
}

/* The member on which __raid10_find_phys() puts the next far copy of this member's data. */
static uint64_t next_far_copy(const struct bt_raid10 *geo, uint64_t disk)
{
	uint64_t rest = geo->raid_disks % geo->far_set_size;
	uint64_t last = (geo->raid_disks / geo->far_set_size - 1) * geo->far_set_size;
	uint64_t set = disk / geo->far_set_size;

	disk += geo->near_copies;
	if (rest && disk > last)
		return (disk - last) % (geo->far_set_size + rest) + last;
	return disk % geo->far_set_size + geo->far_set_size * set;
}

/* The member that holds the first of the far copies of which this one holds number copy. */
static bool first_far_copy(const struct bt_raid10 *geo, uint64_t disk, uint64_t copy,
			   uint64_t *first)
{
	uint64_t at, i;

	for (*first = 0; *first < geo->raid_disks; (*first)++) {
		at = *first;
		for (i = 0; i < copy; i++)
			at = next_far_copy(geo, at);
		if (at == disk)
			return true;
	}
	return false;
}

/* The array sector that this sector of a member holds: the inverse of __raid10_find_phys(). */
static bool raid10_virt(const struct bt_raid10 *geo, uint64_t sector, uint64_t disk, uint64_t *virt)
{
	uint64_t offset = sector % geo->chunk_sectors, stripe, copy, first;

	if (geo->far_offset) {
		stripe = sector / geo->chunk_sectors;
		copy = stripe % geo->far_copies;
		stripe /= geo->far_copies;
	} else {
		copy = sector / geo->stride;
		stripe = sector % geo->stride / geo->chunk_sectors;
	}
	if (copy >= geo->far_copies || !first_far_copy(geo, disk, copy, &first))
		return false;
	*virt = (stripe * geo->raid_disks + first) / geo->near_copies * geo->chunk_sectors + offset;
	return true;
}

void bt_geometry_set(struct bt_bitmap *bitmap)
{
	bitmap->mapped = false;
	if (!bitmap->described)
		return;
	switch (bitmap->geometry.geometry.level) {
	case 1:
	case 4:
	case 5:
	case 6:
		bitmap->mapped = true;
		break;
	case 10:
		bitmap->mapped = raid10_of(bitmap, &bitmap->raid10);
		break;
	default:
		break;
	}
}

bool bt_range_chunks(const struct bt_bitmap *bitmap, uint64_t sector, uint64_t sectors,
		     uint64_t *first, uint64_t *last)
{
	unsigned int shift = bitmap->geometry.geometry.chunk_shift;
	uint64_t chunks = bitmap->geometry.geometry.chunks;

	if (!bitmap->described || shift > 62 || !sectors || sector > UINT64_MAX - sectors)
		return false;
	*first = sector >> shift;
	*last = (sector + sectors - 1) >> shift;
	if (*last >= chunks)
		*last = chunks - 1;
	return *first < chunks;
}

/* raid10: a write to a member within one chunk of the array (not of the bitmap). */
static bool next_stretch(const struct bt_data_walk *walk, uint64_t *sector, uint64_t *sectors)
{
	const struct bt_raid10 *geo = &walk->bitmap->raid10;
	uint64_t left;

	*sector = walk->sector;
	*sectors = walk->sectors;
	if (!walk->bitmap->mapped || walk->disk < 0 || (uint64_t)walk->disk >= geo->raid_disks)
		return false;
	left = geo->chunk_sectors - walk->sector % geo->chunk_sectors;
	if (*sectors > left)
		*sectors = left;
	return raid10_virt(geo, walk->sector, (uint64_t)walk->disk, sector);
}

bool bt_data_array_sector(const struct bt_bitmap *bitmap, const struct bt_event *ev,
			  uint64_t *sector)
{
	const struct bt_raid10 *geo = &bitmap->raid10;

	*sector = ev->data.sector;
	if (!bitmap->described || bitmap->geometry.geometry.level != 10)
		return bitmap->described && bitmap->geometry.geometry.level == 1;
	/* With near copies only, the position follows by division, which the probes can do, too. */
	if (ev->bm_flags & BT_BM_RESHAPE || bitmap->geometry.geometry.layout >> 8 != 1 ||
	    !bitmap->mapped || ev->member < 0 || (uint64_t)ev->member >= geo->raid_disks)
		return false;
	return raid10_virt(geo, ev->data.sector, (uint64_t)ev->member, sector);
}

static bool stretch_chunks(const struct bt_data_walk *walk, uint64_t *sectors, uint64_t *first,
			   uint64_t *nr)
{
	uint64_t sector, last;

	if (!next_stretch(walk, &sector, sectors) ||
	    !bt_range_chunks(walk->bitmap, sector, *sectors, first, &last) ||
	    last - *first >= BT_CHUNKS_PER_EVENT_MAX)
		return false;
	*nr = last - *first + 1;
	return true;
}

bool bt_data_stretch(const struct bt_data_walk *walk, uint64_t *first, uint64_t *nr)
{
	if (walk->bitmap->geometry.geometry.level == 10)
		return false;
	*first = walk->first;
	*nr = walk->nr;
	return true;
}

bool bt_data_next(struct bt_data_walk *walk, uint64_t *first, uint64_t *nr)
{
	uint64_t sectors;

	if (walk->bitmap->geometry.geometry.level != 10) {
		*first = walk->first;
		*nr = walk->nr;
		walk->nr = 0;
		return *nr;
	}
	if (!walk->sectors || !stretch_chunks(walk, &sectors, first, nr)) {
		walk->sectors = 0;
		return false;
	}
	walk->sector += sectors;
	walk->sectors -= sectors;
	return true;
}

/*
 * The whole range must be known before any chunk counts: a walk is made twice, to add and to
 * subtract.
 */
static bool walk_raid10(struct bt_data_walk *walk)
{
	const struct bt_data_walk whole = *walk;
	uint64_t first, nr, chunks = 0;
	unsigned int i;

	for (i = 0; walk->sectors; i++) {
		if (i == BT_STRETCHES_MAX || !bt_data_next(walk, &first, &nr))
			return false;
		chunks += nr;
		if (chunks > BT_CHUNKS_PER_EVENT_MAX)
			return false;
	}
	*walk = whole;
	return true;
}

bool bt_data_walk(struct bt_data_walk *walk, const struct bt_bitmap *bitmap,
		  const struct bt_event *ev)
{
	uint64_t last;

	walk->bitmap = bitmap;
	walk->sector = ev->data.sector;
	walk->sectors = ev->data.sectors;
	walk->disk = ev->member;
	if (!bitmap->mapped || ev->bm_flags & BT_BM_RESHAPE || !ev->data.sectors ||
	    ev->data.sector > UINT64_MAX - ev->data.sectors)
		return false;
	if (bitmap->geometry.geometry.level == 10)
		return walk_raid10(walk);
	/* The bitmap counts the member's own sectors: one range. */
	if (!bt_range_chunks(bitmap, walk->sector, walk->sectors, &walk->first, &last) ||
	    last - walk->first >= BT_CHUNKS_PER_EVENT_MAX)
		return false;
	walk->nr = last - walk->first + 1;
	return true;
}
