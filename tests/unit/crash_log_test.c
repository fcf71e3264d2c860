// SPDX-License-Identifier: GPL-2.0-only
/* Write logs: complete, truncated at each byte, foreign, with each byte changed. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "crash/bitmap_super.h"
#include "crash/crash.h"
#include "crash_disk.h"

#define MEMBERS 2
#define SIZE	16 /* sectors */
#define CLEAN	UINT64_MAX

static unsigned char block[8 * BT_SECTOR];

static void put_member(struct disk_log *log, const struct bt_layout *layout, uint32_t member,
		       uint64_t resync)
{
	struct disk_super super = {
		.events = 3,
		.number = member,
		.resync_offset = resync,
		.roles = { 0, 1 },
	};

	memset(block, 0, sizeof(block));
	disk_put_super(block, layout, &super);
	disk_log_add(log, layout->members[member].super, 1, 0, block, NULL);
}

static void put_bitmap(struct disk_log *log, const struct bt_layout *layout, unsigned char bits)
{
	struct disk_bitmap bitmap = { .events = 3 };

	memset(block, 0, sizeof(block));
	disk_put_bitmap(block, layout, &bitmap);
	block[BT_BITMAP_SUPER] = bits;
	disk_log_add(log, disk_bitmap_sector(layout, 0), 1, 0, block, NULL);
}

static void put_data(struct disk_log *log, const struct bt_layout *layout, uint32_t member,
		     unsigned char content)
{
	memset(block, content, sizeof(block));
	disk_log_add(log, layout->members[member].data, 1, 0, block, NULL);
}

/* The array is up; then a mark, and a mirrored write with or without its bit on disk. */
static void make_log(struct disk_log *log, const struct bt_layout *layout, unsigned char bits)
{
	disk_log_begin(log, BT_SECTOR);
	put_bitmap(log, layout, bits);
	put_member(log, layout, 0, 0);
	put_member(log, layout, 1, 0);
	disk_log_add(log, 0, 0, BT_LOG_MARK, NULL, "created");
	put_data(log, layout, 0, 1);
	put_data(log, layout, 1, 1);
	disk_log_add(log, 0, 0, BT_LOG_FLUSH, NULL, NULL);
}

static int run_bytes(struct bt_crash *crash, const struct bt_layout *layout, const void *data,
		     size_t size)
{
	char *path = disk_file(data, size), problem[256];
	int err;

	*crash = (struct bt_crash){ .layout = layout };
	err = bt_log_open(&crash->log, path);
	unlink(path);
	free(path);
	if (err)
		return err;
	assert_int_equal(bt_oracle_init(&crash->oracle, layout, false, problem, sizeof(problem)),
			 0);
	assert_int_equal(bt_crash_run(crash), 0);
	bt_oracle_free(&crash->oracle);
	bt_log_close(&crash->log);
	return 0;
}

static int setup(void **state)
{
	struct bt_layout *layout = malloc(sizeof(*layout));

	disk_layout(layout, MEMBERS, 0, false, SIZE);
	*state = layout;
	return 0;
}

static int teardown(void **state)
{
	disk_layout_free(*state);
	free(*state);
	return 0;
}

static void bit_on_disk_before_data_is_safe(void **state)
{
	static struct bt_crash crash;
	struct disk_log log;

	make_log(&log, *state, 1);
	assert_int_equal(run_bytes(&crash, *state, log.data, log.size), 0);
	assert_int_equal(crash.verdict, BT_VERDICT_PASS);
	assert_int_equal(crash.oracle.stats.points, 8);
	assert_int_equal(crash.oracle.stats.tested.points, 1);
	disk_log_free(&log);
}

