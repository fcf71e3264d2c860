// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "stream.h"

#define NAME "balanced-counters"

static void each_end_has_its_start(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, 5);
	do_startwrite(&s, 7, 5, false);
	do_startwrite(&s, 8, 5, false);
	ev_endwrite(&s, 5);
	ev_endwrite(&s, 5);
	ev_plain(&s, BT_GONE, 1);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	assert_int_equal(result_of(&s, NAME)->held,
			 6); /* and the counter, where it can be judged */
	stream_free(&s);
}

static void an_end_too_many_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, 5);
	ev_endwrite(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void an_end_of_another_chunk_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, true);
	ev_endwrite(&s, 6);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* BT_STARTWRITE or BT_ENDWRITE of a range. */
static void ev_range(struct stream *s, enum bt_event_type type, uint64_t chunk, uint64_t chunks)
{
	struct bt_event ev = stream_event(s, type, 7);

	ev.range.sector = chunk << CHUNK_SHIFT;
	ev.range.sectors = chunks << CHUNK_SHIFT;
	stream_put(s, &ev);
}

static void each_chunk_of_a_range_is_judged(void **state)
{
	struct stream s;
	uint64_t chunk;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	for (chunk = 5; chunk < 9; chunk++) {
		ev_set_bit_enter(&s, 7, chunk);
		ev_set_bit(&s, 7, chunk, BT_ATTR_DIRTY);
	}
	ev_range(&s, BT_STARTWRITE, 5, 4);
	ev_range(&s, BT_ENDWRITE, 5, 4);
	expect_broken(&s, NULL);
	assert_int_equal(result_of(&s, NAME)->held, 4);
	ev_range(&s, BT_STARTWRITE, 5, 3);
	ev_range(&s, BT_ENDWRITE, 5, 4); /* one too many for chunk 8 */
	expect_broken(&s, NAME, 1, NULL);
	assert_int_equal(result_of(&s, NAME)->held, 7);
	assert_non_null(strstr(result_of(&s, NAME)->first.message, "chunk 8 "));
	stream_free(&s);
}

static void a_start_left_over_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, true);
	do_unplug(&s, 7, 0);
	ev_plain(&s, BT_GONE, 1);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* Usually the array exists before tracing begins. */
static void writes_seen_whole_are_judged_late_too(void **state)
{
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, 5);
	expect(&s, NAME, BT_VERDICT_PASS);
	do_clear(&s, 5);
	expect_overall(&s, BT_VERDICT_PASS);
	do_startwrite(&s, 7, 6, true);
	do_unplug(&s, 7, 0);
	ev_plain(&s, BT_GONE, 1);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void late_attach_cannot_tell(void **state)
{
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_BUFFER);
	ev_endwrite(&s, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

/* ---- the counter itself ---- */

static void a_counter_that_lacks_a_write_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	ev_set_bit_enter(&s, 7, 5);
	ev_set_bit(&s, 7, 5, BT_ATTR_DIRTY);
	ev_startwrite_counted(&s, 7, 5, 3);
	ev_startwrite_counted(&s, 7, 5, 4);
	expect_broken(&s, NULL);
	ev_startwrite_counted(&s, 7, 5, 4);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* It was sampled before that one returned, perhaps before it counted. */
static void another_that_has_returned_meanwhile_may_be_missing(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	do_startwrite(&s, 8, 5, true);
	ev_startwrite_counted(&s, 7, 5, 3);
	expect_broken(&s, NULL);
	stream_free(&s);
}

/* A write, and enough passes for all operations before them to end. */
static void write_and_rest(struct stream *s, uint64_t chunk, uint32_t counter)
{
	ev_startwrite_counted(s, 7, chunk, counter);
	ev_endwrite(s, chunk);
	do_pass(s);
	do_pass(s);
	do_pass(s);
}

static void a_counter_that_does_not_come_down_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	write_and_rest(&s, 8, 3);
	write_and_rest(&s, 8, 3);
	expect_broken(&s, NULL);
	write_and_rest(&s, 8, 4);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* Its write was not followed to its end when the next one counts. */
static void a_counter_soon_after_a_write_is_not_judged(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	write_and_rest(&s, 8, 3);
	ev_startwrite_counted(&s, 7, 8, 3);
	ev_endwrite(&s, 8);
	do_pass(&s);
	write_and_rest(&s, 8, 4);
	expect_broken(&s, NULL);
	stream_free(&s);
}

/* Both had counted when the first returned. */
static void a_startwrite_that_returns_later_explains_it(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	write_and_rest(&s, 8, 3);
	ev_startwrite_counted(&s, 7, 8, 4);
	ev_startwrite_counted(&s, 9, 8, 4);
	ev_endwrite(&s, 8);
	ev_endwrite(&s, 8);
	do_pass(&s);
	do_pass(&s);
	do_pass(&s);
	expect_broken(&s, NULL);
	/* three, and one of them never returns */
	ev_startwrite_counted(&s, 7, 8, 5);
	ev_startwrite_counted(&s, 9, 8, 5);
	do_pass(&s);
	do_pass(&s);
	do_pass(&s);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* The bit is cleared: the counter was 1. */
static void a_bit_that_is_cleared_explains_it(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	write_and_rest(&s, 8, 3);
	ev_startwrite_counted(&s, 7, 8, 4);
	ev_endwrite(&s, 8);
	do_clear(&s, 8);
	do_pass(&s);
	do_pass(&s);
	expect_broken(&s, NULL);
	stream_free(&s);
}

static void writers_from_before_the_attach_are_not_known(void **state)
{
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_BUFFER);
	write_and_rest(&s, 8, 4);
	write_and_rest(&s, 8, 4);
	expect_broken(&s, NULL);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_end_has_its_start),
		cmocka_unit_test(an_end_too_many_fails),
		cmocka_unit_test(an_end_of_another_chunk_fails),
		cmocka_unit_test(each_chunk_of_a_range_is_judged),
		cmocka_unit_test(a_start_left_over_fails),
		cmocka_unit_test(writes_seen_whole_are_judged_late_too),
		cmocka_unit_test(late_attach_cannot_tell),
		cmocka_unit_test(a_counter_that_lacks_a_write_fails),
		cmocka_unit_test(another_that_has_returned_meanwhile_may_be_missing),
		cmocka_unit_test(a_counter_that_does_not_come_down_fails),
		cmocka_unit_test(a_counter_soon_after_a_write_is_not_judged),
		cmocka_unit_test(a_startwrite_that_returns_later_explains_it),
		cmocka_unit_test(a_bit_that_is_cleared_explains_it),
		cmocka_unit_test(writers_from_before_the_attach_are_not_known),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
