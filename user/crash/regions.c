// SPDX-License-Identifier: GPL-2.0-only
#include "crash/regions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "crash/md_super.h"

static const char *part_name(enum bt_part part)
{
	static const char *const names[] = {
		[BT_PART_SUPER] = "superblock of member",
		[BT_PART_DATA] = "data of member",
		[BT_PART_BITMAP] = "bitmap copy",
		[BT_PART_MARK] = "mark-sector",
	};

	return names[part];
}

static int compare(const void *a, const void *b)
{
	const struct bt_region *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* A superblock takes less than the 4 KiB that md reads; a bitmap may begin within these. */
static int check_overlap(struct bt_region *regions, uint32_t nr, char *problem, size_t size)
{
	struct bt_region *a, *b;
	uint32_t i;

	for (i = 1; i < nr; i++) {
		a = &regions[i - 1];
		b = &regions[i];
		if (a->part == BT_PART_SUPER && a->first < b->first && a->end > b->first)
			a->end = b->first;
		if (b->first >= a->end)
			continue;
		snprintf(problem, size,
			 "%s %u (sectors %" PRIu64 " to %" PRIu64 ") overlaps %s %u (from %" PRIu64
			 ")",
			 part_name(a->part), a->index, a->first, a->end - 1, part_name(b->part),
			 b->index, b->first);
		return -EINVAL;
	}
	return 0;
}

static void add(struct bt_region *regions, uint32_t *nr, enum bt_part part, uint32_t index,
		uint64_t base, uint64_t first, uint64_t sectors)
{
	regions[(*nr)++] = (struct bt_region){
		.first = first,
		.end = first + sectors,
		.part = part,
		.index = index,
		.base = base,
	};
}

static void add_members(const struct bt_layout *layout, struct bt_region *regions, uint32_t *nr)
{
	uint32_t i;

	for (i = 0; i < layout->members_nr; i++) {
		add(regions, nr, BT_PART_SUPER, i, 0, layout->members[i].super,
		    BT_MD_SUPER_SECTORS);
		add(regions, nr, BT_PART_DATA, i, 0, layout->members[i].data, layout->size);
	}
}

/* Sectors of a copy beyond the used bits belong to no region. */
static void add_bitmap(const struct bt_layout *layout, struct bt_region *regions, uint32_t *nr)
{
	uint64_t base[BT_DISKS_MAX] = { 0 }, left;
	const struct bt_extent *extent;
	uint32_t i;

	for (i = 0; i < layout->extents_nr; i++) {
		extent = &layout->extents[i];
		left = layout->bitmap_sectors - base[extent->copy];
		if (left > extent->sectors)
			left = extent->sectors;
		if (left)
			add(regions, nr, BT_PART_BITMAP, extent->copy, base[extent->copy],
			    extent->sector, left);
		base[extent->copy] += left;
	}
}

int bt_regions_make(const struct bt_layout *layout, struct bt_region **regions, uint32_t *nr,
		    char *problem, size_t size)
{
	int err;

	*nr = 0;
	*regions =
		calloc(2 * (size_t)layout->members_nr + layout->extents_nr + 1, sizeof(**regions));
	if (!*regions)
		return -ENOMEM;
	add_members(layout, *regions, nr);
	add_bitmap(layout, *regions, nr);
	if (layout->has_mark_sector)
		add(*regions, nr, BT_PART_MARK, 0, 0, layout->mark_sector, 1);
	qsort(*regions, *nr, sizeof(**regions), compare);
	err = check_overlap(*regions, *nr, problem, size);
	if (err) {
		free(*regions);
		*regions = NULL;
	}
	return err;
}

uint32_t bt_regions_find(const struct bt_region *regions, uint32_t nr, uint64_t sector)
{
	uint32_t low = 0, high = nr, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (regions[middle].end > sector)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}
