// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#define NAME "dirty-before-counter-clear"

static void marked_bits_pass(void **state)
{
	static const enum bt_backend backends[] = { BT_BACKEND_INTERNAL, BT_BACKEND_BUFFER,
						    BT_BACKEND_PAGECACHE, BT_BACKEND_FILEIO };
	struct stream s;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(backends) / sizeof(backends[0]); i++) {
		stream_init(&s, backends[i]);
		do_write(&s, 7, 5);
		do_clear(&s, 5);
		expect_broken(&s, NULL);
		expect(&s, NAME, BT_VERDICT_PASS);
		assert_int_equal(result_of(&s, NAME)->held, 2); /* the set_bit and the clear_bit */
		stream_free(&s);
	}
}

static void set_without_attribute_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_set_bit(&s, 7, 5, 0);
	do_clear(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* While an unplug runs, it may clear the attribute before the probe samples it. */
static void unplug_inside_leaves_it_open(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_plain(&s, BT_UNPLUG_ENTER, 8);
	ev_set_bit(&s, 7, 5, 0);
	do_page_write(&s, 8, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 8);
	do_clear(&s, 5);
	expect_broken(&s, NULL);
	stream_free(&s);
}

/* The same for an unplug that was entered before tracing began. Its exit shows that it ran. */
static void unplug_from_before_the_attach_leaves_it_open(void **state)
{
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_INTERNAL);
	ev_set_bit_enter(&s, 7, 5);
	ev_set_bit(&s, 7, 5, 0);
	do_page_write(&s, 8, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 8);
	do_clear(&s, 5);
	expect_broken(&s, NULL);
	assert_true(result_of(&s, NAME)->unjudged > 0);
	ev_set_bit_enter(&s, 7, 5); /* the unplug has returned */
	ev_set_bit(&s, 7, 5, 0);
	do_clear(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void attribute_alone_is_not_enough_in_the_page_cache(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_PAGECACHE);
	ev_set_bit(&s, 7, 5, BT_ATTR_DIRTY);
	do_clear(&s, 5);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void a_mark_for_an_earlier_bit_does_not_count(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_PAGECACHE);
	do_startwrite(&s, 7, 5, true);
	ev_set_bit(&s, 7, 6, BT_ATTR_DIRTY);
	do_clear(&s, 6);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void pass_without_mark_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, 5);
	do_pass(&s);
	ev_plain(&s, BT_DAEMON_ENTER, 99);
	ev_clear_bit(&s, 99, 5);
	ev_plain(&s, BT_DAEMON_EXIT, 99);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void each_page_of_a_pass_is_judged(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, 5);
	do_write(&s, 7, 40000);
	do_pass(&s);
	ev_plain(&s, BT_DAEMON_ENTER, 99);
	ev_clear_bit(&s, 99, 5);
	ev_clear_bit(&s, 99, 40000);
	ev_daemon_page(&s, 99, 0, BT_ATTR_PENDING);
	ev_plain(&s, BT_DAEMON_EXIT, 99);
	expect_broken(&s, NAME, 1, NULL); /* page 1 */
	stream_free(&s);
}

/* NEEDWRITE was set already, so the same pass writes the page itself. */
static void page_written_in_the_pass_is_marked_enough(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, 5);
	do_pass(&s);
	ev_plain(&s, BT_DAEMON_ENTER, 99);
	ev_clear_bit(&s, 99, 5);
	do_page_write(&s, 99, 0);
	ev_plain(&s, BT_DAEMON_EXIT, 99);
	expect_broken(&s, NULL);
	stream_free(&s);
}

/* xfs keeps the file in large folios: one mark is for all their pages. */
static void a_large_folio_marks_all_its_pages(void **state)
{
	struct bt_event dirty;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_PAGECACHE);
	ev_set_bit_enter(&s, 7, 99999);
	ev_set_bit(&s, 7, 99999, BT_ATTR_DIRTY);
	dirty = stream_event(&s, BT_PAGE_DIRTY, 7);
	dirty.page.io = 0xf000;
	dirty.page.nr_pages = 4;
	dirty.page.dirty = BT_DIRTY_LOCKED;
	dirty.page.backend = BT_BACKEND_PAGECACHE;
	stream_put(&s, &dirty);
	do_clear(&s, 99999);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

/* Thread 99 runs a pass of which only the exit is emitted, before the exit of thread 50's pass. */
static void a_pass_does_not_answer_for_anothers_clears(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_write(&s, 7, 5);
	do_pass(&s);
	ev_plain(&s, BT_DAEMON_ENTER, 50);
	ev_clear_bit(&s, 99, 5);
	ev_plain(&s, BT_DAEMON_EXIT, 50);
	ev_daemon_page(&s, 99, 0, BT_ATTR_PENDING);
	ev_plain(&s, BT_DAEMON_EXIT, 99);
	expect_broken(&s, NULL);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marked_bits_pass),
		cmocka_unit_test(set_without_attribute_fails),
		cmocka_unit_test(unplug_inside_leaves_it_open),
		cmocka_unit_test(unplug_from_before_the_attach_leaves_it_open),
		cmocka_unit_test(attribute_alone_is_not_enough_in_the_page_cache),
		cmocka_unit_test(a_mark_for_an_earlier_bit_does_not_count),
		cmocka_unit_test(a_large_folio_marks_all_its_pages),
		cmocka_unit_test(pass_without_mark_fails),
		cmocka_unit_test(each_page_of_a_pass_is_judged),
		cmocka_unit_test(page_written_in_the_pass_is_marked_enough),
		cmocka_unit_test(a_pass_does_not_answer_for_anothers_clears),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
