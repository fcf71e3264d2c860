// SPDX-License-Identifier: GPL-2.0-only
#include "crash_history.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "crash/bitmap_format.h"
#include "crash/bitmap_super.h"
#include "crash/log.h"
#include "crash_disk.h"

#define CLEAN	      UINT64_MAX
#define LARGE_SIZE    2056 /* bits beyond the first sector of the bitmap */
#define DISKS_MAX     4096
#define VERSIONED_MAX 64

static uint32_t pick(struct history *history, uint32_t limit)
{
	history->random ^= history->random << 13;
	history->random ^= history->random >> 7;
	history->random ^= history->random << 17;
	return (uint32_t)((history->random >> 16) % limit);
}

static bool chance(struct history *history, uint32_t in)
{
	return pick(history, in) == 0;
}

static struct history_entry *add(struct history *history, uint64_t sector, uint32_t sectors,
				 uint32_t flags)
{
	struct history_entry *entry = &history->entries[history->nr++];

	entry->sector = sector;
	entry->sectors = sectors;
	entry->flags = flags;
	memset(entry->data, 0, sizeof(entry->data));
	return entry;
}

/* ---- generating a history ---- */

static uint64_t random_resync(struct history *history)
{
	static const uint64_t near_first[] = { 1, 2, 3, 8, 12 };

	switch (pick(history, 6)) {
	case 0:
		return CLEAN;
	case 1:
		return near_first[pick(history, 5)];
	case 2:
		return history->layout.chunks - pick(history, 4);
	default:
		return 0;
	}
}

static void write_super(struct history *history, uint32_t member, bool sane, uint32_t flags)
{
	struct disk_super super = { .events = 5, .number = member };
	uint32_t i;

	for (i = 0; i < history->layout.members_nr; i++)
		super.roles[i] = (uint16_t)i;
	if (!sane) {
		super.events += pick(history, 4);
		super.resync_offset = random_resync(history);
		super.features = chance(history, 8) ? 2 : 0;
		super.bad_checksum = chance(history, 16);
		super.foreign = chance(history, 16);
		if (chance(history, 6))
			super.roles[pick(history, history->layout.members_nr)] =
				chance(history, 2) ? 0xffff : 0xfffe;
	}
	disk_put_super(add(history, (uint64_t)member * DISK_SUPER_STEP, 1, flags)->data[0],
		       &history->layout, &super);
}

static void random_bits(struct history *history, unsigned char *data, uint32_t from)
{
	unsigned char fill = chance(history, 3) ? 0xff : 0;
	uint32_t i, bits = pick(history, 6);

	memset(data + from, fill, BT_SECTOR - from);
	for (i = 0; i < bits; i++)
		data[from + pick(history, 4)] ^= (unsigned char)(1u << pick(history, 8));
	/* Also the last ones of the sector, and all at once */
	if (chance(history, 2))
		data[BT_SECTOR - 1] ^= (unsigned char)pick(history, 256);
}

static void write_bitmap(struct history *history, uint32_t copy, bool sane, uint32_t flags)
{
	uint64_t first = disk_bitmap_sector(&history->layout, copy);
	struct disk_bitmap bitmap = { .events = 5, .events_cleared = 5 };
	struct history_entry *entry;

	if (!sane && history->layout.bitmap_sectors > 1 && chance(history, 2)) {
		entry = add(history, first + 1, 1, flags);
		random_bits(history, entry->data[0], 0);
		return;
	}
	if (!sane) {
		bitmap.events += pick(history, 4);
		bitmap.events_cleared += pick(history, 4);
		bitmap.state = chance(history, 8) ? 2 : 0;
		bitmap.bad_magic = chance(history, 12);
		bitmap.foreign = chance(history, 16);
	}
	entry = add(history, first, 1, flags);
	disk_put_bitmap(entry->data[0], &history->layout, &bitmap);
	if (!sane)
		random_bits(history, entry->data[0], BT_BITMAP_SUPER);
}

/* ---- with a lockless bitmap ---- */

static bool is_lockless(const struct bt_layout *layout)
{
	return layout->format == &bt_bitmap_format_lockless;
}

