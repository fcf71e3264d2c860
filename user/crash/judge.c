// SPDX-License-Identifier: GPL-2.0-only
#include "crash/judge.h"

#include <string.h>

#include "crash/le.h"

#define FIRST_WORDS (BT_FIRST_CHUNKS / 64)

/* State of one copy of the bitmap, over all versions of its first sector, in one assembly. */
struct view {
	const char *unjudged;
	bool bits;	/* there is a version whose bits count */
	uint64_t limit; /* chunks below are not resynced in some version, even with their bit set */
	uint64_t first[FIRST_WORDS]; /* conjunction of the first sector's bits where they count */
};

/*
 * Where md begins: bitmap_load() passes resync_offset, and md_bitmap_init_from_disk() resyncs a
 * chunk only if it ends at or after that. A degraded array begins at 0 unless the bitmap was
 * cleared at its last event. Without a bitmap the resync begins at resync_offset, so the chunk
 * must not begin before.
 */
static uint64_t limit_of(const struct bt_bitmap_super *super, enum bt_load load,
			 const struct bt_assembly *assembly, uint64_t shift)
{
	uint64_t start = assembly->resync_offset;

	if (load == BT_LOAD_BITS && assembly->degraded && super->events_cleared != assembly->events)
		start = 0;
	if (!start)
		return 0;
	return ((start - 1) >> shift) + (load == BT_LOAD_REJECTED);
}

static void view_super(const struct bt_bitmap_super *super, const struct bt_assembly *assembly,
		       uint64_t shift, struct view *view)
{
	enum bt_load load = bt_bitmap_super_load(super, assembly->events);
	uint64_t limit = limit_of(super, load, assembly, shift);
	unsigned int i;

	if (limit > view->limit)
		view->limit = limit;
	if (load == BT_LOAD_REJECTED)
		return;
	if (super->unjudged)
		view->unjudged = super->unjudged;
	if (load != BT_LOAD_BITS)
		return;
	view->bits = true;
	for (i = 0; i < FIRST_WORDS; i++)
		view->first[i] &= bt_le64(super->raw + BT_BITMAP_SUPER + 8 * (size_t)i);
}

static void view_copy(const struct bt_bits *bits, const struct bt_assembly *assembly,
		      struct view *view)
{
	uint32_t i;

	view->unjudged = bits->too_many ? "too many versions of the bitmap's first sector between "
					  "two flushes"
					: NULL;
	view->bits = false;
	view->limit = 0;
	memset(view->first, 0xff, sizeof(view->first));
	for (i = 0; i < bits->supers_nr; i++)
		view_super(&bits->supers[i], assembly, bits->layout->chunk_shift, view);
}

static uint64_t first_sector_gap(const struct bt_pair *pair, const struct view *view)
{
	uint64_t word, gap;

	for (word = 0; word < FIRST_WORDS; word++) {
		gap = bt_chunk_set_word(&pair->differ, word) & ~view->first[word];
		if (gap)
			return word * 64 + (uint64_t)__builtin_ctzll(gap);
	}
	return BT_CHUNK_NONE;
}

static bool judge_pair(const struct bt_pair *pair, const struct view *view,
		       struct bt_gap_found *found)
{
	if (!pair->differ.nr)
		return false;
	if (found->assembly.resync_offset == BT_MD_MAX_SECTOR)
		found->gap = BT_GAP_CLEAN;
	else if (bt_chunk_set_next(&pair->differ, 0) < view->limit)
		found->gap = BT_GAP_CHECKPOINT;
	else if (view->bits &&
		 (pair->bare[found->copy] || first_sector_gap(pair, view) != BT_CHUNK_NONE))
		found->gap = BT_GAP_BIT;
	else
		return false;
	return true;
}

static bool in_assembly(const struct bt_pair *pair, const struct bt_assembly *assembly)
{
	return (assembly->members >> pair->a & assembly->members >> pair->b & 1) != 0;
}

static bool any_differs(const struct bt_exposure *exposure, const struct bt_assembly *assembly)
{
	uint32_t i;

	for (i = 0; i < exposure->pairs_nr; i++)
		if (exposure->pairs[i].differ.nr && in_assembly(&exposure->pairs[i], assembly))
			return true;
	return false;
}

static bool judge_copy(const struct bt_oracle *oracle, struct bt_gap_found *found, const char **why)
{
	const struct bt_exposure *exposure = &oracle->exposure;
	struct view view;

	view_copy(&oracle->bits[found->copy], &found->assembly, &view);
	if (view.unjudged) {
		*why = view.unjudged;
		return false;
	}
	for (found->pair = 0; found->pair < exposure->pairs_nr; found->pair++)
		if (in_assembly(&exposure->pairs[found->pair], &found->assembly) &&
		    judge_pair(&exposure->pairs[found->pair], &view, found))
			return true;
	return false;
}

/* md reads an internal bitmap from any member that is In_sync (read_sb_page()). */
static bool judge_assembly(const struct bt_oracle *oracle, struct bt_gap_found *found,
			   const char **why)
{
	for (found->copy = 0; found->copy < oracle->exposure.copies; found->copy++)
		if ((!oracle->layout->internal || found->assembly.members >> found->copy & 1) &&
		    judge_copy(oracle, found, why))
			return true;
	return false;
}

enum bt_point bt_judge(const struct bt_oracle *oracle, bool *differing, struct bt_gap_found *found,
		       const char **why)
{
	const struct bt_assemblies *assemblies = &oracle->assemblies;
	uint32_t i;

	*differing = false;
	*why = assemblies->too_many ? "too many versions of md superblocks between two flushes"
				    : NULL;
	for (i = 0; i < assemblies->nr; i++) {
		found->assembly = assemblies->list[i];
		if (found->assembly.unjudged) {
			*why = found->assembly.unjudged;
			continue;
		}
		if (!any_differs(&oracle->exposure, &found->assembly))
			continue;
		*differing = true;
		if (judge_assembly(oracle, found, why))
			return BT_POINT_UNSAFE;
	}
	return *why ? BT_POINT_UNJUDGED : BT_POINT_SAFE;
}

uint64_t bt_judge_chunk(const struct bt_oracle *oracle, const struct bt_gap_found *found)
{
	const struct bt_pair *pair = &oracle->exposure.pairs[found->pair];
	const struct bt_bits *bits = &oracle->bits[found->copy];
	struct view view;
	uint64_t chunk;

	if (found->gap != BT_GAP_BIT)
		return bt_chunk_set_next(&pair->differ, 0);
	view_copy(bits, &found->assembly, &view);
	chunk = first_sector_gap(pair, &view);
	if (chunk != BT_CHUNK_NONE)
		return chunk;
	chunk = bt_chunk_set_next(&pair->differ, BT_FIRST_CHUNKS);
	while (chunk != BT_CHUNK_NONE && !bt_bits_may_be_clear(bits, chunk))
		chunk = bt_chunk_set_next(&pair->differ, chunk + 1);
	return chunk;
}