static void data_without_its_bit_is_unsafe_until_the_mirror_has_it(void **state)
{
	const struct bt_layout *layout = *state;
	static struct bt_crash crash;
	struct disk_log log;

	make_log(&log, layout, 0);
	assert_int_equal(run_bytes(&crash, layout, log.data, log.size), 0);
	assert_int_equal(crash.verdict, BT_VERDICT_FAIL);
	assert_int_equal(crash.oracle.stats.unsafe.points, 1);
	assert_int_equal(crash.oracle.stats.unsafe.first.first, 5);
	assert_int_equal(crash.oracle.stats.unsafe.longest.last, 5);
	assert_int_equal(crash.oracle.example.found.gap, BT_GAP_BIT);
	assert_int_equal(crash.oracle.example.sides[0].entry, 5);
	assert_int_equal(crash.oracle.example.sides[1].entry, 0);
	assert_int_equal(crash.oracle.example.sides[1].sector, layout->members[1].data);
	assert_int_equal(crash.oracle.example.bit_sector, disk_bitmap_sector(layout, 0));
	assert_int_equal(crash.oracle.example.bit_entry, 1);
	disk_log_free(&log);
}

/* A bit has no effect while the superblock says that there is nothing to resync. */
static void a_clean_superblock_makes_the_bit_void(void **state)
{
	const struct bt_layout *layout = *state;
	static struct bt_crash crash;
	struct disk_log log;

	disk_log_begin(&log, BT_SECTOR);
	put_bitmap(&log, layout, 1);
	put_member(&log, layout, 0, CLEAN);
	put_member(&log, layout, 1, CLEAN);
	put_data(&log, layout, 0, 1);
	assert_int_equal(run_bytes(&crash, layout, log.data, log.size), 0);
	assert_int_equal(crash.verdict, BT_VERDICT_FAIL);
	assert_int_equal(crash.oracle.example.found.gap, BT_GAP_CLEAN);
	disk_log_free(&log);
}

static void nothing_put_to_the_test_is_unknown(void **state)
{
	static struct bt_crash crash;
	struct disk_log log;

	disk_log_begin(&log, BT_SECTOR);
	assert_int_equal(run_bytes(&crash, *state, log.data, log.size), 0);
	assert_int_equal(crash.verdict, BT_VERDICT_UNKNOWN);
	put_member(&log, *state, 0, 0);
	assert_int_equal(run_bytes(&crash, *state, log.data, log.size), 0);
	assert_int_equal(crash.verdict, BT_VERDICT_UNKNOWN);
	disk_log_free(&log);
}

static void judging_begins_where_the_layout_says(void **state)
{
	struct bt_layout *layout = *state;
	static struct bt_crash crash;
	struct disk_log log;

	make_log(&log, layout, 0);
	strcpy(layout->from_mark, "created");
	assert_int_equal(run_bytes(&crash, layout, log.data, log.size), 0);
	assert_int_equal(crash.oracle.stats.judged, 4);
	assert_int_equal(crash.verdict, BT_VERDICT_FAIL);
	strcpy(layout->from_mark, "never");
	assert_int_equal(run_bytes(&crash, layout, log.data, log.size), 0);
	assert_int_equal(crash.oracle.stats.judged, 0);
	assert_int_equal(crash.verdict, BT_VERDICT_UNKNOWN);
	layout->from_mark[0] = '\0';
	layout->from_entry = 6;
	assert_int_equal(run_bytes(&crash, layout, log.data, log.size), 0);
	assert_int_equal(crash.oracle.stats.judged, 2);
	assert_int_equal(crash.oracle.stats.unsafe.points, 0);
	disk_log_free(&log);
}

/* A guest can write a mark without knowing about the log. */
static void a_written_mark_is_a_mark(void **state)
{
	struct bt_layout *layout = *state;
	static struct bt_crash crash;
	struct disk_log log;

	make_log(&log, layout, 0);
	memset(block, 0, sizeof(block));
	strcpy((char *)block, "mark here\n");
	disk_log_add(&log, disk_sectors(layout) + 5, 1, 0, block, NULL);
	layout->has_mark_sector = true;
	layout->mark_sector = disk_sectors(layout) + 5;
	strcpy(layout->from_mark, "here");
	assert_int_equal(run_bytes(&crash, layout, log.data, log.size), 0);
	assert_int_equal(crash.oracle.stats.judged, 1);
	disk_log_free(&log);
}