/* All states that there are, and some that there are not; often a whole sector of one. */
static unsigned char random_state(struct history *history)
{
	static const unsigned char states[] = { 0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 128, 255 };

	return states[pick(history, sizeof(states))];
}

static void random_states(struct history *history, unsigned char *data)
{
	uint32_t i, nr = pick(history, 6);

	memset(data, random_state(history), BT_SECTOR);
	for (i = 0; i < nr; i++)
		data[pick(history, 10)] = random_state(history);
	/* Also the last ones of the sector, and those of the last chunks */
	for (i = 0; i < nr; i++)
		data[chance(history, 2) ? BT_SECTOR - 1 - pick(history, 3) : pick(history, 20)] =
			random_state(history);
}

static uint32_t random_bitmap_state(struct history *history)
{
	/* STALE, FIRST_USE, CLEAN, DAEMON_BUSY, and once a write error, which is not judged */
	static const uint32_t states[] = { 0, 0, 0, 0, 0, 0, 2, 8, 24, 26, 10, 16, 32, 4 };

	return states[pick(history, sizeof(states) / sizeof(states[0]))];
}

static void write_lockless(struct history *history, uint32_t copy, bool sane, uint32_t flags)
{
	uint64_t first = disk_bitmap_sector(&history->layout, copy);
	uint32_t sectors = (uint32_t)history->layout.bitmap_sectors - 2;
	struct disk_bitmap bitmap = { .events = 5, .events_cleared = 5 };

	if (!sane && !chance(history, 3)) {
		random_states(history,
			      add(history, first + 2 + pick(history, sectors), 1, flags)->data[0]);
		return;
	}
	if (!sane) {
		bitmap.events += pick(history, 4);
		bitmap.state = random_bitmap_state(history);
		bitmap.bad_magic = chance(history, 16);
		bitmap.foreign = chance(history, 16);
		bitmap.version = chance(history, 16) ? 7 : 6;
		bitmap.chunk = chance(history, 16) ? 3 : 0;
		bitmap.sync_size = chance(history, 16) ? history->layout.span + 1 : 0;
		bitmap.no_daemon_sleep = chance(history, 16);
	}
	disk_put_bitmap(add(history, first, 1, flags)->data[0], &history->layout, &bitmap);
}

/* Positions where something ends: the data, a unit, the first sector of the bitmap */
static uint64_t random_place(struct history *history)
{
	uint64_t size = history->layout.size;

	switch (pick(history, 4)) {
	case 0:
		return size > 2050 ? 2046 + pick(history, 4) : size - 1;
	case 1:
		return size - 1 - pick(history, 3);
	default:
		return pick(history, 10);
	}
}

static void write_data(struct history *history, uint32_t flags)
{
	uint32_t member = pick(history, history->layout.members_nr), i;
	uint32_t sectors = chance(history, 4) ? 1 + pick(history, HISTORY_WRITE_MAX) : 1;
	uint64_t place = random_place(history);
	struct history_entry *entry;

	if (sectors > history->layout.size - place)
		sectors = (uint32_t)(history->layout.size - place);
	/* A mirrored write goes to some or all members. */
	entry = add(history, history->layout.members[member].data + place, sectors, flags);
	if (flags & BT_LOG_DISCARD)
		return;
	for (i = 0; i < sectors; i++)
		entry->data[i][pick(history, 2) * 511] = (unsigned char)pick(history, 3);
}

/* Copies one member's content to the next one, so that they are equal again. */
static void mirror_last(struct history *history)
{
	const struct bt_layout *layout = &history->layout;
	struct history_entry *entry = &history->entries[history->nr];
	uint64_t data = layout->members[0].data;

	if (!history->nr)
		return;
	*entry = history->entries[history->nr - 1];
	entry->sector += layout->size;
	if (entry->sector < data + layout->size ||
	    entry->sector >= data + layout->members_nr * layout->size)
		return;
	history->nr++;
}

