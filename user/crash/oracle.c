// SPDX-License-Identifier: GPL-2.0-only
#include "crash/oracle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crash/judge.h"
#include "crash/regions.h"

static int init_parts(struct bt_oracle *oracle)
{
	const struct bt_layout *layout = oracle->layout;
	uint32_t i;
	int err;

	oracle->supers = calloc(layout->members_nr, sizeof(*oracle->supers));
	oracle->stats.tested.list = calloc(BT_STRETCHES_MAX, sizeof(struct bt_stretch));
	oracle->stats.unsafe.list = calloc(BT_STRETCHES_MAX, sizeof(struct bt_stretch));
	if (!oracle->supers || !oracle->stats.tested.list || !oracle->stats.unsafe.list)
		return -ENOMEM;
	for (i = 0; i < layout->members_nr; i++)
		bt_member_super_init(&oracle->supers[i], layout);
	err = bt_exposure_init(&oracle->exposure, layout, oracle->bits);
	for (i = 0; !err && i < bt_layout_copies(layout); i++)
		err = bt_bits_init(&oracle->bits[i], layout, &oracle->exposure, i);
	if (!err)
		err = bt_mirror_init(&oracle->mirror, layout, &oracle->exposure);
	return err;
}

static void count_point(struct bt_oracle *oracle);

int bt_oracle_init(struct bt_oracle *oracle, const struct bt_layout *layout, bool cache,
		   char *problem, size_t size)
{
	int err;

	*oracle = (struct bt_oracle){
		.layout = layout,
		.cache = cache,
		.assemblies_old = true,
		.changed = true,
		.judging = !layout->from_entry && !layout->from_mark[0],
	};
	err = bt_regions_make(layout, &oracle->regions, &oracle->regions_nr, problem, size);
	if (!err)
		err = init_parts(oracle);
	if (err == -ENOMEM)
		snprintf(problem, size, "out of memory for %llu chunks",
			 (unsigned long long)layout->chunks);
	if (err)
		bt_oracle_free(oracle);
	else
		count_point(oracle);
	return err;
}

void bt_oracle_free(struct bt_oracle *oracle)
{
	uint32_t i;

	bt_mirror_free(&oracle->mirror);
	bt_exposure_free(&oracle->exposure);
	for (i = 0; i < BT_DISKS_MAX; i++)
		bt_bits_free(&oracle->bits[i]);
	free(oracle->supers);
	free(oracle->stats.tested.list);
	free(oracle->stats.unsafe.list);
	free(oracle->regions);
	oracle->stats.tested.list = NULL;
	oracle->stats.unsafe.list = NULL;
	oracle->supers = NULL;
	oracle->regions = NULL;
}

/* A flush makes the writes durable that completed before it. */
static void flush(struct bt_oracle *oracle)
{
	uint32_t i;

	bt_mirror_flush(&oracle->mirror);
	for (i = 0; i < bt_layout_copies(oracle->layout); i++)
		bt_bits_flush(&oracle->bits[i]);
	for (i = 0; i < oracle->layout->members_nr; i++)
		if (bt_member_super_flush(&oracle->supers[i]))
			oracle->assemblies_old = true;
	oracle->changed = true;
}

static void met_mark(struct bt_oracle *oracle, const char *name)
{
	if (oracle->layout->from_mark[0] && !strcmp(name, oracle->layout->from_mark))
		oracle->judging = true;
}

/* "mark NAME" and a newline: a guest can write a mark without knowing about the log. */
static void write_mark(struct bt_oracle *oracle, const unsigned char *data)
{
	static const char word[] = "mark ";
	char name[BT_MARK_MAX + 1];
	const unsigned char *end;
	size_t length;

	if (!data || memcmp(data, word, sizeof(word) - 1) != 0)
		return;
	data += sizeof(word) - 1;
	end = memchr(data, '\n', BT_MARK_MAX + 1);
	if (!end)
		return;
	length = (size_t)(end - data);
	memcpy(name, data, length);
	name[length] = '\0';
	met_mark(oracle, name);
}

void bt_oracle_begin(struct bt_oracle *oracle, const struct bt_log_entry *entry)
{
	oracle->entry = entry->nr;
	oracle->loosely = oracle->cache && !(entry->flags & BT_LOG_FUA);
	/* A write with a flush: the flush comes first (REQ_PREFLUSH). */
	if (oracle->cache && (entry->flags & BT_LOG_FLUSH))
		flush(oracle);
	if (entry->flags & BT_LOG_MARK)
		met_mark(oracle, entry->mark);
}

static void write_small(struct bt_oracle *oracle, const struct bt_region *region, uint64_t at,
			const unsigned char *data)
{
	if (region->part == BT_PART_SUPER)
		bt_member_super_write(&oracle->supers[region->index], at, data, oracle->loosely);
	else if (region->part == BT_PART_BITMAP)
		bt_bits_write(&oracle->bits[region->index], at, data, oracle->entry,
			      oracle->loosely);
	else
		write_mark(oracle, data);
}

