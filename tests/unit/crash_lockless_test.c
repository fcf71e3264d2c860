// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the oracle makes of a lockless bitmap, one question at a time: members differ on one
 * chunk, and a state of that chunk is on disk. Random histories are in crash_oracle_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crash/assembly.h"
#include "crash/bitmap_super.h"
#include "crash/judge.h"
#include "crash/oracle.h"
#include "crash_disk.h"

#define SIZE  1200 /* sectors and chunks: three sectors of states */
#define CHUNK 700  /* on which members differ */
#define CLEAN UINT64_MAX

static struct bt_layout layout;
static struct bt_oracle oracle;
static unsigned char block[BT_SECTOR];
static uint64_t entries;

static void put(uint64_t sector, bool cache_flush)
{
	struct bt_log_entry entry = {
		.nr = ++entries,
		.sector = sector,
		.sectors = 1,
		.flags = cache_flush ? BT_LOG_FUA : 0,
	};

	bt_oracle_begin(&oracle, &entry);
	assert_int_equal(bt_oracle_data(&oracle, sector, 1, block), 0);
	bt_oracle_end(&oracle);
}

static void put_member(uint32_t member, uint64_t resync)
{
	struct disk_super super = {
		.events = 5, .number = member, .resync_offset = resync, .roles = { 0, 1, 2 }
	};

	disk_put_super(block, &layout, &super);
	put(layout.members[member].super, true);
}

/* The same superblock and state on each member */
static void put_bitmaps(const struct disk_bitmap *bitmap, unsigned char state)
{
	uint64_t sector;
	uint32_t i;

	for (i = 0; i < layout.members_nr; i++) {
		sector = disk_bitmap_sector(&layout, i);
		memset(block, 0, sizeof(block));
		disk_put_bitmap(block, &layout, bitmap);
		put(sector, true);
		memset(block, 0, sizeof(block));
		block[(1024 + CHUNK) % BT_SECTOR] = state;
		put(sector + (1024 + CHUNK) / BT_SECTOR, true);
	}
}

static void put_data(void)
{
	memset(block, 7, sizeof(block));
	put(layout.members[0].data + CHUNK, true);
}

/* members: in the array; up of them have a superblock */
static void begin(uint32_t members, uint32_t up, uint64_t resync, bool cache)
{
	char problem[256];
	uint32_t i;

	entries = 0;
	disk_layout_lockless(&layout, members, 0, SIZE);
	assert_int_equal(bt_oracle_init(&oracle, &layout, cache, problem, sizeof(problem)), 0);
	for (i = 0; i < up; i++)
		put_member(i, resync);
}

static void end(void)
{
	bt_oracle_free(&oracle);
	disk_layout_free(&layout);
}

static enum bt_point point(uint32_t members, uint32_t up, uint64_t resync,
			   const struct disk_bitmap *bitmap, unsigned char state)
{
	enum bt_point result;

	begin(members, up, resync, false);
	put_bitmaps(bitmap, state);
	put_data();
	result = oracle.point;
	assert_true(oracle.differing || result == BT_POINT_UNJUDGED);
	end();
	return result;
}

static void each_state_is_taken_as_md_takes_it(void **state)
{
	static const struct disk_bitmap current = { .events = 5 }, behind = { .events = 4 };
	static const struct disk_bitmap stale = { .events = 5, .state = BT_STATE_STALE };
	unsigned int byte;
	bool reload, when_stale;

	(void)state;
	for (byte = 0; byte < 256; byte++) {
		reload = (byte >= 2 && byte <= 4) || byte > 7;
		when_stale = reload || byte == 1;
		assert_int_equal(point(2, 2, 0, &current, (unsigned char)byte),
				 reload ? BT_POINT_SAFE : BT_POINT_UNSAFE);
		assert_int_equal(point(2, 2, 0, &behind, (unsigned char)byte),
				 when_stale ? BT_POINT_SAFE : BT_POINT_UNSAFE);
		assert_int_equal(point(2, 2, 0, &stale, (unsigned char)byte),
				 when_stale ? BT_POINT_SAFE : BT_POINT_UNSAFE);
	}
}

/* llbitmap_state_machine() asks for a resync, but not in a degraded array. */
static void a_state_begins_the_resync_of_a_clean_array(void **state)
{
	static const struct disk_bitmap current = { .events = 5 };

	(void)state;
	assert_int_equal(point(2, 2, CLEAN, &current, 2), BT_POINT_SAFE);
	assert_int_equal(point(2, 2, CLEAN, &current, 1), BT_POINT_UNSAFE);
	assert_int_equal(point(3, 2, 0, &current, 2), BT_POINT_SAFE);
	assert_int_equal(point(3, 2, CLEAN, &current, 2), BT_POINT_UNSAFE);
}

