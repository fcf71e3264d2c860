// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#define NAME "superblock-durable"

static void a_waiting_update_passes(void **state)
{
	static const enum bt_backend backends[] = { BT_BACKEND_INTERNAL, BT_BACKEND_BUFFER,
						    BT_BACKEND_PAGECACHE };
	struct stream s;
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		stream_init(&s, backends[i]);
		expect_broken(&s, NULL);
		expect(&s, NAME, BT_VERDICT_PASS);
		stream_free(&s);
	}
}

static void return_with_the_write_under_way_fails(void **state)
{
	struct stream s;
	uint64_t io;

	(void)state;
	stream_init(&s, BT_BACKEND_PAGECACHE);
	ev_update_sb(&s, 7);
	ev_page_dirty(&s, 7, 0);
	io = ev_page_start(&s, 7, 0, 0);
	ev_plain(&s, BT_UPDATE_SB_EXIT, 7);
	ev_page_end(&s, 0, io, 0);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void an_earlier_write_does_not_cover(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	do_page_write(&s, 7, 0);
	ev_update_sb(&s, 7);
	ev_plain(&s, BT_UPDATE_SB_EXIT, 7);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void a_write_of_another_page_does_not_cover(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	ev_update_sb(&s, 7);
	do_page_write(&s, 7, 1);
	ev_plain(&s, BT_UPDATE_SB_EXIT, 7);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void failed_members_take_no_superblock(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_update_sb(&s, 7);
	ev_plain(&s, BT_UPDATE_SB_EXIT, 7);
	expect_broken(&s, NULL);
	stream_free(&s);
}

static void a_known_write_error_excuses(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_BUFFER);
	ev_update_sb(&s, 7);
	ev_page_end(&s, 0, ev_page_start(&s, 7, 0, 0), -5);
	s.bm_flags = BT_BM_WRITE_ERROR;
	ev_plain(&s, BT_UPDATE_SB_EXIT, 7);
	expect_broken(&s, NULL);
	stream_free(&s);
}

static void the_md_superblock_comes_after_the_bitmaps(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_INTERNAL);
	ev_sb_write(&s, 7, 1);
	s.events = 2;
	ev_update_sb(&s, 7);
	do_page_write(&s, 7, 0);
	ev_plain(&s, BT_UPDATE_SB_EXIT, 7);
	ev_sb_write(&s, 7, 2);
	expect_broken(&s, NULL);
	ev_sb_write(&s, 7, 3);
	expect_broken(&s, NAME, 1, NULL);
	assert_int_equal(result_of(&s, NAME)->first.events[0].ev.type, BT_UPDATE_SB_ENTER);
	stream_free(&s);
}

/* bitmap_load calls a copy of the function that has no hook. */
static void without_an_update_seen_nothing_is_said(void **state)
{
	struct stream s;

	(void)state;
	stream_init_late(&s, BT_BACKEND_INTERNAL);
	ev_sb_write(&s, 7, 9);
	expect_broken(&s, NULL);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_waiting_update_passes),
		cmocka_unit_test(return_with_the_write_under_way_fails),
		cmocka_unit_test(an_earlier_write_does_not_cover),
		cmocka_unit_test(a_write_of_another_page_does_not_cover),
		cmocka_unit_test(failed_members_take_no_superblock),
		cmocka_unit_test(a_known_write_error_excuses),
		cmocka_unit_test(the_md_superblock_comes_after_the_bitmaps),
		cmocka_unit_test(without_an_update_seen_nothing_is_said),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