/* sectors within one region, from the sector at */
static int write_region(struct bt_oracle *oracle, const struct bt_region *region, uint64_t at,
			uint64_t sectors, const unsigned char *data)
{
	static const unsigned char zero[BT_SECTOR];
	uint64_t i;

	oracle->changed = true;
	if (region->part == BT_PART_DATA)
		return bt_mirror_write(&oracle->mirror, region->index, at, sectors, data,
				       oracle->entry, oracle->loosely);
	for (i = 0; i < sectors; i++)
		write_small(oracle, region, at + i, data ? data + i * BT_SECTOR : zero);
	return 0;
}

int bt_oracle_data(struct bt_oracle *oracle, uint64_t sector, uint64_t sectors,
		   const unsigned char *data)
{
	uint32_t i = bt_regions_find(oracle->regions, oracle->regions_nr, sector);
	uint64_t end = sector + sectors, first, last;
	const struct bt_region *region;
	int err = 0;

	for (; !err && i < oracle->regions_nr; i++) {
		region = &oracle->regions[i];
		if (region->first >= end)
			break;
		first = sector > region->first ? sector : region->first;
		last = end < region->end ? end : region->end;
		err = write_region(oracle, region, region->base + (first - region->first),
				   last - first, data ? data + (first - sector) * BT_SECTOR : NULL);
	}
	return err;
}

static uint64_t bit_sector(const struct bt_layout *layout, uint32_t copy, uint64_t at)
{
	uint32_t i;

	for (i = 0; i < layout->extents_nr; i++) {
		if (layout->extents[i].copy != copy)
			continue;
		if (at < layout->extents[i].sectors)
			return layout->extents[i].sector + at;
		at -= layout->extents[i].sectors;
	}
	return 0; /* the extents hold all states: check_bitmap() in layout.c */
}

static void fill_example(struct bt_oracle *oracle, const struct bt_gap_found *found)
{
	struct bt_example *example = &oracle->example;
	uint64_t at;

	example->found = *found;
	example->found.chunk = bt_judge_chunk(oracle, found);
	bt_mirror_find(&oracle->mirror, &oracle->exposure.pairs[found->pair], example->found.chunk,
		       &example->array_sector, example->sides);
	at = bt_bitmap_format_sector(oracle->layout->format, example->found.chunk);
	example->bit_sector = bit_sector(oracle->layout, found->copy, at);
	example->bit_entry = oracle->bits[found->copy].writers[at];
}

static void end_stretch(struct bt_stretches *stretches)
{
	const struct bt_stretch *running = &stretches->running;

	if (!running->points)
		return;
	if (stretches->nr < BT_STRETCHES_MAX)
		stretches->list[stretches->nr] = *running;
	if (!stretches->nr++)
		stretches->first = *running;
	if (running->points > stretches->longest.points)
		stretches->longest = *running;
	stretches->running.points = 0;
}

/* is: whether the point after entry is of this kind */
static void count_stretch(struct bt_stretches *stretches, bool is, uint64_t entry)
{
	if (!is) {
		end_stretch(stretches);
		return;
	}
	stretches->points++;
	if (!stretches->running.points++)
		stretches->running.first = entry;
	stretches->running.last = entry;
}

static void count_unjudged(struct bt_oracle *oracle, const char *why)
{
	if (oracle->stats.unjudged++)
		return;
	oracle->stats.unjudged_first = oracle->entry;
	oracle->stats.unjudged_why = why;
}

/* The result of the last point holds for this one unless something has changed. */
static const char *judge(struct bt_oracle *oracle)
{
	struct bt_gap_found found;
	const char *why = NULL;

	if (oracle->assemblies_old)
		bt_assemblies_build(&oracle->assemblies, oracle->layout, oracle->supers);
	oracle->assemblies_old = false;
	oracle->changed = false;
	oracle->point = bt_judge(oracle, &oracle->differing, &found, &why);
	if (oracle->point == BT_POINT_UNSAFE && !oracle->stats.unsafe.points)
		fill_example(oracle, &found);
	if (oracle->point != BT_POINT_UNJUDGED && !oracle->cache)
		oracle->resync = bt_amplification_at(oracle);
	return why;
}

static void count_point(struct bt_oracle *oracle)
{
	const char *why = oracle->stats.unjudged_why;

	oracle->stats.points++;
	if (!oracle->judging)
		return;
	if (oracle->changed)
		why = judge(oracle);
	oracle->stats.judged++;
	count_stretch(&oracle->stats.tested, oracle->differing, oracle->entry);
	count_stretch(&oracle->stats.unsafe, oracle->point == BT_POINT_UNSAFE, oracle->entry);
	if (oracle->point == BT_POINT_UNJUDGED)
		count_unjudged(oracle, why);
	else if (!oracle->cache)
		bt_amplification_add(&oracle->stats.amplification, oracle->resync);
}

void bt_oracle_end(struct bt_oracle *oracle)
{
	uint32_t i;

	for (i = 0; i < oracle->layout->members_nr; i++)
		if (bt_member_super_commit(&oracle->supers[i], oracle->layout, oracle->entry))
			oracle->assemblies_old = true;
	if (oracle->layout->from_entry == oracle->entry)
		oracle->judging = true;
	count_point(oracle);
}

void bt_oracle_finish(struct bt_oracle *oracle)
{
	end_stretch(&oracle->stats.tested);
	end_stretch(&oracle->stats.unsafe);
}
