// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#define NAME "intent-recorded"

static void put_startwrite(struct stream *s, uint64_t chunk, uint64_t chunks, bool sampled,
			   uint32_t counter)
{
	struct bt_event ev = stream_event(s, BT_STARTWRITE, 7);

	ev.range.sector = chunk << CHUNK_SHIFT;
	ev.range.sectors = chunks << CHUNK_SHIFT;
	ev.range.sampled = sampled;
	ev.range.counter = counter;
	stream_put(s, &ev);
}

static void set_and_loaded_bits_pass(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	ev_startwrite(&s, 7, 6);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	assert_int_equal(result_of(&s, NAME)->held, 2);
	stream_free(&s);
}

static void a_cleared_bit_must_be_set_again(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	do_clear(&s, 5);
	ev_startwrite(&s, 7, 5);
	expect_broken(&s, NAME, 1, NULL);
	assert_int_equal(result_of(&s, NAME)->first.events[0].ev.type, BT_CLEAR_BIT);
	stream_free(&s);
}

/* The load found it clear, and it was not set. */
static void a_bit_loaded_clear_must_be_set(void **state)
{
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_INTERNAL);
	ev_call(&s, BT_INIT_ENTER, 1, 0);
	ev_loaded_bits(&s, 3, 2, false);
	ev_loaded_bits(&s, 8, 1, true);
	ev_call(&s, BT_INIT_EXIT, 1, 0);
	ev_startwrite(&s, 7, 3);
	ev_startwrite(&s, 7, 4);
	ev_startwrite(&s, 7, 8); /* hijacked: not known */
	expect_broken(&s, NULL);
	assert_int_equal(result_of(&s, NAME)->held, 2);
	assert_int_equal(result_of(&s, NAME)->unjudged, 1);
	ev_startwrite(&s, 7, 5);
	ev_startwrite(&s, 7, 2);
	expect_broken(&s, NAME, 2, NULL);
	assert_int_equal(result_of(&s, NAME)->first.events[0].ev.type, BT_INIT_EXIT);
	stream_free(&s);
}

static void each_chunk_of_a_range_is_judged(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	do_clear(&s, 5);
	put_startwrite(&s, 4, 3, true, 3);
	expect_broken(&s, NAME, 1, NULL);
	assert_int_equal(result_of(&s, NAME)->held, 1 + 2);
	stream_free(&s);
}

static void a_counter_that_holds_no_write_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	put_startwrite(&s, 5, 1, true, 3);
	put_startwrite(&s, 5, 1, false, 0); /* a shared counter was not sampled */
	expect_broken(&s, NULL);
	put_startwrite(&s, 5, 1, true, 2);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void put_set_bit(struct stream *s, uint32_t tid, uint64_t chunk, uint8_t on_page)
{
	struct bt_event ev = stream_event(s, BT_SET_BIT, tid);

	ev.bit.chunk = chunk;
	ev.bit.page = page_of(chunk);
	ev.bit.attr = BT_ATTR_DIRTY;
	ev.bit.on_page = on_page;
	stream_put(s, &ev);
}

static void a_bit_that_is_not_on_its_page_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_set_bit_enter(&s, 7, 5);
	put_set_bit(&s, 7, 5, BT_ON_PAGE_SET);
	expect_broken(&s, NULL);
	ev_set_bit_enter(&s, 7, 6);
	put_set_bit(&s, 7, 6, BT_ON_PAGE_CLEAR);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* bitmap_dirty_bits at the same time as the daemon; and an entry from before tracing. */
static void a_bit_may_be_cleared_while_it_is_set(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	do_write(&s, 7, 5);
	ev_set_bit_enter(&s, 9, 5);
	do_clear(&s, 5);
	put_set_bit(&s, 9, 5, BT_ON_PAGE_CLEAR);
	put_set_bit(&s, 11, 6, BT_ON_PAGE_CLEAR);
	expect_broken(&s, NULL);
	assert_int_equal(result_of(&s, NAME)->unjudged, 2);
	/* A clear before the entry does not count. */
	ev_set_bit_enter(&s, 9, 7);
	put_set_bit(&s, 9, 7, BT_ON_PAGE_CLEAR);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void a_bit_that_cannot_be_read_is_told(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_set_bit_enter(&s, 7, 5);
	put_set_bit(&s, 7, 5, BT_ON_PAGE_UNREAD);
	ev_startwrite(&s, 7, 5);
	expect_broken(&s, NULL);
	assert_int_equal(result_of(&s, NAME)->held, 1);
	assert_int_equal(result_of(&s, NAME)->unjudged, 1);
	stream_free(&s);
}

static void before_tracing_nothing_is_known(void **state)
{
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_INTERNAL);
	ev_startwrite(&s, 7, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

static void a_stale_bitmap_promises_nothing(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	s.bm_flags = BT_BM_STALE;
	put_startwrite(&s, 5, 1, true, 0);
	expect_broken(&s, NULL);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_and_loaded_bits_pass),
		cmocka_unit_test(a_cleared_bit_must_be_set_again),
		cmocka_unit_test(a_bit_loaded_clear_must_be_set),
		cmocka_unit_test(each_chunk_of_a_range_is_judged),
		cmocka_unit_test(a_counter_that_holds_no_write_fails),
		cmocka_unit_test(a_bit_that_is_not_on_its_page_fails),
		cmocka_unit_test(a_bit_may_be_cleared_while_it_is_set),
		cmocka_unit_test(a_bit_that_cannot_be_read_is_told),
		cmocka_unit_test(before_tracing_nothing_is_known),
		cmocka_unit_test(a_stale_bitmap_promises_nothing),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
