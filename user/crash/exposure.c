// SPDX-License-Identifier: GPL-2.0-only
#include "crash/exposure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crash/bits.h"

static int add_pair(struct bt_exposure *exposure, uint32_t a, uint32_t b, uint64_t chunks)
{
	struct bt_pair *pair = &exposure->pairs[exposure->pairs_nr];

	if (exposure->pair_of[a][b] >= 0)
		return 0;
	*pair = (struct bt_pair){ .a = a < b ? a : b, .b = a < b ? b : a };
	pair->sectors = calloc(chunks, sizeof(*pair->sectors));
	if (!pair->sectors || bt_chunk_set_init(&pair->differ, chunks)) {
		free(pair->sectors);
		return -ENOMEM;
	}
	exposure->pair_of[a][b] = exposure->pair_of[b][a] = (int16_t)exposure->pairs_nr++;
	return 0;
}

/*
 * Near copies of consecutive chunks go to consecutive members, row by row
 * (__raid10_find_phys()), so all pairs occur within members * near positions.
 */
static int add_pairs(struct bt_exposure *exposure, const struct bt_layout *layout)
{
	uint32_t members = layout->members_nr, first, i, j;
	uint32_t copies = layout->level == 1 ? members : layout->near;
	int err = 0;

	for (first = 0; first < members * copies; first += copies)
		for (i = first; i < first + copies; i++)
			for (j = i + 1; !err && j < first + copies; j++)
				err = add_pair(exposure, i % members, j % members, layout->chunks);
	return err;
}

int bt_exposure_init(struct bt_exposure *exposure, const struct bt_layout *layout,
		     struct bt_bits *bits)
{
	int err;

	*exposure = (struct bt_exposure){
		.format = layout->format,
		.bits = bits,
		.copies = bt_layout_copies(layout),
	};
	memset(exposure->pair_of, 0xff, sizeof(exposure->pair_of));
	exposure->pairs = calloc(BT_DISKS_MAX * (BT_DISKS_MAX - 1) / 2, sizeof(*exposure->pairs));
	if (!exposure->pairs)
		return -ENOMEM;
	err = add_pairs(exposure, layout);
	if (err)
		bt_exposure_free(exposure);
	return err;
}

void bt_exposure_free(struct bt_exposure *exposure)
{
	uint32_t i;

	for (i = 0; i < exposure->pairs_nr; i++) {
		free(exposure->pairs[i].sectors);
		bt_chunk_set_free(&exposure->pairs[i].differ);
	}
	free(exposure->pairs);
	*exposure = (struct bt_exposure){ 0 };
}

static void count_bare(const struct bt_exposure *exposure, struct bt_pair *pair, uint32_t copy,
		       uint64_t chunk, bool differs)
{
	uint32_t load;

	for (load = 0; load < exposure->format->loads; load++) {
		if (!bt_bits_bare(&exposure->bits[copy], (enum bt_load)load, chunk))
			continue;
		if (differs)
			pair->bare[copy][load]++;
		else
			pair->bare[copy][load]--;
	}
}

/* A chunk begins, or ceases, to differ. */
static void turn(struct bt_exposure *exposure, struct bt_pair *pair, uint64_t chunk, bool differs)
{
	uint32_t copy;

	if (differs)
		bt_chunk_set_add(&pair->differ, chunk);
	else
		bt_chunk_set_remove(&pair->differ, chunk);
	if (chunk < exposure->format->first_chunks)
		return;
	for (copy = 0; copy < exposure->copies; copy++)
		count_bare(exposure, pair, copy, chunk, differs);
}

void bt_exposure_differ(struct bt_exposure *exposure, uint32_t a, uint32_t b, uint64_t chunk,
			int32_t sectors)
{
	struct bt_pair *pair = &exposure->pairs[exposure->pair_of[a][b]];
	uint32_t before = pair->sectors[chunk];

	pair->sectors[chunk] += (uint32_t)sectors;
	if (!before != !pair->sectors[chunk])
		turn(exposure, pair, chunk, !before);
}

void bt_exposure_states(struct bt_exposure *exposure, uint32_t copy, enum bt_load load,
			uint64_t word, uint64_t old, uint64_t new)
{
	struct bt_pair *pair;
	uint64_t differ;
	uint32_t i;

	for (i = 0; i < exposure->pairs_nr; i++) {
		pair = &exposure->pairs[i];
		differ = bt_chunk_set_word(&pair->differ, word);
		pair->bare[copy][load] += (uint64_t)__builtin_popcountll(differ & old & ~new);
		pair->bare[copy][load] -= (uint64_t)__builtin_popcountll(differ & ~old & new);
	}
}
