// SPDX-License-Identifier: GPL-2.0-only
#include "crash/mirror.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define PAGE_CELLS  128u  /* sectors of a page of cells, 64 KiB of data */
#define DIRECTORY   8192u /* pages of a directory, 512 MiB of data */
#define LOOSE_FIRST 1024u

/* All 0: a sector that was never written. */
struct bt_cell_page {
	uint64_t digest[PAGE_CELLS];
	uint64_t entry[PAGE_CELLS];
	unsigned char many[PAGE_CELLS];	 /* may have one of several contents */
	unsigned char loose[PAGE_CELLS]; /* is in the list of loose runs */
};

static const struct bt_cell_page unwritten;

/* Cells of one member, all in one page. */
struct cells {
	uint32_t member;
	uint32_t first;
	uint64_t sector; /* of the member's data */
};

/* Consecutive sectors of one chunk, with all copies of them; on each member within one page. */
struct run {
	uint32_t sectors;
	uint32_t copies_nr; /* 0: not data of the array */
	uint32_t self;	    /* index of the copy that was asked for */
	uint64_t chunk;
	uint64_t array_sector;
	struct cells copies[BT_DISKS_MAX];
};

int bt_mirror_init(struct bt_mirror *mirror, const struct bt_layout *layout,
		   struct bt_exposure *exposure)
{
	static const unsigned char zero[BT_SECTOR];
	uint32_t i;

	*mirror = (struct bt_mirror){
		.layout = layout,
		.exposure = exposure,
		.directories = layout->size / PAGE_CELLS / DIRECTORY + 1,
		/* Digests are stored relative to it, so that 0 stands for the initial content. */
		.zero_digest = layout->zero ? XXH3_64bits(zero, sizeof(zero)) : 0,
	};
	for (i = 0; i < layout->members_nr; i++) {
		mirror->cells[i] = calloc(mirror->directories, sizeof(*mirror->cells[i]));
		if (!mirror->cells[i]) {
			bt_mirror_free(mirror);
			return -ENOMEM;
		}
	}
	return 0;
}

void bt_mirror_free(struct bt_mirror *mirror)
{
	uint64_t i, j, directory;

	for (i = 0; i < BT_DISKS_MAX; i++) {
		for (directory = 0; mirror->cells[i] && directory < mirror->directories;
		     directory++) {
			for (j = 0; mirror->cells[i][directory] && j < DIRECTORY; j++)
				free(mirror->cells[i][directory][j]);
			free(mirror->cells[i][directory]);
		}
		free(mirror->cells[i]);
	}
	free(mirror->loose);
	*mirror = (struct bt_mirror){ 0 };
}

static const struct bt_cell_page *page_of(const struct bt_mirror *mirror, const struct cells *cells)
{
	struct bt_cell_page **directory;
	const struct bt_cell_page *page;

	directory = mirror->cells[cells->member][cells->sector / PAGE_CELLS / DIRECTORY];
	page = directory ? directory[cells->sector / PAGE_CELLS % DIRECTORY] : NULL;
	return page ? page : &unwritten;
}

/* NULL if out of memory */
static struct bt_cell_page *make_page(struct bt_mirror *mirror, const struct cells *cells)
{
	struct bt_cell_page ***at, **page;

	at = &mirror->cells[cells->member][cells->sector / PAGE_CELLS / DIRECTORY];
	if (!*at)
		*at = calloc(DIRECTORY, sizeof(**at));
	if (!*at)
		return NULL;
	page = &(*at)[cells->sector / PAGE_CELLS % DIRECTORY];
	if (!*page)
		*page = calloc(1, sizeof(**page));
	return *page;
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void set_copy(struct run *run, uint32_t copy, uint32_t member, uint64_t sector)
{
	run->copies[copy] = (struct cells){
		.member = member,
		.sector = sector,
		.first = (uint32_t)(sector % PAGE_CELLS),
	};
}

/* raid1: at the same position on all members */
static void place_raid1(const struct bt_layout *layout, uint32_t member, uint64_t sector,
			struct run *run)
{
	uint32_t copy;

	run->array_sector = sector;
	run->copies_nr = layout->members_nr;
	run->self = member;
	for (copy = 0; copy < layout->members_nr; copy++)
		set_copy(run, copy, copy, sector);
}

/*
 * raid10, near: the copies of a stripe unit are on consecutive members, those of the next unit
 * on the members after them (__raid10_find_phys()).
 */
static uint64_t place_raid10(const struct bt_mirror *mirror, uint32_t member, uint64_t sector,
			     struct run *run)
{
	const struct bt_layout *layout = mirror->layout;
	uint64_t unit_sectors = layout->chunk_sectors, offset = sector % unit_sectors;
	uint64_t place = sector / unit_sectors * layout->members_nr + member;
	uint64_t unit = place / layout->near;
	uint32_t copy;