/* Sectors of 4 KiB: entries count in these. */
static void the_logs_own_sector_size_counts(void **state)
{
	static unsigned char data[4096];
	static struct bt_crash crash;
	struct bt_layout layout = { 0 };
	struct disk_log log;

	(void)state;
	disk_layout(&layout, MEMBERS, 0, false, 32);
	disk_log_begin(&log, 4096);
	disk_put_super(data, &layout, &(struct disk_super){ .events = 1, .roles = { 0, 1 } });
	disk_log_add(&log, 0, 1, 0, data, NULL);
	disk_put_super(data, &layout,
		       &(struct disk_super){ .events = 1, .number = 1, .roles = { 0, 1 } });
	disk_log_add(&log, 1, 1, 0, data, NULL);
	memset(data, 7, sizeof(data));
	disk_log_add(&log, 2, 1, 0, data, NULL);
	assert_int_equal(run_bytes(&crash, &layout, log.data, log.size), 0);
	/* No bitmap there: md would resync all, as the array is not clean. */
	assert_int_equal(crash.verdict, BT_VERDICT_PASS);
	assert_int_equal(crash.oracle.stats.tested.points, 1);
	disk_log_free(&log);
	disk_layout_free(&layout);
}

/* Near the border of two sectors. Elsewhere, all lengths of an incomplete sector are alike. */
static bool near_border(size_t size)
{
	return size % BT_SECTOR < 36 || size % BT_SECTOR > BT_SECTOR - 10;
}

/* An incomplete entry is no crash point; those before it are judged. */
static void each_truncation_is_told_and_what_is_there_is_judged(void **state)
{
	static struct bt_crash crash;
	struct disk_log log;
	size_t size;
	int err;

	make_log(&log, *state, 0);
	for (size = 0; size < log.size; size += near_border(size) ? 1 : 7) {
		err = run_bytes(&crash, *state, log.data, size);
		if (size < BT_SECTOR) {
			assert_int_equal(err, -EINVAL);
			assert_true(crash.log.problem[0]);
			continue;
		}
		assert_int_equal(err, 0);
		assert_true(crash.damaged);
		assert_non_null(strstr(crash.log.problem, " of 7"));
		/* In sectors: super block 1, four entries of 2, a mark of 1 */
		assert_int_equal(crash.verdict,
				 size < 512 * 10 ? BT_VERDICT_UNKNOWN : BT_VERDICT_FAIL);
	}
	disk_log_free(&log);
}

/* Any input: reading ends, with a result. Fields have 4 or 8 bytes: each is hit. */
static void flipped_bytes_are_survived(void **state)
{
	static const unsigned char flips[] = { 0xff, 0x01, 0x80 };
	static struct bt_crash crash;
	struct disk_log log;
	unsigned char flip;
	size_t at;

	make_log(&log, *state, 1);
	for (at = 0; at < log.size; at += 3) {
		flip = flips[at / 3 % sizeof(flips)];
		log.data[at] ^= flip;
		if (run_bytes(&crash, *state, log.data, log.size))
			assert_true(at < 28);
		else
			assert_true(!crash.damaged || crash.log.problem[0]);
		log.data[at] ^= flip;
	}
	disk_log_free(&log);
}

static void foreign_files_are_refused(void **state)
{
	static const char text[1024] = "not a log of writes";
	static struct bt_crash crash;
	struct disk_log log;

	assert_int_equal(run_bytes(&crash, *state, text, sizeof(text)), -EINVAL);
	assert_non_null(strstr(crash.log.problem, "not a write log"));
	disk_log_begin(&log, BT_SECTOR);
	log.data[8] = 9;
	assert_int_equal(run_bytes(&crash, *state, log.data, log.size), -EINVAL);
	assert_non_null(strstr(crash.log.problem, "version 9"));
	log.data[8] = 1;
	log.data[24] = 3;
	assert_int_equal(run_bytes(&crash, *state, log.data, log.size), -EINVAL);
	assert_non_null(strstr(crash.log.problem, "sector size"));
	disk_log_free(&log);
	assert_int_equal(bt_log_open(&crash.log, "/nonexistent/log"), -ENOENT);
}

