// SPDX-License-Identifier: GPL-2.0-only
/* Where raid10 puts data: forwards as md does it, and the inverse as the model does it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/core/internal.h"

#define CHUNK_SECTORS 128
#define DEV_SECTORS   (40 * CHUNK_SECTORS)
#define BITMAP_SHIFT  4

struct shape {
	unsigned int disks, near, far, offset, sets; /* sets: layout bits 17 and 18 */
};

static struct bt_bitmap bitmap_of(const struct shape *shape)
{
	struct bt_bitmap bitmap = { .described = true };

	bitmap.geometry.geometry.level = 10;
	bitmap.geometry.geometry.raid_disks = (uint16_t)shape->disks;
	bitmap.geometry.geometry.layout =
		shape->near | shape->far << 8 | shape->offset << 16 | shape->sets << 17;
	bitmap.geometry.geometry.chunk_sectors = CHUNK_SECTORS;
	bitmap.geometry.geometry.chunk_shift = BITMAP_SHIFT;
	bitmap.geometry.geometry.chunks = 1 << 20;
	bitmap.layout.layout.dev_sectors = DEV_SECTORS;
	bt_geometry_set(&bitmap);
	return bitmap;
}

/* Sectors from one copy's section of a member to the next one's. */
static uint64_t stride(const struct shape *shape)
{
	uint64_t chunks = DEV_SECTORS / CHUNK_SECTORS / shape->far * shape->disks / shape->near;
	uint64_t used = (chunks * shape->near * shape->far + shape->disks - 1) / shape->disks;

	return shape->offset ? CHUNK_SECTORS : used / shape->far * CHUNK_SECTORS;
}

static unsigned int set_size(const struct shape *shape)
{
	return shape->sets == 2 ? shape->far * shape->near : shape->disks;
}

/* The next far copy's member: within the set; the last set has the remaining members. */
static unsigned int next_member(const struct shape *shape, unsigned int disk)
{
	unsigned int size = set_size(shape), sets = shape->disks / size;
	unsigned int set = disk / size < sets ? disk / size : sets - 1, first = set * size;

	if (set == sets - 1)
		size += shape->disks % size;
	return first + (disk - first + shape->near) % size;
}

static void assert_maps_to(const struct bt_bitmap *bitmap, unsigned int disk, uint64_t sector,
			   uint64_t array_sector)
{
	struct bt_event ev = { .type = BT_DATA_START, .member = (int16_t)disk };
	struct bt_data_walk walk;
	uint64_t first, nr;

	ev.data.sector = sector;
	ev.data.sectors = 8;
	assert_true(bt_data_walk(&walk, bitmap, &ev));
	assert_true(bt_data_next(&walk, &first, &nr));
	assert_int_equal(first, array_sector >> BITMAP_SHIFT);
	assert_int_equal(nr, 1);
	assert_false(bt_data_next(&walk, &first, &nr));
}

/* All copies of one array sector. */
static void check_sector(const struct bt_bitmap *bitmap, const struct shape *shape,
			 uint64_t array_sector)
{
	uint64_t slot = array_sector / CHUNK_SECTORS * shape->near, at;
	unsigned int n, f, disk;

	for (n = 0; n < shape->near; n++, slot++) {
		at = slot / shape->disks;
		if (shape->offset)
			at *= shape->far;
		at = at * CHUNK_SECTORS + array_sector % CHUNK_SECTORS;
		disk = (unsigned int)(slot % shape->disks);
		for (f = 0; f < shape->far; f++) {
			assert_maps_to(bitmap, disk, at, array_sector);
			at += stride(shape);
			disk = next_member(shape, disk);
		}
	}
}

static void test_raid10(void **state)
{
	static const struct shape shapes[] = {
		{ 2, 2, 1, 0, 0 }, { 3, 2, 1, 0, 0 }, { 4, 2, 1, 0, 0 }, { 5, 3, 1, 0, 0 },
		{ 2, 1, 2, 0, 0 }, { 3, 1, 2, 0, 0 }, { 4, 1, 3, 0, 0 }, { 5, 1, 2, 0, 2 },
		{ 6, 1, 2, 0, 2 }, { 7, 1, 3, 0, 2 }, { 4, 2, 2, 0, 0 }, { 4, 1, 2, 1, 0 },
		{ 5, 1, 2, 1, 0 }, { 5, 1, 2, 1, 2 }, { 8, 2, 2, 0, 2 }, { 6, 1, 3, 1, 2 },
	};
	unsigned int i, n;

	(void)state;
	srand(1);
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct bt_bitmap bitmap = bitmap_of(&shapes[i]);
		uint64_t chunks = DEV_SECTORS / CHUNK_SECTORS / shapes[i].far * shapes[i].disks /
				  shapes[i].near;

		assert_true(bitmap.mapped);
		for (n = 0; n < 2000; n++)
			check_sector(&bitmap, &shapes[i],
				     (uint64_t)rand() % (chunks * CHUNK_SECTORS) / 8 * 8);
	}
}