static void random_entry(struct history *history, bool flushes)
{
	uint32_t flags = flushes && chance(history, 4) ? BT_LOG_FUA : 0;

	if (flushes && chance(history, 8))
		flags |= BT_LOG_FLUSH;
	switch (pick(history, 8)) {
	case 0:
		write_super(history, pick(history, history->layout.members_nr), chance(history, 2),
			    flags);
		break;
	case 1:
	case 2:
		history->write_bitmap(history, pick(history, bt_layout_copies(&history->layout)),
				      false, flags);
		break;
	case 3:
		mirror_last(history);
		break;
	case 4:
		if (flushes)
			add(history, 0, 0, BT_LOG_FLUSH);
		else
			write_data(history, BT_LOG_DISCARD);
		break;
	default:
		write_data(history, flags);
	}
}

void history_make(struct history *history, uint64_t seed, bool flushes, bool lockless)
{
	static const struct {
		uint32_t members, near;
	} shapes[] = { { 2, 0 }, { 2, 0 }, { 3, 0 }, { 4, 2 }, { 3, 2 }, { 4, 3 }, { 2, 2 } };
	uint32_t shape, i, nr;
	uint64_t size;
	bool internal;

	history->write_bitmap = lockless ? write_lockless : write_bitmap;
	history->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	history->nr = 0;
	for (i = 0; i < 8; i++)
		pick(history, 2);
	shape = pick(history, sizeof(shapes) / sizeof(shapes[0]));
	size = chance(history, 3) ? LARGE_SIZE : 20;
	internal = chance(history, 2);
	if (lockless)
		disk_layout_lockless(&history->layout, shapes[shape].members, shapes[shape].near,
				     size);
	else
		disk_layout(&history->layout, shapes[shape].members, shapes[shape].near, internal,
			    size);
	/* Usually starts with an array that is up and has a clean bitmap */
	if (!chance(history, 8)) {
		for (i = 0; i < shapes[shape].members; i++)
			write_super(history, i, true, BT_LOG_FUA);
		for (i = 0; i < bt_layout_copies(&history->layout); i++)
			history->write_bitmap(history, i, true, BT_LOG_FUA);
	}
	nr = history->nr + (flushes ? 12 : 24);
	while (history->nr < nr)
		random_entry(history, flushes);
}

void history_free(struct history *history)
{
	disk_layout_free(&history->layout);
}

/* ---- judging a disk ---- */

/* Contents of the sectors that were written, all others being 0; and the entry that wrote each. */
struct disk {
	const struct history *history;
	uint32_t nr; /* sectors */
	uint64_t sector[HISTORY_ENTRIES_MAX * HISTORY_WRITE_MAX];
	const unsigned char *data[HISTORY_ENTRIES_MAX * HISTORY_WRITE_MAX];
};

static const unsigned char zeroes[BT_SECTOR];

static uint32_t find(const struct disk *disk, uint64_t sector)
{
	uint32_t i;

	for (i = 0; i < disk->nr; i++)
		if (disk->sector[i] == sector)
			break;
	return i;
}

static const unsigned char *get(const struct disk *disk, uint64_t sector)
{
	uint32_t i = find(disk, sector);

	return i < disk->nr ? disk->data[i] : zeroes;
}

static void put(struct disk *disk, uint64_t sector, const unsigned char *data)
{
	uint32_t i = find(disk, sector);

	disk->sector[i] = sector;
	disk->data[i] = data;
	if (i == disk->nr)
		disk->nr++;
}

