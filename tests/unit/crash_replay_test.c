// SPDX-License-Identifier: GPL-2.0-only
/* The disk at a crash point. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "crash/replay.h"
#include "crash_disk.h"

#define SECTORS 6

/* The file that exists before. */
#define BEFORE	   "precious"
#define BEFORE_LEN 8

/* Reads the disk after so many entries of the log; returns the result of bt_replay(). */
static int replay(const struct disk_log *made, uint64_t entries, unsigned char *disk, char *problem,
		  size_t size)
{
	char *log_path = disk_file(made->data, made->size), *path = disk_file(BEFORE, BEFORE_LEN);
	struct bt_log log;
	FILE *file;
	int err;

	assert_int_equal(bt_log_open(&log, log_path), 0);
	err = bt_replay(&log, entries, path, problem, size);
	bt_log_close(&log);
	memset(disk, 0, SECTORS * BT_SECTOR);
	file = fopen(path, "r");
	assert_true(fread(disk, 1, SECTORS * BT_SECTOR, file) <= SECTORS * BT_SECTOR);
	fclose(file);
	unlink(path);
	unlink(log_path);
	free(path);
	free(log_path);
	return err;
}

static void make(struct disk_log *log)
{
	unsigned char data[3 * BT_SECTOR];

	disk_log_begin(log, BT_SECTOR);
	memset(data, 'a', sizeof(data));
	disk_log_add(log, 1, 3, 0, data, NULL);
	memset(data, 'b', sizeof(data));
	disk_log_add(log, 2, 1, BT_LOG_FUA, data, NULL);
	disk_log_add(log, 0, 0, BT_LOG_FLUSH, NULL, NULL);
	disk_log_add(log, 1, 1, BT_LOG_DISCARD, NULL, NULL);
}

static void each_point_has_what_was_written_until_then(void **state)
{
	static const char *const expected[] = { "\0\0\0\0\0", "\0aaa\0", "\0aba\0", "\0aba\0",
						"\0\0ba\0" };
	unsigned char disk[SECTORS * BT_SECTOR];
	struct disk_log log;
	char problem[256];
	size_t point, i;

	(void)state;
	make(&log);
	for (point = 0; point <= 4; point++) {
		assert_int_equal(replay(&log, point, disk, problem, sizeof(problem)), 0);
		for (i = 0; i < 5; i++) {
			assert_int_equal(disk[i * BT_SECTOR], expected[point][i]);
			assert_int_equal(disk[(i + 1) * BT_SECTOR - 1], expected[point][i]);
		}
	}
	disk_log_free(&log);
}

static void a_point_that_is_not_there_is_told(void **state)
{
	unsigned char disk[SECTORS * BT_SECTOR];
	struct disk_log log;
	char problem[256];

	(void)state;
	make(&log);
	assert_int_equal(replay(&log, 5, disk, problem, sizeof(problem)), -EINVAL);
	assert_non_null(strstr(problem, "has 4 entries"));
	assert_memory_equal(disk, BEFORE, BEFORE_LEN);
	log.size = 3 * BT_SECTOR;
	assert_int_equal(replay(&log, 1, disk, problem, sizeof(problem)), -EINVAL);
	assert_non_null(strstr(problem, "the log ends in entry 1"));
	assert_memory_equal(disk, BEFORE, BEFORE_LEN);
	disk_log_free(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_point_has_what_was_written_until_then),
		cmocka_unit_test(a_point_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