/* A discard of several chunks of a member covers as many ranges of the array. */
static void test_stretches(void **state)
{
	const struct shape near2 = { 4, 2, 1, 0, 0 };
	struct bt_bitmap bitmap = bitmap_of(&near2);
	struct bt_event ev = { .type = BT_DATA_START, .member = 2 };
	struct bt_data_walk walk;
	uint64_t first, nr, i;

	(void)state;
	ev.data.sector = 0;
	ev.data.sectors = 3 * CHUNK_SECTORS;
	assert_true(bt_data_walk(&walk, &bitmap, &ev));
	for (i = 0; i < 3; i++) {
		/* Member 2 has chunks 1, 3, 5, ... of the array. */
		assert_true(bt_data_next(&walk, &first, &nr));
		assert_int_equal(first, (2 * i + 1) * CHUNK_SECTORS >> BITMAP_SHIFT);
		assert_int_equal(nr, CHUNK_SECTORS >> BITMAP_SHIFT);
	}
	assert_false(bt_data_next(&walk, &first, &nr));
}

static void test_other_levels(void **state)
{
	static const struct {
		int level;
		bool mapped;
	} levels[] = { { 0, false }, { 1, true }, { 4, true }, { 5, true }, { 6, true } };
	struct bt_bitmap bitmap = { .described = true };
	struct bt_event ev = { .type = BT_DATA_START, .member = 1 };
	struct bt_data_walk walk;
	uint64_t first, nr;
	unsigned int i;

	(void)state;
	bitmap.geometry.geometry.chunks = 100;
	bitmap.geometry.geometry.chunk_shift = BITMAP_SHIFT;
	ev.data.sector = 5 << BITMAP_SHIFT;
	ev.data.sectors = 17;
	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		bitmap.geometry.geometry.level = (int16_t)levels[i].level;
		bt_geometry_set(&bitmap);
		assert_int_equal(bitmap.mapped, levels[i].mapped);
		assert_int_equal(bt_data_walk(&walk, &bitmap, &ev), levels[i].mapped);
		if (!levels[i].mapped)
			continue;
		assert_true(bt_data_next(&walk, &first, &nr));
		assert_int_equal(first, 5);
		assert_int_equal(nr, 2);
	}
	ev.bm_flags = BT_BM_RESHAPE;
	assert_false(bt_data_walk(&walk, &bitmap, &ev));
}

/* Whatever a damaged record has: no crash, no endless loop. */
static void test_nonsense(void **state)
{
	struct bt_bitmap bitmap = bitmap_of(&(struct shape){ 4, 2, 1, 0, 0 });
	struct bt_event ev = { .type = BT_DATA_START };
	struct bt_data_walk walk;
	unsigned int i;

	(void)state;
	srand(2);
	for (i = 0; i < 100000; i++) {
		bitmap.geometry.geometry.layout = (uint32_t)rand() >> (rand() % 32);
		bitmap.geometry.geometry.raid_disks = (uint16_t)(rand() % 9);
		bitmap.geometry.geometry.chunk_sectors = (uint32_t)rand() >> (rand() % 32);
		bitmap.geometry.geometry.chunk_shift = (uint8_t)rand();
		bitmap.layout.layout.dev_sectors = (uint64_t)rand() << (rand() % 33);
		bt_geometry_set(&bitmap);
		ev.member = (int16_t)(rand() % 12 - 2);
		ev.data.sector = (uint64_t)rand() << (rand() % 34);
		ev.data.sectors = (uint32_t)rand();
		bt_data_walk(&walk, &bitmap, &ev);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_raid10),
		cmocka_unit_test(test_stretches),
		cmocka_unit_test(test_other_levels),
		cmocka_unit_test(test_nonsense),
	};

	return cmocka_run_group_tests_name("geometry", tests, NULL, NULL);
}