#define AT ((1024 + CHUNK) % BT_SECTOR)

/* The same block of states on each member; the one of the chunk that differs is at AT. */
static enum bt_point point_in(uint32_t members, const struct disk_bitmap *bitmap,
			      const unsigned char *states)
{
	enum bt_point result;
	uint32_t i;

	begin(members, 2, 0, false);
	put_bitmaps(bitmap, 0);
	memcpy(block, states, sizeof(block));
	for (i = 0; i < members; i++)
		put(disk_bitmap_sector(&layout, i) + (1024 + CHUNK) / BT_SECTOR, true);
	put_data();
	result = oracle.point;
	end();
	return result;
}

/* The second state that becomes NeedSync, or the first of several, infects those behind it. */
static void infection_adds_those_behind_it(void **state)
{
	static const struct disk_bitmap current = { .events = 5 };
	static const struct {
		uint32_t at[2]; /* of two states, the others are those of the chunk */
		unsigned char states[2], chunk;
		bool resynced;
	} blocks[] = {
		{ { AT - 2, AT - 1 }, { 2, 2 }, 0, true },
		{ { AT - 2, AT - 1 }, { 2, 2 }, 1, true },
		{ { AT - 2, AT - 1 }, { 2, 2 }, 7, true },
		{ { AT - 2, AT - 1 }, { 2, 2 }, 5, false }, /* becomes Unwritten */
		{ { AT - 2, AT - 1 }, { 2, 1 }, 1, false }, /* alone */
		{ { AT - 2, AT - 1 }, { 4, 1 }, 1, false },
		{ { AT - 2, AT - 1 }, { 4, 8 }, 1, true },  /* the second */
		{ { AT - 2, AT - 1 }, { 3, 3 }, 1, false }, /* they are not written */
		{ { AT - 2, AT - 1 }, { 3, 4 }, 1, true },
		{ { AT - 1, AT + 1 }, { 2, 3 }, 1, true },
		{ { AT - 1, AT + 1 }, { 2, 2 }, 1, true },
		{ { AT - 1, AT + 1 }, { 2, 4 }, 1, false }, /* Syncing is no reason */
		{ { AT - 1, AT + 1 }, { 3, 2 }, 1, false }, /* infected, but the pass is over */
		{ { AT + 1, AT + 2 }, { 2, 2 }, 1, false },
		{ { 0, BT_SECTOR - 1 }, { 2, 2 }, 1, true },
	};
	unsigned char states[BT_SECTOR];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		memset(states, blocks[i].chunk, sizeof(states));
		states[blocks[i].at[0]] = blocks[i].states[0];
		states[blocks[i].at[1]] = blocks[i].states[1];
		assert_int_equal(point_in(2, &current, states),
				 blocks[i].resynced ? BT_POINT_SAFE : BT_POINT_UNSAFE);
		assert_int_equal(point_in(3, &current, states), BT_POINT_UNSAFE); /* degraded */
	}
}

/* Out of date, Clean becomes NeedSync, and infects. */
static void infection_reaches_unwritten_in_an_old_bitmap(void **state)
{
	static const struct disk_bitmap current = { .events = 5 }, behind = { .events = 4 };
	unsigned char states[BT_SECTOR];

	(void)state;
	memset(states, 1, sizeof(states));
	states[AT] = 0;
	assert_int_equal(point_in(2, &behind, states), BT_POINT_SAFE);
	assert_int_equal(point_in(3, &behind, states), BT_POINT_UNSAFE);
	assert_int_equal(point_in(2, &current, states), BT_POINT_UNSAFE);
	memset(states, 0, AT - 1); /* one before it, and no other is Dirty or NeedSync */
	assert_int_equal(point_in(2, &behind, states), BT_POINT_UNSAFE);
}

/* Other than with the classic bitmap, a resync that was interrupted begins anew. */
static void a_checkpoint_leaves_nothing_out(void **state)
{
	static const struct disk_bitmap current = { .events = 5 };
	static const struct disk_bitmap rejected = { .events = 5, .bad_magic = true };

	(void)state;
	assert_int_equal(point(2, 2, CHUNK + 100, &current, 3), BT_POINT_SAFE);
	assert_int_equal(point(2, 2, CHUNK + 100, &rejected, 3), BT_POINT_UNSAFE);
	assert_int_equal(point(2, 2, CHUNK, &rejected, 1), BT_POINT_SAFE);
}

static void a_new_bitmap_resyncs_nothing(void **state)
{
	static const struct disk_bitmap fresh = { .events = 5, .state = BT_STATE_FIRST_USE };

	(void)state;
	begin(2, 2, 0, false);
	put_bitmaps(&fresh, 2);
	put_data();
	assert_int_equal(oracle.point, BT_POINT_UNSAFE);
	assert_int_equal(oracle.example.found.gap, BT_GAP_NEW);
	end();
}

