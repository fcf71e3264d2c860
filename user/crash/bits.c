// SPDX-License-Identifier: GPL-2.0-only
#include "crash/bits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crash/le.h"

#define WORDS (BT_SECTOR / 8)

int bt_bits_init(struct bt_bits *bits, const struct bt_layout *layout, struct bt_exposure *exposure,
		 uint32_t copy)
{
	uint64_t sectors = layout->bitmap_sectors;

	*bits = (struct bt_bits){ .layout = layout, .exposure = exposure, .copy = copy };
	bits->last = calloc(sectors, BT_SECTOR);
	bits->floor = calloc(sectors, BT_SECTOR);
	bits->writers = calloc(sectors, sizeof(*bits->writers));
	bits->loose = calloc(sectors, 1);
	bits->loose_list = calloc(sectors, sizeof(*bits->loose_list));
	if (!bits->last || !bits->floor || !bits->writers || !bits->loose || !bits->loose_list) {
		bt_bits_free(bits);
		return -ENOMEM;
	}
	bits->supers_nr = 1;
	bt_bitmap_super_parse(&bits->supers[0], layout);
	return 0;
}

void bt_bits_free(struct bt_bits *bits)
{
	free(bits->last);
	free(bits->floor);
	free(bits->writers);
	free(bits->loose);
	free(bits->loose_list);
	*bits = (struct bt_bits){ 0 };
}

/*
 * A sector other than the first: join keeps a bit set only if it is set before and now. The
 * superblock takes whole words, so 64 bits of the file are the 64 chunks of one word of a set.
 */
static void set_floor(struct bt_bits *bits, uint64_t sector, const unsigned char *data, bool join)
{
	uint64_t word = (sector * BT_SECTOR - BT_BITMAP_SUPER) / 8, old, new;
	unsigned char *floor = bits->floor + sector * BT_SECTOR;
	unsigned int i, byte;

	for (i = 0; i < WORDS; i++, word++, floor += 8, data += 8) {
		old = bt_le64(floor);
		for (byte = 0; byte < 8; byte++)
			floor[byte] = join ? floor[byte] & data[byte] : data[byte];
		new = bt_le64(floor);
		if (old != new)
			bt_exposure_bits(bits->exposure, bits->copy, word, old, new);
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
	bt_bitmap_super_parse(super, bits->layout);
}

void bt_bits_write(struct bt_bits *bits, uint64_t sector, const unsigned char *data, uint64_t entry,
		   bool loosely)
{
	memcpy(bits->last + sector * BT_SECTOR, data, BT_SECTOR);
	bits->writers[sector] = entry;
	if (!sector)
		add_super(bits, data, entry, loosely);
	else
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
		if (sector)
			set_floor(bits, sector, bits->last + sector * BT_SECTOR, false);
		else if (bits->supers_nr > 1)
			bits->supers[0] = bits->supers[bits->supers_nr - 1];
	}
	bits->supers_nr = 1;
	bits->too_many = false;
}