static uint64_t number(const unsigned char *at, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

static bool super_is_good(const struct disk *disk, const unsigned char *super)
{
	uint32_t i, size = 256 + 2 * (uint32_t)number(super + 220, 4);
	uint64_t sum = 0;

	if (number(super, 4) != 0xa92b4efc ||
	    memcmp(super + 16, disk->history->layout.uuid, 16) != 0)
		return false;
	for (i = 0; i < size; i += 4)
		if (i != 216)
			sum += number(super + i, size - i < 4 ? 2 : 4);
	return (uint32_t)(sum + (sum >> 32)) == number(super + 216, 4);
}

struct array {
	bool up[BT_DISKS_MAX];
	uint32_t nr;
	uint64_t events, resync;
};

static void assemble(const struct disk *disk, struct array *array)
{
	const struct bt_layout *layout = &disk->history->layout;
	const unsigned char *super, *fresh = NULL;
	uint64_t events;
	uint32_t i;

	*array = (struct array){ 0 };
	for (i = 0; i < layout->members_nr; i++) {
		super = get(disk, layout->members[i].super);
		if (!super_is_good(disk, super) || number(super + 256 + 2 * (size_t)i, 2) >= 0xff00)
			continue;
		events = number(super + 200, 8);
		if (!fresh || events > array->events ||
		    (events == array->events && number(super + 208, 8) > array->resync)) {
			fresh = super;
			array->events = events;
			array->resync = number(super + 208, 8);
		}
	}
	for (i = 0; fresh && i < layout->members_nr; i++) {
		super = get(disk, layout->members[i].super);
		if (!super_is_good(disk, super) || number(super + 200, 8) + 1 < array->events)
			continue;
		if (number(super + 200, 8) < array->events
			    ? number(fresh + 256 + 2 * (size_t)i, 2) >= 0xff00
			    : number(super + 256 + 2 * (size_t)i, 2) >= 0xff00)
			continue;
		array->up[i] = !(number(super + 8, 4) & 2);
		array->nr += array->up[i];
	}
}

/* The position of copy k of an array sector: the member, and the sector of the disk */
static uint32_t locate(const struct bt_layout *layout, uint64_t sector, uint32_t k,
		       uint64_t *disk_sector)
{
	uint64_t chunk, row;
	uint32_t device;

	if (layout->level == 1) {
		*disk_sector = layout->members[k].data + sector;
		return k;
	}
	/* As __raid10_find_phys() walks */
	chunk = sector / 8 * layout->near;
	row = chunk / layout->members_nr;
	device = (uint32_t)(chunk % layout->members_nr);
	while (k--) {
		if (++device < layout->members_nr)
			continue;
		device = 0;
		row++;
	}
	*disk_sector = layout->members[device].data + row * 8 + sector % 8;
	return device;
}

static bool differs(const struct disk *disk, const struct array *array, uint64_t sector)
{
	const struct bt_layout *layout = &disk->history->layout;
	uint32_t copies = layout->level == 1 ? layout->members_nr : layout->near, k, member;
	const unsigned char *first = NULL, *data;
	uint64_t place;

	for (k = 0; k < copies; k++) {
		member = locate(layout, sector, k, &place);
		if (!array->up[member])
			continue;
		data = get(disk, place);
		if (first && memcmp(first, data, BT_SECTOR) != 0)
			return true;
		first = data;
	}
	return false;
}

/* Would md resync the chunk, with this copy of the bitmap? A chunk is a sector here. */
static bool resyncs(const struct disk *disk, const struct array *array, uint32_t copy,
		    uint64_t chunk)
{
	const struct bt_layout *layout = &disk->history->layout;
	uint64_t first = disk_bitmap_sector(layout, copy), bit = chunk + 2048, start;
	const unsigned char *super = get(disk, first);
	bool stale;

	if (array->resync == CLEAN)
		return false;
	if (number(super, 4) != 0x6d746962 || memcmp(super + 8, layout->uuid, 16) != 0)
		return chunk >= array->resync;
	stale = (number(super + 48, 4) & 2) || number(super + 24, 8) < array->events;
	start = array->resync;
	if (!stale && array->nr < layout->members_nr && number(super + 32, 8) != array->events)
		start = 0;
	if (!stale && !(get(disk, first + bit / 4096)[bit % 4096 / 8] >> (bit % 8) & 1))
		return false;
	return chunk + 1 >= start;
}

/* llbitmap_read_sb(): a superblock that it refuses */
static bool lockless_is_bad(const struct bt_layout *layout, const unsigned char *super)
{
	uint64_t chunk = number(super + 52, 4);

	if (number(super, 4) != 0x6d746962 || memcmp(super + 8, layout->uuid, 16) != 0 ||
	    number(super + 4, 4) != 6)
		return true;
	return !(number(super + 48, 4) & 8) && (number(super + 40, 8) > layout->span || !chunk ||
						(chunk & (chunk - 1)) || !number(super + 56, 4));
}

/* A block of states in md's memory, and whether md has yet to write it */
struct block {
	unsigned char states[512];
	bool marked, degraded;
};

static bool has_another(const struct block *block, uint32_t at)
{
	uint32_t i;

	for (i = 0; i < 512; i++)
		if (i != at && (block->states[i] == 2 || block->states[i] == 3))
			return true;
	return false;
}

/* llbitmap_write(): of NeedSync, which may infect the block */
static void write_need_sync(struct block *block, uint32_t at)
{
	bool infects = !block->degraded && (block->marked || has_another(block, at));
	uint32_t i;

	block->states[at] = 3;
	block->marked = true;
	for (i = 0; infects && i < 512; i++)
		if (block->states[i] <= 1 || block->states[i] == 7)
			block->states[i] = 2;
}

/* llbitmap_load(): the pass over the first nr of a block. NeedSync remains NeedSync behind it. */
static void load_states(struct block *block, uint32_t nr, bool stale)
{
	uint32_t i;

	for (i = 0; i < nr; i++) {
		switch (block->states[i]) {
		case 0:
		case 3:
			break;
		case 1:
			if (stale)
				write_need_sync(block, i);
			break;
		case 5:
		case 6:
			block->states[i] = 0;
			break;
		case 7:
			if (stale)
				block->states[i] = 0;
			break;
		default:
			write_need_sync(block, i);
		}
	}
}

/* The same with a lockless bitmap. States of 5 to 7 are of raid456. */
static bool lockless_resyncs(const struct disk *disk, const struct array *array, uint32_t copy,
			     uint64_t chunk)
{
	const struct bt_layout *layout = &disk->history->layout;
	uint64_t first = disk_bitmap_sector(layout, copy), at = 1024 + chunk, flags;
	struct block block = { .degraded = array->nr < layout->members_nr };
	const unsigned char *super = get(disk, first);
	bool stale;

	if (lockless_is_bad(layout, super))
		return array->resync != CLEAN && chunk >= array->resync;
	if (block.degraded && array->resync == CLEAN)
		return false;
	flags = number(super + 48, 4);
	stale = flags & 2;
	memcpy(block.states, get(disk, first + at / 512), 512);
	if (flags & 8)
		memset(block.states, flags & 16 ? 1 : 0, 512);
	else if (number(super + 24, 8) < array->events)
		stale = true;
	load_states(&block, (uint32_t)(at % 512) + 1, stale);
	return block.states[at % 512] == 3;
}

static bool chunk_resyncs(const struct disk *disk, const struct array *array, uint32_t copy,
			  uint64_t chunk)
{
	return is_lockless(&disk->history->layout) ? lockless_resyncs(disk, array, copy, chunk)
						   : resyncs(disk, array, copy, chunk);
}

static bool chunk_is_unsafe(const struct disk *disk, const struct array *array, uint64_t chunk)
{
	const struct bt_layout *layout = &disk->history->layout;
	uint32_t copy;

	if (!differs(disk, array, chunk))
		return false;
	for (copy = 0; copy < bt_layout_copies(layout); copy++)
		if (!chunk_resyncs(disk, array, copy, chunk) &&
		    (!layout->internal || array->up[copy]))
			return true;
	return false;
}

/* The middle of a large array is never written (random_place()). */
static bool disk_is_unsafe(const struct disk *disk)
{
	const struct bt_layout *layout = &disk->history->layout;
	struct array array;
	uint64_t chunk;

	assemble(disk, &array);
	for (chunk = 0; chunk < layout->chunks; chunk++) {
		if (layout->chunks > 1000 && chunk == 64)
			chunk = layout->chunks - layout->chunks / 50;
		if (chunk_is_unsafe(disk, &array, chunk))
			return true;
	}
	return false;
}

/* ---- all disks that a crash may leave ---- */

static void apply(struct disk *disk, const struct history_entry *entry)
{
	uint32_t i;

	for (i = 0; i < entry->sectors; i++)
		put(disk, entry->sector + i, entry->data[i]);
}

/* Sectors with more than one version, and the versions */
struct versions {
	uint32_t nr;
	uint64_t sector[VERSIONED_MAX];
	uint32_t count[VERSIONED_MAX];
	const unsigned char *data[VERSIONED_MAX][HISTORY_ENTRIES_MAX];
};

static void add_version(struct versions *versions, const struct disk *disk, uint64_t sector,
			const unsigned char *data)
{
	uint32_t i;

	for (i = 0; i < versions->nr; i++)
		if (versions->sector[i] == sector)
			break;
	if (i == versions->nr) {
		versions->nr++;
		versions->sector[i] = sector;
		versions->data[i][0] = get(disk, sector);
		versions->count[i] = 1;
	}
	versions->data[i][versions->count[i]++] = data;
}

static void settle(struct versions *versions, uint64_t sector)
{
	uint32_t i;

	for (i = 0; i < versions->nr; i++)
		if (versions->sector[i] == sector)
			break;
	if (i == versions->nr)
		return;
	versions->nr--;
	versions->sector[i] = versions->sector[versions->nr];
	versions->count[i] = versions->count[versions->nr];
	memcpy(versions->data[i], versions->data[versions->nr], sizeof(versions->data[i]));
}

static void apply_cached(struct disk *disk, struct versions *versions,
			 const struct history_entry *entry)
{
	uint32_t i;

	if (entry->flags & BT_LOG_FLUSH) {
		while (versions->nr) {
			i = versions->nr - 1;
			put(disk, versions->sector[i], versions->data[i][versions->count[i] - 1]);
			versions->nr--;
		}
	}
	for (i = 0; i < entry->sectors; i++) {
		if (entry->flags & BT_LOG_FUA) {
			settle(versions, entry->sector + i);
			put(disk, entry->sector + i, entry->data[i]);
		} else {
			add_version(versions, disk, entry->sector + i, entry->data[i]);
		}
	}
}

static int any_unsafe(struct disk *disk, const struct versions *versions)
{
	uint64_t disks = 1, choice, rest;
	uint32_t i;

	for (i = 0; i < versions->nr; i++) {
		disks *= versions->count[i];
		if (disks > DISKS_MAX)
			return -1;
	}
	for (choice = 0; choice < disks; choice++) {
		for (rest = choice, i = 0; i < versions->nr; i++) {
			put(disk, versions->sector[i],
			    versions->data[i][rest % versions->count[i]]);
			rest /= versions->count[i];
		}
		if (disk_is_unsafe(disk))
			return 1;
	}
	return 0;
}

int history_unsafe(const struct history *history, uint32_t nr, bool cache)
{
	struct versions *versions = calloc(1, sizeof(*versions));
	struct disk *disk = calloc(1, sizeof(*disk));
	uint32_t i;
	int ret;

	disk->history = history;
	for (i = 0; i < nr; i++) {
		if (cache)
			apply_cached(disk, versions, &history->entries[i]);
		else
			apply(disk, &history->entries[i]);
	}
	ret = any_unsafe(disk, versions);
	free(disk);
	free(versions);
	return ret;
}

static struct bt_resync disk_resync(const struct disk *disk)
{
	const struct bt_layout *layout = &disk->history->layout;
	struct bt_resync resync = { 0 };
	struct array array;
	uint32_t copy = 0;
	uint64_t chunk;

	assemble(disk, &array);
	while (layout->internal && copy + 1 < layout->members_nr && !array.up[copy])
		copy++;
	for (chunk = 0; chunk < layout->chunks; chunk++) {
		resync.resynced += array.nr > 1 && chunk_resyncs(disk, &array, copy, chunk);
		resync.differ += differs(disk, &array, chunk);
	}
	return resync;
}

struct bt_resync history_resync(const struct history *history, uint32_t nr)
{
	struct disk *disk = calloc(1, sizeof(*disk));
	struct bt_resync resync;
	uint32_t i;

	disk->history = history;
	for (i = 0; i < nr; i++)
		apply(disk, &history->entries[i]);
	resync = disk_resync(disk);
	free(disk);
	return resync;
}
