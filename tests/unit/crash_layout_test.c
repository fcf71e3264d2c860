// SPDX-License-Identifier: GPL-2.0-only
/* LAYOUT: what is read, what is refused, and with which message. */
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

#include "crash/bitmap_format.h"
#include "crash/chunk_set.h"
#include "crash/oracle.h"
#include "crash_disk.h"

#define TEXT_MAX 4096

static int read_text(struct bt_layout *layout, const char *text, size_t size, char *problem,
		     size_t problem_size)
{
	char *path = disk_file(text, size);
	int err = bt_layout_read(layout, path, problem, problem_size);

	unlink(path);
	free(path);
	return err;
}

static void what_was_written_is_read(void **state)
{
	struct bt_layout made, layout;
	char *text, problem[256];
	uint32_t i;

	(void)state;
	disk_layout(&made, 4, 2, true, 20);
	text = disk_layout_text(&made);
	assert_int_equal(read_text(&layout, text, strlen(text), problem, sizeof(problem)), 0);
	assert_int_equal(layout.level, 10);
	assert_int_equal(layout.chunks, made.chunks);
	assert_int_equal(layout.bitmap_sectors, made.bitmap_sectors);
	assert_int_equal(layout.chunk_shift, 0);
	assert_memory_equal(layout.uuid, made.uuid, 16);
	assert_int_equal(layout.extents_nr, made.extents_nr);
	for (i = 0; i < made.extents_nr; i++)
		assert_int_equal(layout.extents[i].sector, made.extents[i].sector);
	for (i = 0; i < 4; i++)
		assert_int_equal(layout.members[i].data, made.members[i].data);
	bt_layout_free(&layout);
	disk_layout_free(&made);
	free(text);
}

static void a_lockless_bitmap_takes_a_byte_a_chunk(void **state)
{
	struct bt_layout made, layout;
	char *text, problem[256];

	(void)state;
	disk_layout_lockless(&made, 2, 0, 1500);
	text = disk_layout_text(&made);
	assert_int_equal(read_text(&layout, text, strlen(text), problem, sizeof(problem)), 0);
	assert_ptr_equal(layout.format, &bt_bitmap_format_lockless);
	assert_true(layout.internal);
	assert_int_equal(layout.span, 1500);
	assert_int_equal(layout.bitmap_sectors, 2 + 3);
	bt_layout_free(&layout);
	disk_layout_free(&made);
	free(text);
}

/* The layout of the tests with one line replaced, or another added */
static void refused(const char *line, const char *by, const char *words)
{
	struct bt_layout made, layout;
	char *text, *at, problem[256], edited[TEXT_MAX];

	disk_layout(&made, 2, 0, false, 20);
	text = disk_layout_text(&made);
	at = strstr(text, line);
	assert_non_null(at);
	snprintf(edited, sizeof(edited), "%.*s%s%s", (int)(at - text), text, by,
		 at + strcspn(at, "\n"));
	assert_int_equal(read_text(&layout, edited, strlen(edited), problem, sizeof(problem)),
			 -EINVAL);
	if (!strstr(problem, words))
		fail_msg("'%s' is not in '%s'", words, problem);
	assert_null(layout.extents);
	disk_layout_free(&made);
	free(text);
}

static void wrong_fields_are_named(void **state)
{
	(void)state;
	refused("bitmap-trace-layout", "something else", "line 1: no layout");
	refused("level", "level raid5", "line 2: level 'raid5' is not judged");
	refused("level", "level raid1\nlevel raid1", "line 3: field 'level' is given twice");
	refused("level", "", "field 'level' is missing");
	refused("level", "levle raid1", "field 'levle' is unknown");
	refused("level", "level raid1 raid1", "expected: level");
	refused("raid-disks", "raid-disks 3", "member 2 is missing: raid-disks is 3");
	refused("raid-disks", "raid-disks 1", "raid-disks 1: expected 2");
	refused("raid-disks", "raid-disks two", "raid-disks 'two': expected a number");
	refused("raid-disks", "raid-disks -2", "raid-disks '-2': expected a number");
	refused("raid-disks", "raid-disks 2\nchunk 8", "are for raid10");
	refused("size", "size 0", "size is 0");
	refused("size", "size 18446744073709551615", "too large");
	refused("size", "size 99999999999999999999999", "expected a number");
	refused("size", "size 4000000000000", "chunks, at most");
	refused("size", "size 4000000", "extents of bitmap copy 0");
	refused("uuid", "uuid 12", "expected 32 hex digits");
	refused("member 1", "member 0 super 1 data 2", "member 0 is given twice");
	refused("member 1", "member 16 super 1 data 2", "member 16 is too large");
	refused("member 1", "member 1 data 1 super 2", "expected: member");
	refused("bitmap-chunk", "bitmap-chunk 1000", "power of two");
	refused("bitmap file", "bitmap none", "expected file, internal or lockless");
	refused("extent", "extent 1 100 1", "extent of copy 1, but there are 1");
	refused("extent", "extent 0 100 0", "extent's length is 0");
	refused("initial", "initial one", "expected unknown or zero");
	refused("judge-from", "judge-from mark", "expected: judge-from");
	refused("judge-from", "judge-from mark a b c d e f g", "more than 8 words");
}

