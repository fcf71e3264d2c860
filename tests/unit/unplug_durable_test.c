// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#define NAME "unplug-durable"

static void waiting_unplug_passes(void **state)
{
	static const enum bt_backend backends[] = { BT_BACKEND_INTERNAL, BT_BACKEND_BUFFER,
						    BT_BACKEND_PAGECACHE };
	struct stream s;
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		stream_init(&s, backends[i]);
		do_startwrite(&s, 7, 5, true);
		do_unplug(&s, 7, 0);
		expect_broken(&s, NULL);
		expect(&s, NAME, BT_VERDICT_PASS);
		stream_free(&s);
	}
}

static void return_before_the_end_fails(void **state)
{
	const struct bt_counterexample *cx;
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_PAGECACHE);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	io = ev_page_start(&s, 7, 0, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NAME, 1, NULL);
	ev_page_end(&s, 0, io, 0);

	/* set_bit, unplug in, write start, unplug out, write end */
	cx = &result_of(&s, NAME)->first;
	assert_int_equal(cx->nr, 5);
	assert_int_equal(cx->events[3].seq, cx->offending);
	assert_int_equal(cx->events[4].ev.type, BT_PAGE_WRITE_END);
	stream_free(&s);
}

static void return_without_any_write_fails(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void one_block_of_the_page_is_not_enough(void **state)
{
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	io = ev_page_start(&s, 7, 0, 0);
	ev_page_start(&s, 7, 0, 1);
	ev_page_end(&s, 0, io, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void idle_unplug_owes_nothing(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

/* The call that returns early cleared no DIRTY; the one that wrote has waited. */
static void overlapping_calls_share_the_debt(void **state)
{
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	ev_plain(&s, BT_UNPLUG_ENTER, 8);
	ev_unplug_page(&s, 8, 0);
	io = ev_page_start(&s, 7, 0, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 8);
	expect_broken(&s, NULL);
	ev_page_end(&s, 0, io, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

static void the_last_of_them_pays(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 8);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NULL);
	ev_plain(&s, BT_UNPLUG_EXIT, 8);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void kicked_bitmap_owes_nothing(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	ev_page_end(&s, 0, ev_page_start(&s, 7, 0, 0), -5);
	s.bm_flags = BT_BM_STALE | BT_BM_WRITE_ERROR;
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NULL);
	stream_free(&s);
}

static void writeback_error_is_no_done_write(void **state)
{
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_PAGECACHE);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	io = ev_page_start(&s, 7, 0, 0);
	ev_plain(&s, BT_WRITEBACK_ERROR, 0);
	ev_page_end(&s, 0, io, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NAME, 1, "write-error-kicks", 1, NULL);
	stream_free(&s);
}

/* btrfs ends the writeback of a page that it refuses, and records the error after that. */
static void writeback_error_after_the_end_counts(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_PAGECACHE);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	ev_plain(&s, BT_WRITEBACK_ENTER, 7);
	ev_page_end_by(&s, 7, 0, ev_page_start(&s, 7, 0, 0), 0);
	ev_plain(&s, BT_WRITEBACK_ERROR, 7);
	ev_plain(&s, BT_WRITEBACK_EXIT, 7);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* A kernel that never waits is found even if some call is always inside. */
static void overlap_is_no_excuse_for_the_one_who_wrote(void **state)
{
	uint32_t tid, broken = 0;
	struct stream s;
	uint64_t io = 0;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	for (tid = 8; tid < 108; tid++) {
		do_startwrite(&s, tid, tid, true);
		ev_plain(&s, BT_UNPLUG_ENTER, tid);
		ev_unplug_page(&s, tid, 0);
		io = ev_page_start(&s, tid, 0, 0);
		ev_plain(&s, BT_UNPLUG_EXIT, tid);
		broken++;
		ev_page_end(&s, 0, io, 0);
	}
	expect_broken(&s, NAME, broken, NULL);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waiting_unplug_passes),
		cmocka_unit_test(return_before_the_end_fails),
		cmocka_unit_test(return_without_any_write_fails),
		cmocka_unit_test(one_block_of_the_page_is_not_enough),
		cmocka_unit_test(idle_unplug_owes_nothing),
		cmocka_unit_test(overlapping_calls_share_the_debt),
		cmocka_unit_test(the_last_of_them_pays),
		cmocka_unit_test(overlap_is_no_excuse_for_the_one_who_wrote),
		cmocka_unit_test(kicked_bitmap_owes_nothing),
		cmocka_unit_test(writeback_error_is_no_done_write),
		cmocka_unit_test(writeback_error_after_the_end_counts),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
