// SPDX-License-Identifier: GPL-2.0-only
/* The list of arrays from a sysfs made of plain files; names to device numbers. */
#include "cli/arrays.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void put(const char *root, const char *path, const char *text)
{
	char whole[256], *slash;
	FILE *file;

	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	for (slash = strchr(whole + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(whole, 0777);
		*slash = '/';
	}
	file = fopen(whole, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

struct list {
	struct bt_array_info all[8];
	unsigned int nr;
	unsigned int stop_at;
};

static int take(void *ctx, const struct bt_array_info *info)
{
	struct list *list = ctx;

	list->all[list->nr++] = *info;
	return list->nr == list->stop_at ? 7 : 0;
}

static void make_sysfs(const char *root)
{
	put(root, "sda/size", "1\n");
	put(root, "md_not_an_array/size", "1\n");
	put(root, "md10/md/level", "raid10\n");
	put(root, "md10/md/array_state", "active\n");
	put(root, "md10/md/bitmap/location", "none\n");
	put(root, "md10/md/bitmap/chunksize", "0\n");
	put(root, "md2/md/level", "raid1\n");
	put(root, "md2/md/array_state", "clean\n");
	put(root, "md2/md/bitmap/location", "+8\n");
	put(root, "md2/md/bitmap/chunksize", "67108864\n");
	put(root, "md2/md/dev-sdb1/slot", "0\n");
	put(root, "md2/md/dev-sdb1/state", "in_sync\n");
	put(root, "md2/md/dev-sdc1/slot", "1\n");
	put(root, "md2/md/dev-sdc1/state", "faulty,blocked\n");
	put(root, "md2/md/bitmap_type", "none [bitmap] llbitmap\n");
	put(root, "md7/md/level", "");
	put(root, "md11/md/level", "raid1\n");
	put(root, "md11/md/bitmap_type", "none bitmap [llbitmap]\n");
	put(root, "md11/md/llbitmap/metadata", "chunksize 128\nchunkshift 7\nchunks 1008\n");
	put(root, "md12/md/level", "raid1\n");
	put(root, "md12/md/bitmap_type", "none bitmap llbitmap [other]\n");
}

static void test_list(void **state)
{
	char root[] = "/tmp/bt-sys-XXXXXX";
	struct list list = {}, stopped = { .stop_at = 1 };

	(void)state;
	assert_non_null(mkdtemp(root));
	make_sysfs(root);
	assert_int_equal(bt_arrays_each(root, take, &list), 0);
	assert_int_equal(list.nr, 5);
	assert_string_equal(list.all[0].name, "md2");
	assert_string_equal(list.all[0].level, "raid1");
	assert_string_equal(list.all[0].state, "clean");
	assert_string_equal(list.all[0].bitmap, "internal");
	assert_string_equal(list.all[0].location, "+8");
	assert_int_equal(list.all[0].chunk_bytes, 64 << 20);
	assert_string_equal(list.all[0].members, "sdb1[0] sdc1[1](faulty)");
	assert_string_equal(list.all[1].name, "md7");
	assert_string_equal(list.all[1].state, "unknown");
	assert_string_equal(list.all[1].bitmap, "unknown");
	assert_string_equal(list.all[2].bitmap, "none");
	assert_false(list.all[0].untraced || list.all[1].untraced || list.all[2].untraced);
	assert_string_equal(list.all[3].bitmap, "llbitmap");
	assert_false(list.all[3].untraced);
	assert_int_equal(list.all[3].chunk_bytes, 64 << 10);
	assert_string_equal(list.all[4].bitmap, "other");
	assert_true(list.all[4].untraced);
	assert_int_equal(list.all[2].chunk_bytes, 0);
	assert_int_equal(bt_arrays_each(root, take, &stopped), 7);
	assert_int_equal(stopped.nr, 1);
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	assert_int_equal(bt_arrays_each(root, take, &list), -ENOENT);
}

static void test_resolve(void **state)
{
	uint32_t dev = 5;

	(void)state;
	/* Arrays that need not exist yet */
	assert_int_equal(bt_array_resolve("md4093", &dev), 0);
	assert_int_equal(dev, 9 << 20 | 4093);
	assert_int_equal(bt_array_resolve("9:1048575", &dev), 0);
	assert_int_equal(dev, 9 << 20 | 1048575);
	/* ... and names that cannot be arrays */
	assert_int_equal(bt_array_resolve("no-such-array", &dev), -ENOENT);
	assert_int_equal(bt_array_resolve("/dev/null", &dev), -ENOTBLK);
	assert_int_equal(bt_array_resolve("/dev/nowhere", &dev), -ENOENT);
	assert_true(bt_array_resolve("", &dev) < 0);
	assert_int_equal(bt_array_resolve("9:x", &dev), -ENOENT);
	assert_int_equal(dev, 9 << 20 | 1048575);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_resolve),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