static void impossible_entries_are_damage(void **state)
{
	static const struct {
		uint64_t sector, sectors, flags;
		const char *mark, *words;
	} entries[] = {
		{ 0, 0, 64, NULL, "flags 0x40" },
		{ UINT64_MAX, 1, 0, NULL, "no device" },
		{ 1, UINT64_MAX, BT_LOG_DISCARD, NULL, "no device" },
		{ 0, 3, BT_LOG_MARK, "x", "a mark of" },
		{ 0, 0, BT_LOG_FLUSH, "x", "inline data" },
	};
	static struct bt_crash crash;
	struct disk_log log;
	size_t i;

	for (i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		disk_log_begin(&log, BT_SECTOR);
		disk_log_add(&log, entries[i].sector, entries[i].sectors, entries[i].flags, NULL,
			     entries[i].mark);
		assert_int_equal(run_bytes(&crash, *state, log.data, log.size), 0);
		assert_int_equal(crash.verdict, BT_VERDICT_UNKNOWN);
		assert_non_null(strstr(crash.log.problem, entries[i].words));
		assert_non_null(strstr(crash.log.problem, "entry 1"));
		disk_log_free(&log);
	}
}

/* QEMU updates the super block only at a flush. */
static void what_the_super_block_does_not_count_is_told(void **state)
{
	static struct bt_crash crash;
	struct disk_log log;

	make_log(&log, *state, 1);
	log.data[16] = 6;
	assert_int_equal(run_bytes(&crash, *state, log.data, log.size), 0);
	assert_int_equal(crash.oracle.stats.points, 7);
	assert_true(crash.log.more);
	log.data[16] = 7;
	assert_int_equal(run_bytes(&crash, *state, log.data, log.size), 0);
	assert_false(crash.log.more);
	disk_log_free(&log);
}

/* Larger than one read-ahead */
static void a_large_entry_is_read_in_pieces(void **state)
{
	const struct bt_layout *layout = *state;
	const uint64_t sectors = 3 * 2048 + 5;
	static struct bt_crash crash;
	unsigned char *data = calloc(sectors, BT_SECTOR);
	struct disk_log log;

	make_log(&log, layout, 1);
	memset(data + layout->members[0].data * BT_SECTOR, 1, BT_SECTOR);
	memset(data + layout->members[1].data * BT_SECTOR, 2, BT_SECTOR);
	disk_log_add(&log, 0, sectors, 0, data, NULL);
	put_data(&log, layout, 1, 1);
	assert_int_equal(run_bytes(&crash, layout, log.data, log.size), 0);
	assert_false(crash.damaged);
	assert_int_equal(crash.oracle.stats.points, 10);
	disk_log_free(&log);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bit_on_disk_before_data_is_safe, setup, teardown),
		cmocka_unit_test_setup_teardown(
			data_without_its_bit_is_unsafe_until_the_mirror_has_it, setup, teardown),
		cmocka_unit_test_setup_teardown(a_clean_superblock_makes_the_bit_void, setup,
						teardown),
		cmocka_unit_test_setup_teardown(nothing_put_to_the_test_is_unknown, setup,
						teardown),
		cmocka_unit_test_setup_teardown(judging_begins_where_the_layout_says, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_written_mark_is_a_mark, setup, teardown),
		cmocka_unit_test(the_logs_own_sector_size_counts),
		cmocka_unit_test_setup_teardown(each_truncation_is_told_and_what_is_there_is_judged,
						setup, teardown),
		cmocka_unit_test_setup_teardown(flipped_bytes_are_survived, setup, teardown),
		cmocka_unit_test_setup_teardown(foreign_files_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(impossible_entries_are_damage, setup, teardown),
		cmocka_unit_test_setup_teardown(what_the_super_block_does_not_count_is_told, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_large_entry_is_read_in_pieces, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
