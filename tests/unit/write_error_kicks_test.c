// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#define NAME "write-error-kicks"

/* A write of chunk 5 whose unplug has submitted all legs; io of the first. */
static void unplug_begins(struct stream *s, enum bt_backend backend, uint64_t io[2])
{
	stream_init(s, backend);
	do_startwrite(s, 7, 5, true);
	ev_plain(s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(s, 7, 0);
	io[0] = ev_page_start(s, 7, 0, 0);
	io[1] = ev_page_start(s, 7, 0, 1);
}

static void a_failed_member_is_enough(void **state)
{
	struct stream s;
	uint64_t io[2];

	(void)state;
	unplug_begins(&s, BT_BACKEND_INTERNAL, io);
	ev_page_end(&s, 0, io[0], 10);
	ev_member_error(&s, 0, true);
	ev_page_end(&s, 0, io[1], 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

/* A data write had failed it while ours was in flight: md_error returns early. */
static void a_member_failed_meanwhile_is_enough(void **state)
{
	struct stream s;
	uint64_t io[2];

	(void)state;
	unplug_begins(&s, BT_BACKEND_INTERNAL, io);
	ev_member_error(&s, 0, true);
	ev_page_end(&s, 0, io[0], 10);
	ev_page_end(&s, 0, io[1], 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NULL);
	stream_free(&s);
}

static void a_member_that_stays_fails(void **state)
{
	struct stream s;
	uint64_t io[2];

	(void)state;
	unplug_begins(&s, BT_BACKEND_INTERNAL, io);
	ev_page_end(&s, 0, io[0], 10);
	ev_member_error(&s, 1, true); /* the other member */
	ev_page_end(&s, 0, io[1], 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void the_last_member_is_kept(void **state)
{
	struct stream s;
	uint64_t io[2];

	(void)state;
	unplug_begins(&s, BT_BACKEND_INTERNAL, io);
	ev_page_end(&s, 0, io[0], 10);
	ev_member_error(&s, 0, false);
	ev_page_end(&s, 0, io[1], 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_UNKNOWN);
	stream_free(&s);
}

static void a_kicked_file_passes_and_a_file_that_stays_fails(void **state)
{
	struct stream s;
	uint64_t io[2];

	(void)state;
	unplug_begins(&s, BT_BACKEND_BUFFER, io);
	ev_page_end(&s, 0, io[0], -5);
	ev_page_end(&s, 0, io[1], 0);
	s.bm_flags = BT_BM_STALE | BT_BM_WRITE_ERROR;
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);

	unplug_begins(&s, BT_BACKEND_BUFFER, io);
	ev_page_end(&s, 0, io[0], 0);
	ev_page_end(&s, 0, io[1], -5);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NAME, 1, "unplug-durable", 1, NULL);
	stream_free(&s);
}

/* The worker's write is that of the unplug which has left it to the worker. */
static void a_worker_writes_for_an_unplug(void **state)
{
	const uint32_t worker = 60;
	struct stream s;
	uint64_t io;
	int kicked;

	(void)state;
	for (kicked = 0; kicked < 2; kicked++) {
		stream_init(&s, BT_BACKEND_FILEIO);
		do_startwrite(&s, 7, 5, true);
		ev_plain(&s, BT_UNPLUG_ENTER, 7);
		ev_unplug_page(&s, 7, 0);
		ev_page_queued(&s, 7, 0);
		io = ev_page_start(&s, worker, 0, 0);
		ev_page_end_by(&s, worker, 0, io, -5);
		s.bm_flags = kicked ? BT_BM_STALE | BT_BM_WRITE_ERROR : 0;
		ev_plain(&s, BT_UNPLUG_EXIT, 7);
		if (kicked)
			expect_broken(&s, NULL);
		else
			expect_broken(&s, NAME, 1, "unplug-durable", 1, NULL);
		expect(&s, NAME, kicked ? BT_VERDICT_PASS : BT_VERDICT_FAIL);
		stream_free(&s);
	}
}

/* Page cache: the unplug returned before the write had ended. */
static void an_error_that_nobody_waits_for_fails(void **state)
{
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_PAGECACHE);
	do_startwrite(&s, 7, 5, true);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_unplug_page(&s, 7, 0);
	io = ev_page_start(&s, 7, 0, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	ev_plain(&s, BT_WRITEBACK_ERROR, 0);
	ev_page_end(&s, 0, io, 0);
	expect_broken(&s, NAME, 1, "unplug-durable", 1, NULL);
	stream_free(&s);
}

/* The daemon's own writes belong to no unplug. */
static void errors_of_others_are_not_judged(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	ev_page_end(&s, 0, ev_page_start(&s, 99, 0, 0), -5);
	ev_plain(&s, BT_UNPLUG_ENTER, 7);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_NA);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failed_member_is_enough),
		cmocka_unit_test(a_member_failed_meanwhile_is_enough),
		cmocka_unit_test(a_member_that_stays_fails),
		cmocka_unit_test(the_last_member_is_kept),
		cmocka_unit_test(a_kicked_file_passes_and_a_file_that_stays_fails),
		cmocka_unit_test(a_worker_writes_for_an_unplug),
		cmocka_unit_test(an_error_that_nobody_waits_for_fails),
		cmocka_unit_test(errors_of_others_are_not_judged),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