static void what_md_does_not_write_is_unjudged(void **state)
{
	static const struct disk_bitmap bitmaps[] = {
		{ .events = 5, .state = BT_STATE_WRITE_ERROR },
		{ .events = 5, .version = 4 },	       /* md would load a classic one */
		{ .events = 5, .chunk = 2 },	       /* not as in LAYOUT */
		{ .events = 5, .sync_size = SIZE - 1 } /* the array has grown */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bitmaps) / sizeof(bitmaps[0]); i++) {
		assert_int_equal(point(2, 2, 0, &bitmaps[i], 2), BT_POINT_UNJUDGED);
		assert_int_equal(point(2, 2, 0, &bitmaps[i], 1), BT_POINT_UNJUDGED);
	}
}

/* A LAYOUT of a classic bitmap, and a lockless one on disk: no verdict by a foreign meaning */
static void a_classic_layout_has_no_verdict_on_it(void **state)
{
	static const struct disk_bitmap current = { .events = 5 };
	struct bt_layout lockless;
	char problem[256];

	(void)state;
	disk_layout_lockless(&lockless, 2, 0, SIZE);
	disk_layout(&layout, 2, 0, true, SIZE);
	assert_int_equal(bt_oracle_init(&oracle, &layout, false, problem, sizeof(problem)), 0);
	put_member(0, 0);
	put_member(1, 0);
	disk_put_bitmap(block, &lockless, &current);
	put(disk_bitmap_sector(&layout, 0), true);
	put(disk_bitmap_sector(&layout, 1), true);
	put_data();
	assert_int_equal(oracle.point, BT_POINT_UNJUDGED);
	assert_non_null(strstr(oracle.stats.unjudged_why, "lockless"));
	disk_layout_free(&lockless);
	end();
}

/* One copy that does not protect the chunk is enough: md may read that one. */
static void the_example_names_copy_and_sector(void **state)
{
	static const struct disk_bitmap current = { .events = 5 };

	(void)state;
	begin(2, 2, 0, false);
	put_bitmaps(&current, 2);
	put_data();
	assert_int_equal(oracle.point, BT_POINT_SAFE);
	memset(block, 1, sizeof(block));
	put(disk_bitmap_sector(&layout, 1) + 3, true);
	assert_int_equal(oracle.point, BT_POINT_UNSAFE);
	assert_int_equal(oracle.example.found.gap, BT_GAP_BIT);
	assert_int_equal(oracle.example.found.chunk, CHUNK);
	assert_int_equal(oracle.example.found.copy, 1);
	assert_int_equal(oracle.example.bit_sector, disk_bitmap_sector(&layout, 1) + 3);
	assert_int_equal(oracle.example.bit_entry, entries);
	end();
}

/* In the cache a sector of 512 states is there in its old or its new version. */
static void a_loose_sector_may_be_the_old_one(void **state)
{
	static const struct disk_bitmap current = { .events = 5 };

	(void)state;
	begin(2, 2, 0, true);
	put_bitmaps(&current, 2);
	put_data();
	assert_int_equal(oracle.point, BT_POINT_SAFE);
	memset(block, 1, sizeof(block));
	put(disk_bitmap_sector(&layout, 0) + 2, false); /* of other chunks */
	assert_int_equal(oracle.point, BT_POINT_SAFE);
	put(disk_bitmap_sector(&layout, 0) + 3, false);
	assert_int_equal(oracle.point, BT_POINT_UNSAFE);
	memset(block, 2, sizeof(block));
	put(disk_bitmap_sector(&layout, 0) + 3, false);
	assert_int_equal(oracle.point, BT_POINT_UNSAFE);
	put(disk_bitmap_sector(&layout, 0) + 3, true);
	assert_int_equal(oracle.point, BT_POINT_SAFE);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state_is_taken_as_md_takes_it),
		cmocka_unit_test(a_state_begins_the_resync_of_a_clean_array),
		cmocka_unit_test(infection_adds_those_behind_it),
		cmocka_unit_test(infection_reaches_unwritten_in_an_old_bitmap),
		cmocka_unit_test(a_checkpoint_leaves_nothing_out),
		cmocka_unit_test(a_new_bitmap_resyncs_nothing),
		cmocka_unit_test(what_md_does_not_write_is_unjudged),
		cmocka_unit_test(a_classic_layout_has_no_verdict_on_it),
		cmocka_unit_test(the_example_names_copy_and_sector),
		cmocka_unit_test(a_loose_sector_may_be_the_old_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
