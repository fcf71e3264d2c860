// SPDX-License-Identifier: GPL-2.0-only
/* Coverage of interleavings: pairs on one chunk or page, by different tasks, and nothing else. */
#include "pairs/pairs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void geometry(struct bt_pairs *pairs)
{
	const struct bt_event ev = { .type = BT_BITMAP, .bitmap = 1, .geometry.chunk_shift = 7 };

	assert_int_equal(bt_sink_event(&pairs->sink, &ev), 0);
}

static void bit(struct bt_pairs *pairs, uint16_t type, uint32_t tid, uint64_t chunk)
{
	const struct bt_event ev = { .type = type,
				     .bitmap = 1,
				     .tid = tid,
				     .bit = { .chunk = chunk, .page = chunk >> 15 } };

	assert_int_equal(bt_sink_event(&pairs->sink, &ev), 0);
}

static void plain(struct bt_pairs *pairs, uint16_t type, uint32_t tid)
{
	const struct bt_event ev = { .type = type, .bitmap = 1, .tid = tid };

	assert_int_equal(bt_sink_event(&pairs->sink, &ev), 0);
}

static void write_of(struct bt_pairs *pairs, uint32_t tid, uint64_t sector, uint64_t sectors,
		     uint64_t ts_ns)
{
	const struct bt_event ev = { .type = BT_STARTWRITE,
				     .bitmap = 1,
				     .tid = tid,
				     .ts_ns = ts_ns,
				     .range = { .sector = sector, .sectors = sectors } };

	assert_int_equal(bt_sink_event(&pairs->sink, &ev), 0);
}

/* How often b came right after a. */
static uint64_t seen(const struct bt_pairs *pairs, enum bt_pairs_of of, const char *a,
		     const char *b)
{
	unsigned int i, n;

	for (i = 0; strcmp(bt_pairs_step(i), a) != 0; i++)
		;
	for (n = 0; strcmp(bt_pairs_step(n), b) != 0; n++)
		;
	return pairs->seen[of][i][n];
}

static void different_tasks(void **state)
{
	struct bt_pairs pairs;

	(void)state;
	bt_pairs_init(&pairs);
	bit(&pairs, BT_SET_BIT_ENTER, 10, 3);
	bit(&pairs, BT_SET_BIT, 10, 3);
	assert_int_equal(seen(&pairs, BT_PAIRS_CHUNK, "set_bit_enter", "set_bit"), 0);
	bit(&pairs, BT_CLEAR_BIT, 11, 3);
	assert_int_equal(seen(&pairs, BT_PAIRS_CHUNK, "set_bit", "clear_bit"), 1);
	bit(&pairs, BT_SET_BIT_ENTER, 10, 4); /* of another chunk of this page */
	assert_int_equal(seen(&pairs, BT_PAIRS_CHUNK, "clear_bit", "set_bit_enter"), 0);
	assert_int_equal(seen(&pairs, BT_PAIRS_PAGE, "clear_bit", "set_bit_enter"), 1);
	bit(&pairs, BT_CLEAR_BIT, 11, 40000); /* of another page */
	assert_int_equal(seen(&pairs, BT_PAIRS_PAGE, "set_bit_enter", "clear_bit"), 0);
	bt_pairs_free(&pairs);
}

static void whole_bitmap(void **state)
{
	struct bt_pairs pairs;

	(void)state;
	bt_pairs_init(&pairs);
	bit(&pairs, BT_SET_BIT, 10, 3);
	plain(&pairs, BT_UNPLUG_ENTER, 11);
	plain(&pairs, BT_UNPLUG_EXIT, 11);
	bit(&pairs, BT_SET_BIT_ENTER, 12, 40000);
	assert_int_equal(seen(&pairs, BT_PAIRS_PAGE, "set_bit", "unplug_enter"), 1);
	assert_int_equal(seen(&pairs, BT_PAIRS_PAGE, "unplug_enter", "unplug_exit"), 0);
	assert_int_equal(seen(&pairs, BT_PAIRS_PAGE, "unplug_exit", "set_bit_enter"), 1);
	plain(&pairs, BT_DAEMON_ENTER, 12);
	assert_int_equal(seen(&pairs, BT_PAIRS_PAGE, "set_bit_enter", "daemon_enter"), 0);
	bt_pairs_free(&pairs);
}

static void ranges_and_slices(void **state)
{
	struct bt_pairs pairs;
	unsigned int all;

	(void)state;
	bt_pairs_init(&pairs);
	pairs.from_ns = 1000;
	pairs.slice_ns = 100;
	write_of(&pairs, 1, 0, 8, 1000); /* the geometry is not known */
	write_of(&pairs, 2, 0, 8, 1001);
	assert_int_equal(seen(&pairs, BT_PAIRS_CHUNK, "startwrite", "startwrite"), 0);
	geometry(&pairs);
	write_of(&pairs, 1, 0, 256, 1010);
	write_of(&pairs, 2, 255, 2, 1350);
	assert_int_equal(seen(&pairs, BT_PAIRS_CHUNK, "startwrite", "startwrite"), 1);
	assert_int_equal(pairs.slice_of[BT_PAIRS_CHUNK][0][0], 3);
	assert_int_equal(bt_pairs_seen(&pairs, BT_PAIRS_CHUNK, &all), 1);
	assert_int_equal(all, 1);
	assert_int_equal(bt_pairs_seen(&pairs, BT_PAIRS_PAGE, &all), 0);
	assert_int_equal(all, 0);
	bt_pairs_free(&pairs);
}

/* A range, a shift or a number that no kernel has changes nothing and ends. */
static void hostile(void **state)
{
	struct bt_event ev = { .type = BT_BITMAP, .bitmap = 1, .geometry.chunk_shift = 200 };
	struct bt_pairs pairs;
	unsigned int i;

	(void)state;
	bt_pairs_init(&pairs);
	bt_sink_event(&pairs.sink, &ev);
	write_of(&pairs, 1, 0, UINT64_MAX, 1);
	ev.geometry.chunk_shift = 1;
	bt_sink_event(&pairs.sink, &ev);
	write_of(&pairs, 1, 5, UINT64_MAX, 1);
	write_of(&pairs, 1, UINT64_MAX, 5, 1);
	for (i = 0; i < BT_PAIRS_PLACES + 10; i++)
		bit(&pairs, BT_CLEAR_BIT, 1, (uint64_t)i << 32);
	assert_int_equal(pairs.places_nr, BT_PAIRS_PLACES);
	ev.bitmap = UINT32_MAX;
	bt_sink_event(&pairs.sink, &ev);
	bt_pairs_free(&pairs);
}

static void printed(void **state)
{
	struct bt_pairs pairs;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	bt_pairs_init(&pairs);
	bit(&pairs, BT_SET_BIT, 10, 3);
	bit(&pairs, BT_CLEAR_BIT, 11, 3);
	bt_pairs_print(out, &pairs, true);
	fclose(out);
	assert_non_null(strstr(text, "chunk: 1 of 4 ordered pairs seen\n"));
	assert_non_null(strstr(text, "chunk seen  set_bit clear_bit 1\n"));
	assert_non_null(strstr(text, "chunk never clear_bit set_bit 0\n"));
	assert_non_null(strstr(text, "slice 0 new 2\n"));
	free(text);
	bt_pairs_free(&pairs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(different_tasks),   cmocka_unit_test(whole_bitmap),
		cmocka_unit_test(ranges_and_slices), cmocka_unit_test(hostile),
		cmocka_unit_test(printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