	run->array_sector = unit * unit_sectors + offset;
	run->copies_nr = run->array_sector < mirror->layout->span ? layout->near : 0;
	run->self = (uint32_t)(place % layout->near);
	for (copy = 0; copy < run->copies_nr; copy++) {
		place = unit * layout->near + copy;
		set_copy(run, copy, (uint32_t)(place % layout->members_nr),
			 place / layout->members_nr * unit_sectors + offset);
	}
	return unit_sectors - offset;
}

/*
 * Both page and unit are powers of two, so one holds the other a whole number of times: a range
 * within one page and one unit is within one page on each member.
 */
static void place(const struct bt_mirror *mirror, uint32_t member, uint64_t sector,
		  uint64_t sectors, struct run *run)
{
	uint64_t chunk_sectors = UINT64_C(1) << mirror->layout->chunk_shift;

	sectors = min(sectors, PAGE_CELLS - sector % PAGE_CELLS);
	if (mirror->layout->level == 1)
		place_raid1(mirror->layout, member, sector, run);
	else
		sectors = min(sectors, place_raid10(mirror, member, sector, run));
	sectors = min(sectors, chunk_sectors - run->array_sector % chunk_sectors);
	run->chunk = run->array_sector >> mirror->layout->chunk_shift;
	run->sectors = (uint32_t)sectors;
}

static bool differ(uint64_t digest, bool many, const struct bt_cell_page *other, uint32_t i)
{
	return many || other->many[i] || other->digest[i] != digest;
}

/* Notifies the pairs of the run's own copy that its cells change to these digests. */
static void tell(struct bt_mirror *mirror, const struct run *run, const struct bt_cell_page *own,
		 const uint64_t *digests, const unsigned char *many)
{
	const struct cells *self = &run->copies[run->self], *other;
	const struct bt_cell_page *page;
	uint32_t copy, i;
	int32_t more;

	for (copy = 0; copy < run->copies_nr; copy++) {
		if (copy == run->self)
			continue;
		other = &run->copies[copy];
		page = page_of(mirror, other);
		more = 0;
		for (i = 0; i < run->sectors; i++) {
			more += differ(digests[i], many[i], page, other->first + i);
			more -= differ(own->digest[self->first + i], own->many[self->first + i],
				       page, other->first + i);
		}
		if (more)
			bt_exposure_differ(mirror->exposure, self->member, other->member,
					   run->chunk, more);
	}
}

static int grow_loose(struct bt_mirror *mirror)
{
	uint64_t max = mirror->loose_max ? mirror->loose_max * 2 : LOOSE_FIRST;
	struct bt_loose_run *loose = realloc(mirror->loose, max * sizeof(*loose));

	if (!loose)
		return -ENOMEM;
	mirror->loose = loose;
	mirror->loose_max = max;
	return 0;
}

/* Adds only runs with a sector that is not in the list yet: bounded by the number of sectors. */
static int add_loose(struct bt_mirror *mirror, const struct run *run, struct bt_cell_page *page)
{
	const struct cells *self = &run->copies[run->self];
	unsigned char *loose = page->loose + self->first;

	if (!memchr(loose, 0, run->sectors))
		return 0;
	if (mirror->loose_nr == mirror->loose_max && grow_loose(mirror))
		return -ENOMEM;
	memset(loose, 1, run->sectors);
	mirror->loose[mirror->loose_nr++] = (struct bt_loose_run){
		.sector = self->sector,
		.member = self->member,
		.sectors = run->sectors,
	};
	return 0;
}

static int write_run(struct bt_mirror *mirror, const struct run *run, const unsigned char *data,
		     uint64_t entry, bool loosely)
{
	const struct cells *self = &run->copies[run->self];
	struct bt_cell_page *page = make_page(mirror, self);
	uint64_t digests[PAGE_CELLS], before;
	unsigned char many[PAGE_CELLS];
	uint32_t i;

	if (!page || (loosely && add_loose(mirror, run, page)))
		return -ENOMEM;
	for (i = 0; i < run->sectors; i++) {
		digests[i] = data ? XXH3_64bits(data + (size_t)i * BT_SECTOR, BT_SECTOR) : 0;
		if (data)
			digests[i] ^= mirror->zero_digest;
		before = page->digest[self->first + i];
		many[i] = loosely && (page->many[self->first + i] || before != digests[i]);
	}
	tell(mirror, run, page, digests, many);
	memcpy(page->digest + self->first, digests, run->sectors * sizeof(*digests));
	memcpy(page->many + self->first, many, run->sectors);
	for (i = 0; i < run->sectors; i++)
		page->entry[self->first + i] = entry;
	return 0;
}

/*
 * A discard of sectors that are still zero changes nothing: returns how many sectors there are
 * up to the next ones that may have been written, by whole directories and pages; else 0.
 */
static uint64_t zero_still(const struct bt_mirror *mirror, uint32_t member, uint64_t sector)
{
	struct bt_cell_page **directory;
	const uint64_t span = (uint64_t)PAGE_CELLS * DIRECTORY;

	if (!mirror->layout->zero)
		return 0;
	directory = mirror->cells[member][sector / span];
	if (!directory)
		return span - sector % span;
	return directory[sector / PAGE_CELLS % DIRECTORY] ? 0 : PAGE_CELLS - sector % PAGE_CELLS;
}

int bt_mirror_write(struct bt_mirror *mirror, uint32_t member, uint64_t sector, uint64_t sectors,
		    const unsigned char *data, uint64_t entry, bool loosely)
{
	struct run run;
	uint64_t zero;
	int err;

	while (sectors) {
		zero = data ? 0 : min(sectors, zero_still(mirror, member, sector));
		if (zero) {
			sector += zero;
			sectors -= zero;
			continue;
		}
		place(mirror, member, sector, sectors, &run);
		err = run.copies_nr ? write_run(mirror, &run, data, entry, loosely) : 0;
		if (err)
			return err;
		sector += run.sectors;
		sectors -= run.sectors;
		if (data)
			data += (size_t)run.sectors * BT_SECTOR;
	}
	return 0;
}

static void settle(struct bt_mirror *mirror, const struct run *run)
{
	static const unsigned char none[PAGE_CELLS];
	const struct cells *self = &run->copies[run->self];
	struct bt_cell_page *page = make_page(mirror, self); /* it exists already */

	tell(mirror, run, page, page->digest + self->first, none);
	memset(page->many + self->first, 0, run->sectors);
	memset(page->loose + self->first, 0, run->sectors);
}

void bt_mirror_flush(struct bt_mirror *mirror)
{
	const struct bt_loose_run *loose;
	struct run run;

	while (mirror->loose_nr) {
		loose = &mirror->loose[--mirror->loose_nr];
		place(mirror, loose->member, loose->sector, loose->sectors, &run);
		settle(mirror, &run);
	}
}

static void fill_side(const struct bt_mirror *mirror, const struct cells *cells, uint32_t i,
		      struct bt_side *side)
{
	const struct bt_cell_page *page = page_of(mirror, cells);

