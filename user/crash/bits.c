// SPDX-License-Identifier: GPL-2.0-only
#include "crash/bits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX (BT_SECTOR / 8) /* of 64 chunks in a sector */

static bool init_floors(struct bt_bits *bits)
{
	const struct bt_bitmap_format *format = bits->layout->format;
	uint64_t words = bt_bitmap_format_word(format, format->state_sector);
	uint32_t load;

	if (bits->layout->bitmap_sectors > format->state_sector)
		words = bt_bitmap_format_word(format, bits->layout->bitmap_sectors);
	for (load = 0; load < format->loads; load++) {
		bits->floor[load] = calloc(words, sizeof(*bits->floor[load]));
		if (!bits->floor[load])
			return false;
	}
	return true;
}

int bt_bits_init(struct bt_bits *bits, const struct bt_layout *layout, struct bt_exposure *exposure,
		 uint32_t copy)
{
	uint64_t sectors = layout->bitmap_sectors;

	*bits = (struct bt_bits){ .layout = layout, .exposure = exposure, .copy = copy };
	bits->last = calloc(sectors, BT_SECTOR);
	bits->writers = calloc(sectors, sizeof(*bits->writers));
	bits->loose = calloc(sectors, 1);
	bits->loose_list = calloc(sectors, sizeof(*bits->loose_list));
	if (!bits->last || !bits->writers || !bits->loose || !bits->loose_list ||
	    !init_floors(bits)) {
		bt_bits_free(bits);
		return -ENOMEM;
	}
	bits->supers_nr = 1;
	layout->format->parse(&bits->supers[0], layout);
	return 0;
}

void bt_bits_free(struct bt_bits *bits)
{
	uint32_t load;

	for (load = 0; load < BT_LOADS; load++)
		free(bits->floor[load]);
	free(bits->last);
	free(bits->writers);
	free(bits->loose);
	free(bits->loose_list);
	*bits = (struct bt_bits){ 0 };
}

/* Those of the word's 64 chunks that the array has */
static uint64_t chunks_of(const struct bt_layout *layout, uint64_t word)
{
	uint64_t first = word * 64;

	if (first >= layout->chunks)
		return 0;
	return layout->chunks - first >= 64 ? UINT64_MAX
					    : (UINT64_C(1) << (layout->chunks - first)) - 1;
}

static uint64_t count_chunks(const struct bt_layout *layout, uint64_t word, uint64_t chunks)
{
	return (uint64_t)__builtin_popcountll(chunks & chunks_of(layout, word));
}

static void set_words(struct bt_bits *bits, enum bt_load load, uint64_t word, const uint64_t *words,
		      bool join)
{
	uint64_t *floor = bits->floor[load] + word, new;
	uint32_t i;

	for (i = 0; i < bits->layout->format->words; i++) {
		new = join ? floor[i] & words[i] : words[i];
		if (floor[i] != new)
			bt_exposure_states(bits->exposure, bits->copy, load, word + i, floor[i],
					   new);
		bits->resynced[load] += count_chunks(bits->layout, word + i, new & ~floor[i]);
		bits->resynced[load] -= count_chunks(bits->layout, word + i, floor[i] & ~new);
		floor[i] = new;
	}
}

/* A sector that has only states: join keeps a chunk only if it was resynced before and is now. */
static void set_floor(struct bt_bits *bits, uint64_t sector, const unsigned char *data, bool join)
{
	const struct bt_bitmap_format *format = bits->layout->format;
	uint64_t words[WORDS_MAX];
	uint32_t load;

	for (load = 0; load < format->loads; load++) {
		format->resyncs((enum bt_load)load, data, words, format->words);
		set_words(bits, (enum bt_load)load, bt_bitmap_format_word(format, sector), words,
			  join);
	}
}

static void add_loose(struct bt_bits *bits, uint64_t sector)
{
	if (bits->loose[sector])
		return;
	bits->loose[sector] = 1;
	bits->loose_list[bits->loose_nr++] = (uint32_t)sector;
}

/* A version that exists already is only moved to the end. */
static void add_super(struct bt_bits *bits, const unsigned char *data, uint64_t entry, bool loosely)
{
	struct bt_bitmap_super *super;
	uint32_t i;

	if (!loosely) {
		bits->supers_nr = 0;
		bits->too_many = false;
	}
	for (i = 0; i < bits->supers_nr; i++)
		if (!memcmp(bits->supers[i].raw, data, BT_SECTOR))
			break;
	if (i < bits->supers_nr) {
		memmove(&bits->supers[i], &bits->supers[i + 1],
			(bits->supers_nr - i - 1) * sizeof(*super));
		bits->supers_nr--;
	} else if (bits->supers_nr == BT_SUPERS_MAX) {
		memmove(&bits->supers[0], &bits->supers[1], (BT_SUPERS_MAX - 1) * sizeof(*super));
		bits->supers_nr--;
		bits->too_many = true;
	}
	super = &bits->supers[bits->supers_nr++];
	memcpy(super->raw, data, BT_SECTOR);
	super->entry = entry;
	bits->layout->format->parse(super, bits->layout);
}

uint64_t bt_bits_resynced(const struct bt_bits *bits, enum bt_load load, uint64_t from)
{
	uint64_t word = from / 64, nr;

	if (from <= bits->layout->format->first_chunks)
		return bits->resynced[load];
	nr = count_chunks(bits->layout, word, bits->floor[load][word] & UINT64_MAX << from % 64);
	while (++word * 64 < bits->layout->chunks)
		nr += count_chunks(bits->layout, word, bits->floor[load][word]);
	return nr;
}

void bt_bits_write(struct bt_bits *bits, uint64_t sector, const unsigned char *data, uint64_t entry,
		   bool loosely)
{
	memcpy(bits->last + sector * BT_SECTOR, data, BT_SECTOR);
	bits->writers[sector] = entry;
	if (!sector)
		add_super(bits, data, entry, loosely);
	else if (sector >= bits->layout->format->state_sector)
		set_floor(bits, sector, data, loosely);
	if (loosely)
		add_loose(bits, sector);
}

void bt_bits_flush(struct bt_bits *bits)
{
	uint64_t sector;

	while (bits->loose_nr) {
		sector = bits->loose_list[--bits->loose_nr];
		bits->loose[sector] = 0;
		if (sector >= bits->layout->format->state_sector)
			set_floor(bits, sector, bits->last + sector * BT_SECTOR, false);
		else if (!sector && bits->supers_nr > 1)
			bits->supers[0] = bits->supers[bits->supers_nr - 1];
	}
	bits->supers_nr = 1;
	bits->too_many = false;
}
