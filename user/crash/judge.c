// SPDX-License-Identifier: GPL-2.0-only
#include "crash/judge.h"

#include <string.h>

#include "crash/bitmap_super.h"

#define FIRST_WORDS (BT_SECTOR / 8)

/* State of one copy of the bitmap, over all versions of its first sector, in one assembly. */
struct view {
	const char *unjudged;
	bool clean;	/* in some version no resync begins */
	uint64_t limit; /* chunks below are not resynced in some version, whatever their state */
	bool loads[BT_LOAD_NONE + 1]; /* there is a version with that load */
	uint64_t first[FIRST_WORDS]; /* conjunction of the first sector's states where they count */
	uint32_t first_words;
};

static void view_first(const struct bt_bitmap_super *super, const struct bt_bitmap_format *format,
		       enum bt_load load, struct view *view)
{
	uint64_t words[FIRST_WORDS];
	uint32_t i;

	format->resyncs(load, super->raw + BT_BITMAP_SUPER, words, view->first_words);
	for (i = 0; i < view->first_words; i++)
		view->first[i] &= words[i];
}

static void view_super(const struct bt_bitmap_super *super, const struct bt_layout *layout,
		       const struct bt_assembly *assembly, struct view *view)
{
	struct bt_plan plan;

	layout->format->plan(super, assembly, layout->chunk_shift, &plan);
	view->clean |= plan.clean;
	if (plan.limit > view->limit)
		view->limit = plan.limit;
	if (super->rejected)
		return;
	if (super->unjudged)
		view->unjudged = super->unjudged;
	view->loads[plan.load] = true;
	if (plan.load < BT_LOADS)
		view_first(super, layout->format, plan.load, view);
}

static void view_copy(const struct bt_bits *bits, const struct bt_assembly *assembly,
		      struct view *view)
{
	uint32_t i;

	*view = (struct view){ .first_words = bits->layout->format->first_chunks / 64 };
	if (bits->too_many)
		view->unjudged = "too many versions of the bitmap's first sector between two "
				 "flushes";
	memset(view->first, 0xff, sizeof(view->first));
	for (i = 0; i < bits->supers_nr; i++)
		view_super(&bits->supers[i], bits->layout, assembly, view);
}

static uint64_t first_sector_gap(const struct bt_pair *pair, const struct view *view)
{
	uint64_t word, gap;

	for (word = 0; word < view->first_words; word++) {
		gap = bt_chunk_set_word(&pair->differ, word) & ~view->first[word];
		if (gap)
			return word * 64 + (uint64_t)__builtin_ctzll(gap);
	}
	return BT_CHUNK_NONE;
}

/* A chunk that differs and whose state asks for no resync */
static bool judge_states(const struct bt_pair *pair, const struct view *view,
			 struct bt_gap_found *found)
{
	uint32_t load;

	for (load = 0; load < BT_LOADS; load++) {
		if (!view->loads[load])
			continue;
		found->load = (enum bt_load)load;
		if (pair->bare[found->copy][load] || first_sector_gap(pair, view) != BT_CHUNK_NONE)
			return true;
	}
	return false;
}

static bool judge_pair(const struct bt_pair *pair, const struct view *view,
		       struct bt_gap_found *found)
{
	if (!pair->differ.nr)
		return false;
	if (view->clean)
		found->gap = BT_GAP_CLEAN;
	else if (bt_chunk_set_next(&pair->differ, 0) < view->limit)
		found->gap = BT_GAP_CHECKPOINT;
	else if (view->loads[BT_LOAD_NONE])
		found->gap = BT_GAP_NEW;
	else if (judge_states(pair, view, found))
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
	chunk = bt_chunk_set_next(&pair->differ, bits->layout->format->first_chunks);
	while (chunk != BT_CHUNK_NONE && !bt_bits_bare(bits, found->load, chunk))
		chunk = bt_chunk_set_next(&pair->differ, chunk + 1);
	return chunk;
}