	*side = (struct bt_side){
		.member = cells->member,
		.sector = mirror->layout->members[cells->member].data + cells->sector + i,
		.entry = page->entry[cells->first + i],
		.digest = page->digest[cells->first + i],
		.many = page->many[cells->first + i],
	};
}

/* The positions of an array sector; the requested copy is the first. */
static void place_array(const struct bt_mirror *mirror, uint64_t sector, uint64_t sectors,
			struct run *run)
{
	const struct bt_layout *layout = mirror->layout;
	uint64_t first, unit = layout->chunk_sectors;

	if (layout->level == 1) {
		place(mirror, 0, sector, sectors, run);
		return;
	}
	first = sector / unit * layout->near;
	place(mirror, (uint32_t)(first % layout->members_nr),
	      first / layout->members_nr * unit + sector % unit, sectors, run);
}

bool bt_mirror_find(const struct bt_mirror *mirror, const struct bt_pair *pair, uint64_t chunk,
		    uint64_t *array_sector, struct bt_side sides[2])
{
	uint64_t sector = chunk << mirror->layout->chunk_shift;
	uint64_t end = min((chunk + 1) << mirror->layout->chunk_shift, mirror->layout->span);
	const struct cells *a, *b;
	struct run run;
	uint32_t i;

	for (; sector < end; sector += run.sectors) {
		place_array(mirror, sector, end - sector, &run);
		for (a = b = NULL, i = 0; i < run.copies_nr; i++) {
			if (run.copies[i].member == pair->a)
				a = &run.copies[i];
			if (run.copies[i].member == pair->b)
				b = &run.copies[i];
		}
		for (i = 0; a && b && i < run.sectors; i++) {
			fill_side(mirror, a, i, &sides[0]);
			fill_side(mirror, b, i, &sides[1]);
			*array_sector = sector + i;
			if (sides[0].many || sides[1].many || sides[0].digest != sides[1].digest)
				return true;
		}
	}
	return false;
}
