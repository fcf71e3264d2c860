// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#define NAME "dirty-reaches-disk"

static void put_writeback(struct stream *s, enum bt_event_type type, int64_t start, int64_t end,
			  uint32_t sync_mode)
{
	struct bt_event ev = stream_event(s, type, 7);

	ev.writeback.start = start;
	ev.writeback.end = end;
	ev.writeback.sync_mode = sync_mode;
	stream_put(s, &ev);
}

static void fdatawrite_enter(struct stream *s)
{
	put_writeback(s, BT_WRITEBACK_ENTER, 0, INT64_MAX, BT_WB_SYNC_ALL);
}

static void fdatawrite_exit(struct stream *s)
{
	put_writeback(s, BT_WRITEBACK_EXIT, 0, INT64_MAX, BT_WB_SYNC_ALL);
}

/* Page 2 is marked dirty. */
static void begin(struct stream *s)
{
	stream_init(s, BT_BACKEND_PAGECACHE);
	ev_page_dirty(s, 7, 2);
}

static void a_bio_with_the_page_passes(void **state)
{
	struct stream s;

	(void)state;
	begin(&s);
	fdatawrite_enter(&s);
	do_page_write(&s, 7, 2);
	fdatawrite_exit(&s);
	expect_broken(&s, NULL);
	expect(&s, NAME, BT_VERDICT_PASS);
	stream_free(&s);
}

static void a_writeback_to_nowhere_fails(void **state)
{
	struct stream s;

	(void)state;
	begin(&s);
	s.dry = true;
	fdatawrite_enter(&s);
	do_page_write(&s, 7, 2);
	fdatawrite_exit(&s);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

/* ... and it does not count as a write for any rule. */
static void a_writeback_to_nowhere_covers_nothing(void **state)
{
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_PAGECACHE);
	s.dry = true;
	do_write(&s, 7, 5);
	expect_broken(&s, NAME, 1, "unplug-durable", 1, "intent-before-data", 2, NULL);
	stream_free(&s);
}

static void a_hole_in_the_page_fails(void **state)
{
	struct bt_event ev;
	struct stream s;
	uint64_t io;

	(void)state;
	begin(&s);
	ev = stream_event(&s, BT_LAYOUT, 1);
	ev.layout.bytes = 3 * 4096;
	stream_put(&s, &ev);
	s.dry = true;
	io = ev_page_start(&s, 7, 2, 0);
	ev_page_bio(&s, 7, 2, 1024);
	ev_page_bio(&s, 7, 2, 2048);
	ev_page_end(&s, 2, io, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void the_end_of_the_file_is_enough(void **state)
{
	struct bt_event ev;
	struct stream s;
	uint64_t io;

	(void)state;
	begin(&s);
	ev = stream_event(&s, BT_LAYOUT, 1);
	ev.layout.bytes = 2 * 4096 + 700;
	stream_put(&s, &ev);
	s.dry = true;
	io = ev_page_start(&s, 7, 2, 0);
	ev_page_bio(&s, 7, 2, 1024);
	ev_page_end(&s, 2, io, 0);
	ev_plain(&s, BT_UNPLUG_EXIT, 7);
	expect_broken(&s, NULL);
	stream_free(&s);
}

static void a_page_left_dirty_by_the_call_fails(void **state)
{
	struct stream s;

	(void)state;
	begin(&s);
	fdatawrite_enter(&s);
	do_page_write(&s, 7, 1);
	fdatawrite_exit(&s);
	expect_broken(&s, NAME, 1, NULL);
	stream_free(&s);
}

static void pages_the_call_is_not_about_are_not_judged(void **state)
{
	struct stream s;

	(void)state;
	begin(&s);
	put_writeback(&s, BT_WRITEBACK_ENTER, 0, 1, BT_WB_SYNC_ALL);
	put_writeback(&s, BT_WRITEBACK_EXIT, 0, 1, BT_WB_SYNC_ALL);
	put_writeback(&s, BT_WRITEBACK_ENTER, 0, INT64_MAX, BT_WB_SYNC_NONE);
	put_writeback(&s, BT_WRITEBACK_EXIT, 0, INT64_MAX, BT_WB_SYNC_NONE);
	fdatawrite_enter(&s);
	do_page_write(&s, 8, 2);
	ev_page_dirty(&s, 8, 2); /* after the call had begun */
	fdatawrite_exit(&s);
	expect_broken(&s, NULL);
	stream_free(&s);
}

static void a_told_error_excuses(void **state)
{
	struct stream s;

	(void)state;
	begin(&s);
	fdatawrite_enter(&s);
	ev_plain(&s, BT_WRITEBACK_ERROR, 7);
	fdatawrite_exit(&s);
	ev_page_dirty(&s, 7, 2);
	s.dry = true;
	fdatawrite_enter(&s);
	do_page_write(&s, 7, 2);
	ev_page_end_by(&s, 7, 2, ev_page_start(&s, 7, 2, 0), 0);
	ev_plain(&s, BT_WRITEBACK_ERROR, 7); /* btrfs records it afterwards */
	fdatawrite_exit(&s);
	expect_broken(&s, NULL);
	stream_free(&s);
}

/* btrfs keeps a file this small in its tree: no bio has the page. */
static void a_file_inside_the_tree_is_not_judged(void **state)
{
	struct bt_event ev;
	struct stream s;

	(void)state;
	stream_init(&s, BT_BACKEND_PAGECACHE);
	ev = stream_event(&s, BT_LAYOUT, 1);
	ev.layout.bytes = 380;
	ev.layout.fs_magic = 0x9123683e;
	stream_put(&s, &ev);
	s.dry = true;
	do_write(&s, 7, 5);
	expect_broken(&s, NULL);
	stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bio_with_the_page_passes),
		cmocka_unit_test(a_writeback_to_nowhere_fails),
		cmocka_unit_test(a_writeback_to_nowhere_covers_nothing),
		cmocka_unit_test(a_hole_in_the_page_fails),
		cmocka_unit_test(the_end_of_the_file_is_enough),
		cmocka_unit_test(a_page_left_dirty_by_the_call_fails),
		cmocka_unit_test(pages_the_call_is_not_about_are_not_judged),
		cmocka_unit_test(a_told_error_excuses),
		cmocka_unit_test(a_file_inside_the_tree_is_not_judged),
	};

	return cmocka_run_group_tests_name(NAME, tests, NULL, NULL);
}