static void parts_that_overlap_are_named(void **state)
{
	static struct bt_oracle oracle;
	struct bt_layout layout;
	char problem[256];

	(void)state;
	disk_layout(&layout, 2, 0, false, 20);
	layout.members[1].data = layout.members[0].data + 19;
	assert_int_equal(bt_oracle_init(&oracle, &layout, false, problem, sizeof(problem)),
			 -EINVAL);
	assert_non_null(strstr(problem, "data of member 0 (sectors 16 to 35) overlaps data of "
					"member 1"));
	disk_layout_free(&layout);
}

static void hostile_text_is_survived(void **state)
{
	struct bt_layout made, layout;
	char *text, problem[256];
	size_t size, i;

	(void)state;
	disk_layout(&made, 3, 0, true, 20);
	text = disk_layout_text(&made);
	size = strlen(text);
	for (i = 0; i < size; i++)
		if (!read_text(&layout, text, i, problem, sizeof(problem)))
			bt_layout_free(&layout);
		else
			assert_true(problem[0]);
	for (i = 0; i < size * 8; i++) {
		text[i / 8] = (char)(text[i / 8] ^ (1 << i % 8));
		if (!read_text(&layout, text, size, problem, sizeof(problem)))
			bt_layout_free(&layout);
		text[i / 8] = (char)(text[i / 8] ^ (1 << i % 8));
	}
	assert_int_equal(bt_layout_read(&layout, "/nonexistent/layout", problem, sizeof(problem)),
			 -ENOENT);
	disk_layout_free(&made);
	free(text);
}

/* The smallest of a set, compared with a linear search */
static void the_smallest_chunk_is_found(void **state)
{
	static const uint64_t chunks = 64 * 64 * 64 * 2 + 7;
	static const uint64_t places[] = { 0, 63, 64, 4095, 4096, 262143, 262144, 524294 };
	const size_t nr = sizeof(places) / sizeof(places[0]);
	struct bt_chunk_set set;
	uint64_t from, expected;
	size_t i, j, mask;

	(void)state;
	assert_int_equal(bt_chunk_set_init(&set, chunks), 0);
	for (mask = 0; mask < 1u << nr; mask++) {
		for (i = 0; i < nr; i++) {
			if ((mask >> i & 1) == (size_t)bt_chunk_set_has(&set, places[i]))
				continue;
			if (mask >> i & 1)
				bt_chunk_set_add(&set, places[i]);
			else
				bt_chunk_set_remove(&set, places[i]);
		}
		assert_int_equal(set.nr, __builtin_popcountll(mask));
		for (i = 0; i < 2 * nr; i++) {
			from = places[i / 2] + i % 2;
			expected = BT_CHUNK_NONE;
			for (j = nr; j-- > 0;)
				if ((mask >> j & 1) && places[j] >= from)
					expected = places[j];
			assert_int_equal(bt_chunk_set_next(&set, from), expected);
		}
	}
	bt_chunk_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(a_lockless_bitmap_takes_a_byte_a_chunk),
		cmocka_unit_test(wrong_fields_are_named),
		cmocka_unit_test(parts_that_overlap_are_named),
		cmocka_unit_test(hostile_text_is_survived),
		cmocka_unit_test(the_smallest_chunk_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
