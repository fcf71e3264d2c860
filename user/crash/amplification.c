// SPDX-License-Identifier: GPL-2.0-only
#include "crash/amplification.h"

#include "crash/bitmap_super.h"
#include "crash/oracle.h"

#define FIRST_WORDS (BT_SECTOR / 8)

/* The first sector's chunks, from one on, that md resyncs */
static uint64_t first_resynced(const struct bt_bitmap_super *super, const struct bt_layout *layout,
			       enum bt_load load, uint64_t from)
{
	uint64_t words[FIRST_WORDS], chunk, nr = 0;
	uint32_t first = layout->format->first_chunks;

	layout->format->resyncs(load, super->raw + BT_BITMAP_SUPER, words, first / 64);
	for (chunk = from; chunk < first && chunk < layout->chunks; chunk++)
		nr += words[chunk / 64] >> (chunk % 64) & 1;
	return nr;
}

static uint64_t resynced(const struct bt_oracle *oracle, const struct bt_assembly *assembly)
{
	const struct bt_layout *layout = oracle->layout;
	const struct bt_bitmap_super *super;
	const struct bt_bits *bits;
	struct bt_plan plan;

	if (!(assembly->members & (assembly->members - 1)))
		return 0; /* nothing to copy from one member to another */
	bits = &oracle->bits[layout->internal ? __builtin_ctz(assembly->members) : 0];
	super = &bits->supers[bits->supers_nr - 1];
	layout->format->plan(super, assembly, layout->chunk_shift, &plan);
	if (plan.clean || plan.load == BT_LOAD_NONE || plan.limit >= layout->chunks)
		return 0;
	if (plan.load == BT_LOAD_ALL)
		return layout->chunks - plan.limit;
	return first_resynced(super, layout, plan.load, plan.limit) +
	       bt_bits_resynced(bits, plan.load, plan.limit);
}

static bool is_in(const struct bt_pair *pair, const struct bt_assembly *assembly)
{
	return (assembly->members >> pair->a & assembly->members >> pair->b & 1) != 0;
}

/* Does a pair before this one differ on the chunk, too? */
static bool counted(const struct bt_exposure *exposure, const struct bt_assembly *assembly,
		    uint32_t pair, uint64_t chunk)
{
	uint32_t i;

	for (i = 0; i < pair; i++)
		if (is_in(&exposure->pairs[i], assembly) &&
		    bt_chunk_set_has(&exposure->pairs[i].differ, chunk))
			return true;
	return false;
}

static uint64_t differ(const struct bt_exposure *exposure, const struct bt_assembly *assembly)
{
	const struct bt_chunk_set *set;
	uint64_t chunk, nr = 0;
	uint32_t i;

	for (i = 0; i < exposure->pairs_nr; i++) {
		set = &exposure->pairs[i].differ;
		if (!is_in(&exposure->pairs[i], assembly))
			continue;
		if (!i) {
			nr = set->nr;
			continue;
		}
		for (chunk = bt_chunk_set_next(set, 0); chunk != BT_CHUNK_NONE;
		     chunk = bt_chunk_set_next(set, chunk + 1))
			nr += !counted(exposure, assembly, i, chunk);
	}
	return nr;
}

struct bt_resync bt_amplification_at(const struct bt_oracle *oracle)
{
	const struct bt_assembly *assembly = &oracle->assemblies.list[0];

	return (struct bt_resync){
		.resynced = resynced(oracle, assembly),
		.differ = differ(&oracle->exposure, assembly),
	};
}

void bt_amplification_add(struct bt_amplification *amplification, struct bt_resync resync)
{
	amplification->points++;
	amplification->resynced += resync.resynced;
	amplification->differ += resync.differ;
	if (resync.resynced > amplification->resynced_max)
		amplification->resynced_max = resync.resynced;
	if (resync.differ > amplification->differ_max)
		amplification->differ_max = resync.differ;
}
