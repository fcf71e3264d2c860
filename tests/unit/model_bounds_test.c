// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stream may contain any number of objects: memory is bounded, and no rule passes beyond the
 * bounds.
 */
#include <stdlib.h>

#include "stream.h"

/* Everything needed for a PASS, if no state had been dropped. */
static void expect_given_up(struct stream *s)
{
	assert_true(s->checker.model.given_up > 0);
	assert_false(s->checker.model.out_of_memory);
	do_write(s, 7, 5);
	expect(s, "intent-before-data", BT_VERDICT_UNKNOWN);
	expect(s, "unplug-durable", BT_VERDICT_UNKNOWN);
}

static void chunks_without_end(void **state)
{
	const uint64_t bytes_max = 1 << 20;
	struct stream s;
	uint64_t chunk;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	s.checker.model.bytes_max = bytes_max;
	for (chunk = 0; !s.checker.model.given_up; chunk += BT_GROUP_CHUNKS) {
		assert_true(chunk * sizeof(struct bt_chunk) <= 2 * bytes_max);
		ev_set_bit(&s, 7, chunk, BT_ATTR_DIRTY);
		assert_true(s.checker.model.bytes <= bytes_max);
	}
	assert_int_equal(s.checker.model.bytes, 0);
	expect_given_up(&s);
	expect_broken(&s, NULL);
	stream_free(&s);
}

static void writes_without_end(void **state)
{
	struct stream s;
	uint32_t page;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	s.checker.model.bytes_max = 1 << 20;
	for (page = 0; !s.checker.model.given_up; page++) {
		assert_true(page < 4096);
		ev_page_start(&s, 7, page, 0);
		ev_page_start(&s, 8, page, 1);
	}
	expect_given_up(&s);
	expect_broken(&s, NULL);
	stream_free(&s);
}

static void the_same_buffer_without_end(void **state)
{
	struct stream s;
	int i;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	for (i = 0; i < BT_PAGE_WRITES_MAX; i++)
		ev_page_start(&s, 7, 1, 0);
	assert_int_equal(s.checker.model.given_up, 0);
	ev_page_start(&s, 7, 1, 0);
	assert_int_equal(s.checker.model.given_up, 1);
	expect_given_up(&s);
	/* Each start but the first found the one before it. */
	expect_broken(&s, "no-overlapping-writes", (uint64_t)BT_PAGE_WRITES_MAX, NULL);
	stream_free(&s);
}

static void bitmaps_without_end(void **state)
{
	struct bt_event ev;
	struct stream s;
	uint32_t id;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	for (id = 2; id <= 2 * BT_BITMAPS_MAX; id++) {
		ev = stream_event(&s, BT_UNPLUG_ENTER, 7);
		ev.bitmap = id;
		stream_put(&s, &ev);
		assert_true(HASH_COUNT(s.checker.model.bitmaps) <= BT_BITMAPS_MAX);
	}
	expect_given_up(&s);
	expect_broken(&s, NULL);
	stream_free(&s);
}

/* Bitmaps that come and go, one after the other, do not count. */
static void bitmaps_that_go_do_not_count(void **state)
{
	struct bt_event ev;
	struct stream s;
	uint32_t id;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	for (id = 2; id <= 2 * BT_BITMAPS_MAX; id++) {
		ev = stream_event(&s, BT_UNPLUG_ENTER, 7);
		ev.bitmap = id;
		stream_put(&s, &ev);
		ev.type = BT_GONE;
		stream_put(&s, &ev);
	}
	assert_int_equal(s.checker.model.given_up, 0);
	do_write(&s, 7, 5);
	expect(&s, "intent-before-data", BT_VERDICT_PASS);
	stream_free(&s);
}

static void symbols_without_end(void **state)
{
	struct bt_event ev;
	struct stream s;
	uint64_t addr;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	for (addr = 1; addr <= BT_SYMBOLS_MAX + 10; addr++) {
		ev = stream_event(&s, BT_SYMBOL, 1);
		ev.bitmap = 0;
		ev.symbol.addr = addr;
		stream_put(&s, &ev);
	}
	assert_int_equal(HASH_COUNT(s.checker.model.symbols), BT_SYMBOLS_MAX);
	do_write(&s, 7, 5);
	expect(&s, "intent-before-data", BT_VERDICT_PASS);
	do_startwrite(&s, 7, 6, true);
	ev_data_start(&s, 7, 6, 0, BT_SYMBOLS_MAX + 10); /* without room for its name */
	assert_int_equal(result_of(&s, "intent-before-data")->unjudged, 1);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks_without_end),
		cmocka_unit_test(writes_without_end),
		cmocka_unit_test(the_same_buffer_without_end),
		cmocka_unit_test(bitmaps_without_end),
		cmocka_unit_test(bitmaps_that_go_do_not_count),
		cmocka_unit_test(symbols_without_end),
	};

	return cmocka_run_group_tests_name("model_bounds", tests, NULL, NULL);
}
