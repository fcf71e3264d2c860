// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#define NAME "two-pass-clear"

static void clear_in(struct stream *s, uint32_t tid, uint64_t chunk)
{
	ev_plain(s, BT_DAEMON_ENTER, tid);
	ev_clear_bit(s, tid, chunk);
	ev_daemon_page(s, tid, page_of(chunk), BT_ATTR_PENDING);
	ev_plain(s, BT_DAEMON_EXIT, tid);
}

static void the_second_pass_may_clear(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, 5);
	do_pass(&s);
	clear_in(&s, 99, 5);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

static void the_first_pass_may_not(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_pass(&s); /* a pass before the write does not count */
	do_write(&s, 7, 5);
	clear_in(&s, 99, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void the_last_endwrite_counts(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, 5);
	do_pass(&s);
	do_startwrite(&s, 7, 5, false);
	do_data(&s, 7, 5);
	ev_endwrite(&s, 5);
	clear_in(&s, 99, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* The pass was at another chunk when the write ended: it may still reach this one. */
static void a_pass_that_ends_after_the_write_counts(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, true);
	do_unplug(&s, 7, 0);
	do_data(&s, 7, 5);
	ev_plain(&s, BT_DAEMON_ENTER, 99);
	ev_endwrite(&s, 5);
	ev_plain(&s, BT_DAEMON_EXIT, 99);
	clear_in(&s, 99, 5);
	expect_broken(&s, NULL);
	stream_free(&s);
}

/* It may belong to bitmap_flush, after a pass of the array's thread whose entry was not emitted. */
static void the_first_pass_after_a_load_is_not_judged(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	clear_in(&s, 99, 5);
	expect_broken(&s, NULL);
	assert_int_equal(result_of(&s, NAME)->unjudged, 1);
	clear_in(&s, 99, 6);
	assert_int_equal(result_of(&s, NAME)->held, 1);
	stream_free(&s);
}

/* Two threads in the daemon: the exit of the first may be emitted after the second has begun. */
static void passes_side_by_side_are_not_judged(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, 5);
	ev_plain(&s, BT_DAEMON_ENTER, 99);
	ev_plain(&s, BT_DAEMON_ENTER, 98);
	ev_clear_bit(&s, 98, 5);
	ev_plain(&s, BT_DAEMON_EXIT, 99);
	ev_daemon_page(&s, 98, 0, BT_ATTR_PENDING);
	ev_plain(&s, BT_DAEMON_EXIT, 98);
	expect_broken(&s, NULL);
	assert_int_equal(result_of(&s, NAME)->unjudged, 1);
	stream_free(&s);
}

/*
 * bitmap_flush (50) makes a pass due just before the array's thread (99) checks the time: only
 * the exit of that thread's pass is emitted.
 */
static void the_first_pass_of_a_flush_is_not_judged(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	clear_in(&s, 50, 5); /* right after the load, for which the thread has waited */
	ev_plain(&s, BT_DAEMON_EXIT, 99);
	expect_broken(&s, NULL);
	do_pass(&s);
	do_write(&s, 7, 5);
	clear_in(&s, 50, 5);
	ev_plain(&s, BT_DAEMON_EXIT, 99);
	expect_broken(&s, NULL);
	do_write(&s, 7, 5);
	clear_in(&s, 50, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_second_pass_may_clear),
		cmocka_unit_test(the_first_pass_may_not),
		cmocka_unit_test(the_last_endwrite_counts),
		cmocka_unit_test(a_pass_that_ends_after_the_write_counts),
		cmocka_unit_test(the_first_pass_after_a_load_is_not_judged),
		cmocka_unit_test(passes_side_by_side_are_not_judged),
		cmocka_unit_test(the_first_pass_of_a_flush_is_not_judged),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
